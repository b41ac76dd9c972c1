"""The report that a script is about: its period, when it is due, and what the office changes of that.

As a dispatch does in an office: a period that is exempt (免报) is not sent, nor is what leaves less time
than the rule allows (上午发下午要) unless it is urgent; steps without a time of their own are due when
the report is, and whoever has it is told a day before and when it is late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import deadlines
from engine.deadlines import Deadline, DeadlineUnread
from engine.errors import Problem
from engine.periods import Period, PeriodInvalid
from engine.workdays.calendar import Calendar
from workflows.dispatches import SHORTEST_REASON, DueInPast, ShortNotice, UrgentWithoutReason
from workflows.simulate.script import Action, ScriptInvalid, moment

AHEAD = timedelta(hours=24)
LEAST_HOURS = 4
"""Working hours between sending and the first cut-off, when the script does not say."""
SHORTEST = 2


class NotSent(Problem):
    """The report of the period was not sent: nothing can be done in it."""

    code, status = "simulate.not-sent", 409


class ReasonNeeded(Problem):
    """A change of what was sent says why."""

    code, status = "simulate.reason-needed", 422


class NoReport(Problem):
    """The script is about no report whose date could be changed."""

    code, status = "simulate.no-report", 422


class Through(Problem):
    """The report is final: neither its date nor whether it is needed can be changed."""

    code, status = "simulate.through", 409


@dataclass(frozen=True, slots=True)
class Report:
    """What a script says of its report."""

    period: Period
    deadline: Deadline | None
    day: datetime | None
    """A date of its own in place of a rule."""
    level: str = ""
    hours: int = LEAST_HOURS
    urgent: str | None = None
    refused: str | bool = False

    @property
    def exempt(self) -> bool:
        """Whether nothing need be reported for the period."""
        return self.deadline is not None and self.deadline.is_exempt(self.period)

    def due(self, calendar: Calendar) -> datetime | None:
        """When it is due for the level that the script is about."""
        if self.deadline is None:
            return self.day
        return self.deadline.due(self.period, calendar, self.level).astimezone(calendar.zone)

    def refuse_hurry(self, now: datetime, calendar: Calendar) -> None:
        """Raises DueInPast, ShortNotice, UrgentWithoutReason as sending does."""
        ends = self.due(calendar)
        if ends is None or self.exempt:
            return
        if ends <= now:
            raise DueInPast(due=calendar.local_day(ends).isoformat())
        if self.urgent is not None:
            if len(self.urgent.strip()) < SHORTEST_REASON:
                raise UrgentWithoutReason
        elif calendar.hours_between(now, ends) < timedelta(hours=self.hours):
            raise ShortNotice(hours=self.hours)


def read(said: Mapping[str, Any], at: datetime) -> Report:
    """What stands under `report`. Raises ScriptInvalid with the part at fault."""
    try:
        period = Period.parse(said["period"])
    except PeriodInvalid as error:
        raise _wrong("period", "period", said["period"]) from error
    try:
        deadline = (
            deadlines.read(said["deadline"], period.kind)
            if said.get("deadline") is not None
            else None
        )
    except DeadlineUnread as error:
        raise _wrong("deadline", "deadline", error.where) from error
    return Report(
        period=period,
        deadline=deadline,
        day=_day(said["due"], at) if "due" in said else None,
        level=said.get("level", ""),
        hours=said.get("hours", LEAST_HOURS),
        urgent=said.get("urgent"),
        refused=said.get("refused", False),
    )


def _day(text: str, at: datetime) -> datetime:
    """A date; a day alone ends at its last second."""
    found = moment(text, at, "/report/due")
    return found if "T" in text else found.replace(hour=23, minute=59, second=59)


def until(action: Action, now: datetime) -> datetime:
    """The date to which an action extends. Raises ReasonNeeded, DueInPast."""
    why(action)
    found = moment(action.get("until"), now)
    if "T" not in action.get("until"):
        found = found.replace(hour=23, minute=59, second=59)
    if found <= now:
        raise DueInPast(due=found.date().isoformat())
    return found


def why(action: Action) -> str:
    """The reason of a change. Raises ReasonNeeded."""
    said = str(action.get("comment"))
    if len(said.strip()) < SHORTEST:
        raise ReasonNeeded
    return said


def is_late(due: datetime, handed_in: datetime | None, now: datetime) -> bool:
    """Not handed in although due, or handed in after it was due."""
    return due < (handed_in or now)


def notices(due: datetime, now: datetime) -> list[tuple[datetime, str]]:
    """When whoever has the report is told, from now on: a day ahead, and that it is late."""
    found = [(due, "late")] if due > now else [(now, "late")]
    return [(max(due - AHEAD, now), "soon"), *found] if due > now else found


def _wrong(where: str, reason: str, detail: str) -> ScriptInvalid:
    return ScriptInvalid(where=f"/report/{where}", reason=reason, detail=detail)
