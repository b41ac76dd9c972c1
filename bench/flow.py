"""Whole cases a second, fill → verify → approve, each step durable; beside the floor and SpiffWorkflow.

Each of the three steps is a command of its own by another person: documents validated, checks run,
signed, written back to the registers at the end, each on the disk when it returns. The floor writes
the very rows of the three steps again with the bare driver. SpiffWorkflow (and our core alone, which
keeps as little) take the same three steps in a SQLite file. All take turns in short slices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import bindparam, func, select

from bench import core, floor, spiff, world
from bench.clients import Measured, run
from bench.floor import Submission
from bench.scratch import Scratch, databases
from bench.world import Job
from engine.audit import trail
from engine.identity.actor import Actor
from engine.json_text import Json
from engine.storage.prepared import Prepared
from engine.work import System, Work
from forms.documents import DOCUMENT
from workflows import commands
from workflows.store import TASK

ROUNDS = 4
BAR, SPIFF_BAR = 0.3, 10

_WAITING = Prepared(
    select(TASK.c.id).where(TASK.c.document_id == bindparam("document"), TASK.c.status == "open")
)
"""The task that comes next: who does it has it before them, so that finding it costs next to nothing."""

Case = tuple[Submission, Submission, Submission]
People = tuple[Actor, Actor]


@dataclass
class Contest:
    """The four that take turns with so many clients, and their ratios round by round."""

    clients: int
    ours: Measured
    floor: Measured
    spiff: Measured
    core: Measured
    ratio: float
    times_spiff: float
    core_times_spiff: float

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "clients": self.clients,
            "instances_per_second": round(self.ours.rate, 1),
            "floor_per_second": round(self.floor.rate, 1),
            "ratio": round(self.ratio, 3),
            "spiff_per_second": round(self.spiff.rate, 1),
            "times_spiff": round(self.times_spiff, 2),
            "core_alone_per_second": round(self.core.rate, 1),
            "core_alone_times_spiff": round(self.core_times_spiff, 2),
            "p50_ms": round(self.ours.percentile(0.5), 1),
            "p99_ms": round(self.ours.percentile(0.99), 1),
            "instances": self.ours.count,
        }


@dataclass
class Report:
    """What was measured on one database."""

    database: str
    statements: int
    rows: int
    results: tuple[Contest, ...]
    final: int
    trail_whole: bool

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "database": self.database,
            "bar": BAR,
            "bar_times_spiff": SPIFF_BAR,
            "writes_per_instance": {"statements": self.statements, "rows": self.rows},
            "results": [one.to_json() for one in self.results],
            "documents_final": self.final,
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
        say("记录一件从头到尾写些什么 · recording")
        copies = [scratch.copy(prepared) for _ in range(2)]
        recording = world.opened(copies[0], folder)
        people = world.superiors(recording)
        cases = [_recorded(recording, people, job) for job in jobs]
        recording.close()
        system, others = world.opened(prepared, folder), Others(folder, documents)
        try:
            say("测量 · measuring")
            ground = Ground(system, people, copies[1], others)
            results = _results(ground, list(zip(jobs, cases, strict=True)), clients, seconds)
            with system.read(world.BENCH) as work:
                whole, final = trail.verify(work.connection).whole, _final(work)
        finally:
            system.close()
            others.core.close()
        kind = "sqlite" if system.database.is_sqlite else "postgresql"
        statements = [one for submission in cases[1] for one in submission]
        rows = sum(one.rows for one in statements)
        done = sum(one.ours.count for one in results)
        assert final == done, f"{done} cases were carried through, {final} are final"
        return Report(kind, len(statements), rows, tuple(results), final, whole)


class Others:
    """Cases waiting in SpiffWorkflow and in our core alone."""

    def __init__(self, folder: Path, count: int) -> None:
        self.spiff, self.core = spiff.Cases(folder / "spiff.db"), core.Cases(folder / "core.db")
        for cases in (self.spiff, self.core):
            connection = cases.connect()
            connection.execute("PRAGMA synchronous=OFF")
            for number in range(count):
                cases.start(connection, number)
            connection.close()


@dataclass(frozen=True)
class Ground:
    """Where the four take their turns."""

    system: System
    people: People
    copy: str
    others: Others


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


def _recorded(system: System, people: People, job: Job) -> Case:
    """What the three steps write."""
    first, second, third = (floor.written(system, step) for step in _steps(system, people, job))
    return first, second, third


def _steps(system: System, people: People, job: Job) -> list[Callable[[], object]]:
    """Submit, verify, approve: each one command of one person."""

    def passing(work: Work) -> None:
        commands.pass_(work, _WAITING.scalar(work.connection, document=job.document))

    verifier, leader = people
    return [
        lambda: system.write(job.actor, lambda work: commands.submit(work, job.task), brief=True),
        lambda: system.write(verifier, passing, brief=True),
        lambda: system.write(leader, passing, brief=True),
    ]


def _results(
    ground: Ground, work: Sequence[tuple[Job, Case]], clients: Sequence[int], seconds: float
) -> list[Contest]:
    """Each number of clients in several rounds; a case goes through once, so each has its share."""

    def ours(job: Job) -> None:
        for step in _steps(ground.system, ground.people, job):
            step()

    share = len(work) // (len(clients) * ROUNDS)
    taken = iter(range(len(clients) * ROUNDS))
    found: list[Contest] = []
    for count in clients:
        totals = [Measured() for _ in range(4)]
        ratios: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):
            at = next(taken)
            part = slice(at * share, (at + 1) * share)
            numbers = range(at * share, (at + 1) * share)
            jobs, cases = zip(*work[part], strict=True)
            each = seconds / ROUNDS
            below = run(cases, count, each, lambda: _bare(ground.copy))
            mine = run(jobs, count, each, lambda: (ours, _nothing))
            theirs = run(numbers, count, each, ground.others.spiff.client)
            alone = run(numbers, count, each, ground.others.core.client)
            totals = [a + b for a, b in zip(totals, (mine, below, theirs, alone), strict=True)]
            ratios.append(
                (mine.rate / below.rate, mine.rate / theirs.rate, alone.rate / theirs.rate)
            )
        floors, spiffs, cores = (median(one) for one in zip(*ratios, strict=True))
        mine, below, theirs, alone = totals
        found.append(Contest(count, mine, below, theirs, alone, floors, spiffs, cores))
    return found


def _bare(url: str) -> tuple[Callable[[Case], None], Callable[[], None]]:
    write, close = floor.writer(url)

    def through(case: Case) -> None:
        for submission in case:
            write(submission)

    return through, close


def _final(work: Work) -> int:
    query = select(func.count()).where(DOCUMENT.c.status == "final")
    return int(work.connection.execute(query).scalar() or 0)


def _nothing() -> None:
    """A client of ours has no connection of its own to close."""
