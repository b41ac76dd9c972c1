"""离职转办: all that somebody has to do, and what would come to them later, goes to another in one act."""

from dataclasses import dataclass

from engine.identity import presence
from engine.identity.presence import Absence
from engine.work import Work
from forms import documents
from workflows import cases, colleagues, perform, store
from workflows.events import Transferred
from workflows.refusals import AlreadySigner, OwnWork


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many tasks changed hands, and the titles of those that could not, with why."""

    moved: int
    left: tuple[tuple[str, str], ...]


def hand_over(work: Work, leaver: str, to: str, *, reason: str) -> HandedOver:
    """Every open task by name goes to `to`; flows that name the leaver find `to` from now on.

    What the other may not do (their own work, a step they sign already) stays, is told, and can
    still be done by them as the leaver's deputy where that is lawful. By the security administrator.
    """
    work.require("account.manage")
    gone, person = colleagues.one(work, leaver), colleagues.one(work, to)
    absence = Absence(work.new_id(), gone, person, True, work.at, None, reason)
    presence.add(work.connection, absence, now=work.now, by=work.actor.id)
    moved, left = 0, []
    for task in cases.named_tasks(work.connection, gone):
        case = store.get_case(work.connection, task.case_id)
        record = documents.get(work.connection, task.document_id)
        event = Transferred(at=work.now, by=work.actor.id, task=task.key, to=person, comment=reason)
        try:
            perform.perform(work, case, record, event)
            moved += 1
        except (OwnWork, AlreadySigner) as problem:
            left.append((task.title, problem.text()))
    work.note("account.handed-over", gone, to=person, moved=moved, left=len(left))
    return HandedOver(moved, tuple(left))
