"""Urging (催办): the office that sent a report reminds those who still have it.

One press reminds all that are late: the first of them at once, the rest by jobs written with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from engine.access import policy
from engine.errors import NotFound
from engine.identity import store as identity
from engine.jobs.registry import JOBS
from engine.work import Work
from forms import documents
from workflows import dispatches, perform, store
from workflows.core.refusals import UrgedTooOften
from workflows.dispatching import progress
from workflows.events import Urged
from workflows.store import TaskRecord

PAUSE = timedelta(hours=1)
"""A person is reminded of a task once in this time at most."""
AT_ONCE = 200
"""So many in one transaction; a press does not keep everybody else waiting."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many units were reminded, how many had been a moment ago, and how many follow by jobs."""

    reminded: int
    paused: int
    later: int = 0
    again_at: datetime | None = None
    """When the first of those who were reminded a moment ago may be again."""


def may_urge(work: Work, task: TaskRecord) -> bool:
    """Whether the pause since the last reminder is over."""
    return task.urged_at is None or task.urged_at <= _pause_begins(work)


def again_at(urged_at: str) -> datetime:
    """When somebody who was reminded may be again."""
    return datetime.fromisoformat(urged_at) + PAUSE


def urge(work: Work, dispatch_id: str, organisation: str = "") -> Reminded:
    """Remind one organisation of a dispatch, or all that are late; each task once an hour at most.

    Raises NotFound for a dispatch of another office.
    """
    dispatch = dispatches.get(work, dispatch_id)
    if not policy.covers(work.actor, "dispatch.create", owner=dispatch.owner):
        raise NotFound
    urged = _last_urged(work, dispatch_id)
    late = [
        one.document_id
        for one in progress.units(work, dispatch)
        if one.document_id in urged
        and (one.organisation == organisation if organisation else one.late and one.waiting)
    ]
    since = _pause_begins(work)
    wanted = [one for one in late if urged[one] <= since]
    paused = [urged[one] for one in late if urged[one] > since]
    here, rest = wanted[:AT_ONCE], wanted[AT_ONCE:]
    reminded = _remind_all(work, here)
    later = _by_jobs(work, dispatch_id, rest)
    if reminded or later:
        work.note("dispatch.urged", dispatch_id, tasks=reminded + later, organisation=organisation)
    again = again_at(min(paused)) if paused else None
    if rest and not later:  # pressed again before the jobs were done
        again = again or work.now + PAUSE
    return Reminded(reminded, len(paused) + len(rest) - later, later, again)


def _pause_begins(work: Work) -> str:
    return (work.now - PAUSE).isoformat(timespec="microseconds")


def _last_urged(work: Work, dispatch_id: str) -> dict[str, str]:
    """The documents of a dispatch that somebody has, with when each was reminded; empty for never.

    Of several who have one the first who may be reminded counts.
    """
    task = store.TASK.c
    query = (
        select(task.document_id, func.min(func.coalesce(task.urged_at, "")))
        .where(task.dispatch_id == dispatch_id, task.status == "open")
        .group_by(task.document_id)
    )
    return {str(row[0]): str(row[1]) for row in work.connection.execute(query)}


def _by_jobs(work: Work, dispatch_id: str, document_ids: Sequence[str]) -> int:
    """Have jobs remind these; gives how many that was not asked for already in this hour."""
    slot = work.at[:13]
    later = 0
    for start in range(0, len(document_ids), AT_ONCE):
        part = document_ids[start : start + AT_ONCE]
        payload = {"documents": list(part), "by": work.actor.id}
        key = f"dispatch.urge {dispatch_id} {slot} {part[0]}"
        later += len(part) * work.later_all("dispatch.urge", {key: payload})
    return later


@JOBS.job("dispatch.urge")
def urge_batch(work: Work, payload: Mapping[str, Any]) -> int:
    """Remind the next of those who are late, as the person who pressed; gives how many."""
    work.actor = identity.actor_of(work.connection, payload["by"], now=work.now) or work.actor
    return _remind_all(work, payload["documents"])


def _remind_all(work: Work, document_ids: Sequence[str]) -> int:
    """Remind whoever has these documents; gives of how many."""
    records = {one.id: one for one in documents.several(work.connection, document_ids)}
    return len(
        {
            task.document_id
            for task in store.open_tasks(work.connection, document_ids)
            if may_urge(work, task) and _remind(work, task, records[task.document_id])
        }
    )


def _remind(work: Work, task: TaskRecord, record: documents.DocumentRecord) -> bool:
    event = Urged(at=work.now, by=work.actor.id, task=task.key)
    case = store.get_case(work.connection, task.case_id)
    try:
        perform.perform(work, case, record, event)
    except UrgedTooOften:
        return False
    store.change_task(work, task.case_id, task.key, urged_at=work.at)
    return True
