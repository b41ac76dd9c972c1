"""Rows on the map, on both databases: one by one, grouped, within an area, within one's own area."""

from typing import Any

import pytest

from engine.identity.actor import Actor
from engine.ledgers import local, page, spots
from engine.ledgers.filters import Ask, Filter, FilterInvalid
from engine.ledgers.ground import ground
from engine.ledgers.spots import Spots
from engine.work import System
from forms import publish, store
from forms.kinds import ledger
from forms.positions import PATTERN
from tests import factories
from tests.engine.ledgers.ground import clerk, prepared, staff

CODE = "civil.map"
FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "位置台账",
    "type": "object",
    "form": {"code": CODE, "kind": "ledger", "period": "once", "owner": "370602-mzj",
             "subject": "person", "members": "person where age >= 80"},
    "properties": {
        "name": {"$ref": "field:person.name"},
        "place": {"type": "string", "title": "位置", "widget": "position", "pattern": PATTERN},
    },
}  # fmt: skip


@pytest.fixture
def placed(system: System) -> System:
    """Five in the first village at known places, one of them without; one in the second."""
    known = prepared(system)
    villages = ("370602011001",) * 5 + ("370602011002",)
    people = [
        factories.person(name=f"甲{number}", birth_date="1940-01-01", residence=village)
        for number, village in enumerate(villages)
    ]
    factories.load_people(system, known, people)
    system.write(factories.TESTER, lambda work: store.insert_draft(work, FORM))
    system.write(factories.TESTER, lambda work: publish.publish(work, CODE, note="测试"))
    where = ("37.5,121.3", "37.5000001,121.3", "37.6,121.4", "-0.5,-121.5", None, "37.9,121.9")

    def command(work: Any) -> None:
        lens = ledger.lens(work.connection, ledger.form(work.connection, CODE))
        values = {
            str(one["id"]): {"place": at}
            for one, at in zip(people, where, strict=True)
            if at is not None
        }
        local.set_values(work, lens, values, factories.origin(work))

    system.write(factories.TESTER, command)
    return system


def look(system: System, who: Actor, *filters: Filter) -> Spots:
    """The map as somebody sees it."""
    with system.read(who) as work:
        here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, CODE)))
        return spots.spots(work, here, Ask(filters), spots.chosen(here.lens), "name")


def test_rows_stand_where_they_are_within_ones_area(placed: System) -> None:
    """The village's own four and one without; the street sees the other village too."""
    found = look(placed, staff())
    assert [(one.title, one.latitude, one.longitude) for one in found.marks] == [
        ("甲0", 37.5, 121.3), ("甲1", 37.5000001, 121.3), ("甲2", 37.6, 121.4), ("甲3", -0.5, -121.5),
    ]  # fmt: skip
    assert (found.placed, found.unplaced) == (4, 1)
    assert look(placed, clerk()).placed == 5


def test_an_area_is_a_filter_whichever_corners_name_it(placed: System) -> None:
    """Edges belong to it; other corners than two, and what is no corner, are refused."""
    for corners in (("37.4,121.2", "37.5,121.35"), ("37.5,121.2", "37.4,121.35")):
        found = look(placed, clerk(), Filter("place", "within", corners))
        assert [one.title for one in found.marks] == ["甲0"]
    assert look(placed, clerk(), Filter("place", "blank")).unplaced == 1
    for wrong in ((), ("37,121",), ("37,121", "x"), ("37,121", "nan,1"), ("91,0", "0,0")):
        with pytest.raises(FilterInvalid):
            look(placed, clerk(), Filter("place", "within", wrong))
    with pytest.raises(FilterInvalid):
        look(placed, clerk(), Filter("place", "contains", ("37",)))
    with placed.read(clerk()) as work:
        here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, CODE)))
        with pytest.raises(FilterInvalid):
            page.page(work, here, Ask(sort="place"))


def test_many_are_grouped_and_none_is_lost(placed: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit squares count their rows; a square with one row still leads to it."""
    monkeypatch.setattr(spots, "SINGLE", 2)
    found = look(placed, clerk(), Filter("place", "within", ("37,121", "38,122")))
    assert sorted((one.rows, one.title) for one in found.marks) == [(1, "甲2"), (1, "甲5"), (2, "")]
    pair = next(one for one in found.marks if one.rows == 2)
    assert pair.box.south == 37.5
    assert pair.box.north == 37.5000001
