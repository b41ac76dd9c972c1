"""Through which veil a visitor sees a document: none while they have a task at it in hand."""

from engine.work import Work
from forms import masking
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.masking import Veil
from workflows import store
from workflows.store import TASK


def over(work: Work, form: CompiledForm, record: DocumentRecord) -> Veil:
    """The veil over one document."""
    mine = store.tasks_of(work, TASK.c.document_id == record.id, TASK.c.status == "open")
    return masking.veil(work, form, record, in_hand=bool(mine))


def at_task(work: Work, form: CompiledForm, record: DocumentRecord) -> Veil:
    """The veil over a document that the visitor works at: only what a rule withholds."""
    return masking.veil(work, form, record, in_hand=True)
