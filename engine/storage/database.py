"""One database by its URL: readers side by side, and writes that are durable when they return.

On SQLite one writes at a time, and whoever waits shares a transaction (`group_commit`). PostgreSQL
does the same itself, so there each write is its own transaction on its own connection: it commits
without waiting for the disk, so that whatever it locks is free at once, and then waits for the log.
What a crash takes is only ever the end of the log, so nothing later can be there without it.
Brief writes of many callers are carried out by few of them, so that threads do not fight (`combining`).
`commit` is called here and nowhere else.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql as pg_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import SQLAlchemyError

from engine.storage import postgresql
from engine.storage.addresses import url_of
from engine.storage.combining import Combining
from engine.storage.failures import StorageUnavailable, as_problem
from engine.storage.group_commit import GroupCommit

T = TypeVar("T")
LOG_PAGES = 8000
"""How long SQLite's log may grow (32 MB) until it is carried over to the file: pages that are written
again and again are carried over once for many commits, and fewer commits wait for it."""
READER_PAGES_KB = 16 * 1024
"""How many pages each reader keeps for itself. Twelve of them at 64 MB made a server grow for hours to
800 MB; a page of a ledger of 100,000 took no longer with 16 MB, for the machine keeps the file's pages
for all of them, and with 8 MB it did (10 ms where it was 4)."""
WRITER_PAGES_KB = 64 * 1024
"""There is one at a time, and what a large import has changed is best kept until it commits."""


def _nothing(_connection: Connection) -> None:
    """Nothing more is to be written."""


class Database:
    """Connections to one database. `write` runs a function in a transaction, `read` only looks."""

    def __init__(
        self, url: str, *, pool_size: int = 12, carrying: Mapping[str, Any] | None = None
    ) -> None:
        """`carrying` goes with every connection, as its execution options. Raises DatabaseUrlWrong."""
        self.url = url_of(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = dict(carrying or {})
        if self.is_sqlite:
            self.readers = _sqlite_engine(self.url, pool_size, options, read_only=True)
            self.writers = _sqlite_engine(self.url, 2, options, read_only=False)
        else:
            self.writers = postgresql.open_engine(self.url, pool_size, options)
            self.readers = self.writers.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._inside = threading.local()
        self._group = GroupCommit(self.writers, self._inside)
        self._brief = Combining(self.writers, self._inside)
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

    def write(
        self,
        command: Callable[[Connection], T],
        last: Callable[[Connection], object] = _nothing,
        *,
        brief: bool = False,
    ) -> T:
        """Run `command` in a transaction of its own; on return it is on the disk.

        `last` follows in the same transaction, with writes whose results it does not look at. Any
        exception undoes all of it. A `brief` command is over in milliseconds, wherever it is run: on
        PostgreSQL another caller's thread may do it. Raises StorageFull, StorageUnavailable.
        """
        if getattr(self._inside, "a_write", False):
            msg = "a write inside a write would wait for itself; pass the connection on instead"
            raise RuntimeError(msg)
        self._refuse_when_closed()
        if not self.is_sqlite:
            alone = self._brief.write if brief else self._write_alone
            return alone(command, last)

        def whole(connection: Connection) -> T:
            result = command(connection)
            last(connection)
            return result

        return self._group.write(whole, brief=brief)

    def close(self) -> None:
        """End all connections after what is under way; nothing is taken after it."""
        self._closed = True
        self._group.close()
        self._brief.close()
        self.readers.dispose()
        self.writers.dispose()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageUnavailable(reason="closed")

    def _write_alone(
        self, command: Callable[[Connection], T], last: Callable[[Connection], object]
    ) -> T:
        self._inside.a_write = True
        try:
            with self.writers.connect() as connection, connection.begin():
                result = command(connection)
                postgresql.commit_to_the_log(connection, last)
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


_INSERT: Mapping[str, Any] = {"postgresql": pg_dialect.insert, "sqlite": sqlite_dialect.insert}


def insert_unless_there(connection: Connection, target: Table) -> Any:
    """An insert that adds nothing where somebody, perhaps in this very moment, has added the same."""
    return _INSERT[connection.dialect.name](target).on_conflict_do_nothing()


def _make_private(name: str | None) -> None:
    """A new file that nobody else of the machine reads; SQLite makes its log alike.

    One that is there stays as it is: who else may read it is its owner's to say.
    """
    if name and name != ":memory:":
        with suppress(OSError):  # it is there; or it cannot be made, which SQLite tells
            os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))


def _raise_as_problem(error: SQLAlchemyError) -> NoReturn:
    problem = as_problem(error)
    if problem is None:
        raise error
    raise problem from error


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


def _sqlite_engine(
    url: Any, pool_size: int, options: Mapping[str, Any], *, read_only: bool
) -> Engine:
    engine = create_engine(
        url,
        execution_options=options,
        pool_size=pool_size,
        max_overflow=20,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # as above
    )

    @event.listens_for(engine, "do_connect")
    def _before(*_: Any) -> None:
        _make_private(url.database)

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
        cursor.execute(
            "PRAGMA recursive_triggers=ON"
        )  # REPLACE too is a removal, which guards refuse
        cursor.execute(f"PRAGMA cache_size=-{READER_PAGES_KB if read_only else WRITER_PAGES_KB}")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def _begin(connection: Any) -> None:
        if not connection.in_transaction:  # else begun by whoever leads a group of writes
            connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    # a hook of the dialect: with one of the events every statement would ask who listens
    engine.dialect.do_begin = _begin  # type: ignore[assignment]  # as a method of the class
    return engine
