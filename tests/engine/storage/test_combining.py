"""PostgreSQL's brief commands: whoever leads runs those of others, and nobody waits for a stranger."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from engine.errors import Conflict
from engine.storage import combining, postgresql
from engine.storage.database import Database
from engine.storage.failures import StorageUnavailable, as_problem
from engine.work import System
from tests.engine.storage import notes

pytestmark = pytest.mark.postgres
SECONDS = 30


@pytest.fixture
def database(postgres_system: System) -> Database:
    notes.make(postgres_system.database)
    return postgres_system.database


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One leads at a time, and nobody who waits takes over."""
    monkeypatch.setattr(combining, "LANES", 1)
    monkeypatch.setattr(combining, "PATIENCE", 1000.0)


class Led:
    """Somebody leads, held until `go` is called; what is asked for meanwhile waits, in this order."""

    def __init__(self, database: Database, pool: ThreadPoolExecutor) -> None:
        self._database, self._pool = database, pool
        self._leads, self._go = threading.Event(), threading.Event()
        self._asked = 0
        self.held = pool.submit(database.write, self._hold, brief=True)
        assert self._leads.wait(SECONDS)

    def _hold(self, _connection) -> None:
        self._leads.set()
        assert self._go.wait(SECONDS)

    def ask(self, command) -> Future:
        """Ask for one more; it waits behind those before it."""
        self._asked += 1
        found = self._pool.submit(self._database.write, command, brief=True)
        notes.until(lambda: self._database._brief.waiting == self._asked)
        return found

    def go(self) -> None:
        """Let the leader go on."""
        self._go.set()


@contextmanager
def led(database: Database, many: int) -> Iterator[Led]:
    """Somebody leads, and so many may be asked for meanwhile."""
    with ThreadPoolExecutor(many + 1) as pool:
        found = Led(database, pool)
        try:
            yield found
        finally:
            found.go()


def _thread(_connection) -> int:
    return threading.get_ident()


def test_who_is_alone_writes_in_the_own_thread(database: Database) -> None:
    """No change of threads where nobody else is writing; afterwards the way is free."""
    for _ in range(2):
        assert database.write(_thread, brief=True) == threading.get_ident()


@pytest.mark.usefixtures("patient")
def test_who_leads_runs_the_commands_of_others_in_their_order(database: Database) -> None:
    """In one thread, one after the other, each in a transaction of its own."""
    seen: list[int] = []
    added = "SELECT pg_current_xact_id()::text"

    def command(number: int):
        def run(connection) -> tuple[int, str]:
            seen.append(number)
            notes.add(number)(connection)
            return threading.get_ident(), connection.execute(text(added)).scalar_one()

        return run

    with led(database, 5) as leader:
        told = [leader.ask(command(number)) for number in range(5)]
        leader.go()
        threads, transactions = zip(*(one.result(SECONDS) for one in told), strict=True)
    assert seen == notes.ids(database) == list(range(5))
    assert len(set(threads)) == 1
    assert len(set(transactions)) == 5


@pytest.mark.usefixtures("patient")
def test_a_leader_hands_over_after_a_few(database: Database) -> None:
    """Its own caller is not kept for ever, and those behind go on in their order."""
    count = 2 * combining.MOST
    with led(database, count) as leader:
        told = [leader.ask(_thread) for _ in range(count)]
        leader.go()
        threads = [one.result(SECONDS) for one in told]
    first, second = threads[: combining.MOST - 1], threads[combining.MOST - 1 : -1]
    assert len(set(first)) == len(set(second)) == 1
    assert first[0] != second[0]


@pytest.mark.usefixtures("patient")
def test_each_is_told_its_own_failure(database: Database) -> None:
    """Whoever asked gets the exception; the neighbours are kept, and so is the way."""

    def fails(connection) -> None:
        notes.add(2)(connection)
        raise Conflict(what="mine")

    commands = (notes.add(1), fails, notes.add(1), notes.add(3, None), notes.add(4))
    with led(database, 5) as leader:
        told = [leader.ask(one) for one in commands]
        leader.go()
        failures = [one.exception(SECONDS) for one in told]
    kinds = [type(one) for one in failures]
    assert kinds == [type(None), Conflict, IntegrityError, IntegrityError, type(None)]
    assert failures[1] == Conflict(what="mine")
    assert notes.ids(database) == [1, 4]
    assert database._brief.waiting == 0
    database.write(notes.add(5), brief=True)


@pytest.mark.usefixtures("patient")
def test_a_lost_connection_takes_nobody_along(database: Database) -> None:
    """Whose command lost it is told, and those who waited are written on another one. Who was through
    before is told so where that can be known, and else that it cannot.
    """

    def killed(connection) -> None:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        notes.add(1)(connection)

    with led(database, 3) as leader:
        told = [leader.ask(one) for one in (notes.add(2), killed, notes.add(3))]
        leader.go()
        before, lost, after = (one.exception(SECONDS) for one in told)
        leader.held.exception(SECONDS)
    assert before is None or isinstance(before, StorageUnavailable)
    assert isinstance(lost, StorageUnavailable)
    assert after is None
    assert notes.ids(database) == [2, 3]


def test_a_connection_that_falls_while_it_is_asked_is_told_as_a_fallen_one(
    database: Database,
) -> None:
    """What is asked of the driver itself fails in the same words: nobody is told of a defect."""
    alive = text("SELECT 1 FROM pg_stat_activity WHERE pid = :pid")
    with database.writers.connect() as connection, database.read() as other:
        mine = postgresql.backend(connection)
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        notes.until(lambda: other.execute(alive, {"pid": mine}).first() is None)
        for ask in (
            lambda: postgresql.lives(connection, mine, 0.0),
            lambda: postgresql.flush(connection),
        ):
            with pytest.raises(SQLAlchemyError) as told:
                ask()
            assert isinstance(as_problem(told.value), StorageUnavailable)
        connection.invalidate()


@pytest.mark.usefixtures("patient")
def test_who_is_stopped_while_leading_leaves_nobody_waiting(database: Database) -> None:
    """Ctrl-C meets whoever leads: whose command it was is told, the others are written."""

    def stopped(_connection) -> None:
        raise KeyboardInterrupt

    with led(database, 3) as leader:
        told = [leader.ask(one) for one in (notes.add(1), stopped, notes.add(2))]
        leader.go()
        kinds = [type(one.exception(SECONDS)) for one in told]
        assert isinstance(leader.held.exception(SECONDS), KeyboardInterrupt)
    assert kinds == [type(None), StorageUnavailable, type(None)]
    assert notes.ids(database) == [1, 2]


def test_who_waits_for_a_lock_holds_up_nobody_else(database: Database) -> None:
    """All who lead wait for a row that a long transaction holds; others are written meanwhile."""
    database.write(notes.add(1))
    locked, go = threading.Event(), threading.Event()

    def rename(connection) -> None:
        connection.execute(update(notes.NOTE).values(full_name="b"))

    def long(connection) -> None:
        rename(connection)
        locked.set()
        assert go.wait(SECONDS)

    with ThreadPoolExecutor(combining.LANES + 1) as pool:
        try:
            held = [pool.submit(database.write, long)]
            assert locked.wait(SECONDS)
            held += [
                pool.submit(database.write, rename, brief=True) for _ in range(combining.LANES)
            ]
            notes.until(lambda: database._brief.leading == combining.LANES)
            for number in range(2, 6):
                database.write(notes.add(number), brief=True)
            assert notes.ids(database) == [1, 2, 3, 4, 5]
            assert not any(one.done() for one in held)
        finally:
            go.set()
        for one in held:
            one.result(SECONDS)
    assert database._brief.leading == 0


def test_who_is_through_is_told_though_their_leader_is_held_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was run before the command that waits for a lock is on the disk, and told."""
    monkeypatch.setattr(combining, "LANES", 1)
    monkeypatch.setattr(combining, "PATIENCE", 1.0)
    database.write(notes.add(1))
    locked, leads, go, free = (threading.Event() for _ in range(4))

    def rename(connection) -> None:
        connection.execute(update(notes.NOTE).values(full_name="b"))

    def long(connection) -> None:
        rename(connection)
        locked.set()
        assert free.wait(SECONDS)

    def hold(_connection) -> None:
        leads.set()
        assert go.wait(SECONDS)

    with ThreadPoolExecutor(4) as pool:
        try:
            held = [pool.submit(database.write, long)]
            assert locked.wait(SECONDS)
            held.append(pool.submit(database.write, hold, brief=True))
            assert leads.wait(SECONDS)
            through = pool.submit(database.write, notes.add(2), brief=True)
            notes.until(lambda: database._brief.waiting == 1 or through.done())
            held.append(pool.submit(database.write, rename, brief=True))
            notes.until(lambda: database._brief.waiting == 2 or through.done())
            go.set()
            through.result(SECONDS)
            assert not held[0].done()
            assert not held[2].done()
        finally:
            go.set()
            free.set()
        for one in held:
            one.result(SECONDS)
    assert notes.ids(database) == [1, 2]


def test_a_command_finds_what_its_caller_left_beside_its_arguments(database: Database) -> None:
    """Context variables are the caller's, in whichever thread it runs."""
    asks: ContextVar[str] = ContextVar("asks", default="nobody")

    def ask(name: str) -> list[str]:
        asks.set(name)
        return [database.write(lambda _connection: asks.get(), brief=True) for _ in range(20)]

    names = [f"person {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, names)) == [[name] * 20 for name in names]
    assert asks.get() == "nobody"


def test_a_write_inside_a_brief_one_is_refused(database: Database) -> None:
    """Brief or not: it would wait for itself."""

    def outer(connection) -> None:
        notes.add(1)(connection)
        database.write(notes.add(2), brief=True)

    with pytest.raises(RuntimeError, match="write inside a write"):
        database.write(outer, brief=True)
    assert notes.ids(database) == []


@pytest.mark.usefixtures("patient")
def test_closing_waits_for_those_who_came_before(database: Database) -> None:
    """Nobody is taken after it, and nobody who was taken is dropped."""
    reopened = Database(database.url)
    with led(database, 3) as leader, ThreadPoolExecutor(1) as pool:
        told = [leader.ask(notes.add(number)) for number in range(3)]
        closing = pool.submit(database.close)
        notes.until(lambda: database._closed)
        leader.go()
        for one in told:
            one.result(SECONDS)
        closing.result(SECONDS)
    assert notes.ids(reopened) == [0, 1, 2]
    reopened.close()
    with pytest.raises(StorageUnavailable):
        database.write(notes.add(4), brief=True)
