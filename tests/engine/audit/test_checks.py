"""The nightly verification keeps what it found."""

from sqlalchemy import update

from engine.audit import checks, trail
from engine.audit.trail import AUDIT, Verdict
from engine.work import System
from tests.conftest import Clock
from tests.engine.jobs.counting import runner
from tests.tampering import tamper


def _last(system: System) -> checks.Check | None:
    with system.database.read() as connection:
        return checks.last_check(connection)


def test_there_is_no_last_check_before_the_first(system: System) -> None:
    """Never looked is not the same as whole."""
    assert _last(system) is None


def test_a_check_keeps_what_it_found_and_is_itself_on_the_trail(system: System, actor) -> None:
    """The entry it adds is verified the next time."""
    system.write(actor, lambda work: work.note("a.b", "c"))
    system.write(actor, checks.run_check)
    assert _last(system).verdict == Verdict(whole=True, entries=1)
    assert _last(system).at == "2026-11-23T01:30:00.000000+00:00"
    system.write(actor, checks.run_check)
    assert _last(system).verdict == Verdict(whole=True, entries=2)


def test_a_broken_trail_is_found_at_night(system: System, actor, clock: Clock) -> None:
    """Once a night, by the runner; the break is kept and noted."""
    works = runner(system, checks.JOBS)
    system.write(actor, lambda work: [work.note("a.b", str(number)) for number in range(3)])
    works.work_off()
    assert _last(system).verdict.whole
    wrong = update(AUDIT).where(AUDIT.c.seq == 2).values(target="x")
    system.database.write(lambda connection: tamper(connection, wrong))
    works.work_off()
    assert _last(system).verdict.whole  # not looked again in the same night
    clock.forward(days=1)
    works.work_off()
    works.stop()
    assert _last(system).verdict == Verdict(whole=False, entries=2, broken_at=2)
    with system.database.read() as connection:
        noted = connection.execute(AUDIT.select().order_by(AUDIT.c.seq.desc()).limit(1)).one()
        assert (noted.action, noted.detail) == ("audit.broken", {"broken_at": 2})
        assert not trail.verify(connection).whole
