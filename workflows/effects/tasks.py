"""Tasks open, change hands and close: the rule is looked up, the row is written."""

from typing import Any

from engine.identity import presence
from workflows import beside, sealing, store
from workflows.assignees import finding
from workflows.assignees.contract import Asked, Found
from workflows.core import decision, leaving, signing
from workflows.course import Course
from workflows.effects import timers
from workflows.events import SYSTEM, Assigned, Unassignable
from workflows.flow import Assign, Step


def open_(course: Course, effect: decision.OpenTask) -> None:
    """Somebody has something to do; where the rule finds nobody, the machine is told."""
    if effect.assign and effect.assign.pick:
        put_closed(course)  # whose load is counted has this one less
    named = _there(course, effect)
    found = Found(named) if named else _find(course, effect.step, effect.assign)
    at = course.work.now
    if not found.people:
        course.waiting.append(Unassignable(at=at, by=SYSTEM, task=effect.key))
        return
    row = course.opened[effect.key] = _row(course, effect, found)
    if len(found.people) > 1 and not found.role:
        beside.add_candidates(course.work, row["id"], found.people)
    if not named and _matters(course, course.flow.by_code[effect.step], found):
        course.waiting.append(Assigned(at=at, by=SYSTEM, task=effect.key, people=found.people))


def _there(course: Course, effect: decision.OpenTask) -> tuple[str, ...]:
    """Who has a task by name. Who left since they had it is followed by who took over, and the machine told."""
    named = (effect.actor,) if effect.actor else effect.people
    if not named or not (effect.prefer or effect.people):
        return named
    work = course.work
    gone = presence.taken_over(work.connection, named, now=work.now)
    if gone and effect.actor:
        event = leaving.passed_on(
            course.flow, course.state, effect.key, effect.actor, gone[effect.actor],
            at=work.now, by=work.actor.id, besides=course.waiting,
        )  # fmt: skip
        course.waiting += [event] if event else []
    elif gone:
        named = tuple(dict.fromkeys(gone.get(one, one) for one in named))
        course.waiting.append(Assigned(at=work.now, by=SYSTEM, task=effect.key, people=named))
    return named


def ask_signers(course: Course, effect: decision.AskSigners) -> None:
    """Several will decide: each of the people found gets a task of their own."""
    found = _find(course, effect.step, effect.assign)
    told: dict[str, Any] = {"at": course.work.now, "by": SYSTEM, "task": effect.key}
    if found.people:
        weights = _weights(course, course.flow.by_code[effect.step])
        course.waiting.append(Assigned(**told, people=found.people, weights=weights))
    else:
        course.waiting.append(Unassignable(**told))


def _weights(course: Course, step: Step) -> dict[str, int]:
    """How many votes each person has, where the step says so."""
    work = course.work
    return {
        person: votes
        for name, votes in step.sign.weights.items()
        for person in presence.named(work.connection, [name], now=work.now)
    }


def close(course: Course, effect: decision.CloseTask) -> None:
    """It is no longer anybody's to do."""
    if course.opened.pop(effect.key, None) is None:
        by, closed_for = effect.by, ""
        if course.event and course.event.acting_for and by == course.event.acting_for:
            by, closed_for = course.event.by, course.event.acting_for
        course.closed.append((effect.key, effect.outcome, by, closed_for))
        if course.step(effect.key).due:
            course.stopped.append(effect.key)


def put_closed(course: Course) -> None:
    """Write which tasks were closed: before anything that looks at tasks, else with the rest at the end."""
    while course.closed:
        key, outcome, by, closed_for = course.closed.pop(0)
        store.close_task(course.work, course.case_id, key, outcome, by, closed_for=closed_for)


def change(course: Course, effect: decision.ChangeTask) -> None:
    """Claimed, or given back to the others."""
    store.change_task(course.work, course.case_id, effect.key, account_id=effect.actor or None)


def open_cells(course: Course, effect: decision.OpenCells) -> None:
    """More of a returned document may be changed."""
    connection = course.work.connection
    row = store.open_task(connection, course.case_id, effect.key)
    if row is not None:
        sealed = sealing.task(connection, {"id": row["id"], "cells": dict(effect.cells)})
        store.change_task(course.work, course.case_id, effect.key, cells=sealed["cells"])


def _find(course: Course, step: str, assign: Assign | None) -> Found:
    if assign is None:
        return Found()
    if assign.pick:  # it counts what people have to do
        put_closed(course)
    return finding.find(asked(course, step, assign))


def asked(course: Course, step: str, assign: Assign) -> Asked:
    """What a rule is told when it is looked up."""
    return Asked(
        course.work,
        course.flow,
        course.state,
        course.record,
        assign,
        course.case_id,
        step,
        course.value,
        course.chosen,
        [row["account_id"] for row in course.opened.values() if row["account_id"]],
    )


def _matters(course: Course, step: Step, found: Found) -> bool:
    """Whether the machine must know the people: by name, spared a repetition, or all of them authors."""
    if not found.role or course.flow.repeat != "ask":
        return True
    if step.kind == "fill" or step.own == "allow":
        return False
    return set(found.people) <= signing.authors(course.flow, course.state.tasks)


def _row(course: Course, effect: decision.OpenTask, found: Found) -> dict[str, Any]:
    alone = found.people[0] if len(found.people) == 1 and not found.role else None
    return {
        "id": course.work.new_id(),
        "case_id": course.case_id,
        "document_id": course.record.id,
        "dispatch_id": course.record.dispatch_id,
        "key": effect.key,
        "step": effect.step,
        "kind": effect.kind,
        "title": course.title,
        "organisation_code": found.organisation or course.record.organisation_code,
        "role": found.role,
        "account_id": alone,
        "subject_code": course.record.organisation_code,
        "status": "open",
        "returned": effect.returned,
        "created_at": course.work.at,
        "due_at": _due(course, effect),
        "closed_by": "",
        "outcome": "",
        "cells": dict(effect.cells) or None,
    }


def _due(course: Course, effect: decision.OpenTask) -> str | None:
    """The step's own time from now on; what carries a task on keeps the date it had."""
    if effect.due is None:
        return course.due_at
    carried = beside.due_of(
        course.work.connection, course.case_id, [effect.key, effect.replaces or effect.key]
    )
    return carried or timers.ends(course.work, effect.due)
