"""Documents in the database: who may see them, their contents, each cell's changes. The only SQL on
`document` and `cell_change`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from engine import rotation
from engine.access import policy
from engine.crypto.vault import digest
from engine.errors import Conflict, NotFound
from engine.identity.store import OrganisationValue
from engine.json_text import Json, canonical
from engine.retention import totals
from engine.storage import sealed
from engine.storage.columns import JsonText
from engine.storage.prepared import Prepared
from engine.work import Work
from forms import sources_once
from forms.tables import CellChangeRow, DocumentRow

DOCUMENT = DocumentRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
CHANGE = CellChangeRow.__table__  # type: ignore[attr-defined]  # as above
CHUNK = 500
SEALED = ("contents", "cells", "explanations")
"""Columns with what people filled in; empty ones of a new document are plain."""
LIVE = ("open", "submitted", "final")
"""Of these an organisation has one of a form for a period at most."""

_NOTHING = literal_column("'{}'", JsonText()).label("cells")

# made once: building a statement anew costs more than running it
_OF_ID = Prepared(select(DOCUMENT).where(DOCUMENT.c.id == bindparam("document")))
_CHANGE = Prepared(update(DOCUMENT).where(DOCUMENT.c.id == bindparam("document")))
_CHANGE_IF_SAME = Prepared(
    update(DOCUMENT).where(
        DOCUMENT.c.id == bindparam("document"), DOCUMENT.c.revision == bindparam("before")
    )
)
_ADD_CHANGES = Prepared(insert(CHANGE).inline())


_NOTHING_KEPT: Mapping[str, Json] = {}


class DocumentRecord(NamedTuple):
    """A document as it is kept: contents by the form's schema, and by cell path what is known of it."""

    id: str
    form_code: str
    form_version: int
    organisation_code: str
    organisation_path: str
    owner: str
    period: str
    dispatch_id: str | None
    case_id: str | None
    status: str
    revision: int
    contents: Json
    cells: Json
    explanations: Mapping[str, str]
    created_at: str
    opened_at: str | None
    submitted_at: str | None
    final_at: str | None
    due_at: str | None = None
    mark: str = ""
    mark_reason: str = ""
    kept: Mapping[str, Json] = _NOTHING_KEPT
    """By column, the sum of amounts in rows that are gone since their period is over."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """One change of one cell."""

    path: str
    before: Json
    after: Json
    revision: int = 0
    at: str = ""
    actor_id: str = ""
    actor_name: str = ""
    task_id: str = ""
    visit: str = ""
    """Which window it came from; empty where it was no page that saves as one types."""


def new_documents(
    work: Work,
    form: Mapping[str, Any],
    organisations: Sequence[OrganisationValue],
    period: str,
    dispatch_id: str | None,
    *,
    due: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Start one empty document per organisation; `form` gives code, version, owner. Ids by organisation.

    `due` gives those a due date of their own that have one, by kind of organisation.
    """
    rows = [_new(work, form, one, period, dispatch_id) for one in organisations]
    for row, one in zip(rows, organisations, strict=True):
        row["due_at"] = (due or {}).get(one.kind)
    work.connection.execute(insert(DOCUMENT), rows)
    return {row["organisation_code"]: row["id"] for row in rows}


def add_made(
    work: Work,
    form: Mapping[str, Any],
    made: Iterable[tuple[OrganisationValue, Json, Json]],
    period: str,
    dispatch_id: str,
) -> int:
    """Add documents that are whole and final from the start: organisation, contents, cells."""
    rows = []
    for organisation, contents, cells in made:
        row = _new(work, form, organisation, period, dispatch_id)
        row.update(status="final", revision=1, final_at=work.at)
        row.update(opened_at=work.at, submitted_at=work.at)
        row.update(_sealed(work.connection, row["id"], {"contents": contents, "cells": cells}))
        rows.append(row)
    if rows:
        work.connection.execute(insert(DOCUMENT), rows)
    return len(rows)


def _new(
    work: Work,
    form: Mapping[str, Any],
    organisation: OrganisationValue,
    period: str,
    dispatch_id: str | None,
) -> dict[str, Any]:
    return {
        "id": work.new_id(),
        "form_code": form["code"],
        "form_version": form["version"],
        "organisation_code": organisation.code,
        "organisation_path": organisation.path,
        "owner": form["owner"],
        "period": period,
        "dispatch_id": dispatch_id,
        "status": "open",
        "revision": 0,
        "contents": {},
        "cells": {},
        "explanations": {},
        "created_at": work.at,
        "due_at": None,
        "mark": "",
        "mark_reason": "",
    }


def read(work: Work, document_id: str) -> DocumentRecord:
    """A document the actor may see. Raises NotFound for one that is not there or not theirs."""
    found = get(work.connection, document_id)
    if not policy.covers(
        work.actor, "document.read", path=found.organisation_path, owner=found.owner
    ):
        raise NotFound
    return found


def get(connection: Connection, document_id: str) -> DocumentRecord:
    """A document, whoever asks: for commands that check access by the task. Raises NotFound."""
    row = _OF_ID.first(connection, document=document_id)
    if row is None:
        raise NotFound
    return record_of(connection, row)


def visible(work: Work) -> ColumnElement[bool]:
    """The documents a list may show to the actor."""
    columns = DOCUMENT.c
    return policy.sees(
        work.actor, "document.read", path=columns.organisation_path, owner=columns.owner
    )


def listed(work: Work, *conditions: ColumnElement[bool], limit: int = 200) -> list[DocumentRecord]:
    """Documents the actor may see, newest first."""
    query = (
        select(DOCUMENT)
        .where(visible(work), *conditions)
        .order_by(DOCUMENT.c.period.desc(), DOCUMENT.c.organisation_code)
        .limit(limit)
    )
    return [record_of(work.connection, row) for row in work.connection.execute(query).mappings()]


def of_dispatch(
    connection: Connection, dispatch_id: str, *, cells: bool = True
) -> list[DocumentRecord]:
    """All documents of a dispatch, by organisation; for a roll-up of thousands without `cells`."""
    columns = [one if cells or one.name != "cells" else _NOTHING for one in DOCUMENT.c]
    query = select(*columns).where(DOCUMENT.c.dispatch_id == dispatch_id)
    query = query.order_by(DOCUMENT.c.organisation_code)
    found = [record_of(connection, row) for row in connection.execute(query).mappings()]
    kept = totals.sums(connection, [one.id for one in found])
    return [one._replace(kept=kept[one.id]) if one.id in kept else one for one in found]


def several(connection: Connection, document_ids: Sequence[str]) -> list[DocumentRecord]:
    """Documents by their ids, whoever asks."""
    found: list[DocumentRecord] = []
    for start in range(0, len(document_ids), CHUNK):
        query = select(DOCUMENT).where(DOCUMENT.c.id.in_(document_ids[start : start + CHUNK]))
        found += [record_of(connection, row) for row in connection.execute(query).mappings()]
    return found


def set_cases(work: Work, cases: Mapping[str, str]) -> None:
    """Tell documents which case they run in: case id by document id."""
    statement = update(DOCUMENT).where(DOCUMENT.c.id == bindparam("document"))
    rows = [{"document": document, "case": case} for document, case in cases.items()]
    work.connection.execute(statement.values(case_id=bindparam("case")), rows)


def newest_of(
    connection: Connection, form_code: str, organisations: Sequence[str], period: str
) -> dict[str, DocumentRecord]:
    """The final documents of a form for a period, by organisation."""
    query = (
        select(DOCUMENT)
        .where(
            DOCUMENT.c.form_code == form_code,
            DOCUMENT.c.organisation_code.in_(organisations),
            DOCUMENT.c.period == period,
            DOCUMENT.c.status == "final",
        )
        .order_by(DOCUMENT.c.final_at)
    )
    rows = connection.execute(query).mappings()
    return {row["organisation_code"]: record_of(connection, row) for row in rows}


def last_submitted(connection: Connection, form_code: str) -> str | None:
    """The last period for which documents of a form were submitted; "" for forms without periods."""
    query = select(func.max(DOCUMENT.c.period)).where(was_submitted(form_code))
    return connection.execute(query).scalar()


def submitted(
    connection: Connection, form_code: str, period: str, *, after: str = "", limit: int = CHUNK
) -> list[DocumentRecord]:
    """What was submitted for a period, part by part: the next documents after an id."""
    query = (
        select(DOCUMENT)
        .where(was_submitted(form_code), DOCUMENT.c.period == period, DOCUMENT.c.id > after)
        .order_by(DOCUMENT.c.id)
        .limit(limit)
    )
    return [record_of(connection, row) for row in connection.execute(query).mappings()]


def was_submitted(form_code: str) -> ColumnElement[bool]:
    """A form's documents that came in, final or not yet."""
    return and_(DOCUMENT.c.form_code == form_code, DOCUMENT.c.status.in_(("submitted", "final")))


def count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    """How many documents satisfy the conditions, whoever asks."""
    return connection.execute(
        select(func.count()).select_from(DOCUMENT).where(*conditions)
    ).scalar_one()


def save(
    work: Work,
    record: DocumentRecord,
    contents: Json,
    cells: Json,
    changes: Iterable[CellChange] = (),
    **columns: Any,
) -> int:
    """Write a document's new state if nobody else did since it was read; gives its new revision.

    Raises Conflict.
    """
    revision = record.revision + 1
    columns |= {"contents": contents, "cells": cells}
    values = {"revision": revision, **_sealed(work.connection, record.id, columns)}
    same = {"document": record.id, "before": record.revision}
    if not _CHANGE_IF_SAME.write(work.connection, **same, **values):
        raise Conflict(what=record.id)
    rows = [
        {
            "document_id": record.id,
            "revision": revision,
            "path": change.path,
            **_sealed_change(work.connection, record.id, revision, change),
            "at": work.at,
            "actor_id": work.actor.id,
            "actor_name": work.actor.name,
            "task_id": work.task_id,
            "visit": change.visit,
        }
        for change in changes
    ]
    _ADD_CHANGES.write_many(work.connection, rows)
    return revision


def set_columns(work: Work, document_id: str, **columns: Any) -> None:
    """Set status and times that do not touch the contents."""
    values = _sealed(work.connection, document_id, columns)
    _CHANGE.write(work.connection, document=document_id, **values)


def signed_digest(content_hash: str, record: DocumentRecord, *more: bytes) -> str:
    """What a signer signs: the form's release, every value, whether it is a nil return, and `more`."""
    mark = (record.mark.encode(),) if record.mark else ()
    return digest(content_hash.encode(), canonical(record.contents), *mark, *more)


def changes_since(connection: Connection, document_id: str, revision: int) -> list[CellChange]:
    """What changed after a revision, oldest first."""
    query = (
        select(*(CHANGE.c[one.name] for one in fields(CellChange)))
        .where(CHANGE.c.document_id == document_id, CHANGE.c.revision > revision)
        .order_by(CHANGE.c.id)
    )
    found = [CellChange(*row) for row in connection.execute(query)]
    return [_unsealed_change(connection, document_id, one) for one in found]


def record_of(connection: Connection, row: Mapping[Any, Any]) -> DocumentRecord:
    """A row of `document`, opened."""
    return opened(connection, DocumentRecord(**row))


def opened(connection: Connection, record: DocumentRecord) -> DocumentRecord:
    """A document as its row has it, with what is sealed opened."""
    place = f"document:{record.id}"
    contents = sealed.unseal(connection, record.contents, f"{place}.contents")
    cells = sealed.unseal(connection, record.cells, f"{place}.cells")
    said = sealed.unseal(connection, record.explanations, f"{place}.explanations")
    return record._replace(contents=contents, cells=sources_once.unpacked(cells), explanations=said)


def _sealed(connection: Connection, document_id: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as they are kept: what people filled in is sealed to its document and column."""
    if columns.get("cells"):
        columns = {**columns, "cells": sources_once.packed(columns["cells"])}
    return {
        name: sealed.seal(connection, value, f"document:{document_id}.{name}", "document")
        if name in SEALED
        else value
        for name, value in columns.items()
    }


def _sealed_change(
    connection: Connection, document_id: str, revision: int, change: CellChange
) -> dict[str, Json]:
    place = f"cell_change:{document_id}:{revision}:{change.path}"
    return {
        "before": sealed.seal(connection, change.before, f"{place}.before", "document"),
        "after": sealed.seal(connection, change.after, f"{place}.after", "document"),
    }


def _unsealed_change(connection: Connection, document_id: str, change: CellChange) -> CellChange:
    place = f"cell_change:{document_id}:{change.revision}:{change.path}"
    return replace(
        change,
        before=sealed.unseal(connection, change.before, f"{place}.before"),
        after=sealed.unseal(connection, change.after, f"{place}.after"),
    )


def _place(name: str) -> rotation.Place:
    return lambda row: f"document:{row['id']}.{name}"


def _change_place(name: str) -> rotation.Place:
    return lambda row: f"cell_change:{row['document_id']}:{row['revision']}:{row['path']}.{name}"


for _column in SEALED:
    rotation.declare(DOCUMENT, _column, "document", _place(_column))
for _column in ("before", "after"):
    rotation.declare(CHANGE, _column, "document", _change_place(_column))
