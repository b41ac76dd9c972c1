"""An administrator's calendar: it counts at once, replaces the shipped year, and leaves a trace."""

from datetime import date

import pytest

from engine.errors import Forbidden, NotFound
from engine.holidays import store
from engine.identity.actor import Actor, Post
from engine.work import System
from engine.workdays.calendar import YearPlan
from engine.workdays.notice import as_lines, read_text
from tests.factories import TESTER

DESIGNER = Actor("d", "d", "管理员", (Post("designer", "370602", "芝罘区", "370602/"),))
CLERK = Actor("c", "c", "小王", (Post("staff", "370602", "芝罘区", "370602/"),))
PLAN = YearPlan.read(
    {
        "year": 2027,
        "source": "某通知",
        "off": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}],
        "on": ["2027-01-09"],
    }
)


def test_a_year_that_was_not_published_is_added(system: System) -> None:
    """From then on every calendar counts with it; saying the same again changes nothing."""
    with system.read(TESTER) as work:
        assert store.calendar(work).is_working(date(2027, 1, 1))
    assert system.write(DESIGNER, lambda work: store.save(work, PLAN))
    assert not system.write(DESIGNER, lambda work: store.save(work, PLAN))
    with system.read(TESTER) as work:
        calendar = store.calendar(work)
        assert not calendar.is_working(date(2027, 1, 1))
        assert calendar.is_working(date(2027, 1, 9))
        assert [one.plan.year for one in store.plans(work)][:2] == [2027, 2026]
        assert store.plans(work)[0].changed_name == "管理员"


def test_the_shipped_year_comes_back_when_the_own_is_removed(system: System) -> None:
    """An own plan replaces the year whole."""
    own = YearPlan.read({"year": 2026, "source": "", "off": [], "on": []})
    system.write(DESIGNER, lambda work: store.save(work, own))
    with system.read(TESTER) as work:
        assert store.calendar(work).is_working(date(2026, 10, 1))
    system.write(DESIGNER, lambda work: store.remove(work, 2026))
    with system.read(TESTER) as work:
        assert not store.calendar(work).is_working(date(2026, 10, 1))
    with pytest.raises(NotFound):
        system.write(DESIGNER, lambda work: store.remove(work, 2026))


def test_a_clerk_cannot_change_it(system: System) -> None:
    """Deadlines are not theirs to move."""
    with pytest.raises(Forbidden):
        system.write(CLERK, lambda work: store.save(work, PLAN))
    with pytest.raises(Forbidden):
        system.write(CLERK, lambda work: store.remove(work, 2026))


def test_lines_are_read_as_they_are_written() -> None:
    """What the page shows for editing gives the same plan."""
    assert read_text(as_lines(PLAN), source="某通知") == PLAN
