"""Deadlines as catalogues print them: read, counted, told back in words that read the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.deadlines import CutOff, Deadline, DeadlineUnread, number, read
from engine.periods import Period
from engine.workdays.calendar import Calendar, national
from tests.engine.workdays.test_calendar import CHINA

CALENDAR = Calendar(national(), CHINA)


def local(deadline: Deadline, period: str, level: str = "") -> str:
    """When it is due by the office's clock, to the minute."""
    moment = deadline.due(Period.parse(period), CALENDAR, level).astimezone(CHINA)
    return f"{moment:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "kind", "period", "due"),
    [
        ("月后5日前", "month", "2026-10", "2026-11-05 23:59"),
        ("次月十五日内", "month", "2026-09", "2026-10-15 23:59"),
        (
            "次月5日前，遇节假日顺延",
            "month",
            "2026-09",
            "2026-10-08 23:59",
        ),  # the 5th is in the National Day
        ("次月5日前，遇节假日提前", "month", "2026-09", "2026-09-30 23:59"),
        ("次月5日前，遇节假日不变", "month", "2026-09", "2026-10-05 23:59"),
        ("应于次月５日17:30前报送", "month", "2026-10", "2026-11-05 17:30"),
        ("次月5日9时05分前", "month", "2026-10", "2026-11-05 09:05"),
        ("次月底前", "month", "2026-10", "2026-11-30 23:59"),
        ("当月25日前", "month", "2026-11", "2026-11-25 23:59"),
        ("月底前", "month", "2026-06", "2026-06-30 23:59"),
        ("季末月20日前", "quarter", "2026-Q2", "2026-06-22 23:59"),  # the 20th is a Saturday
        ("季后首月10日前", "quarter", "2026-Q1", "2026-04-10 23:59"),
        ("次月前3个工作日", "month", "2026-10", "2026-11-04 23:59"),
        ("年后3月底前", "year", "2026", "2027-03-31 23:59"),
        (
            "月后3个工作日内",
            "month",
            "2026-09",
            "2026-10-10 23:59",
        ),  # 8, 9, and Saturday the 10th is worked
        ("月后10天内", "month", "2026-11", "2026-12-10 23:59"),
        ("季后7日前、第四季度免报", "quarter", "2026-Q1", "2026-04-07 23:59"),
        (
            "季度后7日前",
            "quarter",
            "2026-Q3",
            "2026-10-08 23:59",
        ),  # the 7th is the last day of the break
        ("季度终了后15日内", "quarter", "2026-Q2", "2026-07-15 23:59"),
        ("每月后3日前", "month", "2026-10", "2026-11-03 23:59"),
        ("年度结束后20日内", "year", "2025", "2026-01-20 23:59"),
        ("半年度终了后10日内", "half", "2026-H1", "2026-07-10 23:59"),
        ("年后1月10日前", "year", "2025", "2026-01-12 23:59"),  # the 10th is a Saturday
        ("半年后15日前", "half", "2026-H1", "2026-07-15 23:59"),
        ("次月5日17时前", "month", "2026-10", "2026-11-05 17:00"),
        ("4月3日24时", "quarter", "2026-Q1", "2026-04-03 23:59"),
    ],
)
def test_what_a_catalogue_prints_is_counted(text: str, kind: str, period: str, due: str) -> None:
    """In working days of the national calendar, to the end of the day unless an hour is named."""
    assert local(read(text, kind), period) == due


def test_levels_have_cut_offs_of_their_own() -> None:
    """县级 4月3日24时、市级 4月9日24时: and whoever is not named has the longest."""
    deadline = read("县级 4月3日24时、市级 4月9日24时", "quarter")
    assert local(deadline, "2026-Q1", "county") == "2026-04-03 23:59"
    assert local(deadline, "2026-Q1", "city") == "2026-04-09 23:59"
    assert local(deadline, "2026-Q1", "village") == "2026-04-09 23:59"
    assert set(deadline.levels(Period.parse("2026-Q1"), CALENDAR)) == {"county", "city"}


def test_exempt_periods_are_no_deadlines() -> None:
    """第四季度免报: the other quarters are reported."""
    deadline = read("季后7日前、第四季度免报", "quarter")
    assert deadline.is_exempt(Period.parse("2026-Q4"))
    assert not deadline.is_exempt(Period.parse("2026-Q3"))
    assert read("月后5日前、1月免报、十二月免报").skipped == {1, 12}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "month"),
        ("尽快", "month"),
        ("月后5日前", "quarter"),
        ("月后0日前", "month"),
        ("13月1日前", "year"),
        ("2月30日前", "year"),
        ("次月5日25时前", "month"),
        ("第五季度免报", "quarter"),
        ("月后5日前、第四季度免报", "month"),
        ("月后5日前、3至2月免报", "month"),
        ("月后5日24时30分前", "month"),
        ("月后5日10:75前", "month"),
        ("13月底前", "year"),
        ("每月5日前", "month"),
        ("月后5日前、月后6日前", "month"),
        ("月后十十日前", "month"),
        ("五" * 500, "month"),
    ],
)
def test_what_is_no_deadline_is_refused_with_the_part_at_fault(text: str, kind: str) -> None:
    """Nothing is guessed: a due date that is wrong is worse than none."""
    with pytest.raises(DeadlineUnread):
        read(text, kind)


@pytest.mark.parametrize(
    "document",
    [
        None,
        7,
        [],
        {"day": "5"},
        {"day": 5, "later": True},
        {"day": True},
        {"day": 5, "levels": []},
        {"day": 5, "levels": {"planet": {"day": 1}}},
        {"day": 5, "levels": {"town": 5}},
        {"day": 5, "skip": [0]},
        {"day": 5, "skip": "4"},
        {"day": 5, "shift": "sideways"},
        {"day": 5, "days": 3},
        {"days": 10**9},
        {},
    ],
)
def test_a_json_form_that_is_wrong_is_refused(document: object) -> None:
    """By its place."""
    with pytest.raises(DeadlineUnread):
        read(document)  # type: ignore[arg-type]  # on purpose


CUTS = st.one_of(
    st.builds(CutOff, day=st.integers(1, 31), hour=st.integers(1, 24)),
    st.builds(CutOff, days=st.integers(1, 366), working=st.booleans(), hour=st.integers(1, 24)),
    st.builds(
        CutOff, month=st.integers(1, 12), day=st.integers(1, 28), year=st.integers(0, 1), hour=st.integers(1, 24)
    ),
)  # fmt: skip
DEADLINES = st.builds(
    Deadline,
    CUTS,
    st.dictionaries(st.sampled_from(["city", "county", "town", "village"]), CUTS, max_size=3),
    st.frozensets(st.integers(1, 4), max_size=2),
    st.sampled_from(["none", "later", "earlier"]),
)


@given(DEADLINES)
def test_a_deadline_is_read_back_from_json_and_from_its_words(deadline: Deadline) -> None:
    """What is told to people reads as what was meant."""
    assert read(deadline.to_json()) == deadline
    assert read(deadline.told("quarter"), "quarter") == deadline
    assert deadline.told("quarter", "en")


@given(DEADLINES, st.integers(2020, 2026), st.integers(1, 4), st.sampled_from(["", "city", "town"]))
def test_it_is_due_in_order_and_on_a_working_day(
    deadline: Deadline, year: int, quarter: int, level: str
) -> None:
    """Later periods are never due before earlier ones, unless a day of the year is named."""
    period = Period(year, quarter, "quarter")
    due = deadline.due(period, CALENDAR, level)
    day = due.astimezone(CHINA).date()
    if deadline.shift != "none":
        assert CALENDAR.is_working(day)
    cut = deadline.by_level.get(level, deadline.usual)
    if not cut.month:
        assert due <= deadline.due(period.following(), CALENDAR, level)
        assert day > period.bounds()[1] or deadline.shift == "earlier"


@given(st.integers(1, 99))
def test_chinese_numbers_are_read(value: int) -> None:
    """Up to ninety-nine, as days and months are written."""
    tens, ones = divmod(value, 10)
    digits = " 一二三四五六七八九"
    text = f"{digits[tens] if tens > 1 else ''}{'十' if tens else ''}{digits[ones] if ones else ''}"
    assert number(text.strip()) == value


def test_a_day_that_a_month_does_not_have_is_its_last() -> None:
    """31日 of February is the 28th, and of a leap year the 29th."""
    assert CutOff(day=31).on(Period.parse("2026-01"), CALENDAR) == date(2026, 2, 28)
    assert CutOff(day=31).on(Period.parse("2024-01"), CALENDAR) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "kind", "skipped"),
    [
        ("季后7日前、第二、四季度免报", "quarter", {2, 4}),
        ("季后7日前（第四季度免报）", "quarter", {4}),
        ("月后5日前，1—2月免报", "month", {1, 2}),
        ("月后5日前、1月、2月及12月份免报", "month", {1, 2, 12}),
        ("1至3月免报、月后5日前", "month", {1, 2, 3}),
        ("半年后10日前，下半年免报", "half", {2}),
    ],
)
def test_several_periods_are_exempt_in_one_breath(text: str, kind: str, skipped: set[int]) -> None:
    """免报: listed, from one to another, in brackets; and said again it is the same."""
    found = read(text, kind)
    assert found.skipped == skipped
    assert read(found.told(kind), kind) == found
