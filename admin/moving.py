"""Moving an installation from the SQLite file it began in to a PostgreSQL database of its own.

Rows go as they are kept, sealed values and the chain of the trail included: the keys stay the same.
The file is held meanwhile, so that nobody writes what would not come along, and stays as it was; both
trails say what happened. What is made from the registers (words to search by) is made there anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    func,
    inspect,
    select,
)
from sqlalchemy.types import TypeEngine

from admin import migrate
from engine.audit import trail
from engine.errors import Problem
from engine.identity.actor import system_actor
from engine.storage import postgresql
from engine.storage.addresses import url_of
from engine.storage.columns import CODE, Number
from engine.work import System, Work

ACTOR = system_actor("move")
MADE = ("reg_", "per_", "led_")
"""Tables made from the dictionary and from ledgers, beside those that migrations make."""
LEFT = ("words_", "pairs_", "alembic_version")
"""Made anew, or there already."""
SIGNIFICANT = 15
"""Digits that SQLite keeps of a fraction (engine/storage/columns.py)."""
Say = Callable[[str, int], None]


class NotFromHere(Problem):
    """Only what is in SQLite is moved, and only to PostgreSQL."""

    code, status = "move.not-from-here", 422


class MovePlaceTaken(Problem):
    """Something is there already."""

    code, status = "move.place-taken", 409
    place: str


class MoveLost(Problem):
    """What came there is not what was here; nothing was kept."""

    code, status = "move.lost", 500
    what: str


def moved(source: System, target: System, say: Say = lambda _name, _rows: None) -> dict[str, int]:
    """Fill an empty PostgreSQL database from a SQLite installation; gives how many rows of each table.

    Raises NotFromHere, MovePlaceTaken, MoveLost.
    """
    if not source.database.is_sqlite or target.database.is_sqlite:
        raise NotFromHere
    with target.database.read() as connection:
        if inspect(connection).get_table_names():
            raise MovePlaceTaken(place=url_of(target.settings.url).render_as_string())
    return source.write(ACTOR, partial(_held, target=target, say=say))


def _held(here: Work, *, target: System, say: Say) -> dict[str, int]:
    counts: dict[str, int] = target.write(ACTOR, partial(_fill, here=here, say=say))
    here.note("installation.moved", "move", rows=sum(counts.values()))
    return counts


def _fill(there: Work, *, here: Work, say: Say) -> dict[str, int]:
    migrate.bring(there.connection)
    made = MetaData()
    inspector = inspect(here.connection)
    for name in sorted(inspector.get_table_names()):
        if name.startswith(MADE):
            _made(inspector.get_columns(name), inspector.get_indexes(name), name, made)
    made.create_all(there.connection)
    known = MetaData()
    known.reflect(there.connection)
    counts: dict[str, int] = {}
    for table in known.sorted_tables:
        if not table.name.startswith(LEFT):
            counts[table.name] = _copied(here.connection, there.connection, table)
            say(table.name, counts[table.name])
    verdict = trail.verify(there.connection)
    if not verdict.whole:
        raise MoveLost(what=f"audit {verdict.broken_at}")
    there.note("installation.moved-in", "move", rows=sum(counts.values()))
    return counts


def _made(
    columns: Iterable[Mapping[str, Any]],
    indexes: Iterable[Mapping[str, Any]],
    name: str,
    to: MetaData,
) -> None:
    """A table as it stands here, columns that nobody uses any more included, for over there."""
    found = [
        Column(
            one["name"],
            _kind(one["type"]),
            primary_key=bool(one["primary_key"]),
            nullable=one["nullable"],
        )
        for one in columns
    ]
    table = Table(name, to, *found)
    for one in indexes:
        Index(
            one["name"],
            *(table.c[each] for each in one["column_names"]),
            unique=bool(one["unique"]),
        )


def _kind(found: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type of which SQLite says only how it stores it."""
    if isinstance(found, Boolean):
        return Boolean()
    if isinstance(found, Integer | BigInteger | Numeric):
        return Number()
    return CODE


def _copied(here: Connection, there: Connection, table: Table) -> int:
    names = [column.name for column in table.columns]
    if lost := {one["name"] for one in inspect(here).get_columns(table.name)} - set(names):
        raise MoveLost(what=f"{table.name}: {', '.join(sorted(lost))}")
    expected = _count(here, table)
    if expected:
        postgresql.copy(there, table, names, _rows(here, table, names))
        postgresql.go_on_counting(there, table)
    if (came := _count(there, table)) != expected:
        raise MoveLost(what=f"{table.name}: {came} / {expected}")
    return expected


def _rows(here: Connection, table: Table, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Rows as SQLite keeps them, in the values that the columns over there take."""
    change = [
        (at, does)
        for at, column in enumerate(table.columns)
        if (does := _value(column.type)) is not None
    ]
    quoted = here.dialect.identifier_preparer.quote
    raw: Any = here.connection.driver_connection
    text = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table.name)}"  # noqa: S608 - names of our own tables
    for row in raw.execute(text):
        values = list(row)
        for at, does in change:
            if values[at] is not None:
                values[at] = does(values[at])
        yield values


def _value(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Boolean):
        return bool
    if isinstance(kind, Numeric):
        return _exact
    return None


def _exact(value: float) -> Decimal:
    return Decimal(value if isinstance(value, int) else f"{value:.{SIGNIFICANT}g}")


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(
        select(func.count()).select_from(Table(table.name, MetaData()))
    ).scalar_one()
