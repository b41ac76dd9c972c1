"""A small table for the tests of the storage, and a way to hold its writer still."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, event, func, select

from engine.storage.database import Database

NOTE = Table(
    "a_note",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("full_name", String, nullable=False),
)


def make(database: Database) -> None:
    """The table, empty."""
    database.write(NOTE.create)


def add(number: int, name: str | None = "a"):
    """The command that writes one note."""
    return lambda connection: connection.execute(NOTE.insert(), {"id": number, "full_name": name})


def ids(database: Database) -> list[int]:
    """The notes that a reader sees."""
    with database.read() as connection:
        return list(connection.execute(select(NOTE.c.id).order_by(NOTE.c.id)).scalars())


def count(connection: Connection) -> int:
    """How many notes there are."""
    return connection.execute(select(func.count()).select_from(NOTE)).scalar_one()


@contextmanager
def commits(database: Database) -> Iterator[list[int]]:
    """Counts the commits of the writers: the length of the list."""
    seen: list[int] = []

    def committed(_connection: Connection) -> None:
        seen.append(1)

    event.listen(database.writers, "commit", committed)
    yield seen
    event.remove(database.writers, "commit", committed)


def in_one_batch(database: Database, *commands) -> list[Future]:
    """Have SQLite's writer take the commands together: it is held until all of them wait."""
    started, go = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        started.set()
        assert go.wait(10)

    with ThreadPoolExecutor(len(commands) + 1) as pool:
        held = pool.submit(database.write, hold)
        assert started.wait(10)
        waiting = []
        for number, command in enumerate(commands, 1):
            waiting.append(pool.submit(database.write, command))
            until(lambda number=number: database._group.waiting == number)
        go.set()
        held.result(10)
    return waiting


def until(true) -> None:
    """Wait for what another thread is about to do."""
    deadline = threading.Event()
    for _ in range(2000):
        if true():
            return
        deadline.wait(0.005)
    raise AssertionError("it did not come to that")
