"""Notices: to a person or to a position, once by their key, newest first, for a month."""

from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER, post
from tests.factories import actor as somebody

PLACE = ("37", "3706")
ANN = somebody(post("staff", *PLACE))
BOB = somebody(post("verifier", *PLACE), post("staff", "37", "3707"))


def _tell(system: System, *given: Notice) -> int:
    return system.write(TESTER, lambda work: notices.tell(work, given))


def _unread(system: System, who=ANN, limit: int = 9) -> list[str]:
    with system.read(who) as work:
        return [told.notice.about for told in notices.unread(work, limit=limit)]


def test_a_notice_reaches_its_person_and_its_position_only(system: System) -> None:
    """The same role elsewhere, or another role there, is somebody else."""
    _tell(
        system,
        Notice("to.ann", account_id=ANN.id),
        Notice("to.staff", organisation_code="3706", role="staff"),
        Notice("to.others", organisation_code="3707", role="staff"),
    )
    assert sorted(_unread(system)) == ["to.ann", "to.staff"]
    assert _unread(system, BOB) == ["to.others"]
    assert _unread(system, somebody()) == []


def test_a_notice_with_a_known_key_is_not_written_again(system: System) -> None:
    """Alone, in a batch, after it was read; without a key each one is."""
    first = Notice("a", account_id=ANN.id, key="k")
    assert _tell(system, first) == 1
    assert _tell(system, first, Notice("b", account_id=ANN.id, key="l")) == 1
    assert _tell(system, Notice("c", account_id=ANN.id), Notice("c", account_id=ANN.id)) == 2
    assert sorted(_unread(system)) == ["a", "b", "c", "c"]


def test_a_thousand_keys_at_once(system: System) -> None:
    """More than a statement takes."""
    batch = [Notice("a", account_id=ANN.id, key=str(number)) for number in range(1200)]
    assert _tell(system, *batch) == 1200
    assert _tell(system, *batch, Notice("b", account_id=ANN.id, key="new")) == 1


def test_the_newest_come_first_and_no_more_than_asked(system: System, clock: Clock) -> None:
    """What does not fit comes when those are read."""
    for about in "abc":
        _tell(system, Notice(about, account_id=ANN.id))
        clock.forward(seconds=1)
    assert _unread(system, limit=2) == ["c", "b"]
    with system.read(ANN) as work:
        ids = [told.id for told in notices.unread(work, limit=2)]
    assert system.write(ANN, lambda work: notices.mark_read(work, ids)) == 2
    assert _unread(system, limit=2) == ["a"]


def test_what_nobody_read_for_a_month_is_not_shown(system: System, clock: Clock) -> None:
    """Old news help nobody."""
    _tell(system, Notice("a", account_id=ANN.id))
    clock.forward(days=30)
    assert _unread(system) == ["a"]
    clock.forward(seconds=1)
    assert _unread(system) == []
