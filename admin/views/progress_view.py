"""One dispatch as it comes in: by level down the tree, and unit by unit, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from admin.views import dispatch_view, units_view, words
from engine.access import policy
from engine.identity import store as identity
from engine.work import Work
from forms import documents
from forms import store as forms
from forms.compiled import in_language
from forms.documents import DocumentRecord
from workflows import store
from workflows.dispatch import DispatchRecord
from workflows.dispatching import progress, reach, urging
from workflows.dispatching.progress import Tally, Unit
from workflows.flow import Flow, Step
from workflows.store import TaskRecord
from workflows.versions import store as moves

PEOPLE = ("fill", "verify", "approve")
"""Kinds of steps that people do."""
PAGE = 100
FILTERS = ("late", "missing", "fill", "verify", "approve", "returned", "done", "zero", "exempt")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a dispatch: below which organisation, in which state, called what, after whom."""

    below: str = ""
    show: str = "all"
    words: str = ""
    after: str = ""
    units: str = ""
    """"today": by the units of today, else by those of then."""

    def query(self, **changed: str) -> str:
        """The address's question with some of it changed."""
        values = {"below": self.below, "show": self.show, "q": self.words, "after": "",
                  "units": self.units, **changed}  # fmt: skip
        if values["show"] == "all":
            values["show"] = ""
        told = urlencode({name: value for name, value in values.items() if value})
        return f"?{told}" if told else ""


def page(work: Work, dispatch: DispatchRecord, asked: Asked, language: str) -> dict[str, Any]:
    """The context of progress.html and its fragment."""
    everybody = progress.units(work, dispatch)
    now = progress.by_today(work, everybody)
    everybody = now if now is not None and asked.units == units_view.TODAY else everybody
    whole = progress.tally(everybody)
    top = progress.common_path(everybody)
    above = above_of(everybody, top, asked.below)
    here = [one for one in everybody if one.path.startswith(above)] if above != top else everybody
    named = _named(work, here, asked.words) if asked.words else here
    fitting = [one for one in named if one.is_shown(asked.show)]
    levels = progress.by_child(here, above)
    while len(levels) == 1 and len(here) > PAGE:  # an only child is no level to choose from
        above += f"{next(iter(levels))}/"
        levels = progress.by_child(here, above)
    deep = len(here) > PAGE and len(levels) < len(here)
    listed = not deep or asked.show != "all" or bool(asked.words)
    begin = next((n for n, one in enumerate(fitting) if one.path > asked.after), len(fitting))
    shown = fitting[begin : begin + PAGE] if listed else []
    more = listed and len(fitting) > begin + PAGE
    mine = policy.covers(work.actor, "dispatch.create", owner=dispatch.owner)
    flow = _flow(work, everybody)
    steps = [step for step in flow.steps if step.kind in PEOPLE]
    return {
        "dispatch": {
            **_standing(work, dispatch, whole, language),
            "form": dispatch.form_code,
            "version": dispatch.form_version,
            "late": whole.late,
            "zero": whole.zero,
            "exempt": whole.exempt,
            "sent": whole.total,
            "status": dispatch.status,
            "complete": whole.complete and dispatch.status not in ("sending", "withdrawn"),
            **{name: whole.steps[kind] for name, kind in _DOING},
        },
        "mine": mine,
        "behind": _behind(work, dispatch) if mine else 0,
        "switch": units_view.switch(
            f"/dispatches/{dispatch.id}", asked.units or units_view.THEN, language
        )
        if now is not None
        else [],
        "crumbs": crumbs(work, top, above, asked),
        "levels": _levels(work, levels, asked) if deep else [],
        "filters": _filters(here, asked),
        "asked": {"show": asked.show, "words": asked.words, "below": asked.below},
        "here": _tally(progress.tally(here)),
        "fitting": len(fitting),
        "steps": [in_language(step.titles, language, step.code) for step in steps],
        "rows": _rows(work, dispatch, shown, steps, mine=mine),
        "listed": listed,
        "more": asked.query(after=shown[-1].path) if more and shown else None,
        "matrix": f"/dispatches/{dispatch.id}/matrix{asked.query(after=asked.after)}",
    }


def _standing(work: Work, dispatch: DispatchRecord, whole: Tally, language: str) -> dict[str, Any]:
    """The dispatch as the list shows it: of all its units, or of those that the visitor sees."""
    if reach.whole(work, dispatch):
        return dispatch_view.row(work, dispatch, whole.done, language)
    counted = (whole.total, whole.done, whole.exempt)
    return dispatch_view.in_part(work, dispatch, counted, language)


_DOING = (("filling", "fill"), ("verifying", "verify"), ("approving", "approve"))


def _behind(work: Work, dispatch: DispatchRecord) -> int:
    """How many of its running reports could be moved to a newer version of the form."""
    if dispatch.status != "running":
        return 0
    newest = forms.published(work.connection, dispatch.form_code)
    return moves.behind(work, [dispatch.id], newest.version).get(dispatch.id, 0)


def above_of(everybody: Sequence[Unit], top: str, below: str) -> str:
    """The path of the organisation asked for; the top if no unit lies below it."""
    if not below:
        return top
    for one in everybody:
        at = one.path.find(f"/{below}/")
        if at >= 0:
            return one.path[: at + len(below) + 2]
    return top


def _named(work: Work, here: Sequence[Unit], asked: str) -> list[Unit]:
    names = identity.organisation_names(work.connection, [one.organisation for one in here])
    return [one for one in here if asked in names.get(one.organisation, one.organisation)]


def crumbs(work: Work, top: str, above: str, asked: Asked) -> list[dict[str, Any]]:
    """From the top down to the organisation shown; nothing at the top itself."""
    codes = [code for code in above[len(top) :].split("/") if code]
    if not codes:
        return []
    names = identity.organisation_names(work.connection, codes)
    return [
        {"name": names.get(code, code), "href": asked.query(below=code), "here": code == codes[-1]}
        for code in codes
    ]


def _levels(work: Work, levels: Mapping[str, Tally], asked: Asked) -> list[dict[str, Any]]:
    names = identity.organisation_names(work.connection, list(levels))
    return [
        {
            "name": names.get(code, code),
            "href": asked.query(below=code, show="", q=""),
            "late_href": asked.query(below=code, show="late", q=""),
            **_tally(counted),
        }
        for code, counted in levels.items()
    ]


def _tally(counted: Tally) -> dict[str, int]:
    return {
        "total": counted.total,
        "done": counted.done,
        "late": counted.late,
        "zero": counted.zero,
        "exempt": counted.exempt,
        **{name: counted.steps[kind] for name, kind in _DOING},
    }


def _filters(here: Sequence[Unit], asked: Asked) -> list[dict[str, Any]]:
    """Only those that would show somebody, and the one in force."""
    found = [{"code": "all", "count": len(here), "href": asked.query(show="all")}]
    for show in FILTERS:
        count = sum(1 for one in here if one.is_shown(show))
        if count or show == asked.show:
            found.append({"code": show, "count": count, "href": asked.query(show=show)})
    return found


def _flow(work: Work, everybody: Sequence[Unit]) -> Flow:
    if everybody:
        first = documents.get(work.connection, everybody[0].document_id)
        if first.case_id is not None:
            case = store.get_case(work.connection, first.case_id)
            return store.flow(work.connection, case.flow_code, case.flow_version)
    return store.flow(work.connection, "fill_verify_approve")


def _rows(
    work: Work,
    dispatch: DispatchRecord,
    shown: Sequence[Unit],
    steps: Sequence[Step],
    *,
    mine: bool,
) -> list[dict[str, Any]]:
    ids = [one.document_id for one in shown]
    records = {one.id: one for one in documents.several(work.connection, ids)}
    tasks: dict[str, list[TaskRecord]] = {}
    for task in store.tasks_of_documents(work.connection, ids):
        tasks.setdefault(task.document_id, []).append(task)
    people = {task.closed_by for group in tasks.values() for task in group}
    names = identity.account_names(work.connection, people)
    called = identity.organisation_names(
        work.connection, sorted({code for one in shown for code in (one.organisation, one.place)})
    )
    running = dispatch.status in ("sending", "running")
    return [
        _row(
            work,
            one,
            records[one.document_id],
            steps,
            tasks.get(one.document_id, []),
            names=names,
            called=called,
            mine=mine and running,
        )
        for one in shown
        if one.document_id in records
    ]


def _row(
    work: Work,
    one: Unit,
    record: DocumentRecord,
    steps: Sequence[Step],
    tasks: Sequence[TaskRecord],
    *,
    names: Mapping[str, str],
    called: Mapping[str, str],
    mine: bool,
) -> dict[str, Any]:
    open_ones = [task for task in tasks if task.status == "open"]
    readable = policy.covers(
        work.actor, "document.read", path=record.organisation_path, owner=record.owner
    )
    return {
        "org": one.organisation,
        "organisation": called.get(one.organisation, one.organisation),
        "now": called.get(one.place, one.place) if one.place != one.organisation else "",
        "late": one.late and one.waiting,
        "overdue": one.overdue(work.now) if one.waiting else 0,
        "came_late": one.late and not one.waiting,
        "mark": one.mark or _closed(one),
        "mark_reason": record.mark_reason,
        "own_due": words.due(record.due_at, work.now) if record.due_at else None,
        "can_urge": mine and any(urging.may_urge(work, task) for task in open_ones),
        "urge_at": _urge_at(open_ones) if mine else "",
        "can_change": mine and one.waiting,
        "record": f"/records/{record.id}" if record.status != "open" and readable else None,
        "steps": list(_steps(steps, tasks, names)) if one.mark != "exempt" else [],
    }


def _urge_at(tasks: Sequence[TaskRecord]) -> str:
    """When somebody who was reminded may be again; only asked where nobody may be now."""
    urged = [task.urged_at for task in tasks if task.urged_at]
    return words.clock_time(urging.again_at(min(urged))) if urged else ""


def _closed(one: Unit) -> str:
    """What became of a unit that was not through when the collection was frozen."""
    if one.step != "missing":
        return ""
    return "unfinished" if one.submitted_at else "missing"


def _steps(
    steps: Sequence[Step], tasks: Sequence[TaskRecord], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """How far each step is; what was done before a return has to be done again."""
    latest = {task.step: task for task in tasks}
    found = []
    waiting = False
    for step in steps:
        task = latest.get(step.code)
        state = "waiting"
        if task is not None and not waiting:
            state = {"open": "returned" if task.returned else "now", "done": "done"}.get(
                task.status, "waiting"
            )
        waiting = waiting or state != "done"
        done = state == "done" and task is not None
        found.append(
            {
                "state": state,
                "by": names.get(task.closed_by) if done and task else None,
                "at": words.moment(task.closed_at) if done and task else None,
            }
        )
    return found
