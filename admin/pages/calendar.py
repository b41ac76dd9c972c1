"""The calendar of working days: every year's plan, and the administrator's own from a pasted notice."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from admin.views import words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.access import policy
from engine.errors import Forbidden, Problem
from engine.holidays import store as holidays
from engine.holidays.store import KeptPlan
from engine.workdays import notice


@get("/calendar")
@threaded
def calendar_page(visit: Visiting, year: FromQuery[str] = "") -> Response[str]:
    """Every year's days off and days worked, the newest first; whoever may change it can."""
    return _page(visit, year=year)


@post("/calendar")
@threaded
def save_plan(visit: Visiting, form: Posted) -> Response[Any]:
    """Keep the plan of a year: a notice as it was published, or lines of days."""
    given, source = form.get("text"), form.get("source").strip()

    def inside(work: Any) -> int:
        work.require("calendar.change")
        plan = notice.read_text(given, source=source)
        holidays.save(work, plan)
        return plan.year

    try:
        year = visit.write(inside)
    except Forbidden:
        raise
    except Problem as problem:
        return _page(visit, given=given, source=source, problem=problem)
    visit.tell("ok", text(visit.language, "flash.calendar_saved", year=year))
    return leave(visit, f"/calendar#y{year}")


@post("/calendar/remove")
@threaded
def remove_plan(visit: Visiting, form: Posted) -> Redirect:
    """Let the shipped plan of a year count again."""
    year = form.get("year")
    visit.write(
        lambda work: holidays.remove(work, int(year) if year.isdigit() and len(year) == 4 else 0)
    )
    visit.tell("ok", text(visit.language, "flash.calendar_removed", year=year))
    return leave(visit, "/calendar")


def _page(
    visit: Visit,
    *,
    year: str = "",
    given: str = "",
    source: str = "",
    problem: Problem | None = None,
) -> Response[str]:
    with visit.read() as work:
        kept = list(holidays.plans(work))
        calendar = holidays.calendar(work)
        following = work.today.year + 1
        can_change = bool(policy.reaches(work.actor, "calendar.change"))
        missing = [one for one in (following - 1, following) if one not in calendar.plans]
    edited = next((one.plan for one in kept if str(one.plan.year) == year), None)
    if edited is not None and problem is None:
        given, source = notice.as_lines(edited), edited.source
    return html.page(
        visit,
        "calendar.html",
        http_status=200 if problem is None else problem.status,
        years=[_year(one, visit.language) for one in kept],
        missing=missing,
        can_change=can_change,
        given=given,
        source=source,
        error=problem.text(visit.language) if problem else None,
        hours=[f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in calendar.hours],
    )


def _year(one: KeptPlan, language: str) -> dict[str, Any]:
    plan = one.plan
    return {
        "year": plan.year,
        "source": plan.source,
        "own": one.own,
        "by": one.changed_name,
        "at": words.moment(one.changed_at) if one.changed_at else None,
        "breaks": [
            {
                "name": rest.name,
                "first": _day(str(rest.first), language),
                "last": _day(str(rest.last), language) if rest.last != rest.first else None,
                "days": (rest.last - rest.first).days + 1,
            }
            for rest in plan.breaks
        ],
        "worked": [
            f"{_day(str(day), language)} {text(language, f'weekday.{day.weekday()}')}"
            for day in plan.worked
        ],
    }


def _day(iso: str, language: str) -> str:
    """A day without its year: `2月15日`, `15 Feb` is told as `02-15` in English."""
    month, day = iso[5:7], iso[8:]
    return f"{int(month)}月{int(day)}日" if language == "zh" else f"{month}-{day}"
