"""Which days are worked, and counting in working days and working hours.

A year's plan is what its notice says: days off, and days of a weekend that are worked instead. Plans
of years that are published stand in `national.json`; an administrator's plan replaces that of its
year. Of a year without a plan only the weekends are known, and `planned` says so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import json_text
from engine.errors import Problem
from engine.json_text import Json

DAY = timedelta(days=1)
SATURDAY = 5
FARTHEST = 20_000
"""So many working days at most are counted on: a lifetime of office."""
LONGEST_BREAK = 31
FIRST_YEAR, LAST_YEAR = 1990, 2200
_CLOCK = "([01][0-9]|2[0-3]):([0-5][0-9])"
_HOURS = re.compile(f"{_CLOCK}-{_CLOCK}")

Hours = tuple[tuple[time, time], ...]
OFFICE_HOURS: Hours = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))


class PlanInvalid(Problem):
    """A year's plan of days off and days worked is wrong; `where` says which entry."""

    code, status = "workdays.plan-invalid", 422
    where: str


class TooFar(Problem):
    """So many working days or hours lead out of any calendar."""

    code, status = "workdays.too-far", 422
    count: str


@dataclass(frozen=True, slots=True)
class Break:
    """Days off in a row, e.g. 春节 from 2026-02-15 to 2026-02-23."""

    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Each of its days."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + number * DAY


@dataclass(frozen=True, slots=True)
class YearPlan:
    """What the notice of one year says; its first break may begin in the December before."""

    year: int
    source: str
    breaks: tuple[Break, ...]
    worked: tuple[date, ...]
    """Days of weekends that are worked to make up for days off."""

    @classmethod
    def read(cls, document: Json) -> "YearPlan":
        """A plan from its JSON form. Raises PlanInvalid."""
        if not isinstance(document, Mapping):
            raise PlanInvalid(where="")
        year, source = document.get("year"), document.get("source", "")
        if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
            raise PlanInvalid(where="year")
        if not isinstance(source, str) or len(source) > 500:
            raise PlanInvalid(where="source")
        breaks = tuple(_break(one, year) for one in _list(document, "off"))
        worked = tuple(_day(one, year, "on") for one in _list(document, "on"))
        plan = cls(year, source, breaks, tuple(sorted(set(worked))))
        both = {day for one in breaks for day in one.days()} & set(worked)
        if both:
            raise PlanInvalid(where=min(both).isoformat())
        return plan

    def to_json(self) -> dict[str, Json]:
        """The form that `read` takes."""
        return {
            "year": self.year,
            "source": self.source,
            "off": [
                {"name": one.name, "from": one.first.isoformat(), "to": one.last.isoformat()}
                for one in self.breaks
            ],
            "on": [day.isoformat() for day in self.worked],
        }


class Calendar:
    """Working days by plans, working hours by the office's clock. It never changes."""

    def __init__(
        self, plans: Iterable[YearPlan], zone: tzinfo, hours: Hours = OFFICE_HOURS
    ) -> None:
        self.plans: Mapping[int, YearPlan] = {one.year: one for one in plans}
        self.zone = zone
        self.hours = hours
        self._off = {
            day: one.name
            for plan in self.plans.values()
            for one in plan.breaks
            for day in one.days()
        }
        self._worked = {day for plan in self.plans.values() for day in plan.worked}

    def planned(self, day: date) -> bool:
        """Whether the notice of the day's year is known; else weekends are all that is counted."""
        return day.year in self.plans

    def holiday(self, day: date) -> str:
        """What a day is off for; empty for a working day and for a plain weekend."""
        return self._off.get(day, "")

    def is_working(self, day: date) -> bool:
        """Whether offices work on the day."""
        return day in self._worked or (day.weekday() < SATURDAY and day not in self._off)

    def shift(self, day: date, count: int) -> date:
        """So many working days later (earlier if negative), the day itself not counted.

        With 0 the day itself, or the next that is worked. Raises TooFar.
        """
        if abs(count) > FARTHEST:
            raise TooFar(count=str(count))
        step, left = (DAY, count) if count >= 0 else (-DAY, -count)
        try:
            while left or not self.is_working(day):
                day += step
                left -= 1 if left and self.is_working(day) else 0
        except OverflowError as error:
            raise TooFar(count=str(count)) from error
        return day

    def latest(self, day: date) -> date:
        """The day itself, or the last working day before it."""
        return day if self.is_working(day) else self.shift(day, -1)

    def between(self, after: date, until: date) -> int:
        """How many working days lie after one day, up to and with another; negative backwards."""
        if until < after:
            return -self.between(until, after)
        if (until - after).days > 2 * FARTHEST:
            raise TooFar(count=str((until - after).days))
        days = ((after + number * DAY) for number in range(1, (until - after).days + 1))
        return sum(1 for day in days if self.is_working(day))

    def add_hours(self, moment: datetime, amount: timedelta) -> datetime:
        """A moment so much working time later, or earlier: in UTC.

        Begun outside of working hours it counts from the next opening (backwards from the last
        closing). Raises TooFar.
        """
        if abs(amount) > timedelta(days=FARTHEST / 3):
            raise TooFar(count=str(amount))
        return (
            self._later(moment, amount)
            if amount >= timedelta(0)
            else self._earlier(moment, -amount)
        )

    def hours_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment to another; negative backwards."""
        if end < start:
            return -self.hours_between(end, start)
        total = timedelta(0)
        for opens, closes in self._windows(self.local_day(start), DAY):
            if opens >= end:
                return total
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        return total

    def local_day(self, moment: datetime) -> date:
        """The day of a moment by the office's clock."""
        return moment.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The last second of a day by the office's clock: `4月9日24时`, in UTC."""
        begin = datetime.combine(day + DAY, time(), self.zone)
        return begin.astimezone(UTC) - timedelta(seconds=1)

    def _later(self, moment: datetime, left: timedelta) -> datetime:
        for opens, closes in self._windows(self.local_day(moment), DAY):
            start = max(opens, moment)
            if start < closes and left <= closes - start:
                return start.astimezone(UTC) + left
            left -= max(closes - start, timedelta(0))
        raise TooFar(count=str(left))

    def _earlier(self, moment: datetime, left: timedelta) -> datetime:
        for opens, closes in self._windows(self.local_day(moment), -DAY):
            end = min(closes, moment)
            if end > opens and left <= end - opens:
                return end.astimezone(UTC) - left
            left -= max(end - opens, timedelta(0))
        raise TooFar(count=str(left))

    def _windows(self, day: date, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """The working hours from a day on, or from it backwards."""
        hours = self.hours if step > timedelta(0) else self.hours[::-1]
        try:
            while True:
                if self.is_working(day):
                    for opens, closes in hours:
                        yield (
                            datetime.combine(day, opens, self.zone).astimezone(UTC),
                            datetime.combine(day, closes, self.zone).astimezone(UTC),
                        )
                day += step
        except OverflowError:
            return


@lru_cache(maxsize=1)
def national() -> tuple[YearPlan, ...]:
    """The plans of the State Council's notices that came with the program."""
    content = (Path(__file__).parent / "national.json").read_bytes()
    return tuple(YearPlan.read(one) for one in json_text.loads(content))


def read_hours(text: str) -> Hours:
    """Working hours as a setting has them: `08:30-12:00,13:30-17:30`. Raises PlanInvalid."""
    found: list[tuple[time, time]] = []
    for part in text.split(","):
        told = _HOURS.fullmatch(part.strip())
        if told is None:
            raise PlanInvalid(where=part.strip())
        pair = time(int(told[1]), int(told[2])), time(int(told[3]), int(told[4]))
        if pair[0] >= pair[1] or (found and pair[0] < found[-1][1]):
            raise PlanInvalid(where=part.strip())
        found.append(pair)
    return tuple(found)


def _list(document: Mapping[str, Any], name: str) -> list[Json]:
    found = document.get(name, [])
    if not isinstance(found, list) or len(found) > 366:
        raise PlanInvalid(where=name)
    return found


def _break(one: Json, year: int) -> Break:
    if not isinstance(one, Mapping) or not isinstance(one.get("name", ""), str):
        raise PlanInvalid(where="off")
    name = str(one.get("name", ""))[:50]
    first = _day(one.get("from"), year, name or "off")
    last = _day(one.get("to", one.get("from")), year, name or "off")
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST_BREAK):
        raise PlanInvalid(where=name or first.isoformat())
    return Break(name, first, last)


def _day(text: Json, year: int, where: str) -> date:
    """A day of the year, or of the December before and the January after it."""
    try:
        day = date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise PlanInvalid(where=f"{where}: {str(text)[:20]}")
    if not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
        raise PlanInvalid(where=f"{where}: {text}")
    return day
