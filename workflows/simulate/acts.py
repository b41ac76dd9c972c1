"""What people do in a try-out: which task is meant, in whose name, with which cells; then the event."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from engine.errors import Problem
from workflows import calling, rights
from workflows.core import guards
from workflows.core.refusals import (
    AlreadySigner,
    CannotRemove,
    NotYours,
    OwnWork,
    TaskClosed,
    TaskWaiting,
    ToOneself,
)
from workflows.core.state import Task
from workflows.events import (
    KINDS,
    SYSTEM,
    Assigned,
    Event,
    SignersRemoved,
    Transferred,
    Unassignable,
)
from workflows.simulate import cells, duty
from workflows.simulate.people import Town
from workflows.simulate.script import OFFICE, Action, moment, weighed
from workflows.simulate.trial import Happened, Trial

DECIDING = ("submitted", "passed")
ON_OWN_TASK = (
    *DECIDING, "rejected", "returned", "transferred", "delegated", "answered", "signers_added",
    "claimed", "unclaimed", "seen",
)  # fmt: skip
SILENT = ("transferred", "seen")
"""What the machine does itself not refuse to somebody whose task it is not."""


class NoTask(Problem):
    """The person has no open task, or several and the script does not say which."""

    code, status = "simulate.no-task", 409
    person: str
    choices: str


def act(town: Town, trial: Trial, now: datetime, action: Action) -> tuple[str, Happened]:
    """Do it; gives the task it was about and what came of it. A refusal changes nothing."""
    if action.do == "set":
        _set(town, trial, now, action, None)
        return "", Happened()
    duty.refuse(town, trial, now, action)
    kind = KINDS[action.do]
    values = _values(kind, action)
    by, acting_for = action.get("by") or SYSTEM, action.get("for")
    if "task" in kind.__struct_fields__:
        task = _task(town, trial, now, action, acting_for or by)
        values["task"] = task.key if task else action.get("task")
        if action.do == "child_ended" and task:
            values["child"] = _child(task, action.get("child"))
        if task and action.do in ON_OWN_TASK and by not in (SYSTEM, OFFICE):
            acting_for = _in_whose_name(town, trial, now, task, action)
        if task and action.do == "signers_removed" and by not in (SYSTEM, OFFICE):
            _check_adds(trial, task, by)
        if action.do == "signers_removed":
            values["duty"] = by in (SYSTEM, OFFICE)
    event = kind(at=now, by=by, acting_for=acting_for, **values)
    _check_dated(trial, now, event, values.get("task", ""))
    before, chosen = trial.document, dict(trial.chosen)
    answered = _answered(trial, values, action)
    trial.chosen.update(action.get("choose") or {})
    try:
        if answered:
            trial.document = cells.changed(trial.document, answered)
        if action.get("set"):
            _set(town, trial, now, action, trial.task(values.get("task", "")))
        if action.do in DECIDING:
            _check_filled(trial, trial.task(values["task"]))
        happened = trial.send(event)
        if action.do == "child_ended" and values["child"] in trial.unseen:
            trial.unseen[values["child"]] = action.get("outcome")
        return values.get("task", ""), happened
    except Problem:
        trial.document, trial.chosen = before, chosen
        raise


def _check_dated(trial: Trial, now: datetime, event: Event, task: str) -> None:
    """事后补录: from the day on which the task began, and with a reason."""
    if not event.dated:
        return
    why = event.comment or " ".join(getattr(event, "cells", {}).values())
    since = trial.began.get(task, now).astimezone(now.tzinfo).date()
    guards.refuse_dated(moment(event.dated, now).date(), since, now.date(), why)


def _answered(trial: Trial, values: dict[str, Any], action: Action) -> dict[str, Any]:
    """The cells that the other program's answer fills in. Raises CallAnswer."""
    task = trial.task(values.get("task", ""))
    call = trial.flow.by_code[task.step].call if task else None
    if action.do != "called" or call is None or not call.answer:
        return {}
    return calling.taken(call, action.get("response", None))


def _child(task: Task, said: str) -> str:
    """A flow below by its name, `TASK/NUMBER` or `STEP/NUMBER`, or by its number alone."""
    by_step = f"{task.key}/{said.removeprefix('main/').removeprefix(f'{task.step}/')}"
    for name in (said, f"{task.key}/{said}", said.removeprefix("main/"), f"main/{said}", by_step):
        if name in task.children:
            return name
    return said


def hand_over(
    town: Town, trials: Sequence[Trial], now: datetime, action: Action, happened: Happened
) -> None:
    """Somebody leaves: all they have and all they would get is another's from now on."""
    duty.refuse(town, None, now, action)
    old, new = action.get("from"), action.get("to")
    if old == new:
        raise ToOneself
    town.left.pop(new, None)
    for trial in trials:
        for task in trial.state.tasks if trial.state.status == "running" else ():
            if task.pending and old in trial.people_of(task):
                for one in _handed(trial, now, task, action):
                    happened.events += one.events
                    happened.effects += one.effects
    town.left[old] = new


def _handed(trial: Trial, now: datetime, task: Task, action: Action) -> list[Happened]:
    """As in an office: what the other may not do is taken off, has nobody, or stays."""
    old, new = action.get("from"), action.get("to")
    why = action.get("comment") or action.do
    told: dict[str, Any] = {"at": now, "task": task.key, "comment": why}
    if not task.owner:
        people = dict.fromkeys(new if one == old else one for one in task.candidates)
        return [trial.send(Assigned(by=SYSTEM, people=tuple(people), **told))]
    for event in (
        Transferred(by=OFFICE, to=new, **told),
        SignersRemoved(by=OFFICE, people=(old,), duty=True, **told),
        Unassignable(by=OFFICE, **told),
    ):
        with suppress(AlreadySigner, CannotRemove, OwnWork, TaskWaiting, TaskClosed):
            if isinstance(event, SignersRemoved) and not _signs(trial, task, new):
                continue
            return [trial.send(event)]
    return []


def _signs(trial: Trial, task: Task, person: str) -> bool:
    """Whether somebody has a part in the same visit already."""
    return any(one.visit == task.visit and one.owner == person for one in trial.state.tasks)


def _task(town: Town, trial: Trial, now: datetime, action: Action, person: str) -> Task | None:
    """The task an action is about: as named, else this person's, else what is open there."""
    if key := action.get("task"):
        return trial.task(key)
    step = action.get("step")
    here = [task for task in trial.state.tasks if not step or task.step == step]
    if action.do == "answered" and not step:
        here = [task for task in here if task.side == "opinion"] or here
        step = here[-1].step if here else step
    open_ = [task for task in here if task.status == "open"]
    pending = [task for task in here if task.pending]
    for found in (
        [task for task in open_ if person in trial.people_of(task)],
        [task for task in pending if task.owner == person],
        [task for task in open_ if person in _deputies(town, trial, now, task)],
        [task for task in open_ if not trial.people_of(task)],
        open_,
        [task for task in pending if task.status in ("stuck", "asking", "running")],
        pending,
        here[-1:] if step else [],
    ):
        if len(found) == 1 or (found and step):
            return found[0]
        if found:
            break
    if trial.state.status != "running":
        return None  # the machine says why
    raise NoTask(person=person, choices=", ".join(task.key for task in open_))


def _deputies(town: Town, trial: Trial, now: datetime, task: Task) -> list[str]:
    return [one for who in trial.people_of(task) for one in town.deputies(who, now)]


def _in_whose_name(town: Town, trial: Trial, now: datetime, task: Task, action: Action) -> str:
    """Whom a deputy acts for. Raises NotYours for anybody else."""
    by, acting_for = action.get("by"), action.get("for")
    people = trial.people_of(task)
    if not acting_for and trial.may(task, by):
        return ""
    for name in (acting_for,) if acting_for else people:
        if name in people and by in town.deputies(name, now):
            return name
    if not acting_for and action.do not in SILENT and (task.owner or task.status != "open"):
        return ""  # the machine says why
    titles = trial.flow.by_code[task.step].titles
    if task.pending and not acting_for and trial.left_out(task, by, now):
        raise OwnWork(step=task.step, titles=titles)
    _not_yours(trial, task)
    return ""


def _not_yours(trial: Trial, task: Task) -> None:
    titles = trial.flow.by_code[task.step].titles
    if task.pending:  # else the machine says how it ended
        raise NotYours(step=task.step, titles=titles, holder="、".join(trial.people_of(task)))


def _check_adds(trial: Trial, task: Task, person: str) -> None:
    """减签 is for who signs the same step or has added somebody there."""
    here = [one for one in trial.state.tasks if one.visit == task.visit]
    if not any(person in (*trial.people_of(one), one.added_by) for one in here):
        _not_yours(trial, task)


def _set(town: Town, trial: Trial, now: datetime, action: Action, task: Task | None) -> None:
    by = action.get("by") or SYSTEM
    if by != SYSTEM:
        task = task or _task(town, trial, now, action, by)
        for path in action.get("set"):
            _check_open(trial, task, path)
    trial.document = cells.changed(trial.document, action.get("set"))


def _values(kind: type[Event], action: Action) -> dict[str, Any]:
    """What the script says of an event, under the names that the event has."""
    wanted = set(kind.__struct_fields__) - {"at", "by", "task", "acting_for", "answers"}
    values: dict[str, Any] = {}
    for name in wanted:
        if name not in action.values:
            continue
        value = action.values[name]
        values[name] = tuple(value) if isinstance(value, list) else value
    if "signature" in action.values and "handwriting" in wanted:
        values["handwriting"] = action.values["signature"]
    if "choose" in action.values and "chosen" in wanted:
        values["chosen"] = {step: tuple(who) for step, who in action.values["choose"].items()}
    if "people" in action.values:
        people = weighed(action.values["people"])
        name = "to" if action.do in ("copied", "commented") else "people"
        values[name] = tuple(people)
        if action.do == "assigned":
            values["weights"] = {who: weight for who, weight in people.items() if weight != 1}
    return {name: value for name, value in values.items() if name in wanted}


def _check_open(trial: Trial, task: Task | None, path: str) -> None:
    if task is None:
        return
    step = trial.flow.by_code[task.step]
    visit = next(one for one in trial.state.visits if one.id == task.visit)
    if task.status != "open" or rights.right(step, visit, task, path) != "edit":
        raise rights.CellClosed(step=step.code, titles=step.titles, cell=path)


def _check_filled(trial: Trial, task: Task | None) -> None:
    if task is None or task.status != "open" or task.side == "opinion":
        return
    step = trial.flow.by_code[task.step]
    if blank := rights.missing(step, trial.document):
        raise rights.CellsMissing(step=step.code, titles=step.titles, cells="、".join(blank))
