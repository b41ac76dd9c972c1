"""拿回: who passed a step takes that back before the next person has acted."""

from engine.work import Work
from forms import documents
from workflows import perform, store
from workflows.events import TakenBack


def take_back(work: Work, task_id: str) -> None:
    """Undo one's own pass; the next person's task is gone, and they are told."""
    task = store.task(work, task_id)
    work.task_id = task.id
    record = documents.get(work.connection, task.document_id)
    name = task.closed_for if task.closed_by == work.actor.id else ""
    event = TakenBack(at=work.now, by=work.actor.id, acting_for=name, step=task.step)
    perform.perform(work, store.get_case(work.connection, task.case_id), record, event)
