"""Registers at the size of a city: loading, looking up, paging, counting; each beside its floor.

The floor of a load is the bare validator on the same rows and the driver's own bulk insert into a
table of the same columns and indexes; that of a question is the same SQL, written by hand, on the
same connection's driver.
"""

import json
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Index, MetaData, Table, Text

from admin import migrate, packs, working
from bench import field_changes, people, prefilling, world
from bench.clients import Measured
from bench.scratch import databases
from engine.dictionary.store import Dictionary, dictionary
from engine.json_text import Json
from engine.registers import bulk, cross, lookup, query, rows, store
from engine.registers.cross import Axis
from engine.registers.schema import blind_name, column_name, table
from engine.registers.store import Origin
from engine.storage import postgresql
from engine.work import System, Work

BATCH = 10_000
LOOKS = 2_000
PAGES = 200
TURNS = 3
ROUNDS = 5
BANDS = (0, 6, 15, 18, 35, 50, 60, 70, 80, 90)
CONDITIONS = 'residency = "1" and disabled = "2" and marriage <> "10"'
FILTER = 'residence within "370602" and sex = "2" and living_alone = "1"'
Say = Callable[[str], None]
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Ratio:
    """Two times of the same, ours and the floor's, in milliseconds."""

    ours: Measured = field(default_factory=Measured)
    floor: Measured = field(default_factory=Measured)

    def both(self, ours: Callable[[], T], floor: Callable[[], U]) -> tuple[T, U]:
        """One question both ways; by turns the one or the other comes first, and finds its pages cold."""
        if self.ours.count % 2:
            theirs = self.floor.timed(floor)
            return self.ours.timed(ours), theirs
        mine = self.ours.timed(ours)
        return mine, self.floor.timed(floor)

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        mine, theirs = self.ours.percentile(0.99), self.floor.percentile(0.99)
        return {
            "p50_ms": round(self.ours.percentile(0.5), 3),
            "p99_ms": round(mine, 3),
            "floor_p50_ms": round(self.floor.percentile(0.5), 3),
            "floor_p99_ms": round(theirs, 3),
            "ratio_p50": round(self.ours.percentile(0.5) / self.floor.percentile(0.5), 2),
            "ratio_p99": round(mine / theirs, 2),
        }


def measure(
    url: str, folder: Path, sizes: Sequence[int], say: Say = lambda _: None
) -> dict[str, Json]:
    """Measure on databases of our own: `sqlite`, or a PostgreSQL server's URL."""
    found: dict[str, Any] = {"sizes": {}}
    with databases(url, folder) as scratch:
        say("建库 · preparing")
        prepared = scratch.fresh()
        system = world.opened(prepared, folder)
        migrate.upgrade(system.database)
        packs.load(system, world.PACK)
        villages = villages_of(system)
        system.close()
        made = {size: scratch.copy(prepared) for size in sizes}
        for size in sizes:
            system = world.opened(made[size], folder)
            try:
                found["sizes"][str(size)] = _of_size(system, villages, size, say)
                if size == max(sizes):
                    found["reports"] = prefilling.measure(system, villages, say)
            finally:
                system.close()
        found["database"] = "sqlite" if url == "sqlite" else "postgresql"
        found["most_memory_mb"] = _most_memory()
        say("按号查人，大小轮流 · look-ups in the largest and the smallest by turns")
        small, large = min(sizes), max(sizes)
        found["largest_to_smallest"] = _by_turns(
            [(world.opened(made[size], folder), size) for size in (large, small)], villages
        )
    return found


def _of_size(system: System, villages: Sequence[str], size: int, say: Say) -> dict[str, Json]:
    say(f"{size}: 装载 · load")
    found: dict[str, Any] = {"load": _load(system, villages, size)}
    system.database.write(_analyse)
    working.settled()  # as a server that has started
    say(f"{size}: 查询 · questions")
    found["look_up"] = _look_up(system, villages, size).to_json()
    found["page_of_50"] = _page(system).to_json()
    found["cross_table"] = _cross(system)
    say(f"{size}: 改字段 · fields")
    found["field_changes"] = field_changes.measure(system, villages, size)
    return found


def _analyse(connection: Connection) -> None:
    """What a server does by itself in the night: know how its tables are filled."""
    connection.exec_driver_sql("ANALYZE")


def villages_of(system: System) -> list[str]:
    """Codes of the villages that the pack knows."""
    with system.read(world.BENCH) as work:
        query_ = "SELECT code FROM organisation WHERE kind = 'village' ORDER BY code"
        return [row[0] for row in work.connection.exec_driver_sql(query_)]


def load_people(system: System, villages: Sequence[str], size: int) -> None:
    """So many made-up persons in the register, and its statistics renewed."""
    with system.read(world.BENCH) as work:
        came = Origin("steward", "人口基础库", work.at)
    every = (one for batch in _batches(villages, size) for one in batch)
    bulk.stream(system, world.BENCH, "person", every, came)
    system.database.write(_analyse)


def _batches(villages: Sequence[str], size: int) -> Iterator[list[dict[str, Json]]]:
    waiting = people.people(size, villages)
    while batch := list(islice(waiting, BATCH)):
        yield batch


class _Stopwatch:
    """Counts what a loop's body takes, not what makes its rows."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def outside(self, rows_: Iterator[list[dict[str, Json]]]) -> Iterator[dict[str, Json]]:
        """The rows one by one, with the watch stopped while a batch is made."""
        while True:
            began = time.perf_counter()
            batch = next(rows_, None)
            self.seconds -= time.perf_counter() - began
            if batch is None:
                return
            yield from batch


def _load(system: System, villages: Sequence[str], size: int) -> dict[str, Json]:
    """Ours, and the floor's two parts, all net of making the rows."""
    with system.read(world.BENCH) as work:
        known = dictionary(work.connection)
        at = work.at
    watch = _Stopwatch()
    came = Origin("steward", "人口基础库", at)
    began = time.perf_counter()
    loaded = bulk.stream(
        system, world.BENCH, "person", watch.outside(_batches(villages, size)), came
    )
    ours = time.perf_counter() - began + watch.seconds
    most = _most_memory()
    if loaded.count != size or loaded.rejected:
        raise AssertionError(f"loaded {loaded.count} of {size}: {loaded.faults[:3]}")
    checked, written = _floor(system, known, villages, size)
    return {
        "rows": size,
        "rows_per_second": round(size / ours),
        "floor_validation_per_second": round(size / checked),
        "floor_insert_per_second": round(size / written),
        "ratio": round((checked + written) / ours, 3),
        "memory_mb": most,
    }


def _most_memory() -> int:
    """The most that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _floor(
    system: System, known: Dictionary, villages: Sequence[str], size: int
) -> tuple[float, float]:
    """The bare validator, and the bare insert into the same columns with the same indexes."""
    bare = rows.validator(known, "person")
    target = Table(
        "bench_person",
        MetaData(),
        *(Column(name, Text, primary_key=name == "id") for name in ("id", *people.FIELDS)),
        Index("bench_key", "id_number", unique=True),
        Index("bench_home", "residence"),
    )
    checked = written = 0.0
    system.database.write(target.create)
    for batch in _batches(villages, size):
        began = time.perf_counter()
        if not all(map(bare.is_valid, batch)):
            raise AssertionError("a made-up person is not valid")
        checked += time.perf_counter() - began
        values = [tuple(row.values()) for row in batch]
        began = time.perf_counter()
        system.database.write(lambda connection, some=values: _insert(connection, target, some))  # type: ignore[misc]  # bound early on purpose
        written += time.perf_counter() - began
    system.database.write(target.drop)
    return checked, written


def _insert(connection: Connection, target: Table, values: Sequence[tuple[Json, ...]]) -> None:
    names = [column.name for column in target.columns]
    if connection.dialect.name == "postgresql":
        postgresql.copy(connection, target, names, values)
        return
    marks = ",".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {target.name} VALUES ({marks})", list(values))


def _look_up(system: System, villages: Sequence[str], size: int) -> Ratio:
    """One person by ID number with all twenty-five fields, values opened, each with its origin; on a
    connection that has looked up others before, as a server's has.
    """
    before, numbers = _some_numbers(size, tuple(villages))
    ratio = Ratio()
    with system.read(world.BENCH) as work:
        look, ask = _looking_up(work), _by_hand(work, dictionary(work.connection))
        for number in before:
            look(number)
        for number in numbers:
            found, hand = ratio.both(partial(look, number), partial(ask, number))
            if found != hand:
                raise AssertionError("somebody was not found")
    return ratio


def _by_turns(
    opened: Sequence[tuple[System, int]], villages: Sequence[str]
) -> dict[str, dict[str, Json]]:
    """One look-up in the largest register, one in the smallest, and so on: whatever else the machine
    does meets both. The smallest has the part of the floor; the same for the SQL written by hand.
    """
    whole, bare = Ratio(), Ratio()
    with ExitStack() as stack:
        sides = []
        for system, size in opened:
            stack.callback(system.close)
            work = stack.enter_context(system.read(world.BENCH))
            before, numbers = _some_numbers(size, tuple(villages))
            look, ask = _looking_up(work), _by_hand(work, dictionary(work.connection))
            for number in before:
                look(number)
            sides.append((look, ask, numbers))
        (look, ask, numbers), (low_look, low_ask, low_numbers) = sides
        for _ in range(TURNS):
            for number, low in zip(numbers, low_numbers, strict=False):
                whole.both(partial(look, number), partial(low_look, low))
                bare.both(partial(ask, number), partial(low_ask, low))
    return {"look_up": whole.to_json(), "look_up_by_hand": bare.to_json()}


@lru_cache
def _some_numbers(size: int, villages: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """ID numbers of people from all over the register: to warm up with, and to be timed."""
    every = max(1, size // (2 * LOOKS))
    numbers = [
        str(one["id_number"]) for one in islice(people.people(size, villages), 0, None, every)
    ][: 2 * LOOKS]
    Random(1).shuffle(numbers)
    return numbers[:LOOKS], numbers[LOOKS:]


def _looking_up(work: Work) -> Callable[[str], str]:
    """One person by ID number with every field of theirs; gives the subject's id."""
    known = dictionary(work.connection)
    key = known.field("person.id_number")
    fields = [known.field(f"person.{name}") for name in people.FIELDS]

    def look(number: str) -> str:
        found = lookup.look_up(work, known, key, number, fields)
        if found is None or len(found[1]) != len(fields):
            raise AssertionError("somebody was not found")
        return str(found[0])

    return look


def _by_hand(work: Work, known: Dictionary) -> Callable[[str], str]:
    """The same as somebody would write it who knows the tables: two statements, and the seals opened."""
    raw: Any = work.connection.connection.driver_connection
    mark = "%s" if work.connection.dialect.name == "postgresql" else "?"
    target = table(known, "person")
    key = known.field("person.id_number")
    columns = ", ".join(column_name(known.field(f"person.{name}")) for name in people.FIELDS)
    person = f"SELECT id, sources, {columns} FROM {target.name} WHERE {blind_name(key)} = {mark}"
    origin = f"SELECT * FROM origin WHERE id = {mark}"

    opened = work.vault.open
    sealed = [
        (at, f"person.{name}")
        for at, name in enumerate(people.FIELDS, 2)
        if known.field(f"person.{name}").secret
    ]

    def ask(number: str) -> str:
        blind = work.vault.blind(number, key.code)
        row = raw.execute(person, (blind,)).fetchone()
        raw.execute(origin, (json.loads(row[1])["*"],)).fetchone()
        for at, code in sealed:
            opened(row[at], f"{code}:{row[0]}")
        return str(row[0])

    return ask


def _page(system: System) -> Ratio:
    """Fifty of those who satisfy two filters, sorted by name."""
    ratio = Ratio()
    with system.read(world.BENCH) as work:
        known = dictionary(work.connection)
        fields = [known.field(f"person.{name}") for name in people.FIELDS]
        scope = query.scope(work, known, "370602")
        condition = query.members(scope, f"person where {FILTER}")
        order = [table(known, "person").c.f_name]
        raw: Any = work.connection.connection.driver_connection
        columns = ", ".join(column_name(field) for field in fields)
        by_hand = (
            f"SELECT id, sources, {columns} FROM reg_person"
            " WHERE f_residence >= '370602' AND f_residence < '370602:' AND f_sex = '2'"
            " AND f_living_alone = '1' ORDER BY f_name, id LIMIT 50"
        )
        page = partial(
            store.rows_where, work, known, "person", condition, fields, order=order, limit=50
        )
        for _ in range(PAGES):
            found, hand = ratio.both(page, lambda: raw.execute(by_hand).fetchall())
            if list(found) != [row[0] for row in hand]:
                raise AssertionError("the pages differ")
    return ratio


def _cross(system: System) -> dict[str, Json]:
    """Village by age band by sex with three conditions, over everybody."""
    axes = [Axis("residence"), Axis("age", BANDS), Axis("sex")]
    ours, floor, ratios = [], [], []
    with system.read(world.BENCH) as work:
        known = dictionary(work.connection)
        raw: Any = work.connection.connection.driver_connection
        by_hand = _cross_by_hand(work.today.isoformat())
        for _ in range(ROUNDS):
            began = time.perf_counter()
            hand = raw.execute(by_hand).fetchall()
            middle = time.perf_counter()
            found = cross.cross_table(work, known, "person", axes, where=CONDITIONS)
            ended = time.perf_counter()
            if found.total != sum(row[3] for row in hand) or len(found.cells) != len(hand):
                raise AssertionError("the cross-tables differ")
            floor.append(middle - began)
            ours.append(ended - middle)
            ratios.append(ours[-1] / floor[-1])
    return {
        "cells": len(hand),
        "seconds": round(median(ours), 3),
        "floor_seconds": round(median(floor), 3),
        "ratio": round(median(ratios), 2),
    }


def _cross_by_hand(today: str) -> str:
    """Bands of age as somebody would write them who keeps the day of birth."""
    whens = " ".join(
        f"WHEN f_birth_date > '{int(today[:4]) - low:04d}{today[4:]}' THEN {at}"
        for at, low in enumerate(BANDS[1:])
    )
    return (
        f"SELECT f_residence, CASE {whens} ELSE {len(BANDS) - 1} END AS band, f_sex, count(*)"
        " FROM reg_person WHERE f_residency = '1' AND f_disabled = '2' AND f_marriage <> '10'"
        " GROUP BY 1, 2, 3"
    )
