"""The workbooks of a hundred organisations: an archive of them, and one workbook with a sheet for each."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from admin import migrate, packs
from admin.views import placing
from admin.working import runner
from bench import sheet, world
from bench.dispatch import everywhere
from bench.scratch import databases
from engine.json_text import Json
from engine.work import System, Work
from forms import document, documents, store
from forms.compiled import CompiledForm
from workflows import dispatches
from workflows.dispatch import DispatchRecord
from workflows.dispatching import exports

PERIODS = {"stats.rural_basic": "2026", "civil.elderly_allowance_roster": "2026-11"}
"""A sheet of fixed rows, and a roster that grows; with a period of each."""
LINES = 40


def measure(
    url: str, folder: Path, units: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Seconds of each kind of export, from the press to the file, with its size."""
    with databases(url, folder) as scratch:
        say("建库 · preparing")
        system = world.opened(scratch.fresh(), folder)
        try:
            migrate.upgrade(system.database)
            packs.load(system, world.PACK)
            places = [code for code in everywhere(system) if len(code) > len(world.STREET)][:units]
            return {
                code: {kind: _packed(system, sent, kind, say) for kind in exports.KINDS}
                for code in PERIODS
                for sent in (_sent(system, code, places),)
            }
        finally:
            system.close()


def _sent(system: System, code: str, places: list[str]) -> DispatchRecord:
    """The report at every place, filled in and final."""
    chance = random.Random(20261128)

    def asked(work: Work) -> DispatchRecord:
        return dispatches.create(work, code, places, PERIODS[code], work.now + timedelta(days=30))

    def final(work: Work) -> None:
        form = store.published(work.connection, code)
        for one in documents.of_dispatch(work.connection, sent.id):
            made = _contents(form, chance)
            documents.set_columns(work, one.id, contents=made, status="final", revision=1)

    sent = system.write(world.BENCH, asked)
    _work_off(system)
    system.write(world.BENCH, final)
    return sent


def _contents(form: CompiledForm, chance: random.Random) -> dict[str, Json]:
    """A value in every cell that takes one, and rows in every list."""
    contents: dict[str, Json] = document.put_all(
        form,
        {},
        {
            item.path: sheet.value(item, chance)
            for item in form.items
            if "*" not in item.path and not item.compute
        },
    )
    for table in placing.floating(form):
        columns = placing.column_items(form, table).items()
        rows: list[Json] = [
            {"_id": f"r{n}", **{name: sheet.value(one, chance) for name, one in columns if not one.compute}}
            for n in range(LINES)
        ]  # fmt: skip
        contents[table.path.removeprefix("/")] = rows
    return contents


def _packed(
    system: System, sent: DispatchRecord, kind: str, say: Callable[[str], None]
) -> dict[str, Any]:
    """One export, whole."""
    say(f"{sent.form_code} {kind}")
    began, worked = time.perf_counter(), time.process_time()
    export = system.write(world.BENCH, lambda work: exports.ask(work, sent.id, kind))
    _work_off(system)
    took, busy = time.perf_counter() - began, time.process_time() - worked
    with system.read(world.BENCH) as work:
        record = exports.get(work, export)
        content = exports.content(work, export)
    if not record.finished:
        raise AssertionError("the export is not finished")
    return {
        "units": record.total,
        "seconds": round(took, 1),
        "cpu_seconds": round(busy, 1),
        "kilobytes": len(content) // 1024,
    }


def _work_off(system: System) -> None:
    jobs = runner(system)
    jobs.work_off()
    jobs.stop()
