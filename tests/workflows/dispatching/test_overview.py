"""Many reports over the tree: the counts of a level are those of its units, for whoever may see them."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import commands, dispatches, nil_returns
from workflows.dispatching import overview, progress, terms
from workflows.dispatching.progress import Unit

ONE, TWO, STREET = small_town.ONE, small_town.TWO, small_town.STREET


@pytest.fixture
def town(system: System) -> System:
    """A street with two communities."""
    small_town.build(system)
    return system


def two_months(system: System, clock: Clock) -> list[str]:
    """October: one final after its due date, one exempt. November: one nil, one late by two days."""
    office = small_town.person(system, "office")

    def send(work: Any, period: str) -> str:
        due = work.now + timedelta(days=2)
        return dispatches.create(work, "test.count", (ONE, TWO), period, due, nil_allowed=True).id

    october = system.write(office, lambda work: send(work, "2026-10"))
    system.write(office, lambda work: terms.exempt(work, october, [TWO], "无此业务"))
    clock.forward(days=3)
    small_town.hand_in(system)
    for who in ("vera", "lea"):
        waiting, actor = small_town.task(system, who), small_town.person(system, who)
        system.write(actor, lambda work, one=waiting: commands.pass_(work, one.id))
    november = system.write(office, lambda work: send(work, "2026-11"))
    ann, waiting = small_town.person(system, "ann"), small_town.task(system, "ann")
    system.write(ann, lambda work: nil_returns.submit(work, waiting.id))
    clock.forward(days=4)
    return [october, november]


def test_a_level_counts_what_its_units_say(town: System, clock: Clock) -> None:
    """By one statement in the database, and unit by unit in the program: the same numbers."""
    ids = two_months(town, clock)
    with town.read(small_town.person(town, "office")) as work:
        columns = overview.dispatches(work)
        assert [one.id for one in columns] == ids
        top = overview.top(work, ids)
        counted = overview.levels(work, ids, top)
        units = overview.units(work, columns, top)
        for one in columns:
            single = progress.units(work, one)
            assert [units[unit.organisation][one.id] for unit in single] == single
    for code, row in counted.items():
        for dispatch, count in row.items():
            assert _numbers(units[code][dispatch]) == Counter(
                total=count.total, done=count.done, late=count.late,
                came_late=count.came_late, zero=count.zero, exempt=count.exempt,
            )  # fmt: skip
    october, november = ids
    assert (counted[ONE][october].came_late, counted[TWO][october].exempt) == (1, 1)
    assert (counted[ONE][november].zero, counted[TWO][november].late) == (1, 1)
    assert counted[TWO][november].oldest == columns[1].due_at
    above = overview.levels
    with town.read(TESTER) as work:
        whole = above(work, ids, f"/{small_town.COUNTY}/")[STREET]
    assert (whole[november].total, whole[november].late) == (2, 1)


def _numbers(unit: Unit) -> Counter[str]:
    late = unit.missing
    return Counter(
        total=1, done=unit.step == "done", late=late, came_late=unit.late and not late,
        zero=unit.mark == "zero", exempt=unit.mark == "exempt",
    )  # fmt: skip


def test_who_looks_sees_their_own_part(town: System, clock: Clock) -> None:
    """A street its communities, a community itself; who has no such duty nothing."""
    ids = two_months(town, clock)
    for login, seen in (("lea", {ONE, TWO}), ("tom", {TWO})):
        with town.read(small_town.person(town, login)) as work:
            columns = overview.dispatches(work)
            assert [one.id for one in columns] == ids
            assert set(overview.units(work, columns, "/")) == seen
            assert set(overview.levels(work, ids, overview.top(work, ids))) == seen
