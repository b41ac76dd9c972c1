"""事后补录: a decision taken on paper bears its day, is marked, and the trail keeps the real clock."""

import pytest
from sqlalchemy import select

from engine.audit.trail import AUDIT
from engine.work import System
from forms import documents
from forms.filing import Edit
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import commands, store
from workflows.core.refusals import DatedWrong


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


def test_a_report_handed_in_on_paper_is_entered_afterwards(system: System, clock: Clock) -> None:
    """Same rules as a decision: a possible day with a reason; the event and the trail have both times."""
    small_town.build(system)
    small_town.send(system, small_town.ONE)
    ann, waiting = small_town.person(system, "ann"), small_town.task(system, "ann")
    held = system.write(ann, lambda work: commands.open_task(work, waiting.id))
    edit = Edit(held.record.revision, {"/count": 7})
    system.write(ann, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    clock.forward(days=3)
    day = clock.at.date().isoformat()
    for dated, comment in (
        ("2020-01-01", "停电"),
        ("2999-01-01", "停电"),
        ("x", "停电"),
        (day, " "),
    ):
        with pytest.raises(DatedWrong):
            system.write(
                ann,
                lambda work, d=dated, c=comment: commands.submit(
                    work, waiting.id, confirm=True, dated=d, comment=c
                ),
            )
    assert small_town.task(system, "ann").id == waiting.id
    system.write(
        ann,
        lambda work: commands.submit(work, waiting.id, confirm=True, dated=day, comment="停电"),
    )
    with system.read(TESTER) as work:
        (event,) = store.signed(work.connection, waiting.document_id, "submitted")
        noted = select(AUDIT.c.detail).where(AUDIT.c.action == "flow.submitted")
        (detail,) = work.connection.execute(noted).scalars()
        record = documents.get(work.connection, waiting.document_id)
    assert (event["document"]["dated"], event["document"]["comment"]) == (day, "停电")
    assert detail["dated"] == day
    assert (record.submitted_at or "")[:10] == clock.at.date().isoformat()  # the real clock
