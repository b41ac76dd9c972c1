"""离职转办: all that somebody has to do, and what would come to them later, goes to another in one act."""

from dataclasses import dataclass
from typing import Any

from engine.errors import Problem
from engine.identity import presence
from engine.identity.presence import Absence
from engine.work import Work
from forms import documents
from forms.documents import DocumentRecord
from workflows import cases, colleagues, perform, store
from workflows.core.refusals import AlreadySigner, CannotRemove, OwnWork, TaskWaiting
from workflows.events import Event, SignersRemoved, Transferred, Unassignable
from workflows.store import CaseRecord, TaskRecord


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many tasks changed hands, and the titles of those that could not, with why."""

    moved: int
    left: tuple[tuple[str, str], ...]


def hand_over(work: Work, leaver: str, to: str, *, reason: str) -> HandedOver:
    """Every open task by name goes to `to`; flows that name the leaver find `to` from now on.

    Where the other signs the same step already, one vote is enough and the leaver's is taken off. What
    the other filled in themselves and so may not verify has nobody: the step says what then, and by
    default it is an incident of the office. What cannot change hands at all is told. By the security
    administrator.
    """
    work.require("account.manage")
    gone, person = colleagues.one(work, leaver), colleagues.one(work, to)
    absence = Absence(work.new_id(), gone, person, True, work.at, None, reason)
    presence.add(work.connection, absence, now=work.now, by=work.actor.id)
    moved, left = 0, []
    for task in cases.named_tasks(work.connection, gone):
        problem = _handed(work, task, gone, person, reason=reason)
        moved += problem is None
        left += [(task.title, problem.text())] if problem else []
    work.note("account.handed-over", gone, to=person, moved=moved, left=len(left))
    return HandedOver(moved, tuple(left))


def _handed(work: Work, task: TaskRecord, gone: str, person: str, *, reason: str) -> Problem | None:
    """One task from the one to the other; what is told where it is not theirs now."""
    case = store.get_case(work.connection, task.case_id)
    record = documents.get(work.connection, task.document_id)
    told: dict[str, Any] = {
        "at": work.now,
        "by": work.actor.id,
        "task": task.key,
        "comment": reason,
    }
    try:
        perform.perform(work, case, record, Transferred(**told, to=person))
    except AlreadySigner:
        return _instead(work, case, record, SignersRemoved(**told, people=(gone,), duty=True), None)
    except OwnWork as problem:
        return _instead(work, case, record, Unassignable(**told), problem)
    return None


def _instead(
    work: Work, case: CaseRecord, record: DocumentRecord, event: Event, told: Problem | None
) -> Problem | None:
    try:
        perform.perform(work, case, record, event)
    except (CannotRemove, TaskWaiting) as problem:
        return problem
    return told
