"""What is stuck, by the office that looks after it: find somebody, send it elsewhere, or end it."""

from collections.abc import Sequence

from engine.work import Work
from forms import documents
from workflows import beside, colleagues, perform, store
from workflows.beside import IncidentRecord
from workflows.events import Assigned, CalledAgain, Event, Rerouted


def assign(work: Work, incident_id: str, people: Sequence[str], *, comment: str = "") -> None:
    """These people do it."""
    found = beside.incident(work, incident_id)
    named = colleagues.several(work, people)
    _solve(
        work,
        found,
        Assigned(at=work.now, by=work.actor.id, task=found.key, people=named, comment=comment),
    )


def reroute(work: Work, incident_id: str, to: str, *, comment: str) -> None:
    """It goes on at another step of the same branch, with the reason."""
    found = beside.incident(work, incident_id)
    event = Rerouted(at=work.now, by=work.actor.id, task=found.key, to=to, comment=comment)
    _solve(work, found, event)


def call_again(work: Work, incident_id: str, *, comment: str = "") -> None:
    """The other program is asked once more."""
    found = beside.incident(work, incident_id)
    event = CalledAgain(at=work.now, by=work.actor.id, task=found.key, comment=comment)
    _solve(work, found, event)


def _solve(work: Work, found: IncidentRecord, event: Event) -> None:
    case = store.get_case(work.connection, found.case_id)
    perform.perform(work, case, documents.get(work.connection, found.document_id), event)
