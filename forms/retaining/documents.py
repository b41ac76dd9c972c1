"""Documents whose period is over: sums are kept, then names, numbers, texts and files go from the
contents, from what was offered, from every change and dispute.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from engine.attachments.store import ATTACHMENT
from engine.dictionary.store import Dictionary, dictionary
from engine.erasure.redact import MARK
from engine.errors import NotFound
from engine.json_text import dumps
from engine.retention import parts, totals
from engine.retention.parts import Held, Turn, Turned
from engine.retention.tables import RetainedRow
from engine.retention.totals import Gone
from engine.storage import sealed
from engine.work import Work
from forms import document, documents, rollup, store
from forms.compiled import CompiledForm
from forms.disputes import DISPUTE
from forms.documents import CHANGE, DOCUMENT, DocumentRecord
from forms.erasing import bare_cell
from forms.kinds import ledger
from forms.retaining import disputes
from forms.retaining import items as retaining

RETAINED = RetainedRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
KIND = "form"
ALIVE = ("open", "submitted")
_ENDED = func.coalesce(DOCUMENT.c.final_at, DOCUMENT.c.submitted_at, DOCUMENT.c.created_at)

Beside: TypeAlias = Callable[[Work, DocumentRecord], int]
_beside: list[Beside] = []


def beside(step: Beside) -> Beside:
    """Register what else is kept of a document and goes with it: its flow's words."""
    _beside.append(step)
    return step


class Documents:
    """The documents of a form that are final, rejected or withdrawn."""

    def about(self, work: Work, code: str) -> tuple[Mapping[str, str], str]:
        """The form's titles and its issuer."""
        form = _form(work, code)
        return form.titles, form.owner

    def codes(self, work: Work) -> list[str]:
        """Forms that ask for anything personal."""
        known = dictionary(work.connection)
        return [
            form.code
            for form in store.published_forms(work.connection)
            if form.kind != ledger.KIND and retaining.patterns(form, known)
        ]

    def due(self, work: Work, code: str, before: str) -> int:
        """How many documents ended before then and still hold personal values."""
        query = select(func.count()).select_from(DOCUMENT).where(*_due(code, before))
        return int(work.connection.execute(query).scalar_one())

    def turn(self, work: Work, turn: Turn) -> Turned:
        """Blank some documents."""
        after = turn.after[0] if turn.after else ""
        query = select(DOCUMENT).where(*_due(turn.code, turn.before), DOCUMENT.c.id > after)
        query = query.order_by(DOCUMENT.c.id).limit(turn.limit).with_for_update()
        rows = work.connection.execute(query).mappings().all()
        known = dictionary(work.connection)
        changed, kept = 0, []
        for row in rows:
            record = documents.record_of(work.connection, row)
            if _held(record, turn.held):
                kept.append(record.id)
                continue
            form = store.published(work.connection, record.form_code, record.form_version)
            _blank(work, turn, record, form, known)
            _former(work, record, known)
            changed += 1
        last = [rows[-1]["id"]] if len(rows) == turn.limit else None
        return Turned(last, len(rows), changed, kept)


def blanked_by(work: Work, document_id: str) -> tuple[str, str] | None:
    """By which run a document lost its personal values, and when; None if it has them."""
    query = select(RETAINED.c.run_id, RETAINED.c.at).where(
        RETAINED.c.kind == KIND, RETAINED.c.target == document_id
    )
    found = work.connection.execute(query).first()
    return None if found is None else (found.run_id, found.at)


def _form(work: Work, code: str) -> CompiledForm:
    try:
        form = store.published(work.connection, code)
    except store.FormUnknown as unknown:
        raise NotFound from unknown
    if form.kind == ledger.KIND:
        raise NotFound
    return form


def _due(code: str, before: str) -> list[ColumnElement[bool]]:
    gone = select(RETAINED.c.target).where(RETAINED.c.kind == KIND)
    return [
        DOCUMENT.c.form_code == code,
        DOCUMENT.c.status.not_in(ALIVE),
        before > _ENDED,
        DOCUMENT.c.id.not_in(gone),
    ]


def _held(record: DocumentRecord, held: Held) -> bool:
    if record.id in held.subjects:
        return True
    return held.sought.within(dumps(record.contents)) or held.sought.within(dumps(record.cells))


def _blank(
    work: Work, turn: Turn, record: DocumentRecord, form: CompiledForm, known: Dictionary
) -> None:
    wanted = retaining.patterns(form, known)
    totals.keep(work, turn.run, KIND, turn.code, _gone(form, record, known))
    cells = {
        path: bare_cell(meta) if retaining.goes(path, wanted) else meta
        for path, meta in record.cells.items()
    }
    contents = record.contents
    for one in wanted:
        contents = retaining.without(contents, one)
    documents.set_columns(
        work, record.id, contents=contents, cells=cells,
        explanations=dict.fromkeys(record.explanations, MARK),
    )  # fmt: skip
    _changes(work, record.id, wanted)
    _disputes(work, record.id, wanted)
    files = delete(ATTACHMENT).where(
        ATTACHMENT.c.place == "document", ATTACHMENT.c.target == record.id
    )
    work.connection.execute(files)
    for step in _beside:
        step(work, record)
    row = {"kind": KIND, "target": record.id, "run_id": turn.run, "at": work.at}
    work.connection.execute(insert(RETAINED), row)


def _former(work: Work, record: DocumentRecord, known: Dictionary) -> None:
    """What was in items of older versions of the form, which only the history still holds."""
    for one in store.versions(work.connection, record.form_code):
        if one.status == "published" and one.version != record.form_version:
            old = store.published(work.connection, record.form_code, one.version)
            _changes(work, record.id, retaining.patterns(old, known))


def _gone(form: CompiledForm, record: DocumentRecord, known: Dictionary) -> Iterable[Gone]:
    """The amounts in rows that go: their sums stay, by document and column."""
    for item in form.items:
        if "*" not in item.path or not rollup.is_amount(form, item):
            continue
        if not retaining.personal(item, known):
            continue
        for path in document.expand(record.contents, item.path):
            value = document.get(record.contents, path)
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                yield Gone(record.id, item.path, record.period, amount=Decimal(value))


def _changes(work: Work, document_id: str, wanted: Sequence[tuple[str, ...]]) -> None:
    query = select(CHANGE).where(CHANGE.c.document_id == document_id)
    for row in list(work.connection.execute(query).mappings()):
        place = f"cell_change:{document_id}:{row['revision']}:{row['path']}"
        values: dict[str, Any] = {}
        for column in ("before", "after"):
            old = sealed.unseal(work.connection, row[column], f"{place}.{column}")
            new = retaining.stripped(old, row["path"], wanted)
            if new is not old:
                values[column] = sealed.seal(work.connection, new, f"{place}.{column}", "document")
        if values:
            work.connection.execute(update(CHANGE).where(CHANGE.c.id == row["id"]).values(values))


def _disputes(work: Work, document_id: str, wanted: Sequence[tuple[str, ...]]) -> None:
    query = select(DISPUTE).where(DISPUTE.c.document_id == document_id)
    for row in list(work.connection.execute(query).mappings()):
        values = disputes.VALUES if retaining.goes(row["path"], wanted) else ()
        disputes.blank(work, row, (*values, *disputes.WORDS))


parts.register(KIND, Documents())
