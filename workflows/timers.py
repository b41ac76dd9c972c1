"""Clocks as jobs: when one is over its case is told, once, on whichever node.

A clock is a row; the job that finds it gone, paused or moved does nothing. Taking the row, the event
and the job's end are one transaction, so a killed worker has done all of it or nothing.
"""

from collections.abc import Mapping
from typing import Any

from engine.errors import Conflict, Problem
from engine.jobs.registry import JOBS
from engine.work import Work
from workflows import beside, perform, store
from workflows.events import SYSTEM, Event, TimedOut, Urged

EXPECTED = ("open", "running")


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
        perform.by_itself(work, timer.case_id, event)
    except Conflict:
        raise  # somebody acts just now: the job is tried again
    except Problem as problem:
        work.note("flow.timer-refused", case.document_id, key=timer.key, code=problem.code)
        return problem.code
    return timer.kind
