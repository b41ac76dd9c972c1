"""The office's wall clock: its day begins eight hours before the day in Greenwich."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from engine import clock


@pytest.fixture
def urumqi() -> Iterator[None]:
    """An office two hours behind Beijing."""
    clock.keep_zone("Asia/Urumqi")
    yield
    clock.keep_zone(clock.OFFICE)


EVENING = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
"""One in the morning of the first of December in Yantai, eleven at night in Urumqi."""


def test_a_moment_lies_in_the_offices_day() -> None:
    """The UTC day is nobody's day."""
    assert clock.day(EVENING) == date(2026, 12, 1)
    assert clock.local(EVENING).hour == 1


def test_another_zone_is_a_setting(urumqi: None) -> None:
    """All that is asked by day follows it."""
    assert clock.day(EVENING) == date(2026, 11, 30)
    assert clock.end(date(2026, 11, 30)) == datetime(2026, 11, 30, 17, 59, 59, tzinfo=UTC)


def test_a_day_begins_and_ends_at_the_office() -> None:
    """From the first moment to the last second."""
    assert clock.begin(date(2026, 12, 1)) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert clock.end(date(2026, 12, 1)) == datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Nowhere", "../../etc/passwd", "Asia"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    """And the clock stays as it was."""
    with pytest.raises(ValueError, match=r"^"):
        clock.keep_zone(name)
    assert clock.day(EVENING) == date(2026, 12, 1)
