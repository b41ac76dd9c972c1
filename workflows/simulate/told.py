"""What a play has to say: as JSON for programs, as lines for people; and whether it went as told."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from engine import messages
from engine.json_text import Json
from workflows import machine, rights
from workflows.core.decision import CloseTask, Effect, Notify
from workflows.core.state import Task
from workflows.flow import Assign, Due, Flow
from workflows.simulate import cells, names
from workflows.simulate.play import MAIN, Play, Played
from workflows.simulate.script import Action, Script, moment
from workflows.simulate.trial import Trial
from workflows.soundness import check


def play(flow: Flow, script: Script) -> Play:
    """The whole script, each step with the state after it and what differs from what was expected."""
    playing = Play(flow, script)

    def note(played: Played) -> None:
        played.after = (
            _after(playing, playing.cases[played.case]) if _known(playing, played) else {}
        )

    playing.after_each = note
    playing.begin()
    for action in script.actions:
        first = len(playing.steps)
        played = playing.act(action)
        if "expect" in action.values and _known(playing, played):
            since = [one for one in playing.steps[first:] if one.case == played.case]
            played.differs = list(_differs(playing, played, action, since))
    return playing


def as_told(playing: Play) -> bool:
    """Whether every refusal and every expectation of the script came true, and nothing else."""
    return all(one.as_told and not one.differs for one in playing.steps)


def to_json(playing: Play, language: str) -> dict[str, Json]:
    """The whole play for programs."""
    main = playing.cases[MAIN]
    return {
        "flow": playing.flow.code,
        "version": playing.flow.version,
        "faults": [
            {"step": one.step, "code": one.code, "text": one.text(language)}
            for one in check(playing.flow)
        ],
        "as_expected": as_told(playing),
        "outcome": _after(playing, main)["status"],
        "report": _report(playing, main),
        "time": playing.now.isoformat(),
        "open": _after(playing, main)["open"],
        "incidents": [one for trial in playing.cases.values() for one in _incidents(trial)],
        "document": main.document,
        "steps": [_step(one, language) for one in playing.steps],
        "cases": {
            name: {
                "flow": trial.flow.code,
                "status": trial.state.status,
                "state": trial.state.dump(),
                "history": [event.dump() for event in trial.history],
            }
            for name, trial in playing.cases.items()
        },
    }


def lines(playing: Play, language: str) -> Iterator[str]:
    """One line a step: when, who, what, and who has it now; before it the report, where there is one."""
    yield from _headline(playing, language)
    for one in playing.steps:
        who = "" if one.by == "system" else f"{one.by} "
        where = "" if one.case == MAIN else f" [{one.case.removeprefix(f'{MAIN}/')}]"
        said = f"{one.time:%m-%d %H:%M}  {who}{one.do}"
        said += f" {one.task}" if one.task else ""
        if one.refused is not None:
            yield f"{said}{where}  ✗ {one.refused.code}: {one.refused.text(language)}"
        else:
            yield f"{said}{where}  → {_standing(one.after)}"
        if not one.as_told:
            yield "    ! refused, which was not expected" if one.refused else "    ! not refused"
        for what, expected, found in one.differs:
            yield f"    ! {what}: expected {expected}, found {found}"


def _report(playing: Play, main: Trial) -> dict[str, Json] | None:
    """The report's period and when it is due; whether the days off of that year are known."""
    if playing.report is None or main.due is None:
        return None
    calendar = main.timers.calendar
    return {
        "period": str(playing.report.period),
        "due": main.due.isoformat(),
        "planned": calendar.planned(calendar.local_day(main.due)),
    }


def _headline(playing: Play, language: str) -> Iterator[str]:
    told = _report(playing, playing.cases[MAIN])
    if told is None or playing.report is None:
        return
    due = playing.report.due(playing.cases[MAIN].timers.calendar)
    details = {"period": playing.report.period.label(language), "due": f"{due:%Y-%m-%d %H:%M}"}
    code = "simulate.report-exempt" if playing.report.exempt else "simulate.report"
    said = messages.text(code, language, details)
    yield said if told["planned"] else said + messages.text("simulate.unplanned", language)


def _standing(after: Mapping[str, Any]) -> str:
    if not after:
        return ""
    waiting = [*after["open"], *(f"!{one}" for one in after["incidents"])]
    return f"{after['status']} {', '.join(waiting)}".strip()


def _known(playing: Play, played: Played) -> bool:
    return played.case in playing.cases


def _after(playing: Play, trial: Trial) -> dict[str, Any]:
    """Where a case stands."""
    tasks = trial.state.open_tasks
    exempt = playing.exempt and trial.name == MAIN
    return {
        "status": "exempt" if exempt else trial.state.status,
        "at": sorted({visit.step for visit in trial.state.visits if visit.live}),
        "open": sorted(_called(trial, task) for task in tasks),
        "tasks": [_task(trial, task) for task in trial.state.tasks if task.pending],
        "incidents": sorted(
            f"{incident.step}:{incident.reason}" for incident, _ in trial.incidents.values()
        ),
        "children": trial.unseen
        | {name: child.state.status for name, child in trial.children.items()},
        "time": playing.now.isoformat(),
        **({"number": trial.state.number} if trial.state.number else {}),
        **({"late": playing.is_late(trial)} if trial.due else {}),
    }


def _called(trial: Trial, task: Task) -> str:
    """`step:person` for whoever has it; `step` where a position's people are not known."""
    people = "|".join(trial.people_of(task))
    mark = "?" if task.side == "opinion" else ""
    return f"{task.step}{mark}:{people}" if people else f"{task.step}{mark}"


def _task(trial: Trial, task: Task) -> dict[str, Json]:
    due = trial.timers.ends.get(task.key)
    return {
        "task": task.key,
        "step": task.step,
        "status": task.status,
        "people": list(trial.people_of(task)),
        **({"due": due.isoformat()} if due else {}),
        **({"side": task.side} if task.side else {}),
    }


def _incidents(trial: Trial) -> Iterator[dict[str, Json]]:
    for incident, since in trial.incidents.values():
        yield {
            "case": trial.name,
            "task": incident.key,
            "step": incident.step,
            "reason": incident.reason,
            "since": since.isoformat(),
        }


def _step(one: Played, language: str) -> dict[str, Json]:
    refused = one.refused
    return {
        "action": one.number,
        "time": one.time.isoformat(),
        "case": one.case,
        "do": one.do,
        "by": one.by,
        "task": one.task,
        "refused": (
            {"code": refused.code, "text": refused.text(language)} if refused is not None else None
        ),
        "as_expected": one.as_told and not one.differs,
        "differs": [
            {"what": what, "expected": expected, "found": found}
            for what, expected, found in one.differs
        ],
        "events": [event.dump() for event in one.happened.events],
        "effects": [
            {"effect": type(effect).__name__, **_plain(effect)} for effect in one.happened.effects
        ],
        **one.after,
    }


def _plain(value: Any) -> Any:
    """A value of the core as JSON, without what is empty."""
    if isinstance(value, Assign):
        return value.dump()
    if isinstance(value, Struct):
        said = {name: _plain(one) for name, one in asdict(value).items()}
        keep = isinstance(value, Due)
        return {name: one for name, one in said.items() if keep or one not in (None, "", [], {})}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return value


def _differs(
    playing: Play, played: Played, action: Action, since: Sequence[Played]
) -> Iterator[tuple[str, Json, Json]]:
    """`since` is all that came of it in the case: timers on the way there, the action, what followed."""
    trial = playing.cases[played.case]
    for what, expected in action.get("expect").items():
        found = _FOUND[what](playing, trial, since if what in _CAME else played, expected)
        wanted = expected
        if what in ("open", "at", "incidents"):
            found, wanted = sorted(map(_in_order, found)), sorted(map(_in_order, expected))
        elif what in ("returnable", "notified"):  # no order is meant
            found = {about: sorted(each) for about, each in found.items()}
            wanted = {about: sorted(each) for about, each in expected.items()}
        elif what == "closed":
            wanted = {_in_order(task): how for task, how in expected.items()}
        elif what == "time":
            wanted = _moment(playing, expected)
        elif what == "due":
            wanted = {step: _moment(playing, one) for step, one in expected.items()}
        if found != wanted:
            yield what, wanted, found


def _moment(playing: Play, text: str) -> str:
    """A time that is expected, on the clock of the play."""
    return moment(text, playing.now).astimezone(playing.now.tzinfo).isoformat()


def _in_order(said: str) -> str:
    """`step:one|other` in one order: whoever of them acts first is the same."""
    step, _, people = said.partition(":")
    return f"{step}:{'|'.join(sorted(people.split('|')))}" if people else said


def _closed(_play: Play, trial: Trial, since: Sequence[Played], expected: Any) -> dict[str, str]:
    """What else was closed, and the task that was done itself where the script asks about it."""
    tasks = {task.key: task for task in trial.state.tasks}
    own = {played.task for played in since if played.number}
    asked = set(map(_in_order, expected))
    found = {
        one.key: (_in_order(_called(trial, tasks[one.key])), one.outcome)
        for one in _effects(since)
        if isinstance(one, CloseTask)
    }
    return {
        name: outcome for key, (name, outcome) in found.items() if key not in own or name in asked
    }


def _effects(since: Sequence[Played]) -> Iterator[Effect]:
    for played in since:
        yield from played.happened.effects


def _children(_play: Play, trial: Trial, _played: Played, expected: Any) -> dict[str, str]:
    """Flows below with their status, called as the script calls them."""
    found = {**trial.unseen, **{name: one.state.status for name, one in trial.children.items()}}
    for said in expected:
        name = names.found(said, trial.name, found)
        if name in found and name != said:
            status = found.pop(name)
            if (
                names.by_step(said) == said
            ):  # the newest of its step; those before it are not asked about
                same = names.by_step(name)
                found = {one: found[one] for one in found if names.by_step(one) != same}
            found[said] = status
    return found


def _notified(
    _play: Play, _trial: Trial, since: Sequence[Played], expected: Any
) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {about: [] for about in expected}
    for one in _effects(since):
        if isinstance(one, Notify):
            short = one.about.rpartition("notice.")[2]
            for about in dict.fromkeys((one.about, short)):
                if about in told:
                    told[about] = sorted({*told[about], *one.people})
    return told


def _editable(_play: Play, trial: Trial, _played: Played, expected: Any) -> dict[str, list[str]]:
    """Of the cells that are asked about, those that are open at each step."""
    found: dict[str, list[str]] = {step: [] for step in expected}
    visits = {visit.id: visit for visit in trial.state.visits}
    for task in trial.state.open_tasks:
        if task.step in found:
            step = trial.flow.by_code[task.step]
            asked = {path for paths in expected.values() for path in paths}
            found[task.step] = [
                path
                for path in dict.fromkeys([*expected[task.step], *sorted(asked)])
                if rights.right(step, visits[task.visit], task, path) == "edit"
            ]
    return found


def _returnable(_play: Play, trial: Trial, _played: Played, expected: Any) -> dict[str, list[str]]:
    return {
        step: next(
            (
                list(machine.returnable_steps(trial.flow, trial.state, task.key))
                for task in trial.state.open_tasks
                if task.step == step
            ),
            [],
        )
        for step in expected
    }


def _due(_play: Play, trial: Trial, _played: Played, expected: Any) -> dict[str, str]:
    found = {}
    for task in trial.state.tasks:
        if task.pending and task.step in expected and task.key in trial.timers.ends:
            found[task.step] = trial.timers.ends[task.key].isoformat()
    return found


def _of(name: str) -> Any:
    return lambda _playing, _trial, played, _expected: played.after.get(name)


_FOUND: Mapping[str, Any] = {
    **{name: _of(name) for name in ("status", "open", "at", "incidents", "time", "number", "late")},
    "children": _children,
    "closed": _closed,
    "notified": _notified,
    "document": lambda _play, trial, _played, expected: {
        path: cells.value_at(trial.document, path) for path in expected
    },
    "editable": _editable,
    "returnable": _returnable,
    "due": _due,
}
"""How each expectation is looked up."""
_CAME = ("closed", "notified")
"""Those that ask what happened, not how it stands."""
