"""SpiffWorkflow on the same three steps, its state kept in SQLite: what another engine makes of it.

As its documentation does it: the specification is parsed once, a case is a serialized workflow in a
row; each step loads the row, completes the user task that is ready, and stores it, on the disk.
It does not validate a document, ask who may, or keep a trail.
"""

import json
import sqlite3
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

STEPS = ("fill", "verify", "approve")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")


class Cases:
    """Cases of one process in a SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(_bpmn().encode()))
        self._spec = parser.get_spec("three")
        self._serializer = BpmnWorkflowSerializer()
        connection = self.connect()
        connection.execute("CREATE TABLE IF NOT EXISTS cases (id INTEGER PRIMARY KEY, state TEXT)")
        connection.close()

    def connect(self) -> sqlite3.Connection:
        """A connection at full durability; each statement its own transaction."""
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def start(self, connection: sqlite3.Connection, number: int) -> None:
        """A case with its first task ready, as a dispatch leaves one of ours."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        connection.execute(
            "INSERT INTO cases (id, state) VALUES (?, ?)",
            (number, self._serializer.serialize_json(workflow)),
        )

    def step(self, connection: sqlite3.Connection, number: int) -> None:
        """One step by a person."""
        found = connection.execute("SELECT state FROM cases WHERE id = ?", (number,)).fetchone()
        workflow = self._serializer.deserialize_json(found[0])
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data["by"] = "somebody"
        task.run()
        workflow.do_engine_steps()
        connection.execute(
            "UPDATE cases SET state = ? WHERE id = ?",
            (self._serializer.serialize_json(workflow), number),
        )

    def finished(self, connection: sqlite3.Connection, number: int) -> bool:
        """Whether a case has ended."""
        found = connection.execute("SELECT state FROM cases WHERE id = ?", (number,)).fetchone()
        return bool(json.loads(found[0])["completed"])

    def client(self) -> tuple[Callable[[int], None], Callable[[], None]]:
        """A client that takes cases through all three steps."""
        connection = self.connect()

        def through(number: int) -> None:
            for _ in STEPS:
                self.step(connection, number)

        return through, connection.close


def _bpmn() -> str:
    tasks = "".join(f'<userTask id="{step}" name="{step}"/>' for step in STEPS)
    places = ("start", *STEPS, "end")
    flows = "".join(
        f'<sequenceFlow id="to_{to}" sourceRef="{source}" targetRef="{to}"/>'
        for source, to in pairwise(places)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">'
        f'<process id="three" isExecutable="true"><startEvent id="start"/>{tasks}'
        f'<endEvent id="end"/>{flows}</process></definitions>'
    )
