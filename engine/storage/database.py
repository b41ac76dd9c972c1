"""One database by its URL: readers side by side, and writes that are durable when they return.

On SQLite one thread writes: whoever waits is taken into the same transaction, each behind its own
savepoint, and one flush to disk serves them all (group commit at `synchronous=FULL`). PostgreSQL
does the same itself, so there each write is its own transaction on its own connection.
`commit` is called here and nowhere else.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.errors import Problem

T = TypeVar("T")
MAX_BATCH = 128


class StorageFull(Problem):
    """The disk that holds the database is full; nothing of the request was written."""

    code, status = "storage.full", 507


class StorageUnavailable(Problem):
    """The database cannot be written or reached just now; nothing of the request was written."""

    code, status = "storage.unavailable", 503
    reason: str = ""


class Database:
    """Connections to one database. `write` runs a function in a transaction, `read` only looks."""

    def __init__(self, url: str, *, pool_size: int = 12) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._writer: _Writer | None = None
        if self.is_sqlite:
            self.readers = _sqlite_engine(self.url, pool_size, read_only=True)
            self.writers = _sqlite_engine(self.url, 2, read_only=False)
        else:
            self.readers = self.writers = create_engine(
                self.url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True
            )
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on one consistent state of the data; it cannot write (on SQLite)."""
        with self.readers.connect() as connection:
            yield connection

    def write(self, command: Callable[[Connection], T]) -> T:
        """Run `command` in a transaction of its own; on return it is on the disk.

        Any exception of the command undoes all it did. Raises StorageFull, StorageUnavailable.
        """
        if not self.is_sqlite:
            return self._write_alone(command)
        with self._lock:
            if self._writer is None:
                self._writer = _Writer(self.writers)
        return self._writer.run(command)

    def close(self) -> None:
        """End the writer after what is under way, and all connections."""
        with self._lock:
            if self._writer is not None:
                self._writer.stop()
                self._writer = None
        self.readers.dispose()
        self.writers.dispose()

    def _write_alone(self, command: Callable[[Connection], T]) -> T:
        try:
            with self.writers.begin() as connection:
                return command(connection)
        except SQLAlchemyError as error:
            raise as_problem(error) from error


def as_problem(error: SQLAlchemyError) -> Exception:
    """A full disk and an unreachable database in words; any other database error is a defect."""
    if isinstance(error, DBAPIError):
        said = str(error.orig).lower()
        if "full" in said or "no space left" in said:
            return StorageFull()
        if error.connection_invalidated or any(
            sign in said
            for sign in (
                "readonly",
                "read-only",
                "disk i/o",
                "unable to open",
                "locked",
                "connection",
            )
        ):
            return StorageUnavailable(reason=said[:200])
    return error


class _Writer:
    """The one thread that writes to a SQLite database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._loop, name="yibiao-writer", daemon=True)
        self._thread.start()

    def run(self, command: Callable[[Connection], T]) -> T:
        if threading.current_thread() is self._thread:
            msg = "a write inside a write would wait for itself; pass the connection on instead"
            raise RuntimeError(msg)
        future: Future[T] = Future()
        self._queue.put((command, future))
        return future.result()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _loop(self) -> None:
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
                for command, future in batch:
                    _one(connection, command, future, done)
                connection.commit()
        except BaseException as error:  # noqa: BLE001 - whatever it was, every waiting caller must hear of it
            failure = as_problem(error) if isinstance(error, SQLAlchemyError) else error
            for _, future in batch:
                if not future.done():
                    future.set_exception(failure)
            return
        for future, result in done:
            future.set_result(result)


def _one(
    connection: Connection,
    command: Callable[[Connection], Any],
    future: Future[Any],
    done: list[tuple[Future[Any], Any]],
) -> None:
    """Run one command behind a savepoint; its failure is its own, unless SQLite gave up the whole."""
    savepoint = connection.begin_nested()
    try:
        result = command(connection)
        savepoint.commit()
    except BaseException as error:
        raw = connection.connection.dbapi_connection
        if raw is not None and not raw.in_transaction:
            raise  # a full disk rolls everything back: nobody in this batch may believe it is saved
        with suppress(SQLAlchemyError):
            savepoint.rollback()
        future.set_exception(as_problem(error) if isinstance(error, SQLAlchemyError) else error)
        return
    done.append((future, result))


def _sqlite_engine(url: Any, pool_size: int, *, read_only: bool) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=20, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = (
            None  # we say BEGIN ourselves, so DDL is in the transaction too
        )
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=15000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.execute(text("BEGIN" if read_only else "BEGIN IMMEDIATE"))

    return engine
