"""Counting in working days and hours: by the notices of the State Council, by properties, at the edges."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workdays.calendar import (
    OFFICE_HOURS,
    Calendar,
    PlanInvalid,
    TooFar,
    YearPlan,
    national,
    read_hours,
)

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(national(), CHINA)
DAYS = st.dates(date(2019, 6, 1), date(2027, 12, 31))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 - made aware at once
    lambda one: one.replace(tzinfo=UTC)
)


def at(text: str) -> datetime:
    """A moment by the office's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),  # 元旦, a Thursday
        ("2026-01-04", True),  # a Sunday that makes up for it
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-10-10", True),
        ("2026-11-28", False),  # a plain Saturday
        ("2022-12-31", False),  # of the notice for 2023
        ("2025-10-08", False),
        ("2024-09-14", True),
    ],
)
def test_a_day_is_worked_as_the_notice_says(day: str, works: bool) -> None:
    """Holidays, and weekends worked instead."""
    assert CALENDAR.is_working(date.fromisoformat(day)) is works


def test_every_published_year_has_as_many_working_days_as_it_should() -> None:
    """The official counts of working days: 2020 had 248 after the longer spring break, 2026 has 248."""
    counts = {
        year: CALENDAR.between(date(year - 1, 12, 31), date(year, 12, 31))
        for year in range(2020, 2027)
    }
    assert set(CALENDAR.plans) == set(counts)
    assert counts[2026] == 248
    assert counts[2025] == 248
    assert all(245 <= count <= 252 for count in counts.values())


def test_a_year_without_a_notice_is_told_apart() -> None:
    """2027 is not published: weekends are all that is known of it."""
    assert not CALENDAR.planned(date(2027, 1, 1))
    assert CALENDAR.is_working(date(2027, 1, 1))
    assert CALENDAR.planned(date(2026, 12, 31))


def test_before_the_spring_festival_the_next_working_day_is_far() -> None:
    """Saturday the 14th is worked; the next working day is the 24th."""
    assert CALENDAR.shift(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert CALENDAR.shift(date(2026, 2, 24), -1) == date(2026, 2, 14)
    assert CALENDAR.shift(date(2026, 2, 17), 0) == date(2026, 2, 24)
    assert CALENDAR.latest(date(2026, 2, 17)) == date(2026, 2, 14)
    assert CALENDAR.holiday(date(2026, 2, 17)) == "春节"


@given(DAYS, st.integers(-400, 400))
def test_shifting_counts_exactly(day: date, count: int) -> None:
    """What `shift` gives is a working day, and `between` counts as many up to it."""
    there = CALENDAR.shift(day, count)
    assert CALENDAR.is_working(there)
    if count > 0:
        assert CALENDAR.between(day, there) == count
    if count < 0:
        assert CALENDAR.between(there - timedelta(days=1), day - timedelta(days=1)) == -count


@given(DAYS, st.integers(0, 200), st.integers(0, 200))
def test_two_shifts_are_one(day: date, first: int, second: int) -> None:
    """Three days and then four are seven."""
    start = CALENDAR.shift(day, 0)
    assert CALENDAR.shift(CALENDAR.shift(start, first), second) == CALENDAR.shift(
        start, first + second
    )


@given(MOMENTS, st.integers(0, 40_000))
def test_hours_added_are_the_hours_between(moment: datetime, minutes: int) -> None:
    """`hours_between` gives back what `add_hours` added, and it ends in working hours."""
    amount = timedelta(minutes=minutes)
    there = CALENDAR.add_hours(moment, amount)
    assert CALENDAR.hours_between(moment, there) == amount
    assert there >= moment
    clock = there.astimezone(CHINA).time()
    assert any(opens <= clock <= closes for opens, closes in OFFICE_HOURS)


@given(MOMENTS, st.integers(1, 40_000))
def test_hours_taken_off_are_the_hours_between(moment: datetime, minutes: int) -> None:
    """The same backwards."""
    amount = timedelta(minutes=minutes)
    there = CALENDAR.add_hours(moment, -amount)
    assert CALENDAR.hours_between(there, moment) == amount


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-27T16:30", 1, "2026-11-27T17:30"),
        ("2026-11-27T16:30", 2, "2026-11-30T09:30"),  # over a weekend
        ("2026-11-27T11:00", 2, "2026-11-27T14:30"),  # over noon
        ("2026-11-28T10:00", 0, "2026-11-30T08:30"),  # begun on a Saturday
        ("2026-09-30T17:00", 1, "2026-10-08T09:00"),  # over the National Day
        ("2026-11-30T09:30", -2, "2026-11-27T16:30"),
    ],
)
def test_hours_go_by_the_offices_clock(start: str, hours: int, end: str) -> None:
    """Noon, nights, weekends and holidays do not count."""
    found = CALENDAR.add_hours(at(start), timedelta(hours=hours))
    assert found == at(end)
    assert found.tzinfo is UTC


def test_the_day_ends_with_its_last_second_at_the_office() -> None:
    """`4月9日24时` is four in the afternoon in Greenwich, but for a second."""
    assert CALENDAR.end_of(date(2026, 4, 9)) == datetime(2026, 4, 9, 15, 59, 59, tzinfo=UTC)
    assert CALENDAR.local_day(datetime(2026, 4, 9, 16, 0, tzinfo=UTC)) == date(2026, 4, 10)


def test_too_far_is_refused() -> None:
    """Nothing runs for ever, and no date overflows unseen."""
    for count in (10**9, -(10**9)):
        with pytest.raises(TooFar):
            CALENDAR.shift(date(2026, 1, 1), count)
    with pytest.raises(TooFar):
        CALENDAR.shift(date(9999, 12, 20), 30)
    with pytest.raises(TooFar):
        CALENDAR.add_hours(datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=10**6))
    with pytest.raises(TooFar):
        CALENDAR.between(date(1, 1, 1), date(9999, 1, 1))


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"year": "2027"},
        {"year": True},
        {"year": 12},
        {"year": 2027, "source": 1},
        {"year": 2027, "off": "元旦"},
        {"year": 2027, "off": [{"name": "元旦", "from": "2027-01-01", "to": "2026-12-31"}]},
        {"year": 2027, "off": [{"name": "元旦", "from": "2027-13-01"}]},
        {"year": 2027, "off": [{"name": "元旦", "from": "2025-01-01"}]},
        {"year": 2027, "off": [{"name": "元旦", "from": "2027-01-01", "to": "2027-06-01"}]},
        {"year": 2027, "off": [{"name": "元旦", "from": "2027-01-01"}], "on": ["2027-01-01"]},
        {"year": 2027, "on": [7]},
    ],
)
def test_a_plan_that_is_wrong_is_refused(document: object) -> None:
    """With where it is wrong; and a day cannot be off and worked."""
    with pytest.raises(PlanInvalid):
        YearPlan.read(document)  # type: ignore[arg-type]  # on purpose


def test_a_plan_is_read_back_as_it_was_written() -> None:
    """JSON is the form in which plans are kept and carried in packs."""
    assert all(YearPlan.read(one.to_json()) == one for one in national())


def test_an_administrators_plan_replaces_that_of_its_year() -> None:
    """The later one of two plans for a year counts, whole."""
    own = YearPlan.read({"year": 2026, "source": "本地", "off": [], "on": []})
    assert Calendar([*national(), own], CHINA).is_working(date(2026, 10, 1))


def test_working_hours_are_read_from_a_setting() -> None:
    """Parts of a day in order, none reaching into the next."""
    assert read_hours("08:30-12:00, 13:30-17:30") == OFFICE_HOURS
    assert read_hours("00:00-23:59") == ((time(0), time(23, 59)),)
    for wrong in ("", "9-17", "12:00-08:30", "08:00-12:00,11:00-17:00", "08:00+08:00-12:00"):
        with pytest.raises(PlanInvalid):
            read_hours(wrong)
