"""Clocks: started with a task, stopped with it, paused with the case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.holidays import store as holidays
from engine.work import Work
from engine.workdays.calendar import Calendar
from workflows import beside, deadlines, store
from workflows.core import decision
from workflows.course import Course
from workflows.flow import Due
from workflows.store import TaskRecord


def ends(work: Work, due: Due) -> str:
    """When a step that is entered now is over, as it is kept."""
    return _text(deadlines.ends(_calendar(work, due), work.now, due))


def arm_pause(course: Course, effect: decision.ArmTimer) -> None:
    """A step that waits for nobody but the time."""
    course.waits.append(_row(course, effect.key, "end", ends(course.work, effect.due)))


def pause(course: Course, effect: decision.PauseTimers) -> None:
    """Suspended: no clock runs."""
    beside.pause_timers(course.work, course.case_id, effect.keys)


def resume(course: Course, effect: decision.ResumeTimers) -> None:
    """And they run on, for what was left."""
    work = course.work
    if not effect.keys:
        return
    paused = datetime.fromisoformat(beside.suspended_at(work.connection, course.case_id))

    def later(key: str, at: str) -> str:
        due = course.step(key).due
        if due is None:
            return at
        end = datetime.fromisoformat(at)
        return _text(deadlines.resumed(_calendar(work, due), end, paused, work.now, due.unit))

    beside.resume_timers(work, course.case_id, effect.keys, later)


def settle(course: Course) -> None:
    """Stop the clocks of what was closed, start those of what was opened."""
    if course.stopped:
        beside.end_timers(course.work, course.case_id, course.stopped)
    beside.add_timers(course.work, [*course.waits, *_of_tasks(course)])


def put_off(work: Work, tasks: Sequence[TaskRecord], until: datetime) -> None:
    """Tasks that are over at another date: the clocks of those that have a time of their own go by it."""
    for task in tasks:
        case = store.get_case(work.connection, task.case_id)
        due = store.flow(work.connection, case.flow_code, case.flow_version).by_code[task.step].due
        if due is None or case.status != "running":
            continue
        beside.end_timers(work, case.id, [task.key])
        course = Clock(work, case.id)
        beside.add_timers(work, list(_of_task(course, task.key, due, _text(until))))


@dataclass(frozen=True, slots=True)
class Clock:
    """Whose clocks are set: as much of a course as that needs."""

    work: Work
    case_id: str


def _of_tasks(course: Course) -> Iterator[dict[str, Any]]:
    for key, row in course.opened.items():
        due = course.step(key).due
        if due is not None and row["due_at"] is not None:
            yield from _of_task(course, key, due, row["due_at"])


def _of_task(course: Course | Clock, key: str, due: Due, until: str) -> Iterator[dict[str, Any]]:
    work, end = course.work, datetime.fromisoformat(until)
    for at in deadlines.reminders(_calendar(work, due), work.now, end, due):
        yield _row(course, key, "remind", _text(at))
    if due.then != "remind":  # that it is late is told of every task
        yield _row(course, key, "end", until)


def _row(course: Course | Clock, key: str, kind: str, at: str) -> dict[str, Any]:
    return {
        "id": course.work.new_id(),
        "case_id": course.case_id,
        "key": key,
        "kind": kind,
        "at": at,
        "seconds_left": None,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _calendar(work: Work, due: Due) -> Calendar:
    """Working days and hours, where the flow counts in them."""
    return holidays.calendar(work) if due.unit.startswith("working") else _PLAIN


_PLAIN = Calendar((), UTC)
