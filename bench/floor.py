"""The floor: the very rows that handing in writes, written again by the bare driver.

What our program writes for each submission is recorded once, on a copy of the database; the same
statements with the same values then go to another copy, one commit each, at full durability,
with nothing of ours in between.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine, event, func, insert, select
from sqlalchemy.engine import make_url

from bench.clients import Measured, run
from bench.scratch import conninfo
from bench.world import Job
from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.json_text import dumps
from engine.work import System
from workflows import commands

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it went to the driver."""

    text: str
    values: Any
    many: bool

    @property
    def rows(self) -> int:
        """How many rows it writes."""
        return len(self.values) if self.many else 1


Submission = Sequence[Statement]


def recorded(system: System, jobs: Sequence[Job]) -> list[Submission]:
    """What handing in writes, task by task."""
    return [
        written(
            system,
            lambda one=job: system.write(one.actor, lambda work: commands.submit(work, one.task)),  # type: ignore[misc]  # bound early on purpose
        )
        for job in jobs
    ]


def written(system: System, act: Callable[[], object]) -> Submission:
    """What an act writes, as rows that anybody can write: PostgreSQL chains entries of the trail
    itself, by whatever stands there then, so they are taken as they came to stand.
    """
    before = _last_entry(system)
    with listening(system.database.writers) as heard:
        act()
    if all(one.text != trail.CHAIN for one in heard):
        return tuple(heard)
    add = str(insert(AUDIT).compile(dialect=system.database.writers.dialect))
    query = select(AUDIT).where(AUDIT.c.seq > before).order_by(AUDIT.c.seq)
    with system.database.read() as connection:
        entries = [
            Statement(add, {**row, "detail": row["detail"] and dumps(row["detail"])}, many=False)
            for row in connection.execute(query).mappings()
        ]
    return (*(one for one in heard if one.text != trail.CHAIN), *entries)


def _last_entry(system: System) -> int:
    with system.database.read() as connection:
        return connection.execute(select(func.max(AUDIT.c.seq))).scalar() or 0


@contextmanager
def listening(engine: Engine) -> Iterator[list[Statement]]:
    """What is written while one listens."""
    heard: list[Statement] = []

    def hear(
        _connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool
    ) -> None:
        if text.lstrip().startswith(WRITES):
            heard.append(Statement(text, values, many))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def replay(url: str, submissions: Sequence[Submission], clients: int, seconds: float) -> Measured:
    """Write them again with the bare driver: so many clients, each with a connection of its own."""
    return run(submissions, clients, seconds, lambda: writer(url))


def writer(url: str) -> tuple[Callable[[Submission], None], Callable[[], None]]:
    """A bare connection that writes statements in one durable commit; and its end."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    return _sqlite_writer(url) if sqlite else _postgres_writer(url)


def _sqlite_writer(url: str) -> tuple[Callable[[Submission], None], Callable[[], None]]:
    connection = sqlite3.connect(
        make_url(url).database or "", isolation_level=None, check_same_thread=False
    )
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")

    def write(one: Submission) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement in one:
            if statement.many:
                connection.executemany(statement.text, statement.values)
            else:
                connection.execute(statement.text, statement.values).fetchall()
        connection.execute("COMMIT")

    return write, connection.close


def _postgres_writer(url: str) -> tuple[Callable[[Submission], None], Callable[[], None]]:
    connection = psycopg.connect(conninfo(make_url(url)))

    def write(one: Submission) -> None:
        cursor = connection.cursor()
        for statement in one:
            if statement.many:
                cursor.executemany(statement.text, statement.values)
            else:
                cursor.execute(statement.text, statement.values)
        connection.commit()

    return write, connection.close
