"""Statements of the hot paths: compiled once, then handed straight to the driver.

SQLAlchemy's way of running a statement costs several times what a small one costs the database. The
statement stays one of its own, with its types, on both databases; only the running is ours. What is
rarely run, or takes its shape at run time, goes through `Connection.execute` as ever.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import UpdateBase
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from engine.storage.postgresql import cursor_of, told

Processor = Callable[[Any], Any] | None
Statement = Select[Any] | UpdateBase
_NUMERIC = 1700
"""How PostgreSQL names the type to its drivers."""
MOST_WAYS = 256
"""So many sets of columns of one statement are kept ready; a register has more of them than memory."""


class _Compiled(NamedTuple):
    """A statement as one driver takes it."""

    text: str
    names: tuple[str, ...]
    """Its values in the order in which they stand in the text."""
    taken: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """Takes those values, in that order."""
    binds: tuple[tuple[int, str, Callable[[Any], Any]], ...]
    """The values of which their type makes something for the driver, by place and name."""
    defaults: Mapping[str, Any]
    by_name: bool
    columns: tuple[str, ...]
    made: tuple[tuple[int, Callable[[Any], Any]], ...]
    """The columns whose type makes something of what the driver gives, by place."""

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = {**self.defaults, **values} if self.defaults else values
        if self.by_name:
            named = {name: given[name] for name in self.names}
            for _, name, made in self.binds:
                named[name] = made(named[name])
            return named
        if not self.binds:
            return self.taken(given)
        placed = list(self.taken(given))
        for at, _, made in self.binds:
            placed[at] = made(placed[at])
        return placed

    def read(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row as the driver gives it, by column."""
        return dict(zip(self.columns, self.values(row) if self.made else row, strict=True))

    def values(self, row: Sequence[Any]) -> list[Any]:
        """A row as the driver gives it, each value as its column means it."""
        found = list(row)
        for at, made in self.made:
            found[at] = made(found[at])
        return found


class Prepared:
    """A statement with named parameters that is run often; made once, at the top of a module.

    For inserts and updates the names given at run time say which columns are written, as with
    `Connection.execute`; defaults of columns are filled in. Lists as parameters are not taken.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def first(self, connection: Connection, **values: Any) -> dict[str, Any] | None:
        """The first row by column, or nothing."""
        compiled = self._for(connection, values)
        row = driven(connection, compiled.text, compiled.parameters(values)).fetchone()
        return None if row is None else compiled.read(row)

    def row(self, connection: Connection, **values: Any) -> list[Any] | None:
        """The first row as its values in order, or nothing: for many columns, whose names nobody asks."""
        compiled = self._for(connection, values)
        row = driven(connection, compiled.text, compiled.parameters(values)).fetchone()
        return None if row is None else compiled.values(row)

    def all(self, connection: Connection, **values: Any) -> list[dict[str, Any]]:
        """Every row by column."""
        compiled = self._for(connection, values)
        rows = driven(connection, compiled.text, compiled.parameters(values)).fetchall()
        return [compiled.read(row) for row in rows]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        """Every row as its values in order."""
        compiled = self._for(connection, values)
        found = driven(connection, compiled.text, compiled.parameters(values)).fetchall()
        return [compiled.values(row) for row in found]

    def scalar(self, connection: Connection, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.first(connection, **values)
        return None if found is None else next(iter(found.values()))

    def write(self, connection: Connection, **values: Any) -> int:
        """Run it; gives the number of rows it touched (not within `postgresql.together`)."""
        compiled = self._for(connection, values)
        return int(driven(connection, compiled.text, compiled.parameters(values)).rowcount)

    def write_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for every row; all rows give the same columns."""
        if len(rows) == 1:
            self.write(connection, **rows[0])
        elif rows:
            compiled = self._for(connection, rows[0])
            driven(connection, compiled.text, [compiled.parameters(row) for row in rows], many=True)

    def _for(self, connection: Connection, values: Mapping[str, Any]) -> _Compiled:
        key = (connection.dialect.name, *values)
        found = self._compiled.get(key)
        if found is None:
            if len(self._compiled) >= MOST_WAYS:
                self._compiled = {}  # another thread may be looking something up in the old one
            found = self._compiled[key] = _compile(self._statement, connection.dialect, values)
        return found


def _compile(statement: Statement, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
    selected = isinstance(statement, Select)
    made = statement.compile(dialect=dialect, column_keys=None if selected else list(values))
    assert isinstance(made, SQLCompiler)
    assert not made.escaped_bind_names
    kinds = {name: _bind(bind.type, dialect) for bind, name in made.bind_names.items()}
    names = tuple(made.positiontup) if made.positiontup else tuple(kinds)
    binds = tuple((at, name, does) for at, name in enumerate(names) if (does := kinds[name]))
    selected_columns = tuple(
        statement.selected_columns if isinstance(statement, Select) else statement.exported_columns
    )
    columns = tuple(str(one.key) for one in selected_columns)
    given = {name: bind.value for bind, name in made.bind_names.items() if not bind.required}
    for column in (*made.insert_prefetch, *made.update_prefetch):
        assert isinstance(column.default, ScalarElementColumnDefault)
        given[column.key] = column.default.arg
    processed = tuple(
        (at, does)
        for at, one in enumerate(selected_columns)
        if (does := _result(one.type, dialect))
    )
    return _Compiled(
        str(made), names, _taker(names), binds, given, not made.positional, columns, processed
    )


def _taker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple(given[name] for name in names)


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    """What a column's type makes of its values; our numbers are NUMERIC on PostgreSQL."""
    told_as = _NUMERIC if dialect.name == "postgresql" else None
    return kind.dialect_impl(dialect).result_processor(dialect, told_as)


def driven(connection: Connection, text: str, values: Any, *, many: bool = False) -> Any:
    """Hand a statement to the driver, in its own words; gives the driver's cursor, good until the next one."""
    way: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql":
        if not connection.in_transaction():
            connection.begin()  # as SQLAlchemy does with the first statement
        way = cursor_of(connection)
    elif not way.in_transaction:  # a group of writes has begun by the driver itself
        connection.begin()
    if connection._has_events or connection.engine._has_events:  # noqa: SLF001 - as SQLAlchemy itself does: asking its listeners takes as long as a small statement
        for hear in connection.dispatch.before_cursor_execute:
            hear(connection, None, text, values, None, many)
    try:
        if not many:
            return way.execute(text, values)
        way.executemany(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, error) from error
    return way
