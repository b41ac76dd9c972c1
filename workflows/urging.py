"""Urging (催办): the office that sent a report reminds those who still have it."""

from dataclasses import dataclass
from datetime import timedelta

from engine.access import policy
from engine.errors import NotFound
from engine.work import Work
from forms import documents
from workflows import dispatches, perform, store
from workflows.events import Urged
from workflows.refusals import UrgedTooOften
from workflows.store import TaskRecord

PAUSE = timedelta(hours=1)
"""A person is reminded of a task once in this time at most."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many were reminded, and how many had been a moment ago."""

    reminded: int
    paused: int


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
    progress = dispatches.progress(work, dispatch_id)
    wanted = {
        one.document.id: one.document
        for one in progress.standings
        if (one.document.organisation_code == organisation if organisation else one.late)
    }
    reminded = paused = 0
    for task in store.open_tasks(work.connection, list(wanted)):
        if may_urge(work, task) and _remind(work, task, wanted[task.document_id]):
            reminded += 1
        else:
            paused += 1
    if reminded:
        work.note("dispatch.urged", dispatch_id, tasks=reminded, organisation=organisation)
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
