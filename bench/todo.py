"""The to-do list of a person with 5,000 open tasks among a million, beside hand-written SQL.

Ours is what the page asks for: who may do what, the counters of the tabs, a page of tasks. The
hand-written SQL asks the bare driver for the same rows and counters of the same index, with the
positions known beforehand. Both take turns, at the top of the list and deep inside it.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from admin import migrate
from bench import world
from bench.scratch import conninfo, databases
from engine.identity.actor import Actor, Post
from engine.json_text import Json
from engine.work import System
from workflows import todo

MINE, ROLE = "370602011", "verifier"
ACTOR = Actor("me", "me", "我", (Post(ROLE, MINE, "街道", f"/37/3706/370602/{MINE}/"),))
OPEN_HERE = 5000
ROUNDS = 400
START = datetime(2026, 11, 1, 9, tzinfo=UTC)
COLUMNS = (
    "id", "case_id", "document_id", "dispatch_id", "key", "step", "kind", "title", "organisation_code", "role",
    "account_id", "subject_code", "status", "returned", "created_at", "opened_at", "due_at", "closed_at",
    "closed_by", "outcome", "cells", "urged_at", "closed_for",
)  # fmt: skip
LISTED = f"""
SELECT {", ".join(COLUMNS)} FROM task
WHERE organisation_code = ? AND role = ? AND account_id IS NULL AND status = 'open' AND returned = ?
AND due_at IS NOT NULL AND (due_at, id) > (?, ?) ORDER BY due_at, id LIMIT 51
"""
NAMED = f"""
SELECT {", ".join(COLUMNS)} FROM task WHERE account_id = ? AND status = 'open' AND returned = ?
AND due_at IS NOT NULL AND (due_at, id) > (?, ?) ORDER BY due_at, id LIMIT 51
"""
COUNTED = """
SELECT count(*), count(CASE WHEN due_at >= ? AND due_at <= ? THEN 1 END),
count(CASE WHEN due_at < ? THEN 1 END), count(CASE WHEN returned THEN 1 END)
FROM task WHERE organisation_code = ? AND role = ? AND account_id IS NULL AND status = 'open'
"""


def measure(
    url: str, folder: Path, *, tasks: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, Json]:
    """p50 and p99 of both, and their ratio."""
    with databases(url, folder) as scratch:
        address = scratch.fresh()
        system = world.opened(address, folder)
        try:
            migrate.upgrade(system.database)
            say(f"写入 {tasks} 项任务 · writing {tasks} tasks")
            bare = _connect(address)
            _write(bare, tasks)
            say("测量 · measuring")
            ours, theirs = _both(system, bare)
            bare.close()
            return {
                "database": "sqlite" if system.database.is_sqlite else "postgresql",
                "tasks": tasks,
                "open_tasks_of_the_person": OPEN_HERE,
                **_told("ours", ours),
                **_told("hand_written", theirs),
                "ratio_p50": round(_at(ours, 0.5) / _at(theirs, 0.5), 2),
                "ratio_p99": round(_at(ours, 0.99) / _at(theirs, 0.99), 2),
                "bar_p99": 2,
            }
        finally:
            system.close()


def _connect(address: str) -> Any:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return sqlite3.connect(url.database or "", isolation_level=None)
    return psycopg.connect(conninfo(url), autocommit=True)


def _sql(bare: Any, text: str) -> str:
    return text if isinstance(bare, sqlite3.Connection) else text.replace("?", "%s")


def _write(bare: Any, count: int) -> None:
    """A million tasks of 2,000 places: most are done; the person has theirs among them."""
    dice = random.Random(7)
    rows = (_row(number, count, dice) for number in range(count))
    if isinstance(bare, sqlite3.Connection):
        marks = ", ".join("?" * len(COLUMNS))
        bare.execute("BEGIN")
        bare.executemany(f"INSERT INTO task ({', '.join(COLUMNS)}) VALUES ({marks})", rows)
        bare.execute("COMMIT")
        bare.execute("ANALYZE")
        return
    with (
        bare.cursor() as cursor,
        cursor.copy(f"COPY task ({', '.join(COLUMNS)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
    bare.execute("VACUUM ANALYZE task")


def _row(number: int, count: int, dice: random.Random) -> tuple[Any, ...]:
    step = count // OPEN_HERE
    here = number % step == 0
    is_open = here or dice.random() < 0.05
    place = MINE if here else f"37{number % 2000:07d}"
    due = (START + timedelta(minutes=dice.randrange(60 * 24 * 60))).isoformat()
    return (
        f"t{number:012d}", f"c{number}", f"d{number}", None, "k", "verify", "verify", "人口月报（2026年11月）",
        place, ROLE, None, f"{place}001", "open" if is_open else "done", here and number % (step * 97) == 0,
        START.isoformat(), None, due, None if is_open else due, "" if is_open else f"p{number % 5000}",
        "" if is_open else "done", None, None, "",
    )  # fmt: skip


def _both(system: System, bare: Any) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    keys = _keys(system)
    for number in range(ROUNDS + 20):
        after = keys[number % len(keys)]
        began = time.perf_counter()
        with system.read(ACTOR) as work:
            place = todo.place(work)
            counted = todo.counters(work, at=place)
            mine = todo.page(work, after=after, at=place)
        between = time.perf_counter()
        by_hand, figures = _by_hand(bare, after, datetime.now(UTC))
        ended = time.perf_counter()
        if [one.id for one in mine.tasks] != by_hand or counted["all"] != figures[0]:
            raise RuntimeError("the two do not find the same tasks")
        if number >= 20:  # what is built once is built by now
            ours.append((between - began) * 1000)
            theirs.append((ended - between) * 1000)
    return ours, theirs


def _keys(system: System) -> list[str]:
    """Where pages begin: at the top, and at every tenth page after it."""
    found, after = [""], ""
    with system.read(ACTOR) as work:
        for number in range(60):
            after = todo.page(work, after=after).after
            if number % 10 == 0:
                found.append(after)
    return found


def _by_hand(bare: Any, after: str, now: datetime) -> tuple[list[str], tuple[int, ...]]:
    rank, _, rest = after.partition("~")
    due, _, key = rest.partition("~")
    at, end = now.isoformat(), now.replace(hour=15, minute=59).isoformat()
    figures = bare.execute(_sql(bare, COUNTED), (at, end, at, MINE, ROLE)).fetchone()
    rows: list[Any] = []
    for returned in (True, False):
        if rank == "1" and returned:
            continue
        begin = (due, key) if rank == ("0" if returned else "1") else ("", "")
        named = bare.execute(_sql(bare, NAMED), (ACTOR.id, returned, *begin)).fetchall()
        part = bare.execute(_sql(bare, LISTED), (MINE, ROLE, returned, *begin)).fetchall()
        rows += sorted([*named, *part], key=lambda row: (row[16], row[0]))
    return [row[0] for row in rows[:50]], tuple(figures)


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def _told(name: str, times: list[float]) -> dict[str, Json]:
    return {
        f"{name}_p50_ms": round(_at(times, 0.5), 2),
        f"{name}_p99_ms": round(_at(times, 0.99), 2),
    }
