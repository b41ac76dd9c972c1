"""The clock of a try-out: what is due when, and what fires when time passes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.workdays.calendar import OFFICE_HOURS, Break, Calendar, YearPlan, national, read_hours
from workflows import deadlines
from workflows.flow import Due
from workflows.simulate.script import moment


def calendar_of(said: Mapping[str, Any], at: datetime) -> Calendar:
    """The calendar of a script: its own days off and worked, else the national ones of the year."""
    off, on = (
        [moment(day, at).date() for day in said.get(name, ())] for name in ("holidays", "workdays")
    )
    hours = read_hours(",".join(said["hours"])) if "hours" in said else OFFICE_HOURS
    plans = {plan.year: plan for plan in national()}
    for year in {day.year for day in (*off, *on)}:
        breaks = tuple(Break("", day, day) for day in off if day.year == year)
        worked = tuple(day for day in on if day.year == year)
        plans[year] = YearPlan(year, "", breaks, worked)
    zone = at.tzinfo
    assert zone is not None, "a moment of a script always has a zone"
    return Calendar(plans.values(), zone, hours)


@dataclass
class Timer:
    """What a task has still to hear of the clock."""

    end: datetime | None
    reminders: list[datetime] = field(default_factory=list)

    def next(self) -> tuple[datetime, str] | None:
        """When it speaks next, and whether to remind or because time is over."""
        if self.reminders and (self.end is None or self.reminders[0] <= self.end):
            return self.reminders[0], "urged"
        return (self.end, "timed_out") if self.end else None

    def spent(self) -> None:
        """It has just spoken."""
        if self.reminders and (self.end is None or self.reminders[0] <= self.end):
            self.reminders.pop(0)
        else:
            self.end = None


@dataclass
class Told(Timer):
    """The timer of a task that is due when its report is: people are told, nothing else happens."""

    told: list[tuple[datetime, str]] = field(default_factory=list)

    def next(self) -> tuple[datetime, str] | None:
        """When somebody is told, and what."""
        return self.told[0] if self.told else None

    def spent(self) -> None:
        """It was told."""
        self.told.pop(0)


@dataclass
class Timers:
    """The timers of one case."""

    calendar: Calendar
    running: dict[str, Timer] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    """When each task is due, also those whose timer has spoken."""
    units: dict[str, str] = field(default_factory=dict)
    """What each task's time is counted in."""
    paused_at: datetime | None = None

    def arm(self, key: str, due: Due, now: datetime, *, replaces: str = "") -> None:
        """Start the time of a task, or go on with that of the task it carries on or once was."""
        known = key if key in self.ends else replaces
        if known in self.ends:
            end = self.ends[known]
            begun = now
            reminders = self.running.get(known, Timer(None)).reminders
            reminders = reminders or deadlines.reminders(self.calendar, begun, end, due)
        else:
            end = deadlines.ends(self.calendar, now, due)
            reminders = deadlines.reminders(self.calendar, now, end, due)
        self.ends[key], self.units[key] = end, due.unit
        self.running[key] = Timer(end, list(reminders))

    def tell(self, key: str, due: datetime, told: list[tuple[datetime, str]]) -> None:
        """A task that has no time of its own is due when the report is."""
        self.ends[key] = due
        self.running[key] = Told(None, told=told)

    def put_off(self, key: str, due: datetime, now: datetime) -> None:
        """A task's time is over at another date: its reminders keep their distance."""
        timer, before = self.running.get(key), self.ends[key]
        self.ends[key] = due
        if timer is not None and timer.end is not None:
            moved = [due - (before - one) for one in timer.reminders]
            self.running[key] = Timer(due, [one for one in moved if one > now])

    def stop(self, key: str) -> None:
        """The task is nobody's to do any more."""
        self.running.pop(key, None)

    def pause(self, now: datetime) -> None:
        """Suspended: no clock runs."""
        self.paused_at = now

    def resume(self, now: datetime) -> None:
        """And on: everything is due so much later."""
        paused = self.paused_at or now
        self.paused_at = None
        for key, timer in self.running.items():
            if isinstance(timer, Told):  # a report's date stands
                continue

            def later(end: datetime, unit: str = self.units[key]) -> datetime:
                return deadlines.resumed(self.calendar, end, paused, now, unit)

            timer.end = later(timer.end) if timer.end else None
            timer.reminders = [later(one) for one in timer.reminders]
            self.ends[key] = later(self.ends[key])

    def next(self) -> tuple[datetime, str, str] | None:
        """The next thing that fires: when, which task, and what it is."""
        if self.paused_at:
            return None
        waiting = [
            (found[0], key, found[1])
            for key, timer in self.running.items()
            if (found := timer.next())
        ]
        return min(waiting) if waiting else None
