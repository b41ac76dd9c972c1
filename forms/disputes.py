"""Disputes (异议): somebody says that a known value is wrong, and the field's steward decides.

If the steward agrees, the register is corrected in the same transaction, with the decision as its
origin; either way whoever raised it is told, and the figure of verified updates counts it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update

from engine import rotation
from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound, Problem
from engine.identity.store import organisation
from engine.json_text import Json
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.registers import rows
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.residents import store as residents
from engine.storage import sealed
from engine.storage.database import advisory_lock
from engine.work import Work
from forms import document, documents, store
from forms.compiled import CompiledForm
from forms.document import Cell, CellUnknown
from forms.documents import CellChange, DocumentRecord
from forms.tables import DisputeRow

DISPUTE = DisputeRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
SHORTEST = 4
LONGEST = 500
VALUES = ("shown", "claimed", "words")


class NotDisputable(Problem):
    """The cell holds no shared fact that a steward keeps: it is computed, or the form's own."""

    code, status = "dispute.not-shared", 422
    label: str


class ReasonNeeded(Problem):
    """A dispute, and its decision, say why."""

    code, status = "dispute.reason-needed", 422


class ClaimWrong(Problem):
    """What it should be is missing, the same as it is, or no value of the field."""

    code, status = "dispute.claim-wrong", 422
    label: str


class AlreadyDisputed(Problem):
    """The same value is disputed already, and the steward has not decided yet."""

    code, status = "dispute.already", 409
    label: str


class Decided(Problem):
    """The dispute was decided before."""

    code, status = "dispute.decided", 409


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it is kept."""

    id: str
    document_id: str
    path: str
    field: str
    subject: str
    subject_id: str
    period: str
    organisation_code: str
    steward: str
    shown: Json
    claimed: Json
    reason: str
    status: str
    """open | upheld | rejected"""
    raised_at: str
    raised_by: str
    raised_name: str
    decided_at: str | None
    decided_name: str
    answer: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What somebody says is wrong: a field of a subject, where it belongs, what is shown of it."""

    field: Field
    subject_id: str
    period: str
    organisation: str
    shown: Json


def begin(work: Work, document_id: str, path: str, claimed: Json, reason: str) -> str:
    """Say that a known value is wrong, what it should be, and why; gives the dispute's id.

    Raises NotFound, CellUnknown, NotDisputable, ReasonNeeded, ClaimWrong, AlreadyDisputed.
    """
    record = documents.read(work, document_id)
    form = store.published(work.connection, record.form_code, record.form_version)
    known = dictionary(work.connection)
    field, subject_id = _fact(work, known, form, record, path)
    cells = document.load_cells(record.cells, record.contents)
    period = record.period if field.periodic else ""
    about = Fact(field, subject_id, period, record.organisation_code, cells.get(path, Cell()).known)
    number = raise_about(work, about, claimed, reason, document_id=record.id, path=path)
    _mark(work, record, cells, path, disputed=True)
    return number


def raise_about(
    work: Work, fact: Fact, claimed: Json, reason: str, *, document_id: str = "", path: str = ""
) -> str:
    """Write down that a fact is wrong, in a cell or by itself, and tell its steward.

    Raises ReasonNeeded, ClaimWrong, AlreadyDisputed.
    """
    field = fact.field
    _refuse(dictionary(work.connection), field, fact.shown, claimed, reason)
    advisory_lock(work.connection, f"dispute {field.code} {fact.subject_id} {fact.period}")
    same = (
        DISPUTE.c.field == field.code,
        DISPUTE.c.subject_id == fact.subject_id,
        DISPUTE.c.period == fact.period,
        DISPUTE.c.status == "open",
    )
    if work.connection.execute(select(DISPUTE.c.id).where(*same)).first():
        raise AlreadyDisputed(label=field.label())
    row = {
        "id": work.new_id(),
        "document_id": document_id,
        "path": path,
        "field": field.code,
        "subject": field.subject,
        "subject_id": fact.subject_id,
        "period": fact.period,
        "organisation_code": fact.organisation,
        "steward": field.steward,
        "shown": fact.shown,
        "claimed": claimed,
        "words": {"reason": reason.strip()[:LONGEST]},
        "status": "open",
        "raised_at": work.at,
        "raised_by": work.actor.id,
        "raised_name": work.actor.name,
        "decided_name": "",
    }
    work.connection.execute(insert(DISPUTE), _sealed(work, row))
    place = organisation(work.connection, fact.organisation).name
    detail = {"text": f"{field.label()}（{place}）", "by": work.actor.name}
    told = Notice("dispute.notice.raised", None, field.steward, "department", detail)
    notices.tell(work, [told])
    work.note("dispute.raised", row["id"], field=field.code, document=document_id)
    return str(row["id"])


def decide(work: Work, dispute_id: str, *, upheld: bool, answer: str) -> Dispute:
    """The steward's word: the value was wrong and is corrected, or it stands.

    Raises NotFound, Decided, ReasonNeeded.
    """
    found = get(work, dispute_id)
    work.require("dispute.decide", owner=found.steward)
    if found.status != "open":
        raise Decided
    if len(answer.strip()) < SHORTEST:
        raise ReasonNeeded
    status = "upheld" if upheld else "rejected"
    changed = work.connection.execute(
        update(DISPUTE)
        .where(DISPUTE.c.id == found.id, DISPUTE.c.status == "open")
        .values(
            status=status,
            decided_at=work.at,
            decided_name=work.actor.name,
            words=sealed.seal(
                work.connection,
                {"reason": found.reason, "answer": answer.strip()[:LONGEST]},
                f"dispute:{found.id}.words",
                "document",
            ),
        )
    )
    if not changed.rowcount:
        raise Decided
    origin = _correct(work, found, answer) if upheld else None
    _settle(work, found, origin)
    label = dictionary(work.connection).field(found.field).label()
    detail = {"text": f"{label}：{answer.strip()[:100]}", "by": work.actor.name}
    about = f"dispute.notice.{status}"
    whom = residents.handed_out_by(work, found.raised_by) or found.raised_by
    notices.tell(work, [Notice(about, whom, detail=detail, document_id=found.document_id)])
    work.note("dispute.decided", found.id, field=found.field, outcome=status)
    return get(work, found.id)


def get(work: Work, dispute_id: str) -> Dispute:
    """A dispute that one raised or is to decide. Raises NotFound."""
    row = work.connection.execute(select(DISPUTE).where(DISPUTE.c.id == dispute_id, visible(work)))
    found = row.mappings().first()
    if found is None:
        raise NotFound
    return _dispute(work, found)


def listed(work: Work, *, limit: int = 200) -> list[Dispute]:
    """The disputes one raised or is to decide: open ones first, then the latest."""
    return where(work, visible(work), limit=limit)


def where(work: Work, *conditions: ColumnElement[bool], limit: int) -> list[Dispute]:
    """The disputes of which these are true: open ones first, then the latest."""
    order = (DISPUTE.c.status != "open", DISPUTE.c.raised_at.desc())
    query = select(DISPUTE).where(*conditions).order_by(*order).limit(limit)
    return [_dispute(work, row) for row in work.connection.execute(query).mappings()]


def open_about(
    work: Work, fields: Collection[str], subject_ids: Sequence[str] = ()
) -> set[tuple[str, str, str]]:
    """The facts whose value is disputed now: field, subject, period; of all subjects if none are named.

    Whoever sees the value sees that it is disputed, and neither by whom nor what is claimed.
    """
    columns = DISPUTE.c.field, DISPUTE.c.subject_id, DISPUTE.c.period
    query = select(*columns).where(DISPUTE.c.status == "open", DISPUTE.c.field.in_(sorted(fields)))
    if subject_ids:
        query = query.where(DISPUTE.c.subject_id.in_(subject_ids))
    return {(row[0], row[1], row[2]) for row in work.connection.execute(query)}


def open_in(work: Work, form: CompiledForm, record: DocumentRecord) -> set[str]:
    """The cells of a document whose value is disputed, in this document or in any other."""
    fields = {one.field for one in form.items if one.field}
    there = open_about(work, fields) if fields else set()
    found: set[str] = set()
    for item in form.items if there else ():
        if not any(field == item.field for field, _, _ in there):
            continue
        for path in document.expand(record.contents, item.path):
            row = path.removeprefix(f"{item.table}/").partition("/")[0]
            subject = row if "*" in item.path else record.organisation_code
            facts = {(item.field, subject, ""), (item.field, subject, record.period)}
            if there & facts:
                found.add(path)
    return found


def visible(work: Work) -> ColumnElement[bool]:
    """Which disputes the actor may see."""
    theirs = policy.sees(work.actor, "dispute.decide", owner=DISPUTE.c.steward)
    return or_(DISPUTE.c.raised_by == work.actor.id, theirs)


def _fact(
    work: Work, known: Dictionary, form: CompiledForm, record: DocumentRecord, path: str
) -> tuple[Field, str]:
    """The field behind a cell, and the subject in its register."""
    item = form.item(path)
    if item is None:
        raise CellUnknown(path=path)
    field = known.fields.get(item.field or "")
    if field is None or item.compute or field.compute or not field.steward:
        raise NotDisputable(label=item.full_label())
    if "*" not in item.path:
        return field, record.organisation_code
    row = path.removeprefix(f"{item.table}/").partition("/")[0]
    if row not in registers.existing(work, known, field.subject, [row]):
        raise NotDisputable(label=item.full_label())
    return field, row


def _refuse(known: Dictionary, field: Field, shown: Json, claimed: Json, reason: str) -> None:
    if len(reason.strip()) < SHORTEST:
        raise ReasonNeeded
    row = {"id": "x", field.name: claimed}
    valid = rows.validator(known, field.subject).is_valid(row)
    if document.blank(claimed) or document.same(claimed, shown) or not valid:
        raise ClaimWrong(label=field.label())


def _correct(work: Work, found: Dispute, answer: str) -> Origin:
    """The claimed value into the register, by the steward."""
    came = Origin(
        source="steward",
        title="异议核实",
        at=work.at,
        actor_id=work.actor.id,
        actor_name=found.raised_name,
        verified_by=work.actor.name,
        organisation=found.organisation_code,
        document_id=found.document_id,
        period=found.period,
    )
    origin = registers.add_origin(work, came)
    change = Change(found.field, found.subject_id, found.claimed, found.period or None)
    registers.set_values(
        work, dictionary(work.connection), [change], origin, reason=answer.strip()[:LONGEST]
    )
    return origin


def _settle(work: Work, found: Dispute, origin: Origin | None) -> None:
    """The document's cell is disputed no more; one that still shows the wrong value is put right."""
    if not found.document_id:
        return
    record = documents.get(work.connection, found.document_id)
    form = store.published(work.connection, record.form_code, record.form_version)
    cells = document.load_cells(record.cells, record.contents)
    cell = cells.get(found.path)
    stands = cell is not None and document.same(cell.value, found.shown)
    if origin is None or cell is None or record.status != "open" or not stands:
        _mark(work, record, cells, found.path, disputed=False)
        return
    source = {
        "source": origin.source,
        "title": origin.title,
        "at": origin.at,
        "actor_name": origin.actor_name,
        "verified_by": origin.verified_by,
    }
    cells[found.path] = Cell(found.claimed, "known", source, found.claimed)
    contents = document.put(form, record.contents, found.path, found.claimed)
    change = CellChange(found.path, found.shown, found.claimed)
    documents.save(work, record, contents, document.dump_cells(cells), [change])


def _mark(
    work: Work, record: DocumentRecord, cells: Mapping[str, Cell], path: str, *, disputed: bool
) -> None:
    cell = cells.get(path)
    if cell is None or cell.disputed == disputed:
        return
    changed = {**cells, path: document.marked(cell, disputed=disputed)}
    documents.set_columns(work, record.id, cells=document.dump_cells(changed))


def _sealed(work: Work, row: Mapping[str, Any]) -> dict[str, Any]:
    places = {name: f"dispute:{row['id']}.{name}" for name in VALUES}
    kept = {
        name: sealed.seal(work.connection, row[name], place, "document")
        for name, place in places.items()
    }
    return {**row, **kept}


def _dispute(work: Work, row: Mapping[Any, Any]) -> Dispute:
    told = sealed.unsealed(work.connection, row, VALUES, f"dispute:{row['id']}")
    said = told.pop("words") or {}
    return Dispute(**{**told, **said})


def _place(name: str) -> rotation.Place:
    return lambda row: f"dispute:{row['id']}.{name}"


for _column in VALUES:
    rotation.declare(DISPUTE, _column, "document", _place(_column))
