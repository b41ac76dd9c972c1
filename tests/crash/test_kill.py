"""kill -9 in the middle of writes: what was acknowledged is there, once, and the trail is whole."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.storage.database import Database
from engine.work import HISTORY, JOB, System

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = {"sqlite": 15, "postgresql": 4}
BEFORE_THE_KILL = 40
"""Acknowledged writes that a round waits for, on average, before it kills."""


@pytest.fixture
def writing() -> Iterator[subprocess.Popen[str]]:
    """The program that forks a writer for every line it is given."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.writing"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield program
    program.stdin.close()
    assert program.wait(20) == 0


def _round(program: subprocess.Popen[str], url: str, folder: str, number: int) -> list[str]:
    """Kill a writer somewhere in its writes; gives what it was told to be written."""
    chance = random.Random(number)
    kill_after = chance.randrange(2 * BEFORE_THE_KILL)
    program.stdin.write(f"{url} {folder} {number}\n")
    program.stdin.flush()
    acknowledged, pid = [], 0
    for line in iter(program.stdout.readline, ""):
        word, *rest = line.split()
        if word == "end":
            return acknowledged
        if word == "pid":
            pid = int(rest[0])
        else:
            acknowledged.append(rest[0])
        if pid and len(acknowledged) >= kill_after:
            os.kill(pid, signal.SIGKILL)
            kill_after = 10**9
    raise AssertionError("the writing program ended")


def _kept(database: Database) -> list[Counter[str]]:
    """How often each key stands in the history, among the jobs and on the trail."""
    columns = (HISTORY.c.target, JOB.c.key, AUDIT.c.target)
    with database.read() as connection:
        return [Counter(connection.execute(select(column)).scalars()) for column in columns]


def _check(system: System, acknowledged: list[str], earlier: Counter[str]) -> Counter[str]:
    database = Database(system.database.url)
    history, jobs, noted = _kept(database)
    assert [key for key in acknowledged if key not in history] == []
    assert set(history.values()) == {1}
    assert history == jobs == noted  # a write is whole or not at all
    assert earlier.keys() <= history.keys()
    with database.read() as connection:
        assert trail.verify(connection) == trail.Verdict(whole=True, entries=len(history))
    database.close()
    return history


def test_every_acknowledged_write_survives_a_kill(system: System, writing, tmp_path: Path) -> None:
    """Every acknowledged one is there, none twice, none half; nothing of earlier rounds is lost."""
    backend = system.database.url.get_backend_name()
    url = system.database.url.render_as_string(hide_password=False)
    system.close()
    kept: Counter[str] = Counter()
    total = 0
    for number in range(ROUNDS[backend]):
        acknowledged = _round(writing, url, str(tmp_path), number)
        kept = _check(system, acknowledged, kept)
        total += len(acknowledged)
    assert total > BEFORE_THE_KILL * ROUNDS[backend] // 2
    assert len(kept) >= total
