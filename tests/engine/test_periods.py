"""Reporting periods as keys."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.periods import Period, PeriodInvalid

PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}
periods = st.sampled_from(sorted(PER_YEAR)).flatmap(
    lambda kind: st.builds(
        Period, st.integers(1900, 2200), st.integers(1, PER_YEAR[kind]), st.just(kind)
    )
)


@settings(max_examples=200, deadline=None)
@given(periods)
def test_a_period_and_its_key_say_the_same(period):
    """Parsing what is written gives it back."""
    assert Period.parse(str(period)) == period


@settings(max_examples=200, deadline=None)
@given(periods)
def test_periods_follow_each_other_without_gap(period):
    """A day after the last day of the one before is the first day."""
    before = period.previous()
    assert before.following() == period
    assert (period.bounds()[0] - before.bounds()[1]).days == 1


@settings(max_examples=200, deadline=None)
@given(periods, st.data())
def test_every_day_of_a_period_leads_back_to_it(period, data):
    """`of` and `bounds` agree."""
    day = data.draw(st.dates(*period.bounds()))
    assert Period.of(period.kind, day) == period


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_bounds_are_the_first_and_the_last_day(key, first, last):
    """Leap years included."""
    assert Period.parse(key).bounds() == (first, last)


@pytest.mark.parametrize(
    ("key", "previous", "year_ago"),
    [
        ("2026-01", "2025-12", "2025-01"),
        ("2026-11", "2026-10", "2025-11"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-H1", "2025-H2", "2025-H1"),
        ("2026", "2025", "2025"),
    ],
)
def test_the_one_before_and_a_year_before(key, previous, year_ago):
    """Over the turn of the year too."""
    assert str(Period.parse(key).previous()) == previous
    assert str(Period.parse(key).same_last_year()) == year_ago


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("2026-11", "2026年11月", "November 2026"),
        ("2026-Q4", "2026年第四季度", "Q4 2026"),
        ("2026-H1", "2026年上半年", "first half of 2026"),
        ("2026", "2026年", "2026"),
    ],
)
def test_labels_are_what_people_write(key, zh, en):
    """In both languages."""
    assert Period.parse(key).label() == zh
    assert Period.parse(key).label("en") == en


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-H3",
        "26-11",
        "2026-1",
        "0000",
        "2026-11 ",
        "２０２６-11",
    ],
)
def test_anything_else_is_no_period(text):
    """And the error says how to write one."""
    with pytest.raises(PeriodInvalid) as caught:
        Period.parse(text)
    assert "2026-11" in caught.value.text("zh")
