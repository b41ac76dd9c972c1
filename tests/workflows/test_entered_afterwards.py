"""事后补录: a decision taken on paper bears its day, is marked, and the trail keeps the real clock."""

import pytest
from sqlalchemy import select

from engine.audit.trail import AUDIT
from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import commands, store
from workflows.refusals import DatedWrong


def test_a_decision_entered_afterwards_bears_both_times(system: System, clock: Clock) -> None:
    """Between the task's beginning and today, with the reason; the event's own time is the system's."""
    small_town.build(system)
    small_town.send(system, small_town.ONE)
    small_town.hand_in(system)
    waiting, vera = small_town.task(system, "vera"), small_town.person(system, "vera")
    began = clock.at.date()
    clock.forward(days=3)
    for dated, comment in (
        ("2020-01-01", "停电"), ("2999-01-01", "停电"), ("昨天", "停电"), (began.isoformat(), " "),
    ):  # fmt: skip
        with pytest.raises(DatedWrong):
            system.write(
                vera,
                lambda work, d=dated, c=comment: commands.pass_(
                    work, waiting.id, dated=d, comment=c
                ),
            )
    day = (clock.at.date()).isoformat()
    system.write(vera, lambda work: commands.pass_(work, waiting.id, dated=day, comment="停电"))
    with system.read(TESTER) as work:
        (passed,) = [
            one for one in store.events(work.connection, waiting.case_id) if one["kind"] == "passed"
        ]
        noted = select(AUDIT.c.detail).where(AUDIT.c.action == "flow.passed")
        (detail,) = work.connection.execute(noted).scalars()
    assert (passed["document"]["dated"], passed["at"][:10]) == (day, clock.at.date().isoformat())
    assert detail["dated"] == day
