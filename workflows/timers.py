"""Clocks as jobs: when one is over its case is told, once, on whichever node.

A clock is a row; the job that finds it gone, paused or moved does nothing. Taking the row, the event
and the job's end are one transaction, so a killed worker has done all of it or nothing.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.errors import Conflict, Problem
from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.work import Work
from workflows import allowing, beside, perform, store
from workflows.effects import incidents
from workflows.events import SYSTEM, ChildEnded, Event, TimedOut, Urged

EXPECTED = ("open", "running")
PATIENCE = timedelta(minutes=20)
"""After this a clock that nobody heard is asked for again; and so long a suspended case is left alone."""


@JOBS.job("flow.timer")
def over(work: Work, payload: Mapping[str, Any]) -> str:
    """The time of a task, or until its reminder, is over; gives what came of it."""
    timer = beside.take_timer(work, payload["timer"])
    if timer is None:
        return "stopped"
    case = store.get_case(work.connection, timer.case_id)
    task = case.state.task(timer.key)
    if task is None or task.status not in EXPECTED or case.status != "running":
        return "late"
    event: Event
    if timer.kind == "remind":
        event = Urged(at=work.now, by=SYSTEM, task=timer.key)
    else:
        event = TimedOut(at=work.now, by=SYSTEM, task=timer.key)
    try:
        with work.connection.begin_nested():
            if timer.kind != "remind":
                allowing.refuse_overdue(work, case, task)
            perform.by_itself(work, timer.case_id, event)
    except Conflict:
        raise  # somebody acts just now: the job is tried again
    except Problem as problem:
        incidents.unexpected(work, case, task, problem)
        return problem.code
    return timer.kind


@JOBS.job("flow.child-ended")
def child_ended(work: Work, payload: Mapping[str, Any]) -> str:
    """A flow below has ended: its case above goes on, or is refused with it."""
    case = store.get_case(work.connection, payload["case"])
    task = case.state.task(payload["key"])
    if task is None or payload["child"] not in task.children or case.state.ended:
        return "late"
    if case.status == "suspended":
        later = (work.now + PATIENCE).isoformat(timespec="microseconds")
        work.later("flow.child-ended", payload, run_at=later)
        return "waits"
    event = ChildEnded(
        at=work.now, by=SYSTEM, task=task.key, child=payload["child"], outcome=payload["outcome"]
    )
    perform.by_itself(work, case.id, event)
    return str(payload["outcome"])


def _unheard(work: Work, _payload: Mapping[str, Any]) -> list[str]:
    """Clocks that were over a while ago and are still there: their job was lost or gave up."""
    since = (work.now - PATIENCE).isoformat(timespec="microseconds")
    return beside.overdue_timers(work.connection, since)


@JOBS.job("flow.timers-again", slots=every(minutes=10), look=_unheard)
def again(work: Work, payload: Mapping[str, Any]) -> int:
    """Ask for them once more, each once an hour: where many wait their turn, that helps nobody."""
    hour = work.at[:13]
    asked = {f"flow.timer {timer} {hour}": {"timer": timer} for timer in payload["seen"]}
    return work.later_all("flow.timer", asked)
