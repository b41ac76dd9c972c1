"""The course of a whole case, by the office that issued it: stopped for a while, ended, begun anew."""

from engine.work import Work
from forms import documents
from forms.documents import DocumentRecord
from workflows import perform, store
from workflows.events import Event, Restarted, Resumed, Suspended, Terminated
from workflows.store import CaseRecord


def managed(work: Work, case_id: str) -> tuple[CaseRecord, DocumentRecord]:
    """A case that the actor looks after. Raises NotFound."""
    case = store.get_case(work.connection, case_id)
    record = documents.get(work.connection, case.document_id)
    work.require("case.manage", path=record.organisation_path, owner=record.owner)
    return case, record


def suspend(work: Work, case_id: str, *, comment: str = "") -> None:
    """挂起: tasks stay with their owners, nobody decides, no clock runs."""
    _do(work, case_id, Suspended(at=work.now, by=work.actor.id, comment=comment))


def resume(work: Work, case_id: str, *, comment: str = "") -> None:
    """唤醒."""
    _do(work, case_id, Resumed(at=work.now, by=work.actor.id, comment=comment))


def terminate(work: Work, case_id: str, *, comment: str, outcome: str = "terminated") -> None:
    """终止, or 作废 also of what is done; always with the reason."""
    _do(work, case_id, Terminated(at=work.now, by=work.actor.id, comment=comment, outcome=outcome))


def restart(work: Work, case_id: str, *, comment: str = "") -> None:
    """重启: what had ended begins at its first step; its past stays."""
    _do(work, case_id, Restarted(at=work.now, by=work.actor.id, comment=comment))


def _do(work: Work, case_id: str, event: Event) -> None:
    case, record = managed(work, case_id)
    perform.perform(work, case, record, event)
