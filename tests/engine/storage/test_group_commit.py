"""SQLite's one writer: those who wait share a transaction, and each stands for itself in it."""

import sqlite3
import threading

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict
from engine.storage.database import Database
from engine.storage.failures import StorageUnavailable
from engine.work import System
from tests.engine.storage import notes

CHILD = "CREATE TABLE child (of INTEGER REFERENCES a_note (id) DEFERRABLE INITIALLY DEFERRED)"


@pytest.fixture
def database(sqlite_system: System) -> Database:
    notes.make(sqlite_system.database)
    return sqlite_system.database


def test_who_waits_shares_one_commit(database: Database) -> None:
    """Twenty commands, one flush to the disk."""
    with notes.commits(database) as seen:
        told = notes.in_one_batch(database, *(notes.add(number) for number in range(20)))
        assert [future.exception() for future in told] == [None] * 20
    assert len(seen) == 2  # the one that held the writer, and the twenty
    assert notes.ids(database) == list(range(20))


def test_who_is_alone_writes_in_the_own_thread(database: Database) -> None:
    """No change of threads where nobody else is writing; afterwards the way is free."""
    for _ in range(2):
        assert database.write(lambda _connection: threading.get_ident()) == threading.get_ident()


def test_who_waits_leads_when_the_one_before_is_through(database: Database) -> None:
    """One of those who waited runs the commands of all of them."""
    told = notes.in_one_batch(database, *[lambda _connection: threading.get_ident()] * 5)
    assert len({future.result() for future in told}) == 1
    assert told[0].result() != threading.get_ident()


def test_who_is_stopped_while_leading_leaves_nobody_waiting(database: Database) -> None:
    """Ctrl-C meets whoever leads: the others are told that nothing of theirs was written."""

    def stopped(_connection) -> None:
        raise KeyboardInterrupt

    told = notes.in_one_batch(database, notes.add(1), stopped, notes.add(2))
    failures = [future.exception() for future in told]
    assert sorted(type(failure).__name__ for failure in failures) == [
        "KeyboardInterrupt", "StorageUnavailable", "StorageUnavailable",
    ]  # fmt: skip
    assert notes.ids(database) == []
    database.write(notes.add(3))
    assert notes.ids(database) == [3]


def test_a_failing_command_undoes_only_itself(database: Database) -> None:
    """Its neighbours in the transaction are kept; those that fail are told their own reason."""

    def fails(connection) -> None:
        notes.add(2)(connection)
        raise Conflict(what="mine")

    told = notes.in_one_batch(
        database, notes.add(1), fails, notes.add(1), notes.add(3, None), notes.add(4)
    )
    kinds = [type(future.exception()) for future in told]
    assert kinds == [type(None), Conflict, IntegrityError, IntegrityError, type(None)]
    assert told[1].exception() == Conflict(what="mine")
    assert notes.ids(database) == [1, 4]


def test_all_are_told_when_the_commit_fails(database: Database) -> None:
    """Nobody believes to be saved who is not, and each is told in an exception of its own."""
    database.write(lambda connection: connection.execute(text(CHILD)))

    def breaks_the_commit(connection) -> None:
        connection.execute(text("INSERT INTO child VALUES (99)"))

    told = notes.in_one_batch(database, notes.add(1), breaks_the_commit, notes.add(2))
    failures = [future.exception() for future in told]
    assert [type(failure) for failure in failures] == [StorageUnavailable] * 3
    assert isinstance(failures[0].__cause__, IntegrityError)
    assert len(set(map(id, failures))) == 3
    assert notes.ids(database) == []
    database.write(notes.add(3))
    assert notes.ids(database) == [3]


def test_all_are_told_when_the_transaction_is_lost_on_the_way(database: Database) -> None:
    """A command through which SQLite gives up the transaction takes nobody along unnoticed."""

    def gives_up(connection) -> None:
        connection.connection.dbapi_connection.execute("ROLLBACK")

    told = notes.in_one_batch(database, notes.add(1), gives_up, notes.add(2))
    assert [type(future.exception()) for future in told] == [StorageUnavailable] * 3
    assert notes.ids(database) == []
    database.write(notes.add(3))
    assert notes.ids(database) == [3]


def test_a_lost_transaction_is_noticed_though_the_command_says_nothing(database: Database) -> None:
    """A command that swallows the error after which SQLite undid everything fails all the same."""

    def swallows(connection) -> None:
        connection.connection.dbapi_connection.execute("ROLLBACK")
        raise ValueError("of somebody else")

    told = notes.in_one_batch(database, notes.add(1), swallows)
    assert [type(future.exception()) for future in told] == [StorageUnavailable] * 2


def test_one_alone_is_undone_whole_and_told_why(database: Database) -> None:
    """Without neighbours there is no savepoint: the failure undoes the transaction, the next one works."""

    def fails(connection) -> None:
        notes.add(1)(connection)
        raise Conflict(what="mine")

    def gives_up(connection) -> None:
        notes.add(2)(connection)
        connection.connection.dbapi_connection.execute("ROLLBACK")

    with pytest.raises(Conflict):
        database.write(fails)
    with pytest.raises(StorageUnavailable):
        database.write(gives_up)
    database.write(notes.add(3))
    assert notes.ids(database) == [3]


def test_a_database_held_by_another_program_is_told_as_such(sqlite_system: System) -> None:
    """Nothing waits for ever, and when the other is done it works."""
    database = sqlite_system.database
    event.listen(
        database.writers, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=50")
    )
    notes.make(database)
    other = sqlite3.connect(sqlite_system.settings.data_path / "yibiao.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable):
        database.write(notes.add(1))
    other.rollback()
    database.write(notes.add(2))
    assert notes.ids(database) == [2]
    other.close()


def test_every_commit_is_flushed(database: Database) -> None:
    """Write-ahead log with full synchronisation: what is acknowledged survives losing power."""

    def pragmas(connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert database.write(pragmas) == ["wal", 2, 1]
