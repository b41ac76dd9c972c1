"""Many subjects at once: checked, sealed, with one origin, straight to the driver.

Rows flow through in batches, so that a city needs no more memory than a village.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import IntegrityError

from engine import absence
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.identity.actor import Actor
from engine.json_text import Json, canonical, dumps
from engine.registers import absent
from engine.registers.rows import Checked, Fault
from engine.registers.schema import blind_name, column_name, table
from engine.registers.store import KeyTaken, Origin, add_origin, place_of
from engine.storage import postgresql
from engine.work import System, Work

CHUNK = 2_000
BATCH = 10_000
"""Rows of one transaction of a large load."""

Row = Mapping[str, Json]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a large load came to."""

    count: int
    rejected: int
    faults: Sequence[Fault]


def load(
    work: Work,
    known: Dictionary,
    subject: str,
    rows: Iterable[Row],
    origin: Origin,
    *,
    period: str | None = None,
) -> int:
    """Add many subjects in this transaction, all with one origin. Rows have `id` and values by name.

    For a register of period values the rows' `id` is the subject and `period` is required.
    The rows are taken as they are; `stream` checks them. Raises KeyTaken.
    """
    target = table(known, subject, period=period is not None)
    fields = [f for f in known.of(subject) if f.periodic == (period is not None)]
    shapes: dict[frozenset[str], _Shape] = {}
    count = 0
    for chunk in _chunks(rows, CHUNK):
        names = frozenset().union(*chunk)
        if names not in shapes:
            given = [field for field in fields if field.name in names]
            shapes[names] = _shape(work, target, given, origin, period)
        shape = shapes[names]
        _add(work.connection, subject, shape, [shape.values(row) for row in chunk])
        count += len(chunk)
    return count


def stream(
    system: System,
    actor: Actor,
    subject: str,
    rows: Iterable[Row],
    came: Origin,
    *,
    say: Callable[[int], None] = lambda _: None,
) -> Loaded:
    """Check and add any number of subjects, ten thousand a transaction; what is refused is told.

    A load that is cut off leaves whole batches, all with the same origin: that which is given, if it
    is kept already. Raises KeyTaken.
    """

    def begin(work: Work) -> tuple[Dictionary, Origin]:
        return dictionary(work.connection), came if came.id else add_origin(work, came)

    known, origin = system.write(actor, begin)
    checked = Checked(known, subject)
    count = 0
    for batch in _chunks(checked.passed(rows), BATCH):
        count += system.write(actor, _batch(known, subject, batch, origin))
        say(count)

    def end(work: Work) -> None:
        work.note("register.loaded", subject, rows=count, rejected=checked.rejected)

    system.write(actor, end)
    return Loaded(count, checked.rejected, checked.faults)


def _batch(
    known: Dictionary, subject: str, rows: Sequence[Row], origin: Origin
) -> Callable[[Work], int]:
    return lambda work: load(work, known, subject, rows, origin)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a row of values becomes a row of the table; only the columns that a chunk has values for."""

    table: Table
    columns: tuple[str, ...]
    names: tuple[str, ...]
    head: tuple[Any, ...]
    converts: tuple[tuple[int, Convert], ...]
    seals: tuple[tuple[int, Callable[[Any, str], tuple[str, str]]], ...]
    period: str | None
    marked: tuple[str, ...] = ()
    """Fields that take absences: which of them a row has stands in a column of its own."""

    def values(self, row: Row) -> list[Any]:
        """The values in the order of the columns."""
        subject_id = row["id"]
        gone: dict[str, str] = {}
        for name in self.marked:
            if kind := absence.kind_of(row.get(name)):
                gone[name] = kind
        if gone:
            row = {**row, **dict.fromkeys(gone)}
        found = [subject_id, *self.head, *map(row.get, self.names)]
        for at, convert in self.converts:
            if found[at] is not None:
                found[at] = convert(found[at])
        if self.seals:
            place = place_of(subject_id, self.period)
            for at, seal in self.seals:
                if found[at] is None:
                    found.append(None)
                else:
                    found[at], blind = seal(found[at], place)
                    found.append(blind)
        if self.marked:
            found.append(dumps(gone) if gone else None)
        return found


def _shape(
    work: Work, target: Table, fields: Sequence[Field], origin: Origin, period: str | None
) -> _Shape:
    """Columns in order: identity, when, whence, the fields, the blind indexes of the sealed ones."""
    dialect = work.connection.dialect
    head: list[tuple[str, Any]] = [] if period is None else [("period", period)]
    head += [("created_at", work.at), ("sources", dumps({"*": origin.id}))]
    first = 1 + len(head)
    converts, seals, blinds = [], [], []
    for at, field in enumerate(fields, first):
        if field.secret:
            seals.append((at, _seal(work, field)))
            blinds.append(blind_name(field))
            continue
        kind = target.c[column_name(field)].type
        if processor := kind.dialect_impl(dialect).bind_processor(dialect):
            converts.append((at, processor))
    identity = "id" if period is None else "subject_id"
    marked = tuple(field.name for field in fields if field.absences)
    more = (absent.COLUMN,) if marked else ()
    return _Shape(
        target,
        (identity, *(name for name, _ in head), *map(column_name, fields), *blinds, *more),
        tuple(field.name for field in fields),
        tuple(value for _, value in head),
        tuple(converts),
        tuple(seals),
        period,
        marked,
    )


def _seal(work: Work, field: Field) -> Callable[[Any, str], tuple[str, str]]:
    vault, code = work.vault, field.code
    is_text = field.schema.get("type") == "string"

    def seal(value: Any, place: str) -> tuple[str, str]:
        plain = value if is_text else canonical(value).decode()
        return vault.seal(plain, f"{code}:{place}"), vault.blind(plain, code)

    return seal


def _add(connection: Connection, subject: str, shape: _Shape, rows: list[list[Any]]) -> None:
    try:
        if connection.dialect.name == "postgresql":
            postgresql.copy(connection, shape.table, shape.columns, rows)
            return
        statement = insert(shape.table).compile(
            dialect=connection.dialect, column_keys=list(shape.columns)
        )
        order = [shape.columns.index(name) for name in statement.positiontup or ()]
        values = [tuple([row[at] for at in order]) for row in rows]
        connection.exec_driver_sql(str(statement), values)
    except IntegrityError as error:
        raise KeyTaken(subject=subject) from error


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, size)):
        yield chunk
