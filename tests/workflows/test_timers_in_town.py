"""Clocks through the database: reminders, automatic decisions, hand-over, jumps, pauses; each fires once."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from engine.work import JOB, System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows.case import one, person
from tests.workflows.small_town import ONE
from tests.workflows.town_case import TownCase
from workflows import beside, commands, store, timers
from workflows.acting import course_of_case
from workflows.dispatching import terms


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


def timed(town: TownCase, **due: object) -> TownCase:
    """Filled in, and a verifier has a day."""
    due = {"after": 1, "unit": "days", **due}
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "approve", assign=person("verifier", "parent"), due=due),
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )
    return town.send().fill()


def kinds(town: TownCase) -> list[str]:
    with town.system.read(TESTER) as work:
        return [one["kind"] for one in store.events(work.connection, town.case.id)]


def urged(town: TownCase) -> int:
    return town.told("vera").count("flow.notice.urged")


def test_reminders_come_before_and_the_decision_at_the_end(town: TownCase, clock: Clock) -> None:
    """remind 6 and 2 hours before, then passed with the reason."""
    timed(town, after=24, unit="hours", then="pass", remind=[6, 2])
    clock.forward(hours=17, minutes=59)
    town.work_off()
    assert urged(town) == 0
    clock.forward(minutes=1)
    town.work_off()
    assert urged(town) == 1
    clock.forward(hours=4)
    town.work_off()
    town.work_off()
    assert urged(town) == 2
    clock.forward(hours=2)
    for _ in range(3):
        town.work_off()
    assert set(town.todo()) == {"lea", "lou"}
    assert kinds(town).count("timed_out") == 1


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ({"then": "reject"}, {}),
        ({"then": "jump", "to": "fill"}, {"ann": ["fill"], "amy": ["fill"]}),
        ({"then": "assign", "assign": {"rule": "person", "person": "cora"}}, {"cora": ["verify"]}),
    ],
)
def test_when_time_is_over(town: TownCase, clock: Clock, then, expected) -> None:
    """Refused, sent elsewhere, or handed up."""
    timed(town, **then)
    clock.forward(days=1)
    town.work_off()
    assert town.todo() == expected
    assert town.status == ("running" if expected else "rejected")


def test_more_time_puts_the_clock_off(town: TownCase, clock: Clock) -> None:
    """The office extends the unit: nothing is decided at the old hour, reminded and decided by the new one."""
    timed(town, after=24, unit="hours", then="pass", remind=[6])
    clock.forward(hours=12)
    until = clock.at + timedelta(days=3)
    sent = town.task("vera").dispatch_id
    assert sent
    town.as_("office", lambda work: terms.extend(work, sent, [ONE], until, "停电"))
    assert town.task("vera").due_at == until.isoformat()
    clock.forward(days=2, hours=17)
    town.work_off()
    assert (set(town.todo()), urged(town)) == ({"vera", "val", "vic"}, 0)
    clock.forward(hours=1)
    town.work_off()
    assert urged(town) == 1
    clock.forward(hours=6)
    for _ in range(2):
        town.work_off()
    assert set(town.todo()) == {"lea", "lou"}
    assert kinds(town).count("timed_out") == 1


def test_a_step_entered_again_has_its_time_again(town: TownCase, clock: Clock) -> None:
    """芋道#1018: the clock of the second visit is armed, the first's is dead."""
    timed(town, then="pass")
    clock.forward(hours=20)
    task = town.task("vera")
    town.as_("vera", lambda work: commands.return_(work, task.id, {"/count": "不对"}))
    clock.forward(hours=2)
    town.fill()
    clock.forward(hours=4)
    town.work_off()
    assert set(town.todo()) == {"vera", "val", "vic"}
    clock.forward(hours=20)
    town.work_off()
    assert set(town.todo()) == {"lea", "lou"}


def test_what_was_decided_in_time_is_left_alone(town: TownCase, clock: Clock) -> None:
    """The clock was stopped with its task."""
    timed(town, then="reject").pass_("vera")
    clock.forward(days=2)
    town.work_off()
    assert set(town.todo()) == {"lea", "lou"}


def test_working_days_leave_out_the_weekend(town: TownCase, clock: Clock) -> None:
    """Monday 9:30, five working days: the next Monday."""
    timed(town, after=5, unit="working_days", then="pass")
    clock.forward(days=6, hours=23)
    town.work_off()
    assert set(town.todo()) == {"vera", "val", "vic"}
    clock.forward(hours=1)
    town.work_off()
    assert set(town.todo()) == {"lea", "lou"}


def test_a_pause_stops_the_clock(town: TownCase, clock: Clock) -> None:
    """挂起, 唤醒: what was left when it stopped is left when it runs on."""
    timed(town, then="pass")
    clock.forward(hours=23)
    case = town.case.id
    town.as_("office", lambda work: course_of_case.suspend(work, case, comment="等文件"))
    clock.forward(days=3)
    town.work_off()
    assert town.status == "suspended"
    town.as_("office", lambda work: course_of_case.resume(work, case))
    clock.forward(minutes=59)
    town.work_off()
    assert set(town.todo()) == {"vera", "val", "vic"}
    clock.forward(minutes=1)
    town.work_off()
    assert set(town.todo()) == {"lea", "lou"}


def test_a_pause_gives_back_working_days(town: TownCase, clock: Clock) -> None:
    """Due in three working days, suspended after one for a weekend: never late on a day off."""
    timed(town, after=3, unit="working_days")
    clock.forward(days=1)
    case, due = town.case.id, town.task("vera").due_at
    town.as_("office", lambda work: course_of_case.suspend(work, case, comment="等文件"))
    clock.forward(days=9)
    town.as_("office", lambda work: course_of_case.resume(work, case))
    late = datetime.fromisoformat(str(due)) + timedelta(days=11)
    assert town.task("vera").due_at == late.isoformat(timespec="microseconds")


def test_a_step_may_wait_for_the_time_alone(town: TownCase, clock: Clock) -> None:
    """延迟节点: nobody has it; it goes on by itself."""
    town.flow(
        one("fill", "fill", "pause"),
        {
            "code": "pause",
            "kind": "wait",
            "next": [{"to": "approve"}],
            "due": {"after": 2, "unit": "hours"},
        },
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )
    town.send().fill()
    assert town.todo() == {}
    clock.forward(hours=2)
    town.work_off()
    assert set(town.todo()) == {"lea", "lou"}


def test_a_clock_that_is_told_twice_acts_once(town: TownCase, clock: Clock) -> None:
    """Two nodes, or a job that is tried again: the row is taken once."""
    timed(town, then="pass")
    clock.forward(days=1)
    with town.system.read(TESTER) as work:
        timers_ = list(work.connection.execute(select(beside.TIMER.c.id)).scalars())
    said = [
        town.system.write(TESTER, lambda work, one=one: timers.over(work, {"timer": one}))
        for one in timers_ * 2
    ]
    assert said.count("end") == 1
    assert kinds(town).count("timed_out") == 1
    with town.system.read(TESTER) as work:
        assert work.connection.execute(select(func.count()).select_from(beside.TIMER)).scalar() == 0


def test_a_clock_whose_job_was_lost_is_asked_for_again_once_an_hour(
    town: TownCase, clock: Clock
) -> None:
    """Whatever became of the job, the row is still there and long over."""
    timed(town, then="pass")
    town.system.write(TESTER, lambda work: work.connection.execute(delete(JOB)))
    clock.forward(days=1)
    town.work_off()
    assert kinds(town).count("timed_out") == 0
    clock.forward(minutes=21)
    with town.system.read(TESTER) as work:
        seen = list(work.connection.execute(select(beside.TIMER.c.id)).scalars())
    asked = [
        town.system.write(TESTER, lambda work: timers.again(work, {"seen": seen})) for _ in range(2)
    ]
    assert asked == [1, 0]
    town.work_off()
    assert kinds(town).count("timed_out") == 1
    assert set(town.todo()) == {"lea", "lou"}
