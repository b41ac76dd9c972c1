"""What is PostgreSQL's own way: commits that hold no lock while the disk works, and messages that
carry several statements. A caller does not ask which database it is; on SQLite the plain thing is done.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DBAPIError, DisconnectionError

IDLE_SECONDS = 1.0

_COMMIT_TO_THE_DISK = (
    "COMMIT; BEGIN; SET LOCAL synchronous_commit TO DEFAULT;"
    " SELECT pg_logical_emit_message(true, 'yibiao', ''); COMMIT"
)
"""The commit, which frees what is locked; then a mark in the log that is on the disk when it returns,
and with it all that stands before it. One message.
"""


def commit_to_the_log(connection: Connection) -> None:
    """Commit, and return when it is on the disk, as the server is set up.

    SQLAlchemy's own commit, which follows, then finds nothing left to do.
    """
    raw: Any = connection.connection.dbapi_connection
    try:
        raw.execute(_COMMIT_TO_THE_DISK)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, error) from error


def open_engine(url: URL, pool_size: int) -> Engine:
    """Connections that commit without waiting for the disk; see `commit_to_the_log`."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=20,
        hide_parameters=True,  # values of people do not belong in a log of errors
    )

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: Any) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, _proxy: Any) -> None:
        """One that lay idle may be dead; one that was used a moment ago is not asked again."""
        left = record.info.get("left")
        if left is None or connection is None or time.monotonic() - left < IDLE_SECONDS:
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute("SET SESSION synchronous_commit TO off")  # see `commit_to_the_log`
        connection.commit()

    return engine


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Writes whose results nobody looks at; PostgreSQL gets them in one message, and answers once.

    What is wrong with one of them is told at the end of the block. Only writes: in here a statement
    gives neither rows nor the number of them.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    raw: Any = connection.connection.driver_connection
    try:
        with raw.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, error) from error


def copy(
    connection: Connection, target: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add many rows by COPY, the values as the driver takes them."""
    quoted = connection.dialect.identifier_preparer
    names = ", ".join(quoted.quote(name) for name in columns)
    raw: Any = connection.connection.driver_connection
    try:
        with (
            raw.cursor() as cursor,
            cursor.copy(f"COPY {quoted.format_table(target)} ({names}) FROM STDIN") as out,
        ):
            for row in rows:
                out.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, error) from error


def first_in_turn(connection: Connection, name: str, query: Select[Any]) -> Any:
    """Wait for one's turn, then the first row that a query finds: what others left, no older state."""
    if connection.dialect.name != "postgresql":
        return connection.execute(query).first()
    raw: Any = connection.connection.driver_connection
    try:
        with raw.pipeline():
            raw.execute(_RAW_LOCK, (f"yibiao {name}",))
            return raw.execute(_literal(query, connection.dialect)).fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, error) from error


_RAW_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@lru_cache(maxsize=32)
def _literal(query: Select[Any], dialect: Dialect) -> str:
    return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def told(connection: Connection, error: Any) -> Exception:
    """An error of the driver as SQLAlchemy tells those of its own statements."""
    kinds = connection.dialect.loaded_dbapi.Error
    found: Exception = DBAPIError.instance(None, None, error, kinds, dialect=connection.dialect)
    return found
