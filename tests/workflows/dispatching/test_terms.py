"""Changing what was sent: extended, exempt, removed, added, withdrawn, frozen, archived, opened again."""

from datetime import timedelta
from typing import Any

import pytest

from admin.working import runner
from engine.errors import NotFound
from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import commands, dispatches, reminders, todo
from workflows.dispatching import progress, terms
from workflows.dispatching.progress import Unit
from workflows.dispatching.terms import ReasonMissing, StateWrong, UnitDone, UnitNotThere

ONE, TWO = small_town.ONE, small_town.TWO


@pytest.fixture
def town(system: System) -> System:
    """A street with two communities."""
    small_town.build(system)
    return system


def does(system: System, change: Any, *given: Any) -> Any:
    """The office changes what it sent."""
    office = small_town.person(system, "office")
    return system.write(office, lambda work: change(work, *given))


def unit(system: System, sent: str, code: str) -> Unit:
    """Where a community is."""
    with system.read(TESTER) as work:
        found = progress.units(work, dispatches.get(work, sent))
    return next(one for one in found if one.organisation == code)


def final(system: System, login: str = "ann") -> None:
    """Handed in, verified, approved."""
    small_town.hand_in(system, login)
    for who in ("vera", "lea"):
        waiting = small_town.task(system, who)
        actor = small_town.person(system, who)
        system.write(actor, lambda work, one=waiting: commands.pass_(work, one.id))


def test_one_unit_gets_more_time(town: System, clock: Clock) -> None:
    """It is not late while the others are; its task says so."""
    sent = small_town.send(town, ONE, TWO, days=1)
    with pytest.raises(ReasonMissing):
        does(town, terms.extend, sent, [ONE], clock.at + timedelta(days=9), "")
    does(town, terms.extend, sent, [ONE], clock.at + timedelta(days=9), "停电")
    clock.forward(days=3)
    assert not unit(town, sent, ONE).late
    assert unit(town, sent, TWO).late
    assert small_town.task(town, "ann").due_at == unit(town, sent, ONE).due_at
    with pytest.raises(UnitNotThere):
        does(town, terms.extend, sent, ["370602011099"], clock.at + timedelta(days=9), "停电")


def test_who_gets_more_time_is_told_and_reminded_anew(town: System, clock: Clock) -> None:
    """That it is late is true no more; a day before the new date, and after it, it is said again."""
    sent = small_town.send(town, ONE, days=1)
    ann = small_town.person(town, "ann")

    def told() -> list[str]:
        jobs = runner(town)
        jobs.work_off()
        jobs.stop()
        with town.read(ann) as work:
            return [one.notice.about for one in reminders.unread(work, limit=9)]

    clock.forward(days=2)
    assert told() == ["notice.late"]
    does(town, terms.extend, sent, [ONE], clock.at + timedelta(days=3), "停电")
    assert told() == ["dispatch.notice.extended"]
    clock.forward(days=2, hours=6)
    assert told() == ["notice.soon", "dispatch.notice.extended"]
    clock.forward(days=1)
    assert told() == ["notice.late", "notice.soon", "dispatch.notice.extended"]


def test_an_exempt_unit_is_neither_late_nor_missing(town: System, clock: Clock) -> None:
    """免报 is a state of its own; the task is gone."""
    sent = small_town.send(town, ONE, TWO, days=1)
    does(town, terms.exempt, sent, [ONE], "本月无业务")
    clock.forward(days=3)
    found = unit(town, sent, ONE)
    assert (found.step, found.mark, found.late, found.missing) == ("exempt", "exempt", False, False)
    with town.read(small_town.person(town, "ann")) as work:
        assert todo.page(work).tasks == []
    with town.read(TESTER) as work:
        counted = progress.tally(progress.units(work, dispatches.get(work, sent)))
    assert (counted.total, counted.exempt, counted.late) == (2, 1, 1)


def test_units_are_removed_and_added(town: System) -> None:
    """Removed they can be asked again; what is final is not taken away."""
    sent = small_town.send(town, ONE)
    does(town, terms.add, sent, [TWO])
    assert unit(town, sent, TWO).step == "fill"
    does(town, terms.remove, sent, [TWO], "发错了")
    with town.read(small_town.person(town, "tom")) as work:
        assert todo.page(work).tasks == []
    does(town, terms.add, sent, [TWO])
    final(town)
    with pytest.raises(UnitDone):
        does(town, terms.remove, sent, [ONE], "发错了")
    with town.read(TESTER) as work:
        assert dispatches.get(work, sent).targets == 2


def test_withdrawn_it_can_be_sent_again(town: System) -> None:
    """Nobody has a task of it any more."""
    sent = small_town.send(town, ONE, TWO)
    assert does(town, terms.withdraw, sent, "表样有误") == 2
    with town.read(small_town.person(town, "ann")) as work:
        assert todo.page(work).tasks == []
    with pytest.raises(StateWrong):
        does(town, terms.withdraw, sent, "再来一次")
    small_town.send(town, ONE, TWO)


def test_frozen_archived_and_opened_again(town: System) -> None:
    """The signature covers every final value; a change afterwards shows; opening again needs a reason."""
    sent = small_town.send(town, ONE, TWO)
    final(town)
    with pytest.raises(StateWrong):
        does(town, terms.archive, sent)
    assert does(town, terms.freeze, sent, "期限已过") == 1
    missing = unit(town, sent, TWO)
    assert (missing.step, missing.submitted_at) == ("missing", None)
    kept = does(town, terms.archive, sent)
    assert kept["count"] == 1
    with town.read(TESTER) as work:
        record = dispatches.get(work, sent)
        assert terms.is_whole(work, record)
    document = unit(town, sent, ONE).document_id
    town.write(
        TESTER, lambda work: terms.documents.set_columns(work, document, contents={"count": 9})
    )
    with town.read(TESTER) as work:
        assert not terms.is_whole(work, record)
    with pytest.raises(ReasonMissing):
        does(town, terms.reopen, sent, " ")
    assert does(town, terms.reopen, sent, "上级要求补报") == 1
    with town.read(TESTER) as work:
        assert dispatches.get(work, sent).status == "running"


def test_opened_again_who_was_missing_reports_after_all(town: System) -> None:
    """One was filling in, the other's waited for the verifier: neither is lost, and both become final."""
    sent = small_town.send(town, ONE, TWO)
    small_town.hand_in(town, "ann")
    assert does(town, terms.freeze, sent, "冻错了") == 2
    assert {unit(town, sent, code).step for code in (ONE, TWO)} == {"missing"}
    assert does(town, terms.reopen, sent, "还有两家没审完") == 2
    for login, code in (("ann", ONE), ("tom", TWO)):
        assert unit(town, sent, code).step == "fill"
        final(town, login)
        assert unit(town, sent, code).step == "done"


def test_another_office_finds_nothing(town: System) -> None:
    """A filler cannot change what was sent either."""
    sent = small_town.send(town, ONE)
    for login in ("ann", "vera", "lea"):
        actor = small_town.person(town, login)
        with pytest.raises(NotFound):
            town.write(actor, lambda work: terms.withdraw(work, sent, "不想报"))
