"""What became of a value after its report was final: into the registers, into which other reports, how often
it was handed out as a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from engine.audit import reading
from engine.registers.store import ORIGIN
from engine.work import Work
from forms import document, documents, store
from forms.compiled import CompiledForm, Item
from forms.document import Cell
from forms.documents import DOCUMENT, DocumentRecord

LATEST = 100
"""So many of the reports opened since are looked into, the newest first."""


@dataclass(frozen=True, slots=True)
class Use:
    """One report that was filled with the value."""

    record: DocumentRecord
    form: CompiledForm
    path: str
    item: Item
    carried: bool
    """From period to period of one form, not by way of a register."""


@dataclass(frozen=True, slots=True)
class Uses:
    """All that became of one value."""

    registered_at: str
    """When the registers took it; empty where they did not."""
    reports: tuple[Use, ...]
    files: int
    """How often the whole report was handed out."""
    last_file_at: str
    collected: bool
    """Whether it counts in what was collected from all who were asked."""


def of(work: Work, record: DocumentRecord, form: CompiledForm, path: str) -> Uses:
    """What became of a cell's value, as far as the actor may look. Before the report is final, nothing."""
    if record.final_at is None:
        return Uses("", (), 0, "", collected=False)
    item = form.item(path)
    taken = reading.about(work.connection, "export", record.id)
    return Uses(
        registered_at=_registered(work, record) if item and item.field else "",
        reports=tuple(_reports(work, record, form, path)),
        files=len(taken),
        last_file_at=taken[-1].at if taken else "",
        collected=record.dispatch_id is not None and record.status == "final",
    )


def _registered(work: Work, record: DocumentRecord) -> str:
    query = select(ORIGIN.c.at).where(
        ORIGIN.c.document_id == record.id, ORIGIN.c.source == "verified"
    )
    return str(work.connection.execute(query.order_by(ORIGIN.c.id)).scalar() or "")


def _reports(work: Work, record: DocumentRecord, form: CompiledForm, path: str) -> Iterator[Use]:
    """Reports opened since in which a cell says that its value came from here, and is the same still."""
    value, own = document.get(record.contents, path), form.item(path)
    if document.blank(value) or own is None:
        return
    since = DOCUMENT.c.opened_at >= record.final_at, DOCUMENT.c.id != record.id
    for later in documents.listed(work, *since, limit=LATEST):
        cells = document.load_cells(later.cells, later.contents)
        named = [(at, cell) for at, cell in cells.items() if _from(cell, record, later)]
        if not named:
            continue
        other = store.published(work.connection, later.form_code, later.form_version)
        for at, cell in named:
            item, carried = other.item(at), _carried(cell)
            same = at == path if carried else bool(item and item.field and item.field == own.field)
            if item is not None and same and document.same(cell.value, value):
                yield Use(later, other, at, item, carried)
                break


def _carried(cell: Cell) -> bool:
    return (cell.source or {}).get("source") == "carried"


def _from(cell: Cell, record: DocumentRecord, later: DocumentRecord) -> bool:
    told = cell.source or {}
    if _carried(cell):
        mine = (record.form_code, record.organisation_code)
        return (later.form_code, later.organisation_code) == mine and told.get(
            "note"
        ) == record.period
    return told.get("document_id") == record.id
