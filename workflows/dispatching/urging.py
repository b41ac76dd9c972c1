"""Urging (催办): the office that sent a report reminds those who still have it.

One press reminds all that are late: the first of them at once, the rest by jobs written with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

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
    """How many were reminded, how many had been a moment ago, and how many follow by jobs."""

    reminded: int
    paused: int
    later: int = 0


def may_urge(work: Work, task: TaskRecord) -> bool:
    """Whether the pause since the last reminder is over."""
    return task.urged_at is None or task.urged_at <= (work.now - PAUSE).isoformat(
        timespec="microseconds"
    )


def urge(work: Work, dispatch_id: str, organisation: str = "") -> Reminded:
    """Remind one organisation of a dispatch, or all that are late; each task once an hour at most.

    Raises NotFound for a dispatch of another office.
    """
    dispatch = dispatches.get(work, dispatch_id)
    if not policy.covers(work.actor, "dispatch.create", owner=dispatch.owner):
        raise NotFound
    wanted = [
        one.document_id
        for one in progress.units(work, dispatch)
        if (one.organisation == organisation if organisation else one.late and one.waiting)
    ]
    here, rest = wanted[:AT_ONCE], wanted[AT_ONCE:]
    told = _remind_all(work, here)
    slot = work.at[:13]  # the hour: a second press in it writes no second job
    for start in range(0, len(rest), AT_ONCE):
        payload = {"documents": rest[start : start + AT_ONCE], "by": work.actor.id}
        work.later("dispatch.urge", payload, key=f"dispatch.urge {dispatch_id} {slot} {start}")
    if told.reminded or rest:
        work.note(
            "dispatch.urged",
            dispatch_id,
            tasks=told.reminded + len(rest),
            organisation=organisation,
        )
    return Reminded(told.reminded, told.paused, len(rest))


@JOBS.job("dispatch.urge")
def urge_batch(work: Work, payload: Mapping[str, Any]) -> int:
    """Remind the next of those who are late, as the person who pressed; gives how many."""
    work.actor = identity.actor_of(work.connection, payload["by"], now=work.now) or work.actor
    return _remind_all(work, payload["documents"]).reminded


def _remind_all(work: Work, document_ids: Sequence[str]) -> Reminded:
    records = {one.id: one for one in documents.several(work.connection, document_ids)}
    reminded = paused = 0
    for task in store.open_tasks(work.connection, document_ids):
        if may_urge(work, task) and _remind(work, task, records[task.document_id]):
            reminded += 1
        else:
            paused += 1
    return Reminded(reminded, paused)


def _remind(work: Work, task: TaskRecord, record: documents.DocumentRecord) -> bool:
    event = Urged(at=work.now, by=work.actor.id, task=task.key)
    case = store.get_case(work.connection, task.case_id)
    try:
        perform.perform(work, case, record, event)
    except UrgedTooOften:
        return False
    store.change_task(work, task.case_id, task.key, urged_at=work.at)
    return True
