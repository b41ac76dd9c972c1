"""Reports sent by themselves: when the period is over, once, to whoever is there then."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from admin.working import runner
from engine import deadlines
from engine.notices import store as notices
from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import dispatches
from workflows.dispatch import DISPATCH
from workflows.dispatches import DueInPast
from workflows.dispatching import cadence
from workflows.dispatching.targets import Targets, TargetsInvalid

DUE = deadlines.read("月后5日前、12月免报")


@pytest.fixture
def begun(system: System) -> str:
    """The monthly report, to every village, from November on."""
    small_town.build(system)
    office = small_town.person(system, "office")
    chosen = Targets.read({"levels": ["village"]})
    return system.write(
        office, lambda work: cadence.begin(work, "test.count", chosen, DUE, "2026-11")
    ).id


def sent(system: System) -> list[tuple[str, str, int]]:
    """Period, due date and number of units of what was sent."""
    with system.read(TESTER) as work:
        query = select(DISPATCH.c.period, DISPATCH.c.due_at, DISPATCH.c.targets).order_by(
            DISPATCH.c.period
        )
        return [(row[0], row[1][:16], row[2]) for row in work.connection.execute(query)]


def turns(system: System, times: int = 1) -> None:
    """The job is done so often, as several nodes would."""
    for _ in range(times):
        system.write(TESTER, lambda work: cadence.send_due(work, {}))


def test_it_is_sent_when_the_period_is_over_and_once(
    begun: str, system: System, clock: Clock
) -> None:
    """Not a day before; ten nodes send one; the person who set it is the sender."""
    turns(system)
    assert sent(system) == []
    clock.at = datetime(
        2026, 11, 30, 17, 0, tzinfo=UTC
    )  # the first of December has begun at the office
    turns(system, 3)
    runner(system).work_off()
    assert sent(system) == [("2026-11", "2026-12-07T15:59", 2)]  # the 5th is a Saturday
    with system.read(TESTER) as work:
        assert dispatches.listed(work)[0].created_name == "office"


def test_an_exempt_period_is_passed_over(begun: str, system: System, clock: Clock) -> None:
    """December is exempt; January is sent."""
    clock.at = datetime(2026, 12, 2, tzinfo=UTC)
    turns(system)
    clock.at = datetime(2027, 1, 2, tzinfo=UTC)
    turns(system)
    clock.at = datetime(2027, 2, 1, tzinfo=UTC)
    turns(system)
    assert [period for period, _, _ in sent(system)] == ["2026-11", "2027-01"]


def test_what_cannot_be_sent_is_told_and_tried_again(
    begun: str, system: System, clock: Clock
) -> None:
    """Somebody sent it by hand: the cadence says why it stands, and nothing is half sent."""
    small_town.send(system, small_town.ONE, days=9, period="2026-11")
    clock.at = datetime(2026, 12, 1, 3, tzinfo=UTC)
    turns(system, 2)
    assert len(sent(system)) == 1
    with system.read(TESTER) as work:
        kept = cadence.get(work, begun)
        assert "已经收到过" in cadence.told(kept, "zh")
        assert "November 2026 was not sent yet" in cadence.told(kept, "en")
    with system.read(small_town.person(system, "office")) as work:
        assert [one.notice.about for one in notices.unread(work, limit=9)] == [
            "cadence.notice.waits"
        ]


def test_what_can_no_longer_be_sent_is_passed_over(
    begun: str, system: System, clock: Clock
) -> None:
    """The node was off for six weeks: November was due meanwhile and would stand in the way for ever."""
    clock.at = datetime(2027, 1, 12, tzinfo=UTC)
    turns(system, 3)
    assert sent(system) == []
    with system.read(TESTER) as work:
        kept = cadence.get(work, begun)
        assert (kept.next_period, kept.problem) == ("2027-01", "")  # December is exempt
    clock.at = datetime(2027, 2, 1, tzinfo=UTC)
    turns(system)
    assert [period for period, _, _ in sent(system)] == ["2027-01"]
    with system.read(small_town.person(system, "office")) as work:
        assert [one.notice.about for one in notices.unread(work, limit=9)] == [
            "cadence.notice.missed"
        ]


def test_what_is_due_within_its_period_is_sent_when_it_begins(system: System, clock: Clock) -> None:
    """当月25日前: after the end of the month it would have been due for a week."""
    small_town.build(system)
    office = small_town.person(system, "office")
    within = deadlines.read("当月25日前")
    chosen = Targets.read({"levels": ["village"]})
    clock.at = datetime(2026, 11, 26, tzinfo=UTC)
    with pytest.raises(DueInPast):
        system.write(
            office, lambda work: cadence.begin(work, "test.count", chosen, within, "2026-11")
        )
    system.write(office, lambda work: cadence.begin(work, "test.count", chosen, within, "2026-12"))
    turns(system)
    assert sent(system) == []
    clock.at = datetime(2026, 11, 30, 17, tzinfo=UTC)
    turns(system, 2)
    assert sent(system) == [("2026-12", "2026-12-25T15:59", 2)]


def test_the_next_periods_are_told_with_their_days(begun: str, system: System) -> None:
    """Sent on the first, due on the 5th or after the weekend; of a year without its notice that is said."""
    with system.read(TESTER) as work:
        found = cadence.coming(work, cadence.get(work, begun))
    assert [
        (str(one.period), one.sent.isoformat(), one.due.date().isoformat(), one.exempt, one.planned)
        for one in found
    ] == [
        ("2026-11", "2026-12-01", "2026-12-07", False, True),
        ("2026-12", "2027-01-01", "2027-01-05", True, False),
        ("2027-01", "2027-02-01", "2027-02-05", False, False),
    ]


def test_a_stopped_one_sends_no_more(begun: str, system: System, clock: Clock) -> None:
    """What was sent stays."""
    office = small_town.person(system, "office")
    system.write(office, lambda work: cadence.stop(work, begun))
    clock.at = datetime(2027, 3, 1, tzinfo=UTC)
    turns(system)
    with system.read(TESTER) as work:
        count = select(func.count()).select_from(DISPATCH)
        assert work.connection.execute(count).scalar_one() == 0


@pytest.mark.parametrize(
    "document", [None, {"levels": "village"}, {"levels": ["planet"]}, {"who": []}, {"rule": 7}]
)
def test_a_choice_that_is_wrong_is_refused(document: object) -> None:
    """By its part."""
    with pytest.raises(TargetsInvalid):
        Targets.read(document)  # type: ignore[arg-type]  # on purpose
