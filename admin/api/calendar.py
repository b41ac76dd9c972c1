"""Working days over the API: every year's plan, and keeping one."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Body

from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.holidays import store as holidays
from engine.work import Work
from engine.workdays.calendar import YearPlan

Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Rest(msgspec.Struct, forbid_unknown_fields=True):
    """Days off in a row: the holiday, its first and last day."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    first: Day
    last: Day


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """One year by its notice: days off, and days of weekends that are worked instead."""

    year: Annotated[int, msgspec.Meta(ge=1990, le=2200)]
    source: Annotated[str, msgspec.Meta(max_length=500)]
    off: Annotated[list[Rest], msgspec.Meta(max_length=60)]
    on: Annotated[list[Day], msgspec.Meta(max_length=60)] = []


class PlanList(msgspec.Struct):
    """The plan in force of every year that has one, the newest first; of others only weekends count."""

    plans: list[Plan]


@get("/api/calendar")
@threaded
def read_calendar(caller: Visiting) -> Response[PlanList]:
    """The calendar of working days."""
    with caller.read() as work:
        return answer(PlanList([_plan(one.plan) for one in holidays.plans(work)]))


@post("/api/calendar", status_code=201)
@threaded
def keep_plan(caller: Visiting, data: Annotated[Plan, Body()]) -> Response[Plan]:
    """Keep a year's plan in place of the one there is."""
    document: dict[str, Any] = {
        "year": data.year,
        "source": data.source,
        "off": [{"name": one.name, "from": one.first, "to": one.last} for one in data.off],
        "on": list(data.on),
    }

    def inside(work: Work) -> YearPlan:
        work.require("calendar.change")
        plan = YearPlan.read(document)
        holidays.save(work, plan)
        return plan

    return answer(_plan(caller.write(inside)), 201)


def _plan(plan: YearPlan) -> Plan:
    rests = [Rest(one.name, str(one.first), str(one.last)) for one in plan.breaks]
    return Plan(plan.year, plan.source, rests, [str(day) for day in plan.worked])
