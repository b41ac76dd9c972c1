"""One report to all 6,683 organisations of Yantai, by batches, and the page of its progress."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, insert, select

from admin.pages.dispatches import Given, new_page
from admin.views import overview_view, target_view
from admin.views.overview_view import Asked
from admin.web import html
from admin.web.visit import Visit
from admin.working import runner
from bench import world
from bench.scratch import databases
from engine.dictionary.store import dictionary
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION
from engine.json_text import Json
from engine.work import System, Work, new_id
from forms import publish
from forms import store as forms
from workflows import dispatches
from workflows.dispatch import DispatchRecord
from workflows.dispatching import progress
from workflows.dispatching.targets import Targets
from workflows.store import CASE

FORM, PROVINCE = "bench.everywhere", "37"
TIMES = 15


def measure(
    url: str,
    folder: Path,
    *,
    numbered: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Json]:
    """Seconds until the last organisation has its task, and the progress page of the whole.

    `numbered`: each case gets its number as it begins.
    """
    with databases(url, folder) as scratch:
        say("建库，每个单位配一名填报人 · preparing, somebody who fills in everywhere")
        system = world.opened(scratch.fresh(), folder)
        try:
            world.build(system)
            if numbered:
                world.flow_with(system, _numbers)
            publish_form(system)
            codes = everywhere(system)
            choosing = _choosing(system)
            say(f"发给 {len(codes)} 个单位 · sending to {len(codes)}")
            began = time.perf_counter()
            sent = system.write(world.BENCH, lambda work: issue(work, codes))
            accepted = time.perf_counter() - began
            jobs = runner(system)
            jobs.work_off()
            took = time.perf_counter() - began
            jobs.stop()
            say("看进度，再发十一份 · watching, and eleven more reports")
            watched = _watching(system, sent, len(codes))
            _more(system, codes)
            jobs = runner(system)
            jobs.work_off()
            jobs.stop()
            return {
                "database": "sqlite" if system.database.is_sqlite else "postgresql",
                "organisations": len(codes),
                "numbered": _numbered(system),
                "accepted_seconds": round(accepted, 2),
                "sent_seconds": round(took, 2),
                "bar_seconds": 10,
                **choosing,
                **watched,
                **_overview(system),
            }
        finally:
            system.close()


def _numbers(document: dict[str, Any]) -> None:
    document["number"] = {"template": "烟统〔{year}〕{seq:05}号"}


def _numbered(system: System) -> int:
    """How many cases have a number, each its own."""
    with system.read(world.BENCH) as work:
        query = select(func.count(CASE.c.number.distinct()))
        return int(work.connection.execute(query).scalar() or 0)


def everywhere(system: System) -> list[str]:
    """Every organisation that is no office, each with somebody who fills in; the report is the city's."""

    def staff(work: Work) -> list[str]:
        place, account = ORGANISATION.c, ACCOUNT.c
        codes = work.connection.execute(select(place.code).where(place.kind != "office")).scalars()
        found = list(codes)
        one = work.connection.execute(select(account.id).order_by(account.id)).scalars().first()
        rows = [
            {
                "id": new_id(), "account_id": one, "role": role, "organisation_code": code,
                "valid_from": "2020-01-01",
            }
            for code in found
            for role in ("staff", "verifier", "leader")
        ]  # fmt: skip
        work.connection.execute(insert(POSITION), rows)
        return found

    return system.write(world.BENCH, staff)


def issue(work: Work, codes: list[str], period: str = "2026-11") -> DispatchRecord:
    """The report to all of them, as the province would send it."""
    due = work.now + timedelta(days=30)
    return dispatches.create(work, FORM, codes, period, due)


def publish_form(system: System) -> None:
    """The bench's report of forty items, issued by the province itself."""

    def inside(work: Work) -> None:
        document = world.form(dictionary(work.connection))
        document["$id"] = f"urn:yibiao:form:{FORM}"
        document["form"] |= {"code": FORM, "owner": PROVINCE}
        forms.insert_draft(work, document)
        publish.publish(work, FORM, note="bench")

    system.write(world.BENCH, inside)


def _choosing(system: System) -> dict[str, Any]:
    """The page on which a dispatch begins, whole; and what a press of a choice answers."""
    visit = Visit(system, world.BENCH, "", "zh", large=False, path="", request_id="")
    page: list[float] = []
    press: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with visit.read() as work:
            form = forms.published(work.connection, FORM)
            given = Given(period="2026-11")
            picked = Targets(levels=("village", "town"))
            new_page(visit, work, form, picked=picked, given=given)
        page.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        with visit.read() as work:
            here = target_view.place(work, PROVINCE)
            target_view.preview(work, here, Targets(trees=("3706",)), "zh")
        press.append((time.perf_counter() - began) * 1000)
    return {"new_page_ms": round(median(page), 1), "press_ms": round(median(press), 1)}


def _more(system: System, codes: list[str]) -> None:
    """The same report for the months of the year before."""
    for month in range(1, 12):
        period = f"2025-{month:02d}"

        def inside(work: Work, period: str = period) -> None:
            issue(work, codes, period)

        system.write(world.BENCH, inside)


def _overview(system: System) -> dict[str, Any]:
    """The page of all organisations by twelve reports, and a county of them."""
    visit = Visit(system, world.BENCH, "", "zh", large=False, path="", request_id="")
    whole: list[float] = []
    county: list[float] = []
    reports = 0
    for times, below in ((whole, ""), (county, "370602")) * TIMES:
        began = time.perf_counter()
        with visit.read() as work:
            context = overview_view.page(work, Asked(form=FORM, below=below), "zh")
            html.page(visit, "overview.html", **context)
        times.append((time.perf_counter() - began) * 1000)
        reports = max(reports, context["whole"]["total"])
    return {
        "overview_reports": reports,
        "overview_ms": round(median(whole), 1),
        "overview_county_ms": round(median(county), 1),
    }


def _watching(system: System, sent: DispatchRecord, wanted: int) -> dict[str, Any]:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with system.read(world.BENCH) as work:
            found = progress.units(work, dispatches.get(work, sent.id))
            counted = progress.tally(found)
            progress.by_child(found, progress.common_path(found))
        times.append((time.perf_counter() - began) * 1000)
    return {
        "units": counted.total,
        "complete": counted.total == wanted,
        "standing_ms": round(median(times), 1),
    }
