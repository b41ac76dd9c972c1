"""Changing fields of a full register while somebody looks: how long each takes, and what readers notice.

The floor of a reader is the same reader with nothing going on.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from bench import people, world
from bench.clients import Measured
from engine.dictionary.field import read_field
from engine.dictionary.store import dictionary
from engine.json_text import Json
from engine.registers import fields, lookup
from engine.work import System, Work

QUIET_SECONDS = 2.0
CODE = "person.bench_visits"
VISITS = {
    "code": CODE,
    "labels": {"zh": "走访次数"},
    "schema": {"type": "integer"},
}


def measure(system: System, villages: Sequence[str], size: int) -> dict[str, Json]:
    """Add a field, widen it, undo that, retire it; each in seconds, and the readers beside."""
    numbers = [str(one["id_number"]) for one in islice(people.people(size, villages), 200)]
    quiet = _read_while(system, numbers, lambda: time.sleep(QUIET_SECONDS))
    took: dict[str, Any] = {}

    def change() -> None:
        for name, command in _CHANGES:
            began = time.perf_counter()
            system.write(world.BENCH, command)
            took[name] = round(time.perf_counter() - began, 3)

    busy = _read_while(system, numbers, change)
    return {
        "seconds": took,
        "reads_meanwhile": len(busy.latencies),
        "longest_read_ms": round(max(busy.latencies) * 1000, 1),
        "longest_read_quiet_ms": round(max(quiet.latencies) * 1000, 1),
    }


def _read_while(system: System, numbers: Sequence[str], act: Callable[[], None]) -> Measured:
    done = threading.Event()
    found = Measured()

    def look() -> None:
        at = 0
        while not done.is_set() or not found.latencies:
            began = time.perf_counter()
            with system.read(world.BENCH) as work:
                known = dictionary(work.connection)
                key, name = known.field("person.id_number"), known.field("person.name")
                if lookup.look_up(work, known, key, numbers[at % len(numbers)], [name]) is None:
                    raise AssertionError("somebody was not found")
            found.latencies.append(time.perf_counter() - began)
            at += 1

    reader = threading.Thread(target=look)
    reader.start()
    try:
        act()
    finally:
        done.set()
        reader.join()
    return found


def _now(work: Work) -> Any:
    return dictionary(work.connection).field(CODE)


_CHANGES: Sequence[tuple[str, Callable[[Work], object]]] = (
    ("add", lambda work: fields.add(work, read_field(VISITS))),
    ("widen", lambda work: fields.change(work, replace(_now(work), schema={"type": "number"}), 1)),
    ("undo", lambda work: fields.undo(work, CODE, 2)),
    ("retire", lambda work: fields.retire(work, CODE, 3)),
)
