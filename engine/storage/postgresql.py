"""What is PostgreSQL's own way: commits that hold no lock while the disk works, and messages that
carry several statements. A caller does not ask which database it is; on SQLite the plain thing is done.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError

IDLE_SECONDS = 1.0

_MARK = (
    "SELECT set_config('synchronous_commit', %s, true), pg_logical_emit_message(true, 'yibiao', '')"
)
"""A transaction of its own: it is on the disk when it is done, and with it all that stands before it."""
_KEPT, _CURSOR = "synchronous_commit", "cursor"
_LIVES = """SELECT 1 FROM pg_stat_activity
WHERE pid = %s AND clock_timestamp() - backend_start >= make_interval(secs => %s)"""


def commit_to_the_log(connection: Connection, last: Callable[[Connection], object]) -> None:
    """What is written `last`, the commit, and the wait until it is on the disk, in one message.

    The commit itself waits for no disk, so that what is locked is free at once; then a mark in the
    log is waited for. SQLAlchemy's own commit, which follows, finds nothing left to do.
    """
    with together(connection):
        last(connection)
        raw: Any = connection.connection.driver_connection
        raw.execute("COMMIT")
        raw.execute(_MARK, (connection.info[_KEPT],))


def commit_only(connection: Connection, last: Callable[[Connection], object]) -> None:
    """The same without the wait: it is on the disk when a later `commit_to_the_log` or `flush` is through."""
    with together(connection):
        last(connection)
        raw: Any = connection.connection.driver_connection
        raw.execute("COMMIT")


def flush(connection: Connection) -> None:
    """Wait until what was committed before, by whomsoever, is on the disk."""
    with connection.begin(), _telling(connection):
        raw: Any = connection.connection.driver_connection
        raw.execute(_MARK, (connection.info[_KEPT],))


def backend(connection: Connection) -> int:
    """Which of the server's processes serves a connection."""
    with _telling(connection):
        raw: Any = connection.connection.driver_connection
        return int(raw.info.backend_pid)


def lives(connection: Connection, served_by: int, seconds: float) -> bool:
    """Whether a process of the server has lived for so long: then the server did not fall meanwhile."""
    with _telling(connection):
        raw: Any = connection.connection.driver_connection
        return raw.execute(_LIVES, (served_by, seconds)).fetchone() is not None


def open_engine(url: URL, pool_size: int, options: Mapping[str, Any]) -> Engine:
    """Connections that carry these options and commit without waiting for the disk; see `commit_to_the_log`."""
    engine = create_engine(
        url,
        execution_options=options,
        pool_size=pool_size,
        max_overflow=20,
        hide_parameters=True,  # values of people do not belong in a log of errors
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        record.info[_KEPT] = connection.execute("SHOW synchronous_commit").fetchone()[0]
        connection.execute("SET SESSION synchronous_commit TO off")
        connection.commit()

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
    with _telling(connection), raw.pipeline():
        yield


def copy(
    connection: Connection, target: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add many rows by COPY, the values as the driver takes them."""
    quoted = connection.dialect.identifier_preparer
    names = ", ".join(quoted.quote(name) for name in columns)
    raw: Any = connection.connection.driver_connection
    with (
        _telling(connection),
        raw.cursor() as cursor,
        cursor.copy(f"COPY {quoted.format_table(target)} ({names}) FROM STDIN") as out,
    ):
        for row in rows:
            out.write_row(row)


def go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL's own counters know nothing of numbers that were given. Elsewhere nothing is to do."""
    own = table.autoincrement_column
    if connection.dialect.name != "postgresql" or own is None or "_" in own.name:
        return
    sequence = func.pg_get_serial_sequence(table.name, own.name)
    highest = select(func.max(own)).scalar_subquery()
    connection.execute(select(func.setval(sequence, highest)))


def cursor_of(connection: Connection) -> Any:
    """The one cursor of a connection for statements whose rows are read at once: making one costs more
    than sending a small statement.
    """
    raw: Any = connection.connection.driver_connection
    found = connection.info.get(_CURSOR)
    if found is None or found.closed or found.connection is not raw:
        found = connection.info[_CURSOR] = raw.cursor()
    return found


def told(connection: Connection, error: Any) -> Exception:
    """An error of the driver as SQLAlchemy tells those of its own statements."""
    kinds = connection.dialect.loaded_dbapi.Error
    found: Exception = DBAPIError.instance(None, None, error, kinds, dialect=connection.dialect)
    return found


@contextmanager
def _telling(connection: Connection) -> Iterator[None]:
    """Errors of the driver itself, as SQLAlchemy's."""
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, error) from error
