"""A running case as its page shows it: drawn, who has it for how long, what was done and said."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from admin.views import document_view, stamped_view, words
from admin.views.acting_view import in_the_name_of
from admin.views.more_view import suspended_for
from admin.views.people_view import grouped
from admin.web.html import text
from engine.access import policy
from engine.dictionary.store import dictionary
from engine.identity import presence
from engine.identity import store as identity
from engine.work import Work
from forms import filing
from forms import store as forms
from renderers import flow_diagram
from renderers.flow_diagram import Line, Station
from workflows import beside, colleagues, machine, stamping, store
from workflows.acting import by_office, signers
from workflows.cases import Seen
from workflows.core.state import State, Task
from workflows.events import TakenBack
from workflows.flow import END, Flow, Step
from workflows.store import TaskRecord

SILENT = frozenset(("assigned", "seen", "unassignable", "urged"))
"""Events that say nothing to people, or are counted elsewhere."""


def page(work: Work, seen: Seen, language: str) -> dict[str, Any]:
    """The context of case.html."""
    case, record = seen.case, seen.record
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    events = store.events(work.connection, case.id)
    tasks = store.tasks_around(work.connection, record.id)
    copies = beside.copies(work.connection, case.id)
    names = _names(work, case.state, events, tasks, copies)
    form = forms.published(work.connection, record.form_code, record.form_version)
    office = policy.covers(work.actor, "case.manage", owner=record.owner)
    places = identity.organisation_names(
        work.connection,
        [record.organisation_code, record.owner, *(one.organisation_code for one in tasks)],
    )
    people = colleagues.near(work, record) if seen.may_act else []
    waiting = {
        one.key: _waiting(work, one, flow, places, names, language=language)
        for one in tasks
        if one.status == "open"
    }
    return {
        "case": {
            "id": case.id,
            "title": form.title(language),
            "organisation": places.get(record.organisation_code, record.organisation_code),
            "period": words.period(record.period, language),
            "owner": places.get(record.owner, record.owner),
            "status": case.status,
            "number": case.number,
            "due": words.due(case.due_at, work.now) if not case.state.ended else None,
            "record": f"/records/{record.id}" if _reads(work, seen) else None,
            "stamped": stamped_view.mark(stamping.of_record(work, record)),
        },
        "drawing": _drawing(flow, case.state, names, language),
        "waiting": list(waiting.values()),
        "held": suspended_for(work, case.id) if case.status == "suspended" else None,
        "stuck": [
            flow.by_code[one.step].title(language) for one in case.state.tasks if one.status == "stuck"
        ],
        "timeline": list(_timeline(events, tasks, flow, names, places, language=language)),
        "copies": [
            {"name": names.get(one["account_id"], ""), "at": words.moment(one["copied_at"]),
             "read": words.moment(one["read_at"])}
            for one in copies
        ],
        "sections": document_view.sections(
            filing.opened(work, record), dictionary(work.connection),
            language=language, editable=False, now=work.now,
        ),
        "people": grouped(work, people, language),
        "hands": _hands(work, seen, flow, _whose(seen, waiting, names), language) if office else [],
        "may": {
            "speak": seen.may_speak,
            "act": seen.may_act,
            "urge": seen.may_act and case.status == "running" and bool(case.state.open_tasks),
            "manage": office,
        },
        "take_back": _take_back(work, flow, case.state, tasks) if case.status == "running" else None,
        "call_off": _call_off(work, case.state, tasks) if case.status == "running" else None,
    }  # fmt: skip


def _reads(work: Work, seen: Seen) -> bool:
    """Whether the record's own page is open to them too."""
    path, owner = seen.record.organisation_path, seen.record.owner
    return policy.covers(work.actor, "document.read", path=path, owner=owner)


def _names(
    work: Work,
    state: State,
    events: Sequence[Mapping[str, Any]],
    tasks: Sequence[TaskRecord],
    copies: Sequence[Mapping[str, Any]],
) -> dict[str, str]:
    people = {str(event["actor_id"]) for event in events}
    people |= {str(event["document"].get("acting_for", "")) for event in events}
    people |= {who for task in state.tasks for who in (task.owner, task.by, task.hand)}
    people |= {task.account_id or "" for task in tasks}
    people |= {str(one["account_id"]) for one in copies}
    for event in events:
        to = event["document"].get("to") or event["document"].get("people") or ()
        people |= {to} if isinstance(to, str) else set(to)
    return identity.account_names(work.connection, people - {""})


def _drawing(flow: Flow, state: State, names: Mapping[str, str], language: str) -> str:
    stations = [
        Station(
            step.code,
            step.title(language),
            _stands(step, state),
            _who(step, state, names),
            round=not step.people,
        )
        for step in flow.steps
    ]
    ended = state.status == "done"
    stations.append(
        Station(END, text(language, "case.end"), "done" if ended else "ahead", round=True)
    )
    passed = {(state.visits[0].step, "")} if state.visits else set()
    by_id = {visit.id: visit for visit in state.visits}
    for visit in state.visits:
        before = by_id.get(visit.came_from)
        if before:
            passed.add((before.step, visit.step))
    lines = [
        Line(step.code, route.to, route.titles.get(language, ""), (step.code, route.to) in passed)
        for step in flow.steps
        for route in step.next
    ]
    return flow_diagram.svg(stations, lines, title=text(language, "case.drawing"))


def _stands(step: Step, state: State) -> str:
    visits = [visit for visit in state.visits if visit.step == step.code]
    if not visits:
        return "ahead"
    last = visits[-1]
    if last.status == "stuck" or any(
        task.visit == last.id and task.status == "stuck" for task in state.tasks
    ):
        return "stuck"
    if last.live:
        return "now"
    return (
        "done" if last.status == "passed" else "returned" if last.status == "returned" else "ahead"
    )


def _who(step: Step, state: State, names: Mapping[str, str]) -> str:
    visits = [visit for visit in state.visits if visit.step == step.code]
    here: list[Task] = [one for one in state.tasks if visits and one.visit == visits[-1].id]
    found = [
        names.get(one.by) or names.get(one.owner, "")
        for one in here
        if one.verdict or one.status == "open"
    ]
    return "、".join(dict.fromkeys(name for name in found if name))


def _waiting(
    work: Work,
    task: TaskRecord,
    flow: Flow,
    places: Mapping[str, str],
    names: Mapping[str, str],
    *,
    language: str,
) -> dict[str, Any]:
    """Who has it and who stands in for them, since when, whether they have looked, when they were urged last."""
    deputy = presence.deputies(work.connection, [task.account_id or ""], now=work.now)
    return {
        "step": _step(flow, task, language),
        "who": _holder(task, places, names, language),
        "deputy": [
            text(language, "people.deputy", name=store.name_of(work, one))
            for one in deputy.values()
        ],
        "since": words.moment(task.created_at),
        "held": held_for(work.now - datetime.fromisoformat(task.created_at), language),
        "opened": words.moment(task.opened_at),
        "due": words.due(task.due_at, work.now),
        "urged": words.moment(task.urged_at),
    }


def _holder(
    task: TaskRecord, places: Mapping[str, str], names: Mapping[str, str], language: str
) -> str:
    """Who has a task: somebody by name, or whoever holds a position."""
    if name := names.get(task.account_id or "", ""):
        return name
    role = text(language, f"role.{task.role}") if task.role else text(language, "case.pool")
    return f"{places.get(task.organisation_code, task.organisation_code)} {role}"


def _step(flow: Flow, task: TaskRecord, language: str) -> str:
    """A step as its flow calls it: several may be of one kind; an opinion is asked for at any of them."""
    called = flow.by_code[task.step].title(language) if task.step in flow.by_code else ""
    kind = text(language, f"task.kind.{task.kind}")
    return kind if task.kind == "opinion" or not called else called


def _whose(
    seen: Seen, waiting: Mapping[str, dict[str, Any]], names: Mapping[str, str]
) -> dict[str, str]:
    """Whose each task is, by key: somebody by name, or whoever holds the position."""
    named = {one.key: names.get(one.owner, "") for one in seen.case.state.tasks}
    return named | {key: one["who"] for key, one in waiting.items()}


def _hands(
    work: Work, seen: Seen, flow: Flow, whose: Mapping[str, str], language: str
) -> list[dict[str, Any]]:
    """The tasks that the office can give to somebody else: whose each is, and whether they are there."""
    return [
        {
            "key": task.key,
            "who": whose[task.key],
            "step": flow.by_code[task.step].title(language),
            "turn": task.status == "open",
            "absent": _absent(work, task.owner) if task.owner else None,
        }
        for task in by_office.held(seen.case)
        if whose.get(task.key)
    ]


def _absent(work: Work, person: str) -> str | None:
    """`left` for good, `away` with nobody in their place, or nothing."""
    asked = presence.named(work.connection, [person], now=work.now)
    if asked == (person,):
        return None
    return "left" if asked else "away"


def held_for(time: timedelta, language: str) -> str:
    """How long, in the largest unit that is not zero."""
    if time.days:
        return text(language, "case.days", n=time.days)
    hours, minutes = time.seconds // 3600, time.seconds // 60
    if hours:
        return text(language, "case.hours", n=hours)
    return text(language, "case.minutes", n=minutes)


def _timeline(
    events: Sequence[Mapping[str, Any]],
    tasks: Sequence[TaskRecord],
    flow: Flow,
    names: Mapping[str, str],
    places: Mapping[str, str],
    *,
    language: str,
) -> Iterator[dict[str, Any]]:
    """What was done and said, the newest first: how long whoever did it had had it, and what went with it."""
    rows = {task.key: task for task in tasks}
    for event in reversed(events):
        if event["kind"] in SILENT:
            continue
        said = event["document"]
        task = rows.get(str(said.get("task", "")))
        at = str(event["at"])
        by = names.get(str(event["actor_id"]), "") or text(language, "case.system")
        principal = names.get(str(said.get("acting_for", "")))
        to = said.get("to") or said.get("people") or ()
        told = [names[one] for one in ((to,) if isinstance(to, str) else to) if one in names]
        yield {
            "action": text(language, f"event.{event['kind']}"),
            "step": _step(flow, task, language) if task else "",
            "by": in_the_name_of(by, principal, language),
            "to": "、".join(told),
            "at": words.moment(at),
            "held": _took(task, at, language),
            "gone": [
                f"{_step(flow, one, language)} {_holder(one, places, names, language)}"
                for one in tasks
                if one is not task and _went(one, at)
            ],
            "remark": said.get("comment") or said.get("number"),
            "dated": said.get("dated") or None,
            "hand": _hand(said),
            "talk": event["kind"] == "commented",
        }


def _went(task: TaskRecord, at: str) -> bool:
    """Whether what was done at a time took this task away from whoever had it."""
    if task.status not in ("cancelled", "withdrawn") or task.closed_at is None:
        return False
    return datetime.fromisoformat(task.closed_at) == datetime.fromisoformat(at)


def _hand(said: Mapping[str, Any]) -> str | None:
    """How it was signed by hand; None where it was not."""
    if not said.get("handwriting"):
        return None
    return "typed" if said.get("typed") else "drawn"


def _took(task: TaskRecord | None, at: str, language: str) -> str | None:
    if task is None or task.closed_at is None:
        return None
    took = datetime.fromisoformat(at) - datetime.fromisoformat(task.created_at)
    return held_for(max(took, timedelta()), language)


def _take_back(work: Work, flow: Flow, state: State, tasks: Sequence[TaskRecord]) -> str | None:
    """The task whose pass the visitor may still take back: theirs, the last, and the flow would let them."""
    done = [one for one in tasks if one.status == "done" and one.kind != "opinion"]
    last = max(done, key=lambda one: one.closed_at or "", default=None)
    if last is None or last.closed_by != work.actor.id:
        return None
    event = TakenBack(
        at=work.now, by=work.actor.id, acting_for=last.closed_for or "", step=last.step
    )
    return last.id if machine.refusal(flow, state, event) is None else None


def _call_off(work: Work, state: State, tasks: Sequence[TaskRecord]) -> str | None:
    """The visitor's task that waits for whom they asked first (委派, 前加签), if there is one."""
    for one in tasks:
        if signers.asked_first(state, one.key, work.actor.id):
            return one.id
    return None
