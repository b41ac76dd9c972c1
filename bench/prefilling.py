"""Reports at the size of a city: prefill, a thousand floating rows, a roll-up, reports for everybody."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import Connection, event, select

from admin import working
from bench import world
from bench.clients import Measured
from engine.dictionary.store import Dictionary, dictionary
from engine.identity import store as identity
from engine.json_text import Json
from engine.registers import bulk
from engine.registers import store as registers
from engine.registers.store import Origin
from engine.work import System, Work
from forms import documents, publish, rollup, store
from forms.prefill.prefill import prefill
from workflows.dispatching import making

SIXTY, ROSTER = "bench.sixty", "bench.roster"
PERIOD = "2026-10"
KEPT = 36
"""Of the sixty items, those that are kept; the others are counted among the persons."""
TASKS = 300
ROWS = 1_000
ROW_FIELDS = (
    "name", "id_number", "sex", "birth_date", "phone", "address", "education", "employment",
    "disabled", "residence",
)  # fmt: skip
Say = Callable[[str], None]


def measure(system: System, villages: Sequence[str], say: Say = lambda _: None) -> dict[str, Json]:
    """On an installation whose register of persons is filled."""
    say("备好报表 · preparing reports")
    places = system.write(world.BENCH, _prepare)
    say("预填 · prefill")
    found: dict[str, Any] = {"prefill_60_items": _sixty(system, villages)}
    found["prefill_1000_rows"] = _roster(system)
    say("一键生成 · making for everybody")
    found["making"] = _making(system, places)
    found["rollup"] = _rollup(system, found["making"].pop("dispatch"))
    return found


def _prepare(work: Work) -> list[str]:
    """Publish both reports; let the register of organisations know what is kept; all places."""
    known = dictionary(work.connection)
    kept, counted = _items(known)
    if len(kept) + len(counted) != 60:
        raise AssertionError("the pack has too few fields for sixty items")
    store.insert_draft(work, _form(SIXTY, "六十项月报表", _properties([*kept, *counted])))
    store.insert_draft(work, _roster_form())
    for code in (SIXTY, ROSTER):
        publish.publish(work, code, note="bench")
    places = [
        row[0]
        for row in work.connection.execute(
            select(identity.ORGANISATION.c.code).where(
                identity.ORGANISATION.c.path.like("%/3706/%"),
                identity.ORGANISATION.c.kind != "office",
            )
        )
    ]
    origin = registers.add_origin(work, Origin("steward", "组织基础库", work.at))
    values = {code.partition(".")[2]: 10 + number for number, code in enumerate(kept)}
    bulk.load(work, known, "org", ({"id": place, **values} for place in places), origin)
    return places


def _items(known: Dictionary) -> tuple[list[str], list[str]]:
    counted = [
        field.code
        for field in known.of("org")
        if field.compute and field.compute.startswith(("count(person", "sum(person"))
    ]
    return world.numbers(known)[:KEPT], counted[: 60 - KEPT]


def _properties(codes: Sequence[str]) -> dict[str, Json]:
    return {code.partition(".")[2]: {"$ref": f"field:{code}"} for code in codes}


def _form(code: str, title: str, properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": f"urn:yibiao:form:{code}",
        "title": title,
        "type": "object",
        "form": {
            "code": code,
            "kind": "report",
            "owner": "3706",
            "subject": "org",
            "period": "month",
            "flow": "fill_verify_approve",
        },
        "properties": properties,
        "required": list(properties),
    }


def _roster_form() -> dict[str, Json]:
    row = {name: {"$ref": f"field:person.{name}"} for name in ROW_FIELDS}
    members = 'person where sex = "2" and birth_date < "1986-01-01" and residence within this'
    table = {
        "type": "array",
        "title": "名册",
        "table": {
            "kind": "floating",
            "subject": "person",
            "key": "id_number",
            "members": members,
        },
        "maxItems": 20_000,
        "items": {"type": "object", "properties": row},
    }
    return _form(ROSTER, "一千行名册", {"roster": table})


def _sixty(system: System, villages: Sequence[str]) -> dict[str, Json]:
    """One village's task at a time, as it is opened."""
    chance, times = Random(7), Measured()
    counts: set[int] = set()
    with system.read(world.BENCH) as work:
        form = store.published(work.connection, SIXTY)
        for code in chance.sample(villages, TASKS):
            place = [identity.organisation(work.connection, code)]
            with _listening(work.connection) as heard:
                began = time.perf_counter()
                filled = prefill(work, form, place, PERIOD)[code]
                times.latencies.append(time.perf_counter() - began)
            counts.add(len(heard))
            if len(filled.cells) != 60:
                raise AssertionError(f"{len(filled.cells)} of 60 cells are known")
        with _listening(work.connection) as heard:
            prefill(work, form, list(_places(work, villages[:100])), PERIOD)
    return {
        "queries": sorted(counts),
        "queries_for_100_organisations": len(heard),
        "p50_ms": round(times.percentile(0.5), 2),
        "p99_ms": round(times.percentile(0.99), 2),
    }


def _roster(system: System) -> dict[str, Json]:
    """A thousand rows of ten cells, in the area whose list comes nearest to that."""
    times = []
    with system.read(world.BENCH) as work:
        form = store.published(work.connection, ROSTER)
        code, rows = _near(work, ROWS)
        place = [identity.organisation(work.connection, code)]
        for _ in range(5):
            began = time.perf_counter()
            filled = prefill(work, form, place, PERIOD)[code]
            times.append(time.perf_counter() - began)
    found = len(filled.contents["roster"])
    return {
        "rows": found,
        "cells": len(filled.cells),
        "ms": round(median(times) * 1000),
        "ms_for_1000_rows": round(median(times) * 1000 * ROWS / max(found, 1)),
        "rows_wanted": rows,
    }


def _near(work: Work, wanted: int) -> tuple[str, int]:
    text = (
        "SELECT substr(f_residence, 1, 9) AS town, count(*) FROM reg_person"
        " WHERE f_sex = '2' AND f_birth_date < '1986-01-01' GROUP BY 1"
    )
    rows = work.connection.exec_driver_sql(text).all()
    best = min(rows, key=lambda row: abs(row[1] - wanted))
    return str(best[0]), int(best[1])


def _making(system: System, places: Sequence[str]) -> dict[str, Json]:
    """The report of sixty items for every organisation, by the runner that a server has; what the
    loading left to be done (words to search by, the month's figures) is done before.
    """
    runner = working.runner(system)
    runner.feed()  # the jobs of this hour are written, and so due
    runner.work_off()
    dispatch = system.write(world.BENCH, lambda work: making.begin(work, SIXTY, places, "2026-09"))
    began = time.perf_counter()
    runner.work_off()
    seconds = time.perf_counter() - began
    runner.stop()
    with system.read(world.BENCH) as work:
        done = making.get(work, dispatch.id)
    if done.made != len(places):
        raise AssertionError(f"made {done.made} of {len(places)}: {done.left[:3]}")
    return {
        "organisations": done.made,
        "seconds": round(seconds, 1),
        "reports_per_second": round(done.made / seconds),
        "dispatch": dispatch.id,
    }


def _rollup(system: System, dispatch: str) -> dict[str, Json]:
    """All documents read, side by side, with exact totals."""
    with system.read(world.BENCH) as work:
        began = time.perf_counter()
        records = documents.of_dispatch(work.connection, dispatch, cells=False)
        form = store.published(work.connection, SIXTY)
        places = identity.organisations(
            work.connection, [record.organisation_code for record in records]
        )
        whole = rollup.roll_up(form, records, places)
        seconds = time.perf_counter() - began
    return {
        "organisations": whole.counted,
        "columns": len(whole.columns),
        "seconds": round(seconds, 2),
    }


def _places(work: Work, codes: Sequence[str]) -> Iterator[identity.OrganisationValue]:
    yield from identity.organisations(work.connection, codes).values()


@contextmanager
def _listening(connection: Connection) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.startswith(("BEGIN", "SAVEPOINT")):
            heard.append(text)

    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(connection, "before_cursor_execute", hear)
