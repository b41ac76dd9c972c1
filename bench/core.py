"""The core of our flows alone, kept as SpiffWorkflow's is in `spiff.py`: a row of state for each case.

The event is kept too, so that history alone rebuilds the state. No documents, no people, no trail. It is
written as the program writes: each step is on the disk when it returns, and those who wait share a flush.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench.spiff import PRAGMAS
from engine import json_text
from engine.settings import ROOT
from engine.storage.database import Database
from workflows import flow as flows
from workflows import machine
from workflows.core.state import State
from workflows.events import Event, Passed, Started, Submitted

FLOW = ROOT / "packs" / "yantai" / "flows" / "fill_verify_approve.json"
BEGUN = datetime(2026, 11, 2, tzinfo=UTC)
EVENTS = (Submitted, Passed, Passed)


class Cases:
    """Cases of the three steps in a SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._flow = flows.load(json_text.loads(FLOW.read_bytes()))
        connection = self.connect()
        connection.execute("CREATE TABLE IF NOT EXISTS cases (id INTEGER PRIMARY KEY, state TEXT)")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER, seq INTEGER, event TEXT,"
            " PRIMARY KEY (id, seq)) WITHOUT ROWID"
        )
        connection.close()
        self._database = Database(f"sqlite:///{file}")

    def close(self) -> None:
        """End its connections."""
        self._database.close()

    def connect(self) -> sqlite3.Connection:
        """A connection of one's own, to make cases and to look at them."""
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        for pragma in (*PRAGMAS, "busy_timeout=60000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def start(self, connection: sqlite3.Connection, number: int) -> None:
        """A case with its first task open."""
        made = machine.step(self._flow, State(), Started(at=BEGUN, by="system"))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO cases (id, state) VALUES (?, ?)",
            (number, json_text.dumps(made.state.dump())),
        )
        _keep(connection, number, made.state, made.event)
        connection.execute("COMMIT")

    def step(self, number: int, kind: type[Event]) -> None:
        """One step by a person."""

        def inside(connection: Connection) -> None:
            driver: Any = connection.connection.dbapi_connection
            found = driver.execute("SELECT state FROM cases WHERE id = ?", (number,)).fetchone()
            state = State.read(found[0])
            task = state.open_tasks[0]
            event = kind(at=BEGUN, by=f"who does {task.step}", task=task.key)  # type: ignore[call-arg]  # each of EVENTS is about a task
            made = machine.step(self._flow, state, event)
            text = json_text.encoded(made.state).decode()
            driver.execute("UPDATE cases SET state = ? WHERE id = ?", (text, number))
            _keep(driver, number, made.state, made.event)

        self._database.write(inside, brief=True)

    def status(self, connection: sqlite3.Connection, number: int) -> str:
        """How a case stands."""
        found = connection.execute("SELECT state FROM cases WHERE id = ?", (number,)).fetchone()
        return State.read(found[0]).status

    def client(self) -> tuple[Callable[[int], None], Callable[[], None]]:
        """A client that takes cases through all three steps."""

        def through(number: int) -> None:
            for kind in EVENTS:
                self.step(number, kind)

        return through, lambda: None


def _keep(driver: sqlite3.Connection, number: int, state: State, event: Event) -> None:
    driver.execute(
        "INSERT INTO events (id, seq, event) VALUES (?, ?, ?)",
        (number, state.revision, json_text.dumps(event.dump())),
    )
