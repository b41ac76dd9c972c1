"""What forms add to a deletion: under which names a person's facts stand in them, and what stands in
documents by path only; and what ledgers keep of the person beside the register.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select, update

from engine.attachments import store as attachments
from engine.attachments.store import Home
from engine.dictionary.store import dictionary
from engine.erasure import sweep
from engine.erasure.person import blank_history, erased
from engine.erasure.redact import ROW, blanked
from engine.erasure.sweep import Swept
from engine.json_text import Json
from engine.ledgers.lens import Column
from engine.ledgers.schema import local_table
from engine.registers.schema import blind_name, column_name
from engine.storage import sealed
from engine.work import Work
from forms import documents, store
from forms.compiled import CompiledForm
from forms.documents import CHANGE
from forms.kinds import ledger, ledger_files


@sweep.names
def names(work: Work, subject: str) -> set[str]:
    """What forms and ledgers call the facts that are deleted: the last part of each bound item's path."""
    known = dictionary(work.connection)
    found = set()
    for form in _every_version(work):
        for plan in form.plan.tables:
            for binding in plan.bindings.get(subject, ()):
                if erased(binding.field, known):
                    found.add(binding.path.rpartition("/")[2])
    return found


def _every_version(work: Work) -> Iterator[CompiledForm]:
    """Documents and their history may speak of items that the newest version has no more."""
    for newest in store.published_forms(work.connection):
        for one in store.versions(work.connection, newest.code):
            if one.status == "published":
                yield store.published(work.connection, one.code, one.version)


@sweep.beside
def in_documents(work: Work, found: Swept) -> int:
    """Cells, offers and changes in the rows that were the person's."""
    changed = 0
    for document, rows in found.documents.items():
        changed += _document(work, document, set(rows), found.sought.names)
        changed += _changes(work, document, set(rows), found.sought.names)
    return changed


@sweep.beside
def in_ledgers(work: Work, found: Swept) -> int:
    """What only a ledger knows of the person, now and before."""
    known = dictionary(work.connection)
    changed = 0
    for own in found.ids:
        changed += attachments.forget(work, Home(ledger_files.PLACE, own))
    for form in ledger.forms(work.connection):
        lens = ledger.lens(work.connection, form)
        columns = [one for one in lens.local() if one.files or erased(one.field, known)]
        if lens.subject != found.subject or not columns:
            continue
        target = local_table(lens)
        mine = target.c.subject_id.in_(found.ids)
        gone = {name: None for one in columns for name in _kept_in(one) if name in target.c}
        changed += work.connection.execute(update(target).where(mine).values(**gone)).rowcount
        local = frozenset(one.field.name for one in columns) | {one.name for one in columns}
        changed += blank_history(work, found.subject, found.ids, local)
    return changed


def _kept_in(column: Column) -> tuple[str, str]:
    return column_name(column.field), blind_name(column.field)


def _theirs(path: str, rows: set[str], names: frozenset[str]) -> bool:
    """Whether a cell's path is of one of these rows and of a fact that goes: `/elders/k3/phone`."""
    parts = path.split("/")
    return len(parts) == 4 and parts[2] in rows and parts[3] in names


def _document(work: Work, document: str, rows: set[str], names: frozenset[str]) -> int:
    record = documents.get(work.connection, document)
    contents = {name: _table(value, rows, names) for name, value in record.contents.items()}
    cells = {
        path: bare_cell(meta) if _theirs(path, rows, names) else meta
        for path, meta in record.cells.items()
    }
    if contents == record.contents and cells == record.cells:
        return 0
    documents.set_columns(work, document, contents=contents, cells=cells)
    return 1


def _table(value: Json, rows: set[str], names: frozenset[str]) -> Json:
    if not isinstance(value, list):
        return value
    return [
        {name: blanked(one) if name in names else one for name, one in row.items()}
        if isinstance(row, dict) and row.get(ROW) in rows
        else row
        for row in value
    ]


def bare_cell(meta: Mapping[str, Json]) -> dict[str, Json]:
    """What was offered in the cell goes; where it came from and that it is a cell stays."""
    left = {name: one for name, one in meta.items() if name not in ("known", "reason")}
    source = left.get("source")
    if isinstance(source, dict):
        left["source"] = {name: one for name, one in source.items() if name != "value"}
    return left


def _changes(work: Work, document: str, rows: set[str], names: frozenset[str]) -> int:
    changed = 0
    query = select(CHANGE).where(CHANGE.c.document_id == document)
    for row in list(work.connection.execute(query).mappings()):
        if not _theirs(row["path"], rows, names):
            continue
        place = f"cell_change:{document}:{row['revision']}:{row['path']}"
        values: dict[str, Any] = {}
        for column in ("before", "after"):
            old = sealed.unseal(work.connection, row[column], f"{place}.{column}")
            new = blanked(old)
            if new is not old:
                values[column] = sealed.seal(work.connection, new, f"{place}.{column}", "document")
        if values:
            work.connection.execute(update(CHANGE).where(CHANGE.c.id == row["id"]).values(values))
            changed += 1
    return changed
