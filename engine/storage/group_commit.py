"""SQLite takes one writer at a time: whoever comes first writes, and those who wait share a transaction.

A command runs at once in its caller's own thread where nobody else is writing. Who comes meanwhile
waits; then the first of them leads: it runs the commands of all who wait in one transaction, each
behind its own savepoint, and one flush to the disk serves them all (`synchronous=FULL`). So one alone
pays no change of threads and no savepoint, and under load one flush carries many.
"""

import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.storage import postgresql
from engine.storage.failures import StorageUnavailable, as_problem, told

T = TypeVar("T")
MAX_BATCH = 128
CLOSING_SECONDS = 30


class _GivenUp(Exception):  # noqa: N818 - never leaves this module; its cause is what is told
    """SQLite undid the whole transaction: nobody in this batch may believe to be saved."""


class _Place:
    """One caller in the queue, and what became of its command."""

    __slots__ = ("brief", "command", "error", "leads", "result", "settled", "woken")

    def __init__(self, command: Callable[[Connection], Any], *, brief: bool) -> None:
        self.command = command
        self.brief = brief
        self.result: Any = None
        self.error: BaseException | None = None
        self.settled = False
        self.leads = False
        self.woken = threading.Lock()
        self.woken.acquire()

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Say what became of it; the first word counts."""
        if not self.settled:
            self.result, self.error, self.settled = result, error, True


class GroupCommit:
    """The queue of those who write to one SQLite database."""

    def __init__(self, engine: Engine, inside: threading.local) -> None:
        """`inside.a_write` is kept true in whichever thread runs commands."""
        self._engine = engine
        self._inside = inside
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: list[_Place] = []
        self._connection: Connection | None = None
        """Of whoever leads; kept, for taking one from the pool costs as much as several small writes."""
        self._led = False
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def write(self, command: Callable[[Connection], T], *, brief: bool = False) -> T:
        """Run a command in a transaction; on return it is on the disk. Raises StorageUnavailable.

        A `brief` one does not mind that SQLAlchemy has not heard of the transaction yet.
        """
        mine = _Place(command, brief=brief)
        with self._lock:
            if self._closed:
                raise StorageUnavailable(reason="closed")
            self._waiting.append(mine)
            mine.leads = not self._led
            self._led = True
        if not mine.leads:
            self._wait(mine)
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        result: T = mine.result
        return result

    def close(self) -> None:
        """Take nobody any more, and wait until those who came before are through."""
        with self._idle:
            self._closed = True
            if self._idle.wait_for(lambda: not self._led, CLOSING_SECONDS) and self._connection:
                self._connection.close()
                self._connection = None

    def _wait(self, mine: _Place) -> None:
        """Until the command is done, or its caller is to lead."""
        try:
            mine.woken.acquire()
        except BaseException:  # the caller was told to stop (Ctrl-C): nobody may wait for it
            with self._lock:
                if mine in self._waiting and not mine.leads:
                    self._waiting.remove(mine)
            if mine.leads:
                self._lead()
            raise

    def _lead(self) -> None:
        """Write for all who wait, then let the next one lead."""
        with self._lock:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        self._inside.a_write = True
        try:
            self._write(batch)
        finally:
            self._inside.a_write = False
            with self._idle:
                following = self._waiting[0] if self._waiting else None
                if following is None:
                    self._led = False
                    self._idle.notify_all()
                else:
                    following.leads = True
            if following is not None:
                following.woken.release()
            for one in batch:
                if not one.leads:
                    one.woken.release()

    def _write(self, batch: list[_Place]) -> None:
        done: list[tuple[_Place, Any]] = []
        try:
            connection = self._connection = self._connection or self._engine.connect()
            try:
                if all(one.brief for one in batch):
                    _begin(connection)
                else:
                    connection.begin()
                if len(batch) == 1:
                    _run_alone(connection, batch[0], done)
                else:
                    for one in batch:
                        _run(connection, one, done)
                _commit(connection)
            except BaseException:
                self._connection = None
                connection.invalidate()  # a failed COMMIT may leave the transaction open
                connection.close()
                raise
            for one, result in done:
                one.settle(result)
        except BaseException as error:
            for one in batch:
                one.settle(error=_for_all(error))
            if isinstance(error, KeyboardInterrupt):
                raise


def _begin(connection: Connection) -> None:
    """By the driver itself: SQLAlchemy makes its own where a command asks it something, and few brief ones do."""
    raw: Any = connection.connection.dbapi_connection
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise postgresql.told(connection, error) from error


def _commit(connection: Connection) -> None:
    """What there is to commit, whoever began it."""
    if connection.in_transaction():
        connection.commit()
    raw: Any = connection.connection.dbapi_connection
    if raw.in_transaction:
        try:
            raw.commit()
        except sqlite3.Error as error:
            raise postgresql.told(connection, error) from error


def _roll_back(connection: Connection) -> None:
    if connection.in_transaction():
        connection.rollback()
    raw: Any = connection.connection.dbapi_connection
    raw.rollback()


def _for_all(error: BaseException) -> BaseException:
    """What everybody in a batch is told when its transaction is lost, through whomsoever."""
    cause = (error.__cause__ or error) if isinstance(error, _GivenUp) else error
    problem = as_problem(cause) if isinstance(cause, SQLAlchemyError) else None
    problem = problem or StorageUnavailable(reason="transaction lost")
    problem.__cause__ = cause
    return problem


def _run_alone(connection: Connection, one: _Place, done: list[tuple[_Place, Any]]) -> None:
    """Run the only command of a transaction; when it fails there is nothing else to keep."""
    raw: Any = connection.connection.dbapi_connection
    try:
        result = one.command(connection)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if not raw.in_transaction:
            raise _GivenUp from error
        _roll_back(connection)
        one.settle(error=told(error))
        return
    if not raw.in_transaction:  # the command itself ended it: there is nothing to commit
        raise _GivenUp
    done.append((one, result))


def _run(connection: Connection, one: _Place, done: list[tuple[_Place, Any]]) -> None:
    """Run one command behind a savepoint; its failure is its own, unless SQLite gave up the whole.

    The savepoint is the driver's: SQLAlchemy's costs as much as the writes of a small command.
    """
    raw: Any = connection.connection.dbapi_connection
    raw.execute("SAVEPOINT command")
    try:
        result = one.command(connection)
        raw.execute("RELEASE command")
    except KeyboardInterrupt:  # meant for whoever leads, not for whose command this is
        raise
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
        one.settle(error=told(error))
        return
    done.append((one, result))
