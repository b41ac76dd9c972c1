"""Two nodes over one PostgreSQL, with clients at work: a node dies, the database is started anew.

What was acknowledged is there once, nothing is half-written, people are told in words, and all of it
goes on by itself: the clients only do what a person does, or the proxy before the nodes, and try again.
"""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from admin import migrate, packs
from admin.working import runner
from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.settings import ROOT, Settings
from engine.work import JOB, System
from forms.documents import DOCUMENT
from tests import installed, postgres
from tests.crash.test_kill_server import FORM, STAFF, TYPED
from workflows import dispatches
from workflows.store import TASK

MONTHS = ("10", "11")
YEARS = itertools.count(2021)
PATIENCE = 60
"""Seconds until a client gives up; the machine may have other things to do."""

pytestmark = pytest.mark.postgres


@dataclass
class Town:
    """An installation on PostgreSQL with reports to be handed in, and its two nodes."""

    system: System
    passwords: dict[str, str]
    nodes: list[str]
    pids: list[int]
    handed: list[str] = field(default_factory=list)
    told: list[httpx.Response] = field(default_factory=list)
    """Every answer that was no success."""


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A server that keeps its promises to the disk, and that may be stopped."""
    with postgres.running(durable=True) as found:
        yield found


@pytest.fixture(scope="module")
def loaded(
    server: postgres.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[System, dict[str, str]]]:
    """The pack on that server."""
    folder = tmp_path_factory.mktemp("nodes")
    system = System(Settings(data_dir=str(folder), database_url=server.fresh_database()))
    migrate.upgrade(system.database)
    passwords = packs.load(system, installed.PACK).passwords
    yield system, passwords
    system.close()


@pytest.fixture
def town(loaded: tuple[System, dict[str, str]], request: pytest.FixtureRequest) -> Iterator[Town]:
    """Two nodes of it, each a process of its own, and reports of a year that is this test's."""
    system, passwords = loaded
    year = next(YEARS)
    office = installed.person(system, "yingji")
    for month in MONTHS:
        system.write(
            office,
            lambda work, period=f"{year}-{month}": dispatches.create(  # type: ignore[misc]  # bound early on purpose
                work, FORM, installed.COMMUNITIES, period, work.now + timedelta(days=9)
            ),
        )
    programs = [_program(system) for _ in range(2)]
    found = Town(system, passwords, [], [])
    for program in programs:
        assert program.stdin
        assert program.stdout
        program.stdin.write("serve\n")
        program.stdin.flush()
        _, port, pid = program.stdout.readline().split()
        found.nodes.append(f"http://127.0.0.1:{port}")
        found.pids.append(int(pid))
    yield found
    for program in programs:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(10)


def _program(system: System) -> "subprocess.Popen[str]":
    settings = system.settings
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.crash.serving", settings.data_dir, settings.database_url],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


class Clerk(threading.Thread):
    """Hands in what waits for one community, through whichever node answers."""

    def __init__(self, town: Town, login: str) -> None:
        super().__init__(daemon=True)
        self.town, self.login = town, login
        self.headers: dict[str, str] = {}
        self.error: Exception | None = None
        self.place = ""
        self._log_in()

    def run(self) -> None:
        """One report after another, each tried until it is in."""
        try:
            for task, document in self._waiting():
                self._hand_in(task, document)
        except Exception as error:  # noqa: BLE001 - told to the test, which raises it
            self.error = error

    def _log_in(self) -> None:
        body = {"login": self.login, "password": self.town.passwords[self.login]}
        with httpx.Client(timeout=PATIENCE) as client:
            answer = client.post(f"{self.town.nodes[0]}/api/session", json=body)
            assert answer.status_code == 201, answer.text
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self.headers = {"x-csrf-token": answer.json()["csrf"], "cookie": cookies}
        self.place = answer.json()["positions"][0]["organisation"]

    def _waiting(self) -> list[tuple[str, str]]:
        query = select(TASK.c.id, TASK.c.document_id).where(
            TASK.c.subject_code == self.place, TASK.c.status == "open", TASK.c.kind == "fill"
        )
        with self.town.system.read(installed.ANYBODY) as work:
            return [(row.id, row.document_id) for row in work.connection.execute(query)]

    def _hand_in(self, task: str, document: str) -> None:
        self._tried("POST", f"/api/tasks/{task}/open", {}, {201, 200, 409})
        cells = {"revision": 99, "changes": TYPED}
        self._tried("PATCH", f"/api/documents/{document}/cells", cells, {200, 409, 423})
        # 409 or 404 the second time: the first one was in, only its answer was lost
        self._tried("POST", f"/api/tasks/{task}/submit", {"confirm": True}, {200, 404, 409})
        self.town.handed.append(task)

    def _tried(self, method: str, path: str, body: object, wanted: set[int]) -> None:
        until = time.monotonic() + PATIENCE
        for node in itertools.cycle(self.town.nodes):
            try:
                answer = httpx.request(
                    method, node + path, json=body, headers=self.headers, timeout=PATIENCE
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                return
            if answer is not None:
                self.town.told.append(answer)
                if answer.status_code in wanted:
                    return
                assert answer.status_code == 503, answer.text
            assert time.monotonic() < until, f"{self.login} gave up"
            time.sleep(0.05)


def _at_work(town: Town, enough: int) -> list[Clerk]:
    clerks = [Clerk(town, login) for login in STAFF]
    for clerk in clerks:
        clerk.start()
    until = time.monotonic() + PATIENCE
    while len(town.handed) < enough:
        assert time.monotonic() < until
        clerks[0].join(0.02)
    return clerks


def _all_in(town: Town, clerks: list[Clerk]) -> None:
    """Everybody came to the end; each report is in once, with its history and its place on the trail."""
    for clerk in clerks:
        clerk.join(PATIENCE)
        assert not clerk.is_alive()
        if clerk.error is not None:
            raise clerk.error
    with town.system.read(installed.ANYBODY) as work:
        connection = work.connection
        status = dict(connection.execute(select(DOCUMENT.c.id, DOCUMENT.c.status)).all())
        of_task = dict(
            connection.execute(select(TASK.c.id, TASK.c.document_id).where(TASK.c.kind == "fill")).all()
        )  # fmt: skip
        verifies = select(TASK.c.document_id, func.count()).where(TASK.c.kind == "verify")
        twice = [n for _, n in connection.execute(verifies.group_by(TASK.c.document_id)) if n != 1]
        told = connection.execute(
            select(AUDIT.c.target).where(AUDIT.c.action == "flow.submitted")
        ).scalars()
        submitted = list(told)
        assert trail.verify(connection).whole
    assert {status[of_task[task]] for task in town.handed} == {"submitted"}
    assert len(town.handed) == len(set(town.handed)) == len(STAFF) * len(MONTHS)
    assert twice == []
    assert len(submitted) == len(set(submitted))


def test_the_other_node_takes_over_from_a_killed_one(town: Town) -> None:
    """Killed without warning in the middle of ten people's work: they go on through the other one."""
    clerks = _at_work(town, enough=5)
    os.kill(town.pids[0], signal.SIGKILL)
    _all_in(town, clerks)


def test_the_database_is_started_anew_under_load(town: Town, server: postgres.Server) -> None:
    """While it is away people hear so in their language and stay logged in; then all goes on by itself."""
    works = runner(town.system)
    works.start(1)
    clerks = _at_work(town, enough=5)
    os.kill(
        server.pid, signal.SIGINT
    )  # what an operator's restart does: no more waiting for anybody
    _gone(server)
    pages = {
        language: httpx.get(
            f"{node}/",
            headers={"cookie": f"{clerks[0].headers['cookie']}; lang={language}"},
            timeout=PATIENCE,
        )
        for language, node in (("zh", town.nodes[0]), ("en", town.nodes[1]))
    }
    health = httpx.get(f"{town.nodes[0]}/health", timeout=PATIENCE)
    server.restart()
    assert {page.status_code for page in pages.values()} == {503}
    assert "数据库暂时不能写入" in pages["zh"].text
    assert "try again in a moment" in pages["en"].text
    assert health.status_code == 503, "a proxy before the nodes is told"
    _all_in(town, clerks)
    codes = {answer.json()["code"] for answer in town.told if answer.status_code == 503}
    assert codes <= {"storage.unavailable"}
    assert httpx.get(f"{town.nodes[1]}/health", timeout=PATIENCE).status_code == 200
    job = town.system.write(installed.ANYBODY, lambda work: work.later("jobs.forget", {}))
    _done(town, job)
    works.stop()


def _done(town: Town, job: str) -> None:
    """The threads that work in the background found the database again."""
    until = time.monotonic() + PATIENCE
    state = ""
    while state != "done":
        assert time.monotonic() < until, state
        time.sleep(0.05)
        with town.system.read(installed.ANYBODY) as work:
            state = work.connection.execute(select(JOB.c.state).where(JOB.c.id == job)).scalar_one()


def _gone(server: postgres.Server) -> None:
    """Wait until nobody answers there."""
    until = time.monotonic() + PATIENCE
    while (server.folder / "data" / "postmaster.pid").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
