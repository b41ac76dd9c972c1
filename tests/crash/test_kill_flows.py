"""Two nodes over PostgreSQL, killed at random while clients act: nothing lost, doubled or stuck; every
clock fires once.

Short by default; `make crash` kills two nodes five hundred times each over a thousand reports, which is
ten thousand acts of eight clients and more; YIBIAO_CRASH_ROUNDS and YIBIAO_CRASH_REPORTS set other sizes.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from sqlalchemy import select

from admin.working import runner
from engine.identity import pack as people
from engine.settings import Settings
from engine.work import JOB, System, Work
from tests.crash import flowing
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.case import made, one, person
from tests.workflows.small_town import ONE, STREET, TWO
from tests.workflows.wholeness import assert_whole
from workflows import beside, machine, packs, store
from workflows import events as events_
from workflows.core.state import State
from workflows.events import Event

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("YIBIAO_CRASH_ROUNDS", "2"))
REPORTS = int(os.environ.get("YIBIAO_CRASH_REPORTS", "4"))
DECIDES = frozenset(("submitted", "passed", "returned", "transferred", "answered", "timed_out"))
"""Each ends its task for good."""
ACTS = DECIDES | {"delegated"} - {"timed_out"}
MOST_ACTS = 16
"""A node is killed after so many acknowledged acts at most."""
PATIENCE = 6.0
"""Seconds until a node that finds nothing to do is killed all the same."""
LONGEST = 600
"""Seconds that a program may take to begin on a machine that has other things to do."""

pytestmark = pytest.mark.postgres


class Node:
    """A program that begins a node for every line it is given, and what its nodes acknowledged."""

    def __init__(self) -> None:
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.flowing"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pids: Queue[int] = Queue()
        self.ended: Queue[bool] = Queue()
        self.acknowledged: Counter[tuple[str, str]] = Counter()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in iter(self.program.stdout.readline, ""):
            word, *rest = line.split()
            if word == "pid":
                self.pids.put(int(rest[0]))
            elif word == "end":
                self.ended.put(True)
            else:
                self.acknowledged[rest[0], rest[1]] += 1

    def live(self, line: str, acts: int) -> None:
        """A node until it has acknowledged so much (or finds no more to do), then killed without warning."""
        enough = self.acknowledged.total() + acts
        self.program.stdin.write(line + "\n")
        self.program.stdin.flush()
        pid = self.pids.get(timeout=LONGEST)
        given_up = time.monotonic() + PATIENCE
        while self.acknowledged.total() < enough and time.monotonic() < given_up:
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        self.ended.get(timeout=LONGEST)

    def close(self) -> None:
        """No further rounds."""
        self.program.stdin.close()
        self.program.wait(LONGEST)


@pytest.fixture
def town(postgres_system: System) -> System:
    """The street with a flow that has a clock at every step, and reports on their way."""
    small_town.build(postgres_system)
    more = {"val": "verifier", "vic": "verifier", "lou": "leader"}
    accounts = [
        {"login": login, "name": login, "positions": [{"role": role, "organisation": STREET}]}
        for login, role in more.items()
    ]
    due = {"after": 1, "unit": "hours", "then": "pass"}
    flow = made(
        one("fill", "fill", "verify"),
        one("verify", "verify", "approve", assign=person("verifier", "parent"), due=due),
        one("approve", "approve", "pause", assign=person("leader", "parent"), sign={"mode": "all"}, due=due),
        {"code": "pause", "kind": "wait", "due": {"after": 1, "unit": "hours"}, "next": [{"to": "end"}]},
    )  # fmt: skip
    document = {**flow, "code": "fill_verify_approve", "version": 7000}
    postgres_system.write(TESTER, lambda work: people.load_accounts(work, accounts))
    postgres_system.write(TESTER, lambda work: packs.load_flow(work, document))
    for number in range(REPORTS):
        period = f"{2027 + number // 12}-{number % 12 + 1:02d}"
        small_town.send(postgres_system, ONE, TWO, period=period, days=900)
    return postgres_system


def test_flows_survive_the_death_of_their_nodes(
    town: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two nodes live and die side by side; then what is left is done to its end and counted."""
    url = town.database.url.render_as_string(hide_password=False)
    folder, began = town.settings.data_dir, time.time()
    nodes = [Node(), Node()]

    def rounds(node: Node, mine: int) -> None:
        chance = random.Random(mine)
        for number in range(ROUNDS):
            node.live(f"{url} {folder} {began} {mine}.{number}", chance.randint(1, MOST_ACTS))

    threads = [Thread(target=rounds, args=(node, mine)) for mine, node in enumerate(nodes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node in nodes:
        node.close()
    acknowledged = nodes[0].acknowledged + nodes[1].acknowledged
    assert acknowledged.total() > 3 * ROUNDS

    ahead = [flowing.clock(began)]
    settings = Settings(database_url=url, data_dir=folder)
    system = System(settings, now=lambda: ahead[0])
    try:
        _finish(system, ahead)
        _check(system, acknowledged)
    finally:
        system.close()
    with capsys.disabled():
        killed = f"{2 * ROUNDS} nodes killed"
        print(f"{acknowledged.total()} acts acknowledged, {killed}")  # noqa: T201 - for who waits for it


def _finish(system: System, ahead: list[datetime]) -> None:
    """Do what is left: hours pass, jobs are done, people act, until every case has ended."""
    works = runner(system)
    for _ in range(40):
        works.work_off()
        for login in flowing.PEOPLE:
            flowing.do_all(system, login)
        ahead[0] += timedelta(hours=2)
        with system.read(TESTER) as work:
            left = select(store.CASE.c.id).where(store.CASE.c.status == "running")
            if not work.connection.execute(left).first():
                break
    works.work_off()
    works.stop()


def _check(system: System, acknowledged: Counter[tuple[str, str]]) -> None:
    with system.read(TESTER) as work:
        ids = list(work.connection.execute(select(store.CASE.c.id)).scalars())
        assert len(ids) == 2 * REPORTS
        found = [_history(work, one) for one in ids]
        assert work.connection.execute(select(beside.TIMER.c.id)).first() is None
        failed = select(JOB.c.kind).where(JOB.c.state == "failed")
        assert list(work.connection.execute(failed).scalars()) == []
        assert beside.incidents(work) == []
    decided: Counter[tuple[str, str]] = Counter()
    over: Counter[tuple[str, str]] = Counter()
    acted: Counter[tuple[str, str]] = Counter()
    waits = 0
    for case, state, history in found:
        assert state.status == "done", "nothing is stuck"
        waits += sum(1 for task in state.tasks if task.step == "pause")
        for event in history:
            task = (case, getattr(event, "task", ""))
            acted[task] += event.kind in ACTS
            decided[task] += event.kind in DECIDES
            over[task] += event.kind == "timed_out"
    assert max(decided.values()) == 1, "no task is decided twice"
    assert max(over.values()) == 1, "a clock fires once"
    assert sum(over.values()) >= waits >= len(ids), "and it does fire"
    lost = {task: n for task, n in acknowledged.items() if acted[task] < n}
    assert lost == {}, "what was acknowledged is there"


def _history(work: Work, case_id: str) -> tuple[str, State, list[Event]]:
    """A case whose rows, state and history say the same."""
    case = store.get_case(work.connection, case_id)
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    rows = store.events(work.connection, case_id)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    history = [events_.load(row["document"]) for row in rows]
    assert machine.replay(flow, history) == case.state
    assert_whole(flow, case.state)
    assert store.open_tasks(work.connection, [case.document_id]) == []
    return case_id, case.state, history
