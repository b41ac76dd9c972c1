"""Submissions and opened tasks over HTTP: a real server, sixteen clients, beside a server that does
nothing and beside the same submissions without HTTP.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench import world
from bench.clients import Measured, run
from bench.scratch import databases
from bench.world import Job
from engine.identity import sessions
from engine.json_text import Json
from engine.settings import ROOT
from engine.work import System, Work
from workflows import commands

ROUNDS = 3
START_SECONDS = 60
SESSION, TOKEN = "yibiao_session", "x-csrf-token"


@dataclass(frozen=True)
class Report:
    """Requests a second and latencies, by what was asked."""

    clients: int
    submit: Measured
    direct: Measured
    bare: Measured
    first_look: Measured
    again: Measured
    to_bare: float
    to_direct: float

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "clients": self.clients,
            "submit_over_http": _figures(self.submit),
            "submit_without_http": _figures(self.direct),
            "bare_handler": _figures(self.bare),
            "ratio_to_bare_handler": round(self.to_bare, 3),
            "ratio_to_submit_without_http": round(self.to_direct, 3),
            "open_prefilled_task_first_look": _figures(self.first_look),
            "open_prefilled_task_again": _figures(self.again),
        }


@dataclass(frozen=True)
class Door:
    """A log-in: its cookie and the token its requests must carry."""

    cookie: str
    token: str


def measure(
    url: str,
    folder: Path,
    clients: int,
    *,
    seconds: float,
    documents: int,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure on a database of our own: `sqlite`, or a PostgreSQL server's URL."""
    with databases(url, folder) as scratch:
        say("建库并备好单据 · preparing")
        made = scratch.fresh()
        system = world.opened(made, folder)
        world.build(system)
        to_open = world.send(system, documents // 4)
        prepared = world.send(system, documents, first=documents)
        doors = _doors(system, prepared)
        world.fill(system, prepared, only=True)
        say("测量打开 · measuring open")
        share = len(prepared) // (2 * ROUNDS)
        parts = [prepared[at * share : (at + 1) * share] for at in range(2 * ROUNDS)]
        direct = _direct(system, parts[:ROUNDS], clients, seconds)
        system.close()
        with serving(made, folder) as served:
            first = _open(served.base, doors, to_open, clients, seconds)
            again = _open(served.base, doors, to_open[: first.count] * 20, clients, seconds)
            say("测量提交 · measuring submit")
            submits = [
                _submit(served.base, doors, part, clients, seconds / ROUNDS)
                for part in parts[ROUNDS:]
            ]
        with _bare() as base:
            bare = _nothing(base, clients, seconds)
    whole = sum(submits, Measured())
    alone = sum(direct, Measured())
    rates = [mine.rate / theirs.rate for mine, theirs in zip(submits, direct, strict=True)]
    return Report(clients, whole, alone, bare, first, again, whole.rate / bare.rate, median(rates))


def opening(
    url: str,
    folder: Path,
    clients: int,
    *,
    seconds: float,
    documents: int,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Json]:
    """Only the opening of prefilled tasks: the first look, which fills them, and looks after it."""
    with databases(url, folder) as scratch:
        say("建库并备好单据 · preparing")
        made = scratch.fresh()
        system = world.opened(made, folder)
        world.build(system)
        jobs = world.send(system, documents)
        doors = _doors(system, jobs)
        system.close()
        say("测量打开 · measuring open")
        with serving(made, folder) as served:
            first = _open(served.base, doors, jobs, clients, seconds)
            again = _open(served.base, doors, jobs[: first.count] * 20, clients, seconds)
    return {
        "clients": clients,
        "open_prefilled_task_first_look": _figures(first),
        "open_prefilled_task_again": _figures(again),
    }


def _figures(one: Measured) -> dict[str, Json]:
    return {
        "per_second": round(one.rate, 1),
        "p50_ms": round(one.percentile(0.5), 1),
        "p99_ms": round(one.percentile(0.99), 1),
        "requests": one.count,
    }


def _doors(system: System, jobs: Sequence[Job]) -> dict[str, Door]:
    """Everybody who fills is logged in."""
    found = {}
    for account in {job.actor.id for job in jobs}:

        def enter(work: Work, one: str = account) -> Door:
            token = sessions.open_session(work.connection, one, now=work.now, hours=10)
            session = sessions.session(
                work.connection, token, now=work.now, settings=system.settings
            )
            assert session is not None
            return Door(token, session.csrf)

        found[account] = system.write(world.BENCH, enter)
    return found


def _direct(
    system: System, parts: Sequence[Sequence[Job]], clients: int, seconds: float
) -> list[Measured]:
    def submit(job: Job) -> None:
        system.write(job.actor, lambda work: commands.submit(work, job.task), brief=True)

    return [run(part, clients, seconds / ROUNDS, lambda: (submit, lambda: None)) for part in parts]


def _submit(
    base: str, doors: dict[str, Door], jobs: Sequence[Job], clients: int, seconds: float
) -> Measured:
    def ask(client: httpx.Client, job: Job) -> httpx.Response:
        door = doors[job.actor.id]
        headers = {"cookie": f"{SESSION}={door.cookie}", TOKEN: door.token}
        return client.post(f"{base}/api/tasks/{job.task}/submit", headers=headers, json={})

    return _asked(ask, jobs, clients, seconds)


def _open(
    base: str, doors: dict[str, Door], jobs: Sequence[Job], clients: int, seconds: float
) -> Measured:
    def ask(client: httpx.Client, job: Job) -> httpx.Response:
        cookie = f"{SESSION}={doors[job.actor.id].cookie}"
        return client.get(f"{base}/tasks/{job.task}", headers={"cookie": cookie})

    return _asked(ask, jobs, clients, seconds)


def _nothing(base: str, clients: int, seconds: float) -> Measured:
    def ask(client: httpx.Client, _number: int) -> httpx.Response:
        return client.post(f"{base}/nothing", json={})

    return _asked(ask, range(100_000), clients, seconds)


def _asked(
    ask: Callable[[httpx.Client, Any], httpx.Response],
    jobs: Sequence[Any],
    clients: int,
    seconds: float,
) -> Measured:
    def connect() -> tuple[Callable[[Any], None], Callable[[], None]]:
        client = httpx.Client(timeout=60, trust_env=False)

        def do(job: Any) -> None:
            answer = ask(client, job)
            if answer.status_code != 200:
                raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")

        return do, client.close

    return run(jobs, clients, seconds, connect)


@dataclass(frozen=True)
class Served:
    """A server that is running: its address and its process."""

    base: str
    pid: int

    def memory_mb(self) -> int:
        """How much memory the process holds now."""
        told = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(told.split("VmRSS:")[1].split()[0]) // 1024


@contextmanager
def serving(url: str, folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Our own server, as `yibiao serve` starts it, with more settings."""
    port = _free_port()
    environment = {
        "YIBIAO_DATABASE_URL": url,
        "YIBIAO_DATA_DIR": str(folder),
        "YIBIAO_PORT": str(port),
        **(more or {}),
    }
    base = f"http://127.0.0.1:{port}"
    with _process(["-m", "admin.cli", "serve"], environment, f"{base}/health") as pid:
        yield Served(base, pid)


@contextmanager
def _bare() -> Iterator[str]:
    port = _free_port()
    arguments = ["-m", "uvicorn", "bench.bare:app", "--port", str(port), "--no-access-log"]
    with _process([*arguments, "--log-level", "warning"], {}, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _process(arguments: list[str], environment: dict[str, str], probe: str) -> Iterator[int]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(probe, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(probe: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.perf_counter() + START_SECONDS
    while time.perf_counter() < ends and process.poll() is None:
        try:
            httpx.get(probe, trust_env=False, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not start: {probe}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
