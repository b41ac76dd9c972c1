"""Looking for duplicates in a register of any size: how long it takes, what it finds, what it makes up.

Some of the made-up persons are entered again as people do it: without the number, with the old number of
fifteen digits, with a name heard and written otherwise, with day and month of birth swapped, without a
day of birth. How many of them are found is counted, and how many others are offered beside them. The
floor is the bare reading of the columns that are compared, once for each way of looking.
"""

import resource
import time
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from admin import migrate, packs
from bench import people, registers, world
from bench.scratch import databases
from engine.dictionary.store import dictionary
from engine.json_text import Json
from engine.registers import bulk, duplicates, pairs, store
from engine.registers.pairs import PAIR
from engine.work import System, Work

HOMOPHONES = str.maketrans("伟芳娜敏静丽强磊军洋勇艳杰", "玮方那民靖莉墙雷君阳永燕洁")
EVERY = 500
Say = Callable[[str], None]


def measure(url: str, folder: Path, size: int, say: Say = lambda _: None) -> dict[str, Json]:
    """Measure on a database of our own: `sqlite`, or a PostgreSQL server's URL."""
    with databases(url, folder) as scratch:
        system = world.opened(scratch.fresh(), folder)
        try:
            migrate.upgrade(system.database)
            packs.load(system, world.PACK)
            villages = registers.villages_of(system)
            say(f"{size}: 装载 · load")
            registers.load_people(system, villages, size)
            again = _enter_again(system, villages, size)
            found = _search(system, again, say)
        finally:
            system.close()
    found["database"] = "sqlite" if url == "sqlite" else "postgresql"
    found["rows"] = size
    found["most_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _enter_again(system: System, villages: Sequence[str], size: int) -> dict[str, tuple[str, str]]:
    """Every so many-th person once more, in another way; gives by id how, and whose it is."""
    ways = list(_WAYS)
    wanted = list(islice(people.people(size, villages), 0, None, EVERY))
    copies = [
        {**_WAYS[ways[at % len(ways)]](dict(one)), "id": f"again{at}"}
        for at, one in enumerate(wanted)
    ]

    def command(work: Work) -> dict[str, str]:
        known = dictionary(work.connection)
        came = store.add_origin(work, store.Origin("entered", "网格摸排", work.at))
        bulk.load(work, known, "person", copies, came)
        key = known.field("person.id_number")
        return store.find(work, known, key, [str(one["id_number"]) for one in wanted])

    owners = system.write(world.BENCH, command)
    return {
        f"again{at}": (ways[at % len(ways)], owners[str(one["id_number"])])
        for at, one in enumerate(wanted)
    }


def _search(system: System, again: dict[str, tuple[str, str]], say: Say) -> dict[str, Any]:
    marks = [time.perf_counter()]
    turns: list[int] = []

    def told(search: duplicates.Search) -> None:
        marks.append(time.perf_counter())
        turns.append(search.turn)
        say(f"{search.percent}%")

    done = duplicates.whole(system, world.BENCH, "person", say=told)
    began = time.perf_counter()
    read = _read_through(system, done.turns)
    floor = time.perf_counter() - began
    with system.read(world.BENCH) as work:
        query = select(PAIR.c.first_id, PAIR.c.second_id).where(PAIR.c.state == pairs.FOUND)
        offered = {frozenset(row) for row in work.connection.execute(query)}
    by_way: dict[str, list[bool]] = {}
    for own, (way, owner) in again.items():
        by_way.setdefault(way, []).append(frozenset((own, owner)) in offered)
    real = {frozenset((own, owner)) for own, (_, owner) in again.items()}
    seconds = marks[-1] - marks[0]
    keys = next(at for at, turn in enumerate(turns) if turn > 0) + 1
    return {
        "seconds": round(seconds, 1),
        "seconds_for_keys": round(marks[keys] - marks[0], 1),
        "longest_turn_seconds": round(max(b - a for a, b in pairwise(marks)), 1),
        "floor_seconds": round(floor, 1),
        "floor_rows": read,
        "ratio": round(seconds / floor, 1),
        "entered_again": len(again),
        "found_of_them": {way: f"{sum(hits)}/{len(hits)}" for way, hits in sorted(by_way.items())},
        "others_offered": len(offered - real),
        "groups_too_large": done.crowded,
    }


def _read_through(system: System, times: int) -> int:
    """The floor: the same columns read bare, as often as the search looks."""
    rows = 0
    columns = "id, f_id_number, f_name, f_birth_date, f_address, f_phone, f_residence"
    with system.read(world.BENCH) as work:
        raw: Any = work.connection.connection.driver_connection
        for _ in range(times):
            cursor = raw.execute(f"SELECT {columns} FROM reg_person")
            while batch := cursor.fetchmany(10_000):
                rows += len(batch)
    return rows


def _old_number(one: dict[str, Json]) -> dict[str, Json]:
    number = str(one["id_number"])
    if number[6:8] != "19":  # nobody born in this century has an old one
        return _without_number(one)
    return {**one, "id_number": number[:6] + number[8:17]}


def _without_number(one: dict[str, Json]) -> dict[str, Json]:
    return {**one, "id_number": None}


def _heard(one: dict[str, Json]) -> dict[str, Json]:
    return {**_without_number(one), "name": str(one["name"]).translate(HOMOPHONES)}


def _swapped(one: dict[str, Json]) -> dict[str, Json]:
    year, month, day = str(one["birth_date"]).split("-")
    turned = f"{year}-{day}-{month}" if int(day) <= 12 else f"{year}-{month}-{int(day) - 1:02d}"
    return {**_without_number(one), "birth_date": turned}


def _without_birth(one: dict[str, Json]) -> dict[str, Json]:
    return {**_without_number(one), "birth_date": None}


_WAYS: dict[str, Callable[[dict[str, Json]], dict[str, Json]]] = {
    "old number": _old_number,
    "without number": _without_number,
    "name as heard": _heard,
    "birth mistyped": _swapped,
    "without birth": _without_birth,
}
