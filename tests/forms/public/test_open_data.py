"""A ledger released as open data, on both databases: judged, reported, refused where it protects nobody."""

from typing import Any

import pytest

from engine.audit.trail import AUDIT
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import Lens
from engine.privacy.anonymity import Demand, NotReleasable
from engine.privacy.anonymity_check import judge
from engine.privacy.hierarchies import NotGeneralised
from engine.work import System, Work
from forms.public import open_data
from forms.public.open_data import ColumnNotOpen, Released, Wish
from tests import factories
from tests.engine.ledgers.ground import lens, officer, prepared

NAMED = {"age": "年龄", "sex": "性别", "alone": "独居"}


@pytest.fixture
def old(system: System) -> Lens:
    """Sixty people of 80 to 99; one is 104."""
    known = prepared(system)
    people = [
        factories.person(
            id=f"p{number:02d}",
            birth_date=f"{1927 + number % 20}-01-01",
            sex="12"[number % 2],
            residence="370602011001",
            alone=number % 3 == 0,
        )
        for number in range(60)
    ]
    people.append(factories.person(id="eldest", birth_date="1922-01-01", alone=True))
    factories.load_people(system, known, people)
    return lens(system, known)


def released(system: System, old: Lens, demand: Demand, **columns: Any) -> Released:
    """What the office that owns the ledger gets."""
    wish = Wish(columns.get("quasi", ("age", "sex")), columns.get("sensitive", ("alone",)), demand)

    def command(work: Work) -> Released:
        here: Ground = ground(work, old)
        return open_data.released(work, here, wish, NAMED)

    return system.write(officer(), command)


def test_the_table_keeps_the_demand_and_the_report_says_what_it_cost(
    system: System, old: Lens
) -> None:
    """The eldest, alone in every band, is left out; the bands are told; who made it is on the trail."""
    found = released(system, old, Demand(4, 2, 0.05))
    rows = [dict(zip(found.heads, row, strict=True)) for row in found.rows]
    assert judge(rows, ["年龄", "性别"], ["独居"]).keeps(4, 2)
    assert len(rows) == 60
    assert found.report["left_out"] == 1
    columns: Any = found.report["columns"]
    assert [one["told"] for one in columns] in (["5", "exact"], ["10", "exact"], ["20", "exact"])
    assert {row["独居"] for row in rows} == {"是", "否"}
    with system.read(officer()) as work:
        query = AUDIT.select().where(AUDIT.c.action == "open-data.released")
        assert work.connection.execute(query).first() is not None


def test_what_protects_nobody_is_refused(system: System, old: Lens) -> None:
    """Names and numbers, a free text as sensitive, a column twice, and more than the rows give."""
    for columns in ({"quasi": ("name",)}, {"quasi": ("id_number",)}):
        with pytest.raises((NotGeneralised, ColumnNotOpen)):
            released(system, old, Demand(2), **columns)
    for sensitive in (("name",), ("sex",), ("nothing",), ("phone",)):
        with pytest.raises(ColumnNotOpen):
            released(system, old, Demand(2), sensitive=sensitive)
    with pytest.raises(NotReleasable):
        released(system, old, Demand(4, 3, 0.05))
