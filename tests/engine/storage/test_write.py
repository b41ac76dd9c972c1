"""What `write` and `read` promise, on both databases alike."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.errors import Conflict
from engine.storage.database import Database
from engine.storage.failures import StorageFull, StorageUnavailable
from engine.work import System
from tests.engine.storage import notes


@pytest.fixture
def database(system: System) -> Database:
    notes.make(system.database)
    return system.database


def test_a_reader_sees_what_was_written_when_write_returned(database: Database) -> None:
    """No waiting, no other connection needed."""
    for number in range(20):
        database.write(notes.add(number))
        assert notes.ids(database)[-1] == number


def test_write_gives_what_the_command_gave(database: Database) -> None:
    """The result of the command is the result of the write."""
    assert database.write(notes.count) == 0


def test_a_failing_command_leaves_nothing(database: Database) -> None:
    """Rows and tables of a command that fails are undone, and its own exception is told."""

    def fails(connection) -> None:
        notes.add(1)(connection)
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raise Conflict(what="it")

    with pytest.raises(Conflict, match="it"):
        database.write(fails)
    assert notes.ids(database) == []
    with database.read() as connection, pytest.raises((DBAPIError, StorageUnavailable)):
        connection.execute(text("SELECT * FROM half_done"))


def test_a_command_may_try_and_undo_a_part(database: Database) -> None:
    """A savepoint of the command's own undoes only what stands in it."""

    def two(connection) -> None:
        with connection.begin_nested():
            notes.add(2)(connection)
            notes.add(1)(connection)

    def tries(connection) -> None:
        notes.add(1)(connection)
        with pytest.raises(IntegrityError):
            two(connection)
        notes.add(3)(connection)

    database.write(tries)
    assert notes.ids(database) == [1, 3]


def test_a_savepoint_left_open_by_a_failure_does_not_reach_the_next(database: Database) -> None:
    """Whatever state a failing command leaves, the following ones are whole."""

    def leaves_open(connection) -> None:
        connection.begin_nested()
        notes.add(1)(connection)
        raise Conflict

    for number in (2, 3):
        with pytest.raises(Conflict):
            database.write(leaves_open)
        database.write(notes.add(number))
    assert notes.ids(database) == [2, 3]


def test_a_write_inside_a_write_is_refused(database: Database) -> None:
    """It would wait for itself; the connection is passed on instead. The outer one is undone."""

    def outer(connection) -> None:
        notes.add(1)(connection)
        database.write(notes.add(2))

    with pytest.raises(RuntimeError, match="write inside a write"):
        database.write(outer)
    assert notes.ids(database) == []
    database.write(notes.add(3))
    assert notes.ids(database) == [3]


def test_a_read_inside_a_write_sees_what_is_committed(database: Database) -> None:
    """A reader never sees another transaction's unfinished rows, nor waits for it."""

    def command(connection) -> list[int]:
        notes.add(2)(connection)
        return notes.ids(database)

    database.write(notes.add(1))
    assert database.write(command) == [1]


def test_a_read_is_one_state_of_the_data(database: Database) -> None:
    """What is written meanwhile is not seen halfway through a page."""
    with database.read() as connection:
        before = notes.count(connection)
        database.write(notes.add(1))
        assert notes.count(connection) == before
    assert notes.ids(database) == [1]


def test_a_reader_cannot_write(database: Database) -> None:
    """Only `write` changes anything, and the next reader is none the worse."""
    with pytest.raises(StorageUnavailable), database.read() as connection:
        notes.add(1)(connection)
    assert notes.ids(database) == []


@pytest.mark.parametrize("brief", [False, True])
def test_five_hundred_writes_of_sixteen_threads_are_all_there(
    database: Database, brief: bool
) -> None:
    """None is lost, none is told to have failed."""
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: database.write(notes.add(number), brief=brief), range(500)))
    assert notes.ids(database) == list(range(500))


@pytest.mark.parametrize("brief", [False, True])
def test_among_threads_only_those_fail_that_must(database: Database, brief: bool) -> None:
    """Every third of 150 commands fails, each with its own exception; the others are kept."""

    def command(number):
        def run(connection) -> int:
            notes.add(number)(connection)
            if number % 3 == 0:
                raise Conflict(what=str(number))
            return number

        return run

    def told(number):
        try:
            return database.write(command(number), brief=brief)
        except Conflict as problem:
            return problem.what

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(told, range(150)))
    assert found == [str(n) if n % 3 == 0 else n for n in range(150)]
    assert notes.ids(database) == [n for n in range(150) if n % 3]


def test_a_broken_rule_of_the_database_is_told_as_it_is(database: Database) -> None:
    """`full_name` in the message of a constraint is no full disk."""
    with pytest.raises(IntegrityError, match="full_name"):
        database.write(notes.add(1, None))


def test_nothing_is_taken_after_closing_and_nobody_waits_for_ever(database: Database) -> None:
    """Whoever comes while it closes is written or told so."""
    begun = threading.Event()

    def write(number):
        if number == 20:
            begun.set()
        try:
            database.write(notes.add(number))
        except StorageUnavailable:
            return False
        return True

    reopened = Database(database.url)
    with ThreadPoolExecutor(8) as pool:
        told = [pool.submit(write, number) for number in range(400)]
        assert begun.wait(10)
        database.close()
        kept = [number for number, future in enumerate(told) if future.result(20)]
    assert notes.ids(reopened) == kept
    reopened.close()
    assert len(kept) < 400
    with pytest.raises(StorageUnavailable), database.read():
        pass


@pytest.mark.postgres
def test_a_full_disk_of_postgresql_is_told_as_such(postgres_system: System) -> None:
    """By the server's own code, whatever its message says."""

    def out_of_space(connection) -> None:
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$"))

    with pytest.raises(StorageFull):
        postgres_system.database.write(out_of_space)


@pytest.mark.postgres
def test_a_lost_connection_to_postgresql_is_told_and_mended(postgres_system: System) -> None:
    """The write is undone and told; the next one works."""
    database = postgres_system.database
    notes.make(database)

    def killed(connection) -> None:
        notes.add(1)(connection)
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        notes.add(2)(connection)

    with pytest.raises(StorageUnavailable):
        database.write(killed)
    database.write(notes.add(3))
    assert notes.ids(database) == [3]


def test_a_server_that_does_not_answer_is_told_as_such() -> None:
    """Both when writing and when looking."""
    database = Database("postgresql+psycopg://postgres@/none?host=/nonexistent")
    with pytest.raises(StorageUnavailable):
        database.write(notes.count)
    with pytest.raises(StorageUnavailable), database.read():
        pass
    database.close()
