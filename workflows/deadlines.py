"""When the time of a step is over, in working time where the flow says so. Pure."""

from datetime import datetime, time, timedelta

from engine.workdays.calendar import Calendar
from workflows.flow import Due

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def after(calendar: Calendar, start: datetime, amount: int, unit: str) -> datetime:
    """A time so many units later (earlier if negative).

    Working days keep the time of day; begun on a day off they count from the next day worked.
    """
    if unit == "working_days":
        local = start.astimezone(calendar.zone)
        day = calendar.shift(local.date(), amount)
        return local.replace(year=day.year, month=day.month, day=day.day)
    if unit == "working_hours":
        return calendar.add_hours(start, amount * HOUR).astimezone(calendar.zone)
    return start + amount * (DAY if unit == "days" else HOUR)


def ends(calendar: Calendar, start: datetime, due: Due) -> datetime:
    """When a step that is entered now is late."""
    return after(calendar, start, due.after, due.unit)


def resumed(
    calendar: Calendar, end: datetime, paused: datetime, now: datetime, unit: str
) -> datetime:
    """When something is due that stood still for a while: what was left then is left now.

    Working days lost are given back as working days, so that nothing becomes due on a day off.
    """
    if end <= paused:
        return end
    if unit == "working_hours":
        return calendar.add_hours(now, calendar.hours_between(paused, end))
    if unit != "working_days":
        return end + (now - paused)
    left = (
        calendar.between(*(calendar.local_day(one) for one in (paused, end))) * DAY
        + _into(calendar, end)
        - _into(calendar, paused)
    )
    days, rest = divmod(left + _into(calendar, now), DAY)
    day = calendar.shift(calendar.local_day(now), days)
    return datetime.combine(day, time(), calendar.zone) + rest


def _into(calendar: Calendar, moment: datetime) -> timedelta:
    """How much of the day is over; of a day off all of it."""
    local = moment.astimezone(calendar.zone)
    if not calendar.is_working(local.date()):
        return DAY
    return local - datetime.combine(local.date(), time(), calendar.zone)


def reminders(calendar: Calendar, start: datetime, end: datetime, due: Due) -> list[datetime]:
    """When whoever has it is reminded: so long before the end, and not before it began."""
    found = {after(calendar, end, -ahead, due.unit) for ahead in due.remind}
    return sorted(one for one in found if start < one < end)
