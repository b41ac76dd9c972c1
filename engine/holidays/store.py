"""The calendar in force, and keeping an administrator's plan of a year; the only SQL of working days."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from engine import clock
from engine.errors import NotFound
from engine.holidays.tables import HolidayPlanRow
from engine.json_text import Json
from engine.work import Work
from engine.workdays.calendar import Calendar, YearPlan, national

PLAN = HolidayPlanRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A year's plan in force, and who entered it if it is not the shipped one."""

    plan: YearPlan
    own: bool
    changed_at: str = ""
    changed_name: str = ""


def calendar(work: Work) -> Calendar:
    """Working days and hours of this installation: shipped years, the administrator's before them."""
    return Calendar([one.plan for one in plans(work)], clock.zone(), work.settings.hours)


def plans(work: Work) -> Sequence[KeptPlan]:
    """The plan in force of every year that has one, the newest year first."""
    found = {one.year: KeptPlan(one, own=False) for one in national()}
    for row in work.connection.execute(select(PLAN)):
        plan = YearPlan.read(row.document)
        found[plan.year] = KeptPlan(plan, True, row.changed_at, row.changed_name)
    return [found[year] for year in sorted(found, reverse=True)]


def save(work: Work, plan: YearPlan) -> bool:
    """Keep a year's plan in place of the one before; False if it says the same. Raises Forbidden."""
    work.require("calendar.change")
    before = work.connection.execute(
        select(PLAN.c.document).where(PLAN.c.year == plan.year)
    ).scalar()
    document = plan.to_json()
    if before == document:
        return False
    values = {
        "document": document,
        "changed_at": work.at,
        "changed_by": work.actor.id,
        "changed_name": work.actor.name,
    }
    if before is None:
        work.connection.execute(insert(PLAN), {"year": plan.year, **values})
    else:
        work.connection.execute(update(PLAN).where(PLAN.c.year == plan.year).values(**values))
    _changed(work, plan.year, before, document)
    return True


def remove(work: Work, year: int) -> None:
    """Let the shipped plan of a year count again, or none. Raises Forbidden, NotFound."""
    work.require("calendar.change")
    before = work.connection.execute(select(PLAN.c.document).where(PLAN.c.year == year)).scalar()
    if before is None:
        raise NotFound
    work.connection.execute(delete(PLAN).where(PLAN.c.year == year))
    _changed(work, year, before, None)


def _changed(work: Work, year: int, before: Json, after: Json) -> None:
    work.record("calendar", str(year), before=before, after=after)
    work.note("calendar.changed", str(year), removed=after is None)


def load_plan(work: Work, document: Json) -> int:
    """The section `holidays` of a pack: one year's plan; gives 1 if it is new. Raises PlanInvalid."""
    return int(save(work, YearPlan.read(document)))
