"""零报告: handed in by one press, counted as what it is, apart from 免报 and from nothing at all."""

from datetime import timedelta
from typing import Any

import pytest

from engine.identity import store as identity
from engine.work import System
from forms import documents, rollup
from forms import store as forms
from forms.filing import Edit
from forms.nil import NilNotAllowed, NilWouldClear
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import commands, dispatches, facts, nil_returns, store
from workflows.commands import ReturnNeedsReason
from workflows.dispatching import progress, terms

ONE, TWO = small_town.ONE, small_town.TWO


@pytest.fixture
def town(system: System) -> System:
    """A street with two communities."""
    small_town.build(system)
    return system


def sent(system: System, *codes: str, nil: bool = True) -> str:
    """A dispatch that takes nil returns, or does not."""
    office = small_town.person(system, "office")

    def inside(work: Any) -> str:
        due = work.now + timedelta(days=2)
        return dispatches.create(work, "test.count", codes, "2026-11", due, nil_allowed=nil).id

    return system.write(office, inside)


def press(system: System, login: str = "ann", **given: Any) -> documents.DocumentRecord:
    """The button of the filler's page."""
    waiting = small_town.task(system, login)
    who = small_town.person(system, login)
    return system.write(who, lambda work: nil_returns.submit(work, waiting.id, **given))


def decide(system: System, login: str, act: Any, **given: Any) -> None:
    """Somebody's task is decided."""
    waiting = small_town.task(system, login)
    who = small_town.person(system, login)
    system.write(who, lambda work: act(work, waiting.id, **given))


def test_one_press_is_handed_in_verified_and_counted_apart(town: System, clock: Clock) -> None:
    """零报告, 免报 and 未报 are three states in progress, roll-up, archive and figures."""
    dispatch = sent(town, ONE, TWO)
    record = press(town, remark="本月没有新增")
    assert (record.contents, record.mark) == ({"count": 0}, "zero")
    office = small_town.person(town, "office")
    town.write(office, lambda work: terms.exempt(work, dispatch, [TWO], "无此业务"))
    decide(town, "vera", commands.pass_)
    decide(town, "lea", commands.pass_)
    clock.forward(days=3)
    with town.read(TESTER) as work:
        found = dispatches.get(work, dispatch)
        units = {one.organisation: one for one in progress.units(work, found)}
        counted = progress.tally(list(units.values()))
        assert (units[ONE].step, units[ONE].mark, units[ONE].late) == ("done", "zero", False)
        assert (counted.done, counted.zero, counted.exempt, counted.late) == (1, 1, 1, 0)
        records = documents.of_dispatch(work.connection, dispatch)
        (fact,) = facts.of_reports(work, [one for one in records if one.mark == "zero"]).reports
        assert (fact["asked"], fact["submitted"], fact["due"], fact["late"]) == (0, 0, 1, 0)
        form = forms.published(work.connection, "test.count")
        names = identity.organisations(work.connection, [ONE, TWO])
        rolled = rollup.roll_up(form, records, names)
        assert [(one.mark, one.missing) for one in rolled.lines] == [
            ("zero", False),
            ("exempt", False),
        ]
        assert (rolled.counted, rolled.totals) == (1, (0,))
        history = store.events(work.connection, records[0].case_id or "")
        assert [one["document"].get("nil") for one in history if one["kind"] == "submitted"] == [
            True
        ]
    town.write(office, lambda work: terms.freeze(work, dispatch))
    assert town.write(office, lambda work: terms.archive(work, dispatch))["nil"] == 1
    with town.read(TESTER) as work:
        assert terms.is_whole(work, dispatches.get(work, dispatch))
    town.write(TESTER, lambda work: documents.set_columns(work, record.id, mark=""))
    with town.read(TESTER) as work:
        assert not terms.is_whole(work, dispatches.get(work, dispatch))


def test_what_was_typed_goes_only_when_that_is_said(town: System) -> None:
    """One press too many clears nothing; what is cleared is kept in the history."""
    sent(town, ONE)
    ann, waiting = small_town.person(town, "ann"), small_town.task(town, "ann")
    held = town.write(ann, lambda work: commands.open_task(work, waiting.id))
    edit = Edit(held.record.revision, {"/count": 7})
    town.write(ann, lambda work: commands.save_cells(work, held.record.id, edit, language="zh"))
    with pytest.raises(NilWouldClear) as refused:
        press(town)
    assert refused.value.count == 1
    record = press(town, clear=True)
    with town.read(TESTER) as work:
        changes = documents.changes_since(work.connection, record.id, record.revision - 1)
    assert [(one.path, one.before, one.after) for one in changes] == [("/count", 7, 0)]


def test_a_nil_return_goes_back_whole_and_is_filled_in(town: System) -> None:
    """A reason is enough; everything is open again, and what is handed in then is no nil return."""
    sent(town, ONE)
    press(town)
    with pytest.raises(ReturnNeedsReason):
        decide(town, "vera", commands.return_, cells={})
    decide(town, "vera", commands.return_, cells={}, comment="系统里有两人，请核实")
    again = small_town.task(town, "ann")
    assert again.cells is None
    ann = small_town.person(town, "ann")
    record = town.write(ann, lambda work: nil_returns.undo(work, again.id))
    assert (record.mark, record.contents) == ("", {})
    press(town)
    decide(town, "vera", commands.return_, cells={}, comment="仍请核实")
    small_town.hand_in(town)
    with town.read(TESTER) as work:
        found = documents.get(work.connection, record.id)
    assert (found.mark, found.contents) == ("", {"count": 7})


def test_where_it_is_not_taken_it_is_refused(town: System) -> None:
    """The dispatch says so; after a return of some cells only those are open."""
    sent(town, ONE, nil=False)
    with pytest.raises(NilNotAllowed):
        press(town)
    sent(town, TWO)
    small_town.hand_in(town, "tom")
    decide(town, "vera", commands.return_, cells={"/count": "请核实"})
    with pytest.raises(NilNotAllowed):
        press(town, "tom", clear=True)
