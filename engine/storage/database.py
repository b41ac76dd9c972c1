"""One database by its URL: readers side by side, and writes that are durable when they return.

On SQLite one thread writes: whoever waits is taken into the same transaction, each behind its own
savepoint, and one flush to disk serves them all (group commit at `synchronous=FULL`). PostgreSQL
does the same itself, so there each write is its own transaction on its own connection: it commits
without waiting for the disk, so that whatever it locks is free at once, and then waits for the log.
What a crash takes is only ever the end of the log, so nothing later can be there without it.
`commit` is called here and nowhere else.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from engine.errors import Problem
from engine.storage import postgresql

T = TypeVar("T")
MAX_BATCH = 128

SQLITE_FULL = 13
SQLITE_UNAVAILABLE = {5, 6, 7, 8, 10, 11, 14, 26}
"""Busy, locked, no memory, read-only, disk error, damaged, cannot open, no database."""
POSTGRES_FULL = "53100"
POSTGRES_UNAVAILABLE = ("08", "25006", "40", "53", "55P03", "57", "58")
"""Connection, read-only, deadlock, resources, lock not available, shutting down, system error."""


class StorageFull(Problem):
    """The disk that holds the database is full; nothing of the request was written."""

    code, status = "storage.full", 507


class StorageUnavailable(Problem):
    """The database cannot be written or reached just now; nothing of the request was written."""

    code, status = "storage.unavailable", 503
    reason: str = ""


class Database:
    """Connections to one database. `write` runs a function in a transaction, `read` only looks."""

    def __init__(
        self, url: str, *, pool_size: int = 12, carrying: Mapping[str, Any] | None = None
    ) -> None:
        """`carrying` goes with every connection, as its execution options."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._writer: _Writer | None = None
        if self.is_sqlite:
            self.readers = _sqlite_engine(self.url, pool_size, read_only=True)
            self.writers = _sqlite_engine(self.url, 2, read_only=False)
        else:
            self.writers = postgresql.open_engine(self.url, pool_size)
            self.readers = self.writers.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        if carrying:
            self.readers = self.readers.execution_options(**carrying)
            self.writers = self.writers.execution_options(**carrying)
        self._lock = threading.Lock()
        self._inside = threading.local()
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on one consistent state of the data; it cannot write.

        Raises StorageUnavailable.
        """
        self._refuse_when_closed()
        try:
            with self.readers.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            _raise_as_problem(error)

    def write(self, command: Callable[[Connection], T]) -> T:
        """Run `command` in a transaction of its own; on return it is on the disk.

        Any exception of the command undoes all it did. Raises StorageFull, StorageUnavailable.
        """
        if getattr(self._inside, "a_write", False):
            msg = "a write inside a write would wait for itself; pass the connection on instead"
            raise RuntimeError(msg)
        if not self.is_sqlite:
            self._refuse_when_closed()
            return self._write_alone(command)
        with self._lock:
            self._refuse_when_closed()
            if self._writer is None:
                self._writer = _Writer(self.writers, self._inside)
            future = self._writer.take(command)
        return future.result()

    def close(self) -> None:
        """End the writer after what is under way, and all connections; nothing is taken after it."""
        with self._lock:
            self._closed = True
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.stop()
        self.readers.dispose()
        self.writers.dispose()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageUnavailable(reason="closed")

    def _write_alone(self, command: Callable[[Connection], T]) -> T:
        self._inside.a_write = True
        try:
            with self.writers.connect() as connection, connection.begin():
                result = command(connection)
                postgresql.commit_to_the_log(connection)
                return result
        except SQLAlchemyError as error:
            _raise_as_problem(error)
        finally:
            self._inside.a_write = False


@lru_cache(maxsize=32)
def _place(engine: Engine) -> str:
    return str(engine.url)


def place(connection: Connection) -> str:
    """Which database a connection leads to, for caches; without its password."""
    return _place(connection.engine)


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def advisory_lock(connection: Connection, name: str) -> None:
    """Wait for one's turn at something until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"name": f"yibiao {name}"})


def as_problem(error: SQLAlchemyError) -> Problem | None:
    """A full disk or an unreachable database as a problem; any other database error is a defect.

    Told by the databases' own codes, since their messages quote our names and values.
    """
    if isinstance(error, PoolExhausted):
        return StorageUnavailable(reason="no free connection")
    if not isinstance(error, DBAPIError):
        return None
    number = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None)
    if state == POSTGRES_FULL or (number is not None and number & 0xFF == SQLITE_FULL):
        return StorageFull()
    if number is not None and number & 0xFF in SQLITE_UNAVAILABLE:
        return StorageUnavailable(reason=f"sqlite {number}")
    if state is not None and state.startswith(POSTGRES_UNAVAILABLE):
        return StorageUnavailable(reason=f"postgresql {state}")
    unreachable = isinstance(error, OperationalError) and state is None and number is None
    if error.connection_invalidated or unreachable:
        return StorageUnavailable(reason="unreachable")
    return None


def _raise_as_problem(error: SQLAlchemyError) -> NoReturn:
    problem = as_problem(error)
    if problem is None:
        raise error
    raise problem from error


class _GivenUp(Exception):  # noqa: N818 - never leaves this module; its cause is what is told
    """SQLite undid the whole transaction: nobody in this batch may believe to be saved."""


class _Writer:
    """The one thread that writes to a SQLite database."""

    def __init__(self, engine: Engine, inside: threading.local) -> None:
        self._engine = engine
        self._inside = inside
        self._queue: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._loop, name="yibiao-writer", daemon=True)
        self._thread.start()

    def take(self, command: Callable[[Connection], T]) -> Future[T]:
        """Queue a command; nothing may be queued after `stop`."""
        future: Future[T] = Future()
        self._queue.put((command, future))
        return future

    def stop(self) -> None:
        """Do what is queued, then end."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _loop(self) -> None:
        self._inside.a_write = True  # whatever runs in this thread is inside a write
        while (first := self._queue.get()) is not None:
            batch = [first]
            while len(batch) < MAX_BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                batch.append(following)
            self._write(batch)

    def _write(self, batch: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self._engine.connect() as connection:
                try:
                    connection.begin()
                    for command, future in batch:
                        _one(connection, command, future, done)
                    connection.commit()
                except BaseException:
                    connection.invalidate()  # a failed COMMIT may leave the transaction open
                    raise
                for future, result in done:
                    future.set_result(result)
        except BaseException as error:  # noqa: BLE001 - whatever it was, every waiting caller must hear of it
            for _, future in batch:
                if not future.done():
                    future.set_exception(_for_all(error))


def _for_all(error: BaseException) -> BaseException:
    """What everybody in a batch is told when its transaction is lost, through whomsoever."""
    cause = (error.__cause__ or error) if isinstance(error, _GivenUp) else error
    problem = as_problem(cause) if isinstance(cause, SQLAlchemyError) else None
    problem = problem or StorageUnavailable(reason="transaction lost")
    problem.__cause__ = cause
    return problem


def _one(
    connection: Connection,
    command: Callable[[Connection], Any],
    future: Future[Any],
    done: list[tuple[Future[Any], Any]],
) -> None:
    """Run one command behind a savepoint; its failure is its own, unless SQLite gave up the whole.

    The savepoint is the driver's: SQLAlchemy's costs as much as the writes of a small command.
    """
    raw: Any = connection.connection.dbapi_connection
    raw.execute("SAVEPOINT command")
    try:
        result = command(connection)
        raw.execute("RELEASE command")
    except BaseException as error:
        if not raw.in_transaction:
            raise _GivenUp from error
        while (inner := connection.get_nested_transaction()) is not None:
            inner.rollback()  # one that the command left open
        try:
            raw.execute("ROLLBACK TO command")
            raw.execute("RELEASE command")
        except sqlite3.Error:  # the command itself ended the transaction that it was in
            raise _GivenUp from error
        problem = as_problem(error) if isinstance(error, SQLAlchemyError) else None
        if problem is not None:
            problem.__cause__ = error
        future.set_exception(problem or error)
        return
    done.append((future, result))


def _keep_a_log(cursor: Any) -> None:
    """WAL mode. Of two that open a new file at once one is refused without any waiting: it tries again."""
    for _ in range(100):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(0.05)
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def _sqlite_engine(url: Any, pool_size: int, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=20,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # as above
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = (
            None  # we say BEGIN ourselves, so DDL is in the transaction too
        )
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=15000")
        _keep_a_log(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
