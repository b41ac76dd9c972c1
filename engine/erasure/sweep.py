"""The sweep: every sealed column of the database is opened and what is the person's is taken out.

`engine.rotation` knows every column that holds sealed content, so a new one is swept without a word
here. Each job does some thousands of rows and asks for the next; cut off anywhere, it goes on there.
"""

import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import select, tuple_, update

from engine import rotation
from engine.crypto.vault import KeyUnavailable
from engine.dictionary.store import dictionary
from engine.erasure import store
from engine.erasure.person import erased
from engine.erasure.redact import Sought, Taken, redacted
from engine.erasure.store import DONE, ERASURE, KIND, SWEEPING
from engine.errors import NotFound
from engine.jobs.registry import JOBS
from engine.json_text import Json, dumps, trusted
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.registers.schema import blind_name, column_name
from engine.rotation import SealedColumn
from engine.storage import sealed
from engine.work import Work

BATCH, FILES = 5_000, 20
"""So many rows are opened in one job, some tens of milliseconds; of files fewer."""
LIST = "erased.jsonl"
"""Beside the keys: who was deleted, by ids only, so that a restored backup forgets them again."""


@dataclass(frozen=True)
class Swept:
    """Whom a sweep is about, and in which rows of which documents they were found."""

    subject: str
    ids: Sequence[str]
    sought: Sought
    documents: Mapping[str, Sequence[str]]


Beside: TypeAlias = Callable[[Work, Swept], int]
_beside: list[Beside] = []


def beside(step: Beside) -> Beside:
    """Register what a sweep must do besides opening sealed columns; gives how much it changed."""
    _beside.append(step)
    return step


@JOBS.job(KIND)
def sweep(work: Work, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Some rows of one request; asks for the next while any are left."""
    left = turn(work, str(payload["erasure"]))
    if left:
        work.later(KIND, dict(payload))
    return {"left": left}


def turn(work: Work, request: str) -> bool:
    """Sweep some rows; gives whether any are left."""
    query = select(ERASURE).where(ERASURE.c.id == request).with_for_update()
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    if row["state"] != SWEEPING:
        return False
    progress = dict(row["progress"])
    sought = _sought(work, row)
    columns = list(rotation.columns(work.connection))
    until = progress.get("opened", 0) + BATCH
    while progress.get("column", 0) < len(columns) and progress.get("opened", 0) < until:
        _rows(work, columns[progress.get("column", 0)], sought, progress)
    if progress.get("column", 0) < len(columns):
        change = update(ERASURE).where(ERASURE.c.id == request)
        work.connection.execute(change.values(progress=progress))
        return True
    _finish(work, row, progress, sought)
    return False


def _sought(work: Work, row: Mapping[Any, Any]) -> Sought:
    known = dictionary(work.connection)
    texts = sealed.unseal(work.connection, row["texts"], store.texts_place(row["id"]))
    names = {one.name for one in known.of(row["subject"]) if erased(one, known)}
    names |= {name for more in _names for name in more(work, row["subject"])}
    return Sought(frozenset(texts), frozenset(names))


_names: list[Callable[[Work, str], set[str]]] = []


def names(step: Callable[[Work, str], set[str]]) -> Callable[[Work, str], set[str]]:
    """Register under which other names a subject's facts stand, in forms for instance."""
    _names.append(step)
    return step


def _rows(work: Work, one: SealedColumn, sought: Sought, progress: dict[str, Any]) -> None:
    keys = list(one.table.primary_key)
    limit = FILES if one.form == "file" else BATCH
    query = select(one.table).where(one.table.c[one.column].is_not(None))
    if progress.get("after"):
        query = query.where(tuple_(*keys) > tuple_(*progress["after"]))
    rows = work.connection.execute(query.order_by(*keys).limit(limit)).mappings().all()
    for row in rows:
        if one.table is ERASURE:
            continue  # what is looked for itself; it goes at the end
        progress["opened"] = progress.get("opened", 0) + 1
        _row(work, one, row, sought, progress)
    progress["after"] = [rows[-1][key.name] for key in keys] if len(rows) == limit else None
    if len(rows) < limit:
        progress["column"] = progress.get("column", 0) + 1


def _row(
    work: Work, one: SealedColumn, row: Mapping[Any, Any], sought: Sought, progress: dict[str, Any]
) -> None:
    stored, place = row[one.column], one.place(row)
    try:
        if one.form == "file":
            if _in_file(work.vault.open_file(stored, place), sought):
                progress.setdefault("files", []).append(f"{one.name} {row[next(iter(one.table.primary_key)).name]}")  # fmt: skip
            return
        plain = _text(work, one, stored, place)
    except KeyUnavailable:
        progress["unreadable"] = progress.get("unreadable", 0) + 1
        return
    if not sought.within(plain):
        return
    taken = Taken()
    if one.form == "text":
        values = _of_text(work, one, plain, place, sought)
    else:
        value = redacted(trusted(plain), sought, taken)
        values = {one.column: sealed.seal(work.connection, value, place, one.kind)}
    where = [key == row[key.name] for key in one.table.primary_key]
    work.connection.execute(update(one.table).where(*where).values(values))
    progress["changed"] = progress.get("changed", 0) + 1
    _note_rows(one, row, taken, progress)


def _text(work: Work, one: SealedColumn, stored: Json, place: str) -> str:
    if one.form == "text":
        return work.vault.open(stored, place)
    if sealed.is_sealed(stored):
        return work.vault.open(stored[sealed.MARK], place)
    return dumps(stored)


def _of_text(
    work: Work, one: SealedColumn, plain: str, place: str, sought: Sought
) -> dict[str, Any]:
    """A register's sealed text: gone where it is nothing but the person's, as another's head or owner."""
    left = sought.without(plain)
    code = place.partition(":")[0]
    field = dictionary(work.connection).fields.get(code)
    if field is None or one.column != column_name(field):
        return {one.column: work.vault.seal(left, place, one.kind)}
    if plain.strip().upper() in {text.upper() for text in sought.texts}:
        return {one.column: None, blind_name(field): None}
    return {
        one.column: work.vault.seal(left, place),
        blind_name(field): work.vault.blind(left, field.code),
    }


def _note_rows(
    one: SealedColumn, row: Mapping[Any, Any], taken: Taken, progress: dict[str, Any]
) -> None:
    """In which rows of which document the person was found, for what stands there by path only."""
    document, rows = row.get("document_id") or "", set(taken.rows)
    if one.table.name == "document":
        document = row["id"]
    path = row.get("path")
    if isinstance(path, str) and path.count("/") == 3:
        rows.add(path.split("/")[2])
    if document and rows:
        found = progress.setdefault("documents", {})
        found[document] = sorted({*found.get(document, ()), *rows})


def _in_file(content: bytes, sought: Sought) -> bool:
    """Whether a kept file has any of the texts: as it is, or in a part of an archive (a workbook)."""
    if sought.within(content.decode("utf-8", "ignore")):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return any(
                sought.within(parts.read(part).decode("utf-8", "ignore"))
                for part in parts.infolist()
                if part.file_size < 50_000_000
            )
    except (zipfile.BadZipFile, RuntimeError, zlib.error, NotImplementedError, OSError):
        return False


def _finish(work: Work, row: Mapping[Any, Any], progress: dict[str, Any], sought: Sought) -> None:
    found = Swept(row["subject"], progress["ids"], sought, progress.pop("documents", {}))
    progress["beside"] = sum(step(work, found) for step in _beside)
    progress.pop("after", None)
    progress.pop("column", None)
    values: dict[str, Any] = {
        "state": DONE,
        "done_at": work.at,
        "progress": progress,
        "texts": None,
        "generation": work.vault.generation,
    }
    done = store.read({**row, **values})
    values["signature"] = work.vault.witness(done.certificate())
    work.connection.execute(update(ERASURE).where(ERASURE.c.id == row["id"]).values(**values))
    work.note(
        "erasure.done",
        row["id"],
        **{name: progress.get(name, 0) for name in ("rows", "history", "changed", "opened")},
        files=len(progress.get("files", ())),
    )
    notices.tell(
        work, [Notice("erasure.done", account_id=row["asked_by"], detail={"erasure": row["id"]})]
    )
    _keep_in_list(work.settings.data_path / LIST, done)


def _keep_in_list(path: Path, done: store.Erasure) -> None:
    """Add a line to the list beside the keys; a second one for the same request says the same."""
    line = {"erasure": done.id, "subject": done.subject, "id": done.subject_id, "at": done.done_at,
            "basis": done.basis, "reason": done.reason, "signature": done.signature}  # fmt: skip
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def unfinished(work: Work, lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of a list beside the keys, what this database does not know as done: it is older than they are."""
    done = set(work.connection.execute(select(ERASURE.c.id).where(ERASURE.c.state == DONE)).scalars())  # fmt: skip
    return [line for line in lines if line.get("erasure") not in done]


def again(work: Work, line: Mapping[str, Any]) -> None:
    """Delete somebody anew in a database that was restored from before; all of it, here and now."""
    request = str(line["erasure"])
    known = work.connection.execute(select(ERASURE.c.id).where(ERASURE.c.id == request)).first()
    values = {"state": SWEEPING, "decided_at": work.at, "decided_by_name": work.actor.name}
    if known is None:
        row = {
            "id": request, "subject": line["subject"], "subject_id": line["id"],
            "basis": line.get("basis", "other"), "reason": line.get("reason", ""),
            "asked_at": work.at, "asked_by": work.actor.id, "asked_by_name": work.actor.name,
        }  # fmt: skip
        work.connection.execute(ERASURE.insert(), {**row, **values})
    else:
        change = update(ERASURE).where(ERASURE.c.id == request)
        work.connection.execute(change.values(**values, progress=None, texts=None))
    store.begin(work, request, str(line["subject"]), str(line["id"]))
    while turn(work, request):
        pass


def read_list(folder: Path) -> list[dict[str, Any]]:
    """The lines beside the keys, each request once."""
    path = folder / LIST
    if not path.exists():
        return []
    lines = [json.loads(one) for one in path.read_text(encoding="utf-8").splitlines() if one]
    return list({str(one["erasure"]): one for one in lines}.values())
