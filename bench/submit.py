"""Durable submissions a second, as a ratio to the same rows written by the bare driver.

A submission validates forty items, runs the checks, carries the flow a step on, writes the document,
the event, the tasks, the state and the trail, and is on the disk when it returns. Floor and ours
take turns in short slices, so that whatever else the machine does meets both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import floor, world
from bench.clients import Measured, run
from bench.floor import Submission
from bench.scratch import Scratch, databases
from bench.world import Job
from engine.audit import trail
from engine.json_text import Json
from engine.work import System
from workflows import commands

ROUNDS = 4
BARS = {"sqlite": 0.5, "postgresql": 0.35}


@dataclass(frozen=True)
class Result:
    """One number of clients: ours, the floor with as many clients, and with one."""

    clients: int
    ours: Measured
    floor: Measured
    ratio: float
    """The median of the rounds, each against the floor with as many clients."""
    alone: Measured | None
    """The floor written by one client; None where that is the same."""

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        best = max(self.floor.rate, self.alone.rate if self.alone else 0.0)
        return {
            "clients": self.clients,
            "submissions_per_second": round(self.ours.rate, 1),
            "floor_per_second": round(self.floor.rate, 1),
            "floor_one_client_per_second": round(
                self.alone.rate if self.alone else self.floor.rate, 1
            ),
            "ratio": round(self.ratio, 3),
            "ratio_to_best_floor": round(self.ours.rate / best, 3) if best else 0,
            "p50_ms": round(self.ours.percentile(0.5), 2),
            "p99_ms": round(self.ours.percentile(0.99), 2),
            "submissions": self.ours.count,
        }


@dataclass(frozen=True)
class Report:
    """All numbers of clients on one database, and what one submission writes."""

    database: str
    statements: int
    rows: int
    results: tuple[Result, ...]
    trail_whole: bool

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "database": self.database,
            "bar": BARS[self.database],
            "writes_per_submission": {"statements": self.statements, "rows": self.rows},
            "results": [one.to_json() for one in self.results],
            "trail_whole": self.trail_whole,
        }


def measure(
    url: str,
    folder: Path,
    clients: Sequence[int],
    *,
    seconds: float,
    documents: int,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure on databases of our own: `sqlite`, or a PostgreSQL server's URL."""
    with databases(url, folder) as scratch:
        say("建库并备好单据 · preparing")
        prepared, jobs = _prepared(scratch, folder, documents)
        say("记录一次提交写些什么 · recording")
        copies = [scratch.copy(prepared) for _ in range(2)]
        recording = world.opened(copies[0], folder)
        submissions = floor.recorded(recording, jobs)
        recording.close()
        system = world.opened(prepared, folder)
        try:
            say("测量 · measuring")
            pairs = list(zip(jobs, submissions, strict=True))
            results = _results(system, copies[1], pairs, clients, seconds)
            with system.read(world.BENCH) as work:
                whole = trail.verify(work.connection).whole
        finally:
            system.close()
        kind = "sqlite" if system.database.is_sqlite else "postgresql"
        first = submissions[1]
        rows = sum(statement.rows for statement in first)
        return Report(kind, len(first), rows, tuple(results), whole)


def _prepared(scratch: Scratch, folder: Path, count: int) -> tuple[str, list[Job]]:
    url = scratch.fresh()
    system = world.opened(url, folder)
    try:
        world.build(system)
        jobs = world.send(system, count)
        world.fill(system, jobs)
    finally:
        system.close()
    return url, jobs


def _results(
    system: System,
    copy: str,
    work: Sequence[tuple[Job, Submission]],
    clients: Sequence[int],
    seconds: float,
) -> list[Result]:
    """Each number of clients in several rounds; a task is handed in once, so each has its share."""
    share = len(work) // (len(clients) * ROUNDS)
    slices = [slice(at * share, (at + 1) * share) for at in range(len(clients) * ROUNDS)]
    taken = iter(slices)
    found: list[Result] = []
    for count in clients:
        ours, below, ratios = Measured(), Measured(), []
        for _ in range(ROUNDS):
            part = next(taken)
            jobs, submissions = zip(*work[part], strict=True)
            theirs = floor.replay(copy, submissions, count, seconds / ROUNDS)
            mine = run(jobs, count, seconds / ROUNDS, lambda: (_submit(system), _nothing))
            ours, below = ours + mine, below + theirs
            ratios.append(mine.rate / theirs.rate)
        alone = found[0].floor if found and clients[0] == 1 else None
        found.append(Result(count, ours, below, median(ratios), alone))
    return found


def _submit(system: System) -> Callable[[Job], None]:
    def inside(job: Job) -> None:
        system.write(job.actor, lambda work: commands.submit(work, job.task), brief=True)

    return inside


def _nothing() -> None:
    """A client of ours has no connection of its own to close."""
