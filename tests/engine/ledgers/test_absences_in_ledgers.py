"""不详, 不适用 and 拒答 in a ledger: shown, asked for, edited, and as they were on a day."""

import pytest

from engine.absence import absent
from engine.ledgers import edit, page, past
from engine.ledgers.edit import Edit, NotEditable
from engine.ledgers.filters import Ask, Filter
from engine.ledgers.ground import ground
from engine.work import System
from tests import factories
from tests.conftest import Clock
from tests.engine.ledgers.ground import lens, prepared, staff

COLUMNS = ("phone", "allowance", "remark", "household_address")


@pytest.fixture
def everybody(system: System):
    known = prepared(system)
    people = [factories.person(id=one, name=one, phone=None) for one in ("ann", "bao", "cao")]
    factories.load_people(system, known, people)
    return lens(system, known, "civil.all", "person")


def put(system: System, found, row: str, column: str, value) -> None:
    def command(work):
        seen = page.one(work, ground(work, found), row).cell(column).stamp
        return edit.save(work, found, [Edit(row, column, value, seen)])

    assert [one.kind for one in system.write(staff(), command)] == ["saved"]


def asked(system: System, found, column: str, operator: str) -> list[str]:
    with system.read(staff()) as work:
        ask = Ask((Filter(column, operator),))
        return [row.id for row in page.page(work, ground(work, found), ask).rows]


@pytest.mark.parametrize("column", ["phone", "allowance", "remark"])
def test_a_filter_asks_for_each_way_of_having_no_value(system, everybody, column) -> None:
    """Of a sealed, a numeric and a local column alike; blank means that nobody said anything."""
    put(system, everybody, "ann", column, absent("unknown"))
    put(system, everybody, "bao", column, 0 if column == "allowance" else "13800000001")
    assert asked(system, everybody, column, "unknown") == ["ann"]
    assert asked(system, everybody, column, "refused") == []
    assert asked(system, everybody, column, "blank") == ["cao"]
    assert asked(system, everybody, column, "known") == ["bao"]
    with system.read(staff()) as work:
        here = ground(work, everybody)
        shown = page.by_ids(work, here, ["ann", "bao", "cao"])
        assert shown["ann"].cell(column).value == absent("unknown")
        assert shown["ann"].cell(column).origin.actor_name == staff().name
        assert shown["cao"].cell(column).value is None
        assert page.totals(work, here, Ask())[1]["allowance"] == (0 if column == "allowance" else None)  # fmt: skip


def test_the_number_somebody_is_known_by_is_never_an_absence(system, everybody) -> None:
    """As little as it may be emptied."""
    with system.read(staff()) as work:
        seen = page.one(work, ground(work, everybody), "ann").cell("id_number").stamp
    with pytest.raises(NotEditable):
        system.write(
            staff(),
            lambda work: edit.save(
                work, everybody, [Edit("ann", "id_number", absent("unknown"), seen)]
            ),
        )


def test_a_past_day_shows_the_absence_of_that_day(system, everybody, clock: Clock) -> None:
    """What was unknown then is unknown then, whatever is known now."""
    put(system, everybody, "ann", "allowance", absent("unknown"))
    with system.read(staff()) as work:
        then = work.today
    clock.forward(days=2)
    put(system, everybody, "ann", "allowance", 300)
    with system.read(staff()) as work:
        rows = past.page_on(work, ground(work, everybody, on=then), Ask(on=then)).rows
    assert {row.id: row.cell("allowance").value for row in rows}["ann"] == absent("unknown")
