"""Urging reaches those who hold the task, at most once an hour, and a reminder comes in time by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.audit.trail import AUDIT
from engine.errors import NotFound
from engine.identity.store import POSITION
from engine.notices import store as notices
from engine.work import System
from tests.conftest import Clock
from tests.engine.jobs.counting import runner
from tests.workflows import small_town
from tests.workflows.small_town import ONE, TWO, hand_in, person, send, task
from workflows import commands, dispatches, reminders
from workflows.dispatching import overview, progress, urging
from workflows.dispatching.urging import Reminded


@pytest.fixture
def town(system: System) -> System:
    """The street with its report."""
    small_town.build(system)
    return system


def _told(system: System, login: str) -> list[str]:
    """What somebody's page tells."""
    with system.read(person(system, login)) as work:
        return [told.notice.about for told in reminders.unread(work, limit=9)]


def _urge(
    system: System, dispatch: str, organisation: str = ONE, login: str = "office"
) -> Reminded:
    return system.write(
        person(system, login), lambda work: urging.urge(work, dispatch, organisation)
    )


def _remind(system: System) -> None:
    works = runner(system, reminders.JOBS)
    works.work_off()
    works.stop()


def test_everybody_who_holds_the_task_is_told(town: System) -> None:
    """Both fillers of the community, nobody else; the notice leads to the task."""
    dispatch = send(town, ONE, TWO)
    assert _urge(town, dispatch) == Reminded(1, 0)
    assert [_told(town, login) for login in ("ann", "amy")] == [["flow.notice.urged"]] * 2
    assert [_told(town, login) for login in ("tom", "vera", "office")] == [[], [], []]
    with town.read(person(town, "ann")) as work:
        (told,) = reminders.unread(work, limit=9)
    assert told.notice.task_id == task(town, "ann").id
    case = task(town, "ann").case_id
    assert told.notice.detail == {"text": "", "by": "office", "case": case}


def test_a_task_is_urged_once_an_hour_at_most(town: System, clock: Clock) -> None:
    """However often the button is pressed; after the hour again, and each is on the trail."""
    dispatch = send(town, ONE)
    _urge(town, dispatch)
    again_at = clock.at + timedelta(hours=1)
    clock.forward(minutes=59)
    assert _urge(town, dispatch) == Reminded(0, 1, 0, again_at)
    assert _told(town, "ann") == ["flow.notice.urged"]
    clock.forward(minutes=1)
    assert _urge(town, dispatch) == Reminded(1, 0)
    assert _told(town, "ann") == ["flow.notice.urged"] * 2
    with town.database.read() as connection:
        acts = connection.execute(select(AUDIT.c.action).where(AUDIT.c.target == dispatch))
        assert acts.scalars().all() == ["dispatch.created", "dispatch.urged", "dispatch.urged"]


def test_what_went_back_and_is_due_is_late_and_urged(town: System, clock: Clock) -> None:
    """Handed in in time and returned or taken back: it is with its filler, past its date."""
    dispatch = send(town, ONE, TWO, days=2)
    hand_in(town)
    waiting = task(town, "vera")
    town.write(
        person(town, "vera"), lambda work: commands.return_(work, waiting.id, {"/count": "差太多"})
    )
    hand_in(town, "tom")
    clock.forward(days=4)
    with town.read(person(town, "office")) as work:
        record = dispatches.get(work, dispatch)
        found = progress.units(work, record)
        back = next(one for one in found if one.step == "fill")
        assert (back.late, back.missing, back.returned, back.overdue(work.now)) == (
            True, False, True, 3,
        )  # fmt: skip
        assert [one.late for one in found if one is not back] == [False]
        counted = overview.levels(work, [dispatch], overview.top(work, [dispatch]))
    assert (counted[ONE][dispatch].late, counted[ONE][dispatch].came_late) == (1, 0)
    assert counted[TWO][dispatch].late == 0
    assert _urge(town, dispatch, "") == Reminded(1, 0)


def test_pressed_again_before_the_jobs_are_done_nobody_is_promised_twice(
    town: System, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The jobs of the first press are under way: the second says so, and when it may be pressed again."""
    monkeypatch.setattr(urging, "AT_ONCE", 1)
    dispatch = send(town, ONE, TWO, days=1)
    clock.forward(days=2)
    assert _urge(town, dispatch, "") == Reminded(1, 0, 1)
    clock.forward(minutes=1)
    second = _urge(town, dispatch, "")
    assert (second.later, second.again_at) == (0, clock.at + timedelta(minutes=59))
    works = runner(town, reminders.JOBS)
    works.work_off()
    works.stop()
    for login in ("ann", "tom"):
        assert _told(town, login).count("flow.notice.urged") == 1
    assert _urge(town, dispatch, "") == Reminded(0, 2, 0, clock.at + timedelta(minutes=59))


def test_only_the_office_that_sent_it_urges(town: System) -> None:
    """For anybody else the dispatch is not there."""
    dispatch = send(town, ONE)
    for login in ("ann", "vera"):
        with pytest.raises(NotFound):
            _urge(town, dispatch, login=login)
    assert _told(town, "ann") == []


def test_what_asks_for_a_task_goes_when_the_task_is_done(town: System) -> None:
    """Nobody is told to do what is done."""
    dispatch = send(town, ONE)
    _urge(town, dispatch)
    hand_in(town)
    assert _told(town, "ann") == _told(town, "amy") == []
    _urge(town, dispatch)
    assert _told(town, "vera") == ["flow.notice.urged"]


def test_a_return_is_told_to_the_person_who_filled(town: System) -> None:
    """By name, and with where to look."""
    send(town, ONE)
    hand_in(town)
    waiting = task(town, "vera")
    town.write(
        person(town, "vera"),
        lambda work: commands.return_(work, waiting.id, {"/count": "请核实"}, comment="差太多"),
    )
    assert (_told(town, "ann"), _told(town, "amy")) == (["flow.notice.returned"], [])
    with town.read(person(town, "ann")) as work:
        (told,) = reminders.unread(work, limit=9)
    assert told.notice.document_id == waiting.document_id
    assert told.notice.detail["text"] == "差太多"


def test_a_refused_act_tells_nobody(town: System) -> None:
    """The notice is part of the transaction."""
    dispatch = send(town, ONE)

    def urge_and_fail(work) -> None:
        urging.urge(work, dispatch, ONE)
        raise KeyError("x")

    with pytest.raises(KeyError):
        town.write(person(town, "office"), urge_and_fail)
    assert _told(town, "ann") == []


def test_a_reminder_comes_a_day_before_and_another_when_it_is_late(town: System, clock: Clock) -> None:  # fmt: skip
    """Each once a task, to whoever holds it then."""
    send(town, ONE, TWO, days=5)
    hand_in(town, "tom")
    clock.forward(days=3, hours=23, minutes=50)
    _remind(town)
    assert _told(town, "ann") == []
    clock.forward(minutes=10)
    for _ in range(3):
        _remind(town)
        clock.forward(minutes=10)
    assert _told(town, "ann") == _told(town, "vera") == ["notice.soon"]
    assert _told(town, "tom") == []
    clock.forward(days=1)
    for _ in range(3):
        _remind(town)
        clock.forward(minutes=10)
    assert _told(town, "ann") == ["notice.late", "notice.soon"]


def test_reminders_of_a_great_many_come_in_portions(town: System, clock: Clock, monkeypatch) -> None:  # fmt: skip
    """The rest follows at once, in a job of its own."""
    monkeypatch.setattr(reminders, "AT_ONCE", 1)
    send(town, ONE, TWO, days=0.5)
    clock.forward(minutes=1)
    _remind(town)
    assert _told(town, "ann") == _told(town, "tom") == ["notice.soon"]


def test_read_by_one_is_still_unread_for_the_other(town: System) -> None:
    """A notice to a position is read by each for themselves."""
    _urge(town, send(town, ONE))
    ann = person(town, "ann")
    with town.read(ann) as work:
        (told,) = reminders.unread(work, limit=9)
    assert town.write(ann, lambda work: notices.mark_read(work, [told.id])) == 1
    assert town.write(ann, lambda work: notices.mark_read(work, [told.id])) == 0
    assert (_told(town, "ann"), _told(town, "amy")) == ([], ["flow.notice.urged"])
    with pytest.raises(NotFound):
        town.write(person(town, "tom"), lambda work: notices.mark_read(work, [told.id]))


def test_who_leaves_the_position_no_longer_finds_its_notices(town: System, clock: Clock) -> None:
    """And who comes finds them."""
    _urge(town, send(town, ONE))
    ann = person(town, "ann")
    ended = POSITION.update().where(POSITION.c.account_id == ann.id).values(valid_to="2026-11-24")
    town.database.write(lambda connection: connection.execute(ended))
    clock.forward(days=1)
    assert (_told(town, "ann"), _told(town, "amy")) == ([], ["flow.notice.urged"])
