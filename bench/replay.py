"""A draft of a report tried on what every village submitted: time in parts, memory, what is found."""

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import select

from bench import world
from bench.scratch import databases
from engine.identity import store as identity
from engine.identity.store import ORGANISATION, OrganisationValue
from engine.json_text import Json
from engine.work import System, Work
from forms import documents, store
from forms.designing import design, replay
from forms.designing.replayed import Part

PERIOD = "2026-10"


def measure(
    url: str, folder: Path, many: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, Json]:
    """On a database of our own, filled with final reports of forty items."""
    with databases(url, folder) as scratch:
        system = world.opened(scratch.fresh(), folder)
        try:
            say("备好报送 · preparing reports")
            world.build(system)
            made = system.write(world.BENCH, lambda work: _reports(work, many))
            system.write(world.BENCH, _draft)
            say("试算 · replay")
            before = _memory()
            found, parts = _replayed(system)
        finally:
            system.close()
    if found.looked_at != made:
        raise AssertionError("not everything was looked at")
    fails = {one.code: one.documents for one in found.findings if one.kind == "fails"}
    return {
        "documents": made,
        "seconds": round(sum(parts), 2),
        "milliseconds_each": round(1000 * sum(parts) / made, 2),
        "part_of_500_median_seconds": round(median(parts), 2),
        "more_memory_mb": _memory() - before,
        "newly_failing": sum(fails.values()),
        "findings": len(found.findings),
    }


def _reports(work: Work, many: int) -> int:
    """Final reports of so many organisations at most, one in ten with figures that a new check breaks."""
    chance = Random(20261128)
    form = store.published(work.connection, world.FORM)
    codes = work.connection.execute(
        select(ORGANISATION.c.code).where(ORGANISATION.c.kind != "office").limit(many)
    )
    places = identity.organisations(work.connection, [row[0] for row in codes])
    head = {"code": form.code, "version": form.version, "owner": form.owner}
    names = [item.name for item in form.items if item.field]

    def contents() -> dict[str, Json]:
        figures: dict[str, Json] = {name: 10 + n for n, name in enumerate(names)}
        figures["visits"] = chance.randrange(5, 50)
        figures["cases"] = chance.randrange(5) if chance.random() < 0.9 else 45
        figures["total"] = sum(10 + n for n in range(4))
        return figures

    made: Iterator[tuple[OrganisationValue, Json, Json]] = (
        (place, contents(), {}) for place in places.values()
    )
    return documents.add_made(work, head, made, PERIOD, "")


def _draft(work: Work) -> None:
    """The next version: a check more, an item less, one that is typed from now on."""
    form = store.document_of(work.connection, world.FORM, 1)
    check = {"code": "few", "formula": "cases <= 40", "severity": "error", "text": "不应多于四十件"}
    head = {**form["form"], "checks": [*form["form"]["checks"], check]}
    last = [name for name, node in form["properties"].items() if "$ref" in node][-1]
    store.insert_draft(work, design.remove({**form, "form": head}, f"/{last}"))


def _replayed(system: System) -> tuple[Part, list[float]]:
    parts: list[float] = []
    found: Part | None = None
    after: str | None = ""
    with system.read(world.BENCH) as work:
        while after is not None:
            began = time.perf_counter()
            more = replay.part(work, world.FORM, period=PERIOD, after=after)
            parts.append(time.perf_counter() - began)
            found = found.plus(more) if found else more
            after = found.after
    if found is None:
        raise AssertionError("there was nothing to look at")
    return found, parts


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
