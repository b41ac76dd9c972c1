"""Fields and rows that access rules withhold, in SQL, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.access.rules import RULE
from engine.errors import NotFound
from engine.ledgers import edit, page
from engine.ledgers.edit import Edit
from engine.ledgers.filters import Ask, Filter, FilterInvalid
from engine.ledgers.ground import ground
from engine.ledgers.lens import Lens
from engine.work import System
from tests import factories
from tests.conftest import Clock
from tests.engine.ledgers.ground import clerk, lens, officer, prepared, staff


@pytest.fixture
def old(system: System) -> Lens:
    """Two people of a village: one of 85, one of 101."""
    known = prepared(system)
    factories.load_people(
        system,
        known,
        [
            factories.person(id="young", birth_date="1941-01-01", residence="370602011001"),
            factories.person(id="old", birth_date="1925-01-01", residence="370602011001"),
        ],
    )
    return lens(system, known)


def rule(system: System, effect: str, **more: str | None) -> None:
    """A rule in force from today."""
    row = {
        "id": f"r{effect}{more.get('until')}", "effect": effect, "role": "staff",
        "organisation": "370602011001", "scope": "", "field": "", "condition": "", "purpose": "",
        "since": "2026-11-23", "until": None, "reason": "x", "made_by": "x", "made_at": "x",
        "ended_by": "", "ended_at": None,
    }  # fmt: skip
    system.write(
        factories.TESTER, lambda work: work.connection.execute(insert(RULE), {**row, **more})
    )


def test_withheld_rows_are_left_out_by_the_database(
    system: System, old: Lens, clock: Clock
) -> None:
    """In pages, counts and single rows, for the village it names and until its last day."""
    rule(system, "withhold-rows", condition="person where age >= 100", until="2026-11-30")

    def seen(who: object) -> list[str]:
        with system.read(who) as work:  # type: ignore[arg-type]  # an actor
            here = ground(work, old)
            rows = [one.id for one in page.page(work, here, Ask()).rows]
            assert page.count(work, here, Ask()) == len(rows)
            assert page.by_ids(work, here, ["old"]).keys() == {"old"} & {*rows}
            return sorted(rows)

    assert seen(staff()) == ["young"]
    assert seen(clerk()) == ["old", "young"], "the street is above the village"
    assert seen(officer()) == ["old", "young"]
    clock.at += timedelta(days=9)
    assert seen(staff()) == ["old", "young"], "the rule is over"


def test_a_withheld_field_is_no_column(system: System, old: Lens) -> None:
    """It cannot be filtered, sorted or changed by; elsewhere and for others it is there."""
    rule(system, "withhold-field", field="person.allowance", scope=old.scope)
    rule(system, "clear-field", field="person.phone", until="2026-12-31")
    with system.read(staff()) as work:
        here = ground(work, old)
        assert "allowance" not in here.lens.by_name
        assert not here.lens.by_name["phone"].masked
        with pytest.raises(FilterInvalid):
            page.page(work, here, Ask(filters=(Filter("allowance", "over", ("1",)),)))
        with pytest.raises(FilterInvalid):
            page.page(work, here, Ask(sort="allowance"))
    with pytest.raises(NotFound):
        system.write(staff(), lambda work: edit.save(work, old, [Edit("young", "allowance", 5, 0)]))
    with system.read(clerk()) as work:
        assert "allowance" in ground(work, old).lens.by_name
