"""Files of documents: a value may only name what was uploaded to this very document."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.attachments import store
from engine.attachments.problems import AttachmentUnknown
from engine.attachments.store import ATTACHMENT, Home, mark_of
from engine.errors import NotFound
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily
from engine.json_text import Json
from engine.work import Work
from forms import attached, document, documents
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.masking import Veil

GRACE = timedelta(days=7)
"""What a draft no longer shows can be brought back for so long."""
BATCH = 500


def home(document_id: str) -> Home:
    """Whom the files of a document belong to."""
    return Home("document", document_id)


def refuse_unknown(
    work: Work, form: CompiledForm, document_id: str, typed: Mapping[str, Json]
) -> None:
    """A save may name only files that were uploaded here, as they were. Raises AttachmentUnknown."""
    for path, value in typed.items():
        item = form.item(path)
        if item is None or item.attachment is None or document.blank(value):
            continue
        if not isinstance(value, list):  # an absence, or what the form's schema will refuse
            continue
        marks = [mark_of(str(one)) for one in value]
        known = {one.ref for one in store.several(work.connection, home(document_id), marks)}
        if any(one not in known for one in value):
            raise AttachmentUnknown(label=form.name_of(path))


def require_seen(
    work: Work, form: CompiledForm, record: DocumentRecord, veil: Veil, mark: str
) -> None:
    """A file opens for whoever may see a cell that names it, or named it once.

    Raises NotFound where every such cell is withheld or masked.
    """
    items = form.attached
    closed = {one.path for one in items if one.path in veil.withheld or one.path in veil.masked}
    if not closed:
        return
    open_ = [one.path for one in items if one.path not in closed]
    paths = [path for pattern in open_ for path in document.expand(record.contents, pattern)]
    values = list(document.get_all(record.contents, paths).values())
    for change in documents.changes_since(work.connection, record.id, -1):
        if form.pattern(change.path) in open_:
            values += [change.before, change.after]
    if not any(mark in map(mark_of, attached.refs(value)) for value in values):
        raise NotFound


def hold(work: Work, form: CompiledForm, document_id: str, values: Mapping[str, Json]) -> None:
    """What is handed in with these files keeps them, also when a later version shows others."""
    if form.attached:
        store.hold(work, home(document_id), [mark_of(one) for one in _shown(form, values)])


def _shown(form: CompiledForm, values: Mapping[str, Json]) -> list[str]:
    """All files that a document's values name."""
    paths = [path for item in form.attached for path in document.expand(values, item.path)]
    listed = document.get_all(values, paths).values()
    return [one for value in listed if isinstance(value, list) for one in value]


@JOBS.job("attachments.forget", slots=daily(utc_hour=18))
def forget(work: Work, _payload: Mapping[str, Any]) -> int:
    """Delete what was uploaded, never handed in, and is shown by its document no longer."""
    before = (work.now - GRACE).isoformat(timespec="microseconds")
    found = work.connection.execute(
        select(ATTACHMENT.c.target)
        .where(
            ATTACHMENT.c.place == "document",
            ATTACHMENT.c.held.is_(False),
            ATTACHMENT.c.created_at < before,
        )
        .distinct()
        .limit(BATCH)
    ).scalars()
    return sum(_forget_in(work, document_id, before) for document_id in list(found))


def _forget_in(work: Work, document_id: str, before: str) -> int:
    where = (
        ATTACHMENT.c.place == "document",
        ATTACHMENT.c.target == document_id,
        ATTACHMENT.c.held.is_(False),
        ATTACHMENT.c.created_at < before,
    )
    loose = list(work.connection.execute(select(ATTACHMENT.c.id).where(*where)).scalars())
    told = str(documents.get(work.connection, document_id).contents)
    gone = [mark for mark in loose if mark not in told]
    kept = [mark for mark in loose if mark in told]
    store.hold(
        work, home(document_id), kept
    )  # a draft of long standing: not asked about every night
    return store.forget(work, home(document_id), gone) if gone else 0
