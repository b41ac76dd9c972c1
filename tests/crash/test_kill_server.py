"""kill -9 of the server while ten clients hand in reports: what was acknowledged is there, once."""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.settings import ROOT, Settings
from engine.work import System
from forms.documents import DOCUMENT
from tests import installed
from workflows import dispatches
from workflows.store import TASK
from workflows.tables import FlowEventRow

FORM = "emergency.community_monthly"
STAFF = (
    "huian", "nanyao", "shangyao", "lianhua", "huaxin", "lufeng", "dadong", "shixiu", "shixuelu", "shilian",
)  # fmt: skip
ROUNDS = [10, pytest.param(50, marks=pytest.mark.slow)]
BEFORE_THE_KILL = 8
"""Acknowledged reports that a round waits for, on average, before it kills."""
TYPED = {"/households": 300, "/population": 900, "/hazards_found": 2, "/hazards_fixed": 2,
         "/population_male": 400, "/population_female": 500}  # fmt: skip
EVENT = FlowEventRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass
class Reports:
    """What waits to be handed in, by whom; and what the server said is handed in."""

    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation in which ten communities have a report for each of many months."""
    installed.pack_only().copy(tmp_path).close()
    system = System(Settings(data_dir=str(tmp_path)))
    office = installed.person(system, "yingji")
    for year, month in itertools.product(range(2016, 2026), range(1, 13)):
        system.write(
            office,
            lambda work, period=f"{year}-{month:02d}": dispatches.create(  # type: ignore[misc]  # bound early on purpose
                work, FORM, installed.COMMUNITIES, period, work.now + timedelta(days=9)
            ),
        )
    system.close()
    return tmp_path


@pytest.fixture
def serving(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The program that forks a server for every line it is given."""
    program = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.crash.serving", str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield program
    assert program.stdin
    program.stdin.close()
    try:
        program.wait(5)
    except subprocess.TimeoutExpired:  # a test that failed left its server running
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(5)


def log_in(url: str, found: Reports, system: System) -> None:
    """A session for each of the ten, which outlives every server; and what waits for them."""
    for login in STAFF:
        password = installed.pack_only().passwords[login]
        with httpx.Client(base_url=url, timeout=30) as client:
            answer = client.post("/api/session", json={"login": login, "password": password})
            assert answer.status_code == 201, answer.text
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        found.sessions[login] = {"x-csrf-token": answer.json()["csrf"], "cookie": cookies}
        organisation = answer.json()["positions"][0]["organisation"]
        with system.read(installed.ANYBODY) as work:
            rows = work.connection.execute(
                select(TASK.c.id, TASK.c.document_id).where(TASK.c.subject_code == organisation)
            )
            found.waiting[login] = [tuple(row) for row in rows]


def hand_in(url: str, found: Reports, login: str, heard: threading.Semaphore) -> None:
    """One client: reports filled and handed in, one after another, until nobody answers."""
    with httpx.Client(base_url=url, headers=found.sessions[login], timeout=10) as client:
        while found.waiting[login]:
            task, document = found.waiting[login].pop()
            try:
                client.post(f"/api/tasks/{task}/open", json={})
                saved = client.patch(
                    f"/api/documents/{document}/cells",
                    json={"revision": 99, "changes": TYPED},
                )
                answer = client.post(f"/api/tasks/{task}/submit", json={"confirm": True})
            except httpx.TransportError:
                return
            if (saved.status_code, answer.status_code) == (200, 200):
                found.acknowledged.append(task)
            else:
                found.refused.append(saved.text + answer.text)
            heard.release()


def one_round(program: subprocess.Popen[str], found: Reports, number: int, system: System) -> None:
    """Start a server, let ten clients hand in, kill it somewhere in between."""
    assert program.stdin
    assert program.stdout
    program.stdin.write("serve\n")
    program.stdin.flush()
    _, port, pid = program.stdout.readline().split()
    url = f"http://127.0.0.1:{port}"
    if not found.sessions:
        log_in(url, found, system)
    heard = threading.Semaphore(0)
    clients = [threading.Thread(target=hand_in, args=(url, found, login, heard)) for login in STAFF]
    for client in clients:
        client.start()
    for _ in range(random.Random(number).randrange(1, 2 * BEFORE_THE_KILL)):
        assert heard.acquire(timeout=30)
        assert found.refused == []
    os.kill(int(pid), signal.SIGKILL)
    assert program.stdout.readline() == "end\n"
    for client in clients:
        client.join(30)


def check(system: System, found: Reports) -> int:
    """Every acknowledged report is in, none twice, none half; gives how many are in."""
    with system.database.read() as connection:
        submitted = Counter(
            connection.execute(select(EVENT.c.case_id).where(EVENT.c.kind == "submitted")).scalars()
        )
        tasks = connection.execute(select(TASK)).all()
        documents = dict(connection.execute(select(DOCUMENT.c.case_id, DOCUMENT.c.status)).all())
        noted = connection.execute(
            select(AUDIT.c.seq).where(AUDIT.c.action == "flow.submitted")
        ).all()
        assert trail.verify(connection).whole
    assert set(submitted.values()) <= {1}
    state = {task.id: task.status for task in tasks if task.kind == "fill"}
    assert [task for task in found.acknowledged if state[task] != "done"] == []
    done = {task.case_id for task in tasks if task.kind == "fill" and task.status == "done"}
    verify = Counter(task.case_id for task in tasks if task.kind == "verify")
    sent = {case for case, status in documents.items() if status == "submitted"}
    assert done == set(submitted) == sent == set(verify)
    assert set(verify.values()) <= {1}
    assert len(noted) == len(submitted)
    return len(submitted)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_every_acknowledged_report_survives_a_kill(
    serving: subprocess.Popen[str], folder: Path, rounds: int
) -> None:
    """Server after server dies in the middle of ten clients' work; the database tells no half story."""
    found = Reports()
    system = System(Settings(data_dir=str(folder)))
    for number in range(rounds):
        one_round(serving, found, number, system)
        if number % 10 == 0:
            check(system, found)
    assert check(system, found) >= len(found.acknowledged)
    system.close()
    assert len(found.acknowledged) > rounds * BEFORE_THE_KILL // 2
