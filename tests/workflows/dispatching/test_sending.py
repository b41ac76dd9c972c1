"""Sending to thousands: batches by jobs, done once each, and how far everybody is."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from admin.working import runner
from engine.identity import store as identity
from engine.work import System
from forms.documents import DOCUMENT
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import dispatches, store
from workflows.dispatches import ShortNotice, UrgentWithoutReason
from workflows.dispatching import progress, sending, urging

BOTH = (small_town.ONE, small_town.TWO)


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a single organisation, so that two are many."""
    monkeypatch.setattr(sending, "AT_ONCE", 1)


@pytest.fixture
def town(system: System) -> System:
    """A street with two communities."""
    small_town.build(system)
    return system


def status(system: System, dispatch: str) -> tuple[str, int, int]:
    """How the dispatch says it stands, for how many it is meant, and how many have it."""
    with system.read(TESTER) as work:
        record = dispatches.get(work, dispatch)
        return record.status, record.targets, len(progress.units(work, record))


def test_thousands_are_sent_by_jobs(town: System, one_at_a_time: None) -> None:
    """The press writes the dispatch and its jobs; when they are done it runs, as sent by the person."""
    sent = small_town.send(town, *BOTH)
    assert status(town, sent) == ("sending", 2, 0)
    assert runner(town).work_off() >= 2
    assert status(town, sent) == ("running", 2, 2)
    assert small_town.task(town, "ann").dispatch_id == sent
    with town.read(TESTER) as work:
        first = store.events(work.connection, small_town.task(town, "tom").case_id)[0]
    assert first["actor_name"] == "office"


def test_a_batch_that_is_done_twice_sends_once(town: System, one_at_a_time: None) -> None:
    """A worker that was killed after its commit leaves nothing to do for the next."""
    sent = small_town.send(town, *BOTH)
    payload = {"dispatch": sent, "organisations": [small_town.ONE]}
    for _ in range(2):
        town.write(TESTER, lambda work: sending.send_batch(work, payload))
    with town.read(TESTER) as work:
        count = select(func.count()).select_from(DOCUMENT)
        assert work.connection.execute(count).scalar_one() == 1


def test_who_has_the_report_meanwhile_is_left_out(town: System, one_at_a_time: None) -> None:
    """The dispatch goes on without them, and is complete without them."""
    sent = small_town.send(town, *BOTH)
    town.write(
        TESTER,
        lambda work: dispatches.create(
            work, "test.count", [small_town.ONE], "2026-11", work.now + timedelta(days=9)
        ),
    )
    runner(town).work_off()
    assert status(town, sent) == ("running", 1, 1)


def test_where_nobody_fills_in_is_left_out(town: System, one_at_a_time: None) -> None:
    """Their person left between the press and the job."""
    sent = small_town.send(town, *BOTH)
    tom = small_town.person(town, "tom")
    town.write(
        TESTER,
        lambda work: work.connection.execute(
            identity.ACCOUNT.update().where(identity.ACCOUNT.c.id == tom.id).values(active=False)
        ),
    )
    runner(town).work_off()
    assert status(town, sent) == ("running", 1, 1)


def test_a_morning_for_an_afternoon_is_refused(town: System, clock: Clock) -> None:
    """上午发下午要: at half past nine for half past one; urgent with a reason it goes, and is counted."""
    office = small_town.person(town, "office")

    def send(**more: object) -> object:
        return town.write(
            office,
            lambda work: dispatches.create(
                work, "test.count", BOTH, "2026-11", work.now + timedelta(hours=4), **more
            ),
        )

    with pytest.raises(ShortNotice):
        send()
    with pytest.raises(UrgentWithoutReason):
        send(urgent=True, reason="急")
    sent = send(urgent=True, reason="防汛一级响应")
    assert (sent.urgent, sent.reason) == (True, "防汛一级响应")


def test_the_standing_of_everybody(town: System, clock: Clock) -> None:
    """Handed in, late, and by how many days; counted level by level."""
    sent = small_town.send(town, *BOTH, days=2)
    small_town.hand_in(town, "ann")
    clock.forward(days=4)
    with town.read(TESTER) as work:
        record = dispatches.get(work, sent)
        found = progress.units(work, record)
        one, two = found
        assert (one.step, one.late) == ("verify", False)
        assert (two.step, two.late, two.missing, two.overdue(work.now)) == ("fill", True, True, 3)
        counted = progress.tally(found)
        assert (counted.total, counted.late, counted.steps) == (2, 1, {"verify": 1, "fill": 1})
        levels = progress.by_child(found, progress.common_path(found))
        assert {code: one.total for code, one in levels.items()} == {
            small_town.ONE: 1,
            small_town.TWO: 1,
        }


def test_one_press_urges_all_who_are_late(
    town: System, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first at once, the rest by jobs, nobody twice in an hour."""
    monkeypatch.setattr(urging, "AT_ONCE", 1)
    sent = small_town.send(town, *BOTH, days=1)
    clock.forward(days=2)
    office = small_town.person(town, "office")
    assert town.write(office, lambda work: urging.urge(work, sent)) == urging.Reminded(1, 0, 1)
    runner(town).work_off()
    for login in ("ann", "tom"):
        assert small_town.task(town, login).urged_at is not None
    again = town.write(office, lambda work: urging.urge(work, sent))
    assert (again.reminded, again.paused, again.later) == (0, 2, 0)
