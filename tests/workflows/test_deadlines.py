"""When the time of a step is over: pauses in working time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workdays.calendar import Calendar, national
from workflows import deadlines

HERE = timezone(timedelta(hours=8))
CALENDAR = Calendar(national(), HERE)
UNITS = ("working_days", "working_hours", "days", "hours")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001 - made aware below
    lambda one: one.replace(tzinfo=HERE, microsecond=0)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+08:00")


@pytest.mark.parametrize(
    ("unit", "end", "paused", "now", "expected"),
    [
        ("working_days", "11-05T09:00", "11-03T09:00", "11-12T09:00", "11-16T09:00"),
        ("working_days", "11-03T18:00", "11-03T09:00", "11-03T17:00", "11-04T02:00"),
        ("working_days", "11-06T18:00", "11-06T09:00", "11-06T17:00", "11-09T02:00"),
        ("working_days", "09-30T09:00", "09-29T09:00", "10-08T09:00", "10-09T09:00"),
        ("working_hours", "11-06T16:00", "11-06T15:00", "11-07T10:00", "11-09T09:30"),
        ("days", "11-05T09:00", "11-03T09:00", "11-12T09:00", "11-14T09:00"),
        ("hours", "11-05T09:00", "11-05T10:00", "11-12T09:00", "11-05T09:00"),
    ],
)
def test_what_was_left_is_left(unit: str, end: str, paused: str, now: str, expected: str) -> None:
    """Over weekends, within a day, over the national holiday; what was late stays as late."""
    found = deadlines.resumed(CALENDAR, at(end), at(paused), at(now), unit)
    assert found.astimezone(HERE) == at(expected)


@given(MOMENTS, st.integers(1, 30 * 86400), st.integers(0, 30 * 86400), st.sampled_from(UNITS))
def test_a_pause_takes_no_time_away(paused: datetime, left: int, lost: int, unit: str) -> None:
    """Never earlier than it was, nor at once; in working days always on a day that is worked."""
    end, now = paused + timedelta(seconds=left), paused + timedelta(seconds=lost)
    if unit == "working_days":
        end = deadlines.after(CALENDAR, end, 0, unit)
    elif unit == "working_hours":
        end = CALENDAR.add_hours(end, timedelta(minutes=1))
    found = deadlines.resumed(CALENDAR, end, paused, now, unit)
    assert found.astimezone(UTC) >= end.astimezone(UTC)
    if unit == "working_days":
        assert CALENDAR.is_working(found.astimezone(HERE).date())
        assert found >= now
