"""Sealing anew with the newest keys, in the background: what an older generation sealed, and what was
written before sealing. Each job does a few hundred rows and asks for the next, so it can be cut off
anywhere; what is left is counted from the rows themselves, so the progress is never a guess.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    func,
    select,
    type_coerce,
    update,
)

from engine.crypto.vault import FILE_MARK, Vault
from engine.dictionary.store import dictionary
from engine.identity.factors import store as factors
from engine.jobs.registry import JOBS
from engine.json_text import Json
from engine.registers import schema
from engine.storage import sealed
from engine.work import HISTORY, JOB, Work

Place: TypeAlias = Callable[[Mapping[str, Any]], str]
BATCH = 300
KIND = "keys.reseal"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values: the class of its key, and the place of a row's value."""

    table: Table
    column: str
    kind: str
    place: Place
    form: str = "json"
    """json: `{"~": …}`; text: the sealed text itself; file: bytes."""

    @property
    def name(self) -> str:
        """For people: table and column."""
        return f"{self.table.name}.{self.column}"


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a column the newest keys have sealed."""

    name: str
    rows: int
    left: int


_fixed: list[SealedColumn] = []


def declare(table: Table, column: str, kind: str, place: Place, form: str = "json") -> None:
    """Tell of a sealed column; modules that seal do so when they are loaded."""
    _fixed.append(SealedColumn(table, column, kind, place, form))


declare(factors.FACTOR, "secret", "account", lambda row: factors.place(row["id"]), "text")


def columns(connection: Connection) -> Iterator[SealedColumn]:
    """Every sealed column: the declared ones, and those of the registers."""
    yield from _fixed
    known = dictionary(connection)
    for field in known.fields.values():
        if not field.secret:
            continue
        target = schema.table(known, field.subject, period=field.periodic)
        place = _of_a_period(field.code) if field.periodic else _of_a_subject(field.code)
        yield SealedColumn(target, schema.column_name(field), "register", place, "text")


def progress(connection: Connection, vault: Vault) -> list[Left]:
    """By column: how many rows hold a value, and how many an older key sealed."""
    found = []
    for one in columns(connection):
        filled = one.table.c[one.column].is_not(None)
        query = select(
            func.count().filter(filled), func.count().filter(_old(one, vault.generation))
        ).select_from(one.table)
        rows, left = connection.execute(query).one()
        found.append(Left(one.name, rows, left))
    return found


def unsealed(connection: Connection, vault: Vault, *, newest: int) -> tuple[int, int]:
    """Of the newest values of every sealed column: how many there are, and how many no key has sealed."""
    looked = clear = 0
    for one in columns(connection):
        column = one.table.c[one.column]
        keys = [key.desc() for key in one.table.primary_key]
        some = select(column).where(column.is_not(None)).order_by(*keys).limit(newest).subquery()
        taken = SealedColumn(some, one.column, one.kind, one.place, one.form)  # type: ignore[arg-type] # only its columns are asked for
        open_ = and_(*(_old(taken, generation) for generation in vault.ring.roots))
        rows, left = connection.execute(
            select(func.count(), func.count().filter(open_)).select_from(some)
        ).one()
        looked, clear = looked + rows, clear + left
    return looked, clear


def begin(work: Work) -> str:
    """Have everything sealed anew with the newest keys; gives the job's id."""
    generation = work.vault.generation
    work.note("keys.rotated", "keys", generation=generation)
    return work.later(KIND, {"generation": generation})


@JOBS.job(KIND)
def reseal(work: Work, payload: Mapping[str, Any]) -> dict[str, int]:
    """Seal some rows anew; ask for the next turn while any are left."""
    work.vault.refresh(int(payload["generation"]))
    done = 0
    for one in columns(work.connection):
        done += reseal_column(work, one, BATCH - done)
        if done >= BATCH:
            work.later(KIND, dict(payload))
            break
    else:
        work.note("keys.resealed", "keys", generation=work.vault.generation)
    return {"rows": done}


def reseal_column(work: Work, one: SealedColumn, limit: int) -> int:
    """Seal up to so many rows of a column anew; gives how many it were."""
    keys = list(one.table.primary_key)
    query = select(one.table).where(_old(one, work.vault.generation)).order_by(*keys).limit(limit)
    rows = work.connection.execute(query).mappings().all()
    for row in rows:
        fresh = _anew(work, one, row)
        where = [key == row[key.name] for key in keys]
        work.connection.execute(update(one.table).where(*where).values({one.column: fresh}))
    return len(rows)


def examine(connection: Connection, vault: Vault, *, each: int = 20) -> dict[str, int]:
    """Open some values of every column, the oldest and the newest; gives how many by column.

    Raises KeyUnavailable for the first that does not open.
    """
    opened: dict[str, int] = {}
    for one in columns(connection):
        keys = list(one.table.primary_key)
        filled = select(one.table).where(one.table.c[one.column].is_not(None)).limit(each)
        rows = [
            *connection.execute(filled.order_by(*keys)).mappings(),
            *connection.execute(filled.order_by(*(key.desc() for key in keys))).mappings(),
        ]
        for row in rows:
            _plain(vault, connection, one, row)
        opened[one.name] = len(rows)
    return opened


def _anew(work: Work, one: SealedColumn, row: Mapping[Any, Any]) -> Json | bytes:
    plain = _plain(work.vault, work.connection, one, row)
    place = one.place(row)
    if one.form == "file":
        return work.vault.seal_file(plain, place, one.kind)
    if one.form == "text":
        return work.vault.seal(plain, place, one.kind)
    return sealed.seal(work.connection, plain, place, one.kind)


def _plain(vault: Vault, connection: Connection, one: SealedColumn, row: Mapping[Any, Any]) -> Any:
    stored = row[one.column]
    if one.form == "file":
        return vault.open_file(stored, one.place(row))
    if one.form == "text":
        return vault.open(stored, one.place(row))
    return sealed.unseal(connection, stored, one.place(row))


def _old(one: SealedColumn, generation: int) -> ColumnElement[bool]:
    """The rows whose value is there and was not sealed by this generation."""
    column = one.table.c[one.column]
    if one.form == "file":
        mark = FILE_MARK + f"{generation}:".encode()
        return func.substr(column, 1, len(mark)) != mark
    text: ColumnElement[str] = type_coerce(column, Text)
    if one.form == "text":
        return text.not_like(f"{generation}:%")
    return text.not_like('{"~":"' + f"{generation}:%") & (text != "{}")


def _of_a_subject(code: str) -> Place:
    return lambda row: f"{code}:{row['id']}"


def _of_a_period(code: str) -> Place:
    return lambda row: f"{code}:{row['subject_id']}@{row['period']}"


def _of_history(row: Mapping[str, Any]) -> str:
    return f"history:{row['kind']}:{row['target']}:{row['at']}"


declare(HISTORY, "before", "history", _of_history)
declare(HISTORY, "after", "history", _of_history)
declare(JOB, "payload", "job", lambda row: f"job:{row['id']}")
declare(JOB, "result", "job", lambda row: f"job:{row['id']}.result")
