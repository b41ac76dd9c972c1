"""A ledger as it was on a day: its rows, their cells, and who belonged to it."""

from datetime import date

import pytest

from engine.ledgers import edit, page, past
from engine.ledgers.edit import Edit
from engine.ledgers.filters import Ask, Filter, FilterInvalid
from engine.ledgers.ground import ground
from engine.registers import store
from engine.registers.store import Change
from engine.work import System
from tests import factories
from tests.conftest import Clock
from tests.engine.ledgers.ground import clerk, lens, prepared, staff

THEN = date(2026, 11, 23)


def test_what_was_changed_since_is_undone(system: System, clock: Clock) -> None:
    """Own, local and computed cells as they were; who came later is not there, who left is back."""
    known = prepared(system)
    people = [
        factories.person(id="ann", name="安", phone="13800000001", birth_date="1946-11-25"),
        factories.person(id="bao", name="鲍", birth_date="1940-01-01"),
        factories.person(id="cao", name="曹", birth_date="1940-01-01"),
    ]
    factories.load_people(system, known, people)
    old = lens(system, known)
    system.write(staff(), lambda work: edit.save(work, old, [Edit("bao", "remark", "独居", 0)]))
    clock.forward(days=3)

    def later(work):
        came = factories.origin(work)
        changes = [
            Change("person.phone", "bao", "13900000009"),
            Change("person.birth_date", "cao", "1990-01-01"),
            Change("person.name", "bao", "鲍鲍"),
        ]
        store.set_values(work, known, changes, came)

    system.write(factories.TESTER, later)
    with system.read(staff()) as work:
        stamp = page.one(work, ground(work, old), "bao").cell("remark").stamp
    system.write(staff(), lambda work: edit.save(work, old, [Edit("bao", "remark", "已搬", stamp)]))
    factories.load_people(system, known, [factories.person(id="dai", birth_date="1930-01-01")])

    with system.read(clerk()) as work:
        now = {row.id: row for row in page.page(work, ground(work, old), Ask()).rows}
        here = ground(work, old, on=THEN)
        then = {row.id: row for row in past.page_on(work, here, Ask(on=THEN)).rows}
        assert past.count_on(work, here, THEN) == 2
    assert set(now) == {"ann", "bao", "dai"}
    assert set(then) == {"bao", "cao"}
    assert [now["bao"].cell(name).value for name in ("name", "phone", "remark")] == [
        "鲍鲍",
        "13900000009",
        "已搬",
    ]
    assert [then["bao"].cell(name).value for name in ("name", "phone", "remark")] == [
        "鲍",
        None,
        "独居",
    ]
    assert then["cao"].cell("age").value == 86


def test_the_past_is_not_filtered_by_the_present(system: System) -> None:
    """Conditions would look at what is known today, so they are refused."""
    known = prepared(system)
    old = lens(system, known)
    for ask in (
        Ask(on=THEN, filters=(Filter("age", "ge", ("90",)),)),
        Ask(on=THEN, words="王"),
        Ask(on=THEN, sort="age"),
    ):
        with pytest.raises(FilterInvalid), system.read(clerk()) as work:
            past.page_on(work, ground(work, old, on=THEN), ask)
