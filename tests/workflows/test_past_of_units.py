"""The day before units changed, read by the units of then and by those of today."""

from datetime import date
from typing import Any

import pytest

from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.identity import lineage
from engine.identity import store as identity
from engine.ledgers import past
from engine.ledgers.filters import Ask
from engine.ledgers.ground import ground
from engine.ledgers.lens import OWN, Column, Lens
from engine.registers import bulk, store, united
from engine.registers import fields as registers_fields
from engine.registers import past as registers_past
from engine.registers.store import Change
from engine.work import System
from forms import packs as form_packs
from forms import store as forms
from forms.prefill.prefill import prefill
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.small_town import COUNTY, OFFICE, ONE, STREET, TWO, person
from tests.workflows.test_reforming import THREE, done, employed, wish

THEN = date(2026, 11, 23)
BEDS = Field("org.elder_beds", {"zh": "床位"}, {"type": "integer"}, unit="张")
HEAD = Field("org.head", {"zh": "负责人"}, {"type": "string"})


@pytest.fixture
def town(system: System) -> System:
    """Four people in two communities and one in the next street; beds and heads of the two."""
    small_town.build(system)
    factories.load_organisations(
        system,
        [
            factories.organisation(COUNTY, "370602022", kind="town"),
            factories.organisation(COUNTY, "370602022", "370602022001"),
        ],
    )
    for field in (BEDS, HEAD):
        system.write(TESTER, lambda work, one=field: registers_fields.add(work, one))

    def load(work: Any) -> None:
        known = dictionary(work.connection)
        homes = (ONE, ONE, TWO, TWO, "370602022001")
        rows = [
            {"id": f"p{n}", "residence": home, "birth_date": "1940-01-01", "sex": "12"[n % 2]}
            for n, home in enumerate(homes, 1)
        ]
        bulk.load(work, known, "person", rows, factories.origin(work))
        told = [
            Change("org.elder_beds", ONE, 3), Change("org.elder_beds", TWO, 4),
            Change("org.head", ONE, "甲"), Change("org.head", TWO, "乙"),
        ]  # fmt: skip
        store.set_values(work, known, told, factories.origin(work))
        employed(work, "vic", "verifier", "370602022")

    system.write(TESTER, load)
    return system


def lens(system: System, rule: str = "person where residence within this") -> Lens:
    with system.read(TESTER) as work:
        known = dictionary(work.connection)
    columns = tuple(Column(one, known.field(f"person.{one}"), OWN) for one in ("residence", "sex"))
    return Lens("test.all", 1, {"zh": "全部"}, OFFICE, "person", rule, columns)


def seen(system: System, login: str, day: date | None = THEN) -> set[str]:
    """Whom somebody finds in the ledger of a day: on the page, counted, and row by row."""
    kept = lens(system)
    with system.read(person(system, login)) as work:
        here = ground(work, kept, on=day)
        ids = {row.id for row in past.page_on(work, here, Ask(on=day)).rows}
        assert past.count_on(work, here, day) == len(ids)
        for one in ("p1", "p2", "p3", "p4", "p5"):
            if one in ids:
                assert past.row_on(work, here, one, day).id == one
            else:
                with pytest.raises(NotFound):
                    past.row_on(work, here, one, day)
    return ids


def test_who_has_a_merged_unit_today_sees_its_people_of_the_day_before(
    town: System, clock: Clock
) -> None:
    """Its people and those who were in the one that stays; nobody of elsewhere; on the day after too."""
    assert (seen(town, "ann"), seen(town, "tom")) == ({"p1", "p2"}, {"p3", "p4"})
    clock.forward(days=3)
    done(town, wish("merge", ONE, into=TWO))
    clock.forward(days=1)
    for login in ("ann", "tom", "vera"):
        assert seen(town, login) == {"p1", "p2", "p3", "p4"}, login
        assert seen(town, login, date(2026, 11, 26)) == {"p1", "p2", "p3", "p4"}, login
    assert seen(town, "vic") == {"p5"}
    with town.read(person(town, "tom")) as work:
        row = past.row_on(work, ground(work, lens(town), on=THEN), "p1", THEN)
    assert row.cell("residence").value == ONE


def test_somebody_who_moved_away_since_is_found_in_the_merged_unit_of_then(
    town: System, clock: Clock
) -> None:
    """By whoever has the unit today, on the page as in their row; and not where they live now."""
    clock.forward(days=1)
    done(town, wish("merge", ONE, into=TWO))

    def moved(work: Any) -> None:
        change = Change("person.residence", "p1", "370602022001")
        store.set_values(work, dictionary(work.connection), [change], factories.origin(work))

    town.write(TESTER, moved)
    assert seen(town, "tom") == {"p1", "p2", "p3", "p4"}
    assert seen(town, "vic") == {"p5"}


def test_where_a_unit_moved_or_was_parted_both_see_their_own(town: System, clock: Clock) -> None:
    """Moved to another street: the new street and the old. Parted: each part those whom it has today."""
    clock.forward(days=1)
    rule = 'person where sex = "1"'
    parts = [{"code": ONE, "name": "甲"}, {"code": THREE, "name": "乙", "rule": rule}]
    done(town, wish("split", ONE, parts=parts))
    town.write(TESTER, lambda work: employed(work, "cat", "staff", THREE))
    assert seen(town, "cat") == {"p2"}
    assert seen(town, "ann") == {"p1", "p2"}
    done(town, wish("move", THREE, parent="370602022", code="370602022002"))
    assert seen(town, "vic") == {"p2", "p5"}
    assert seen(town, "vera") == {"p1", "p2", "p3", "p4"}
    assert seen(town, "tom") == {"p3", "p4"}


def test_an_office_that_went_into_another_brings_no_people(town: System, clock: Clock) -> None:
    """It sits in the county, and the county's people are not those of whoever follows it."""
    factories.load_organisations(
        town, [factories.organisation(COUNTY, STREET, f"{STREET}-wj", kind="office")]
    )
    clock.forward(days=1)
    done(town, wish("recode", f"{STREET}-wj", code=f"{STREET}-wsj"))
    town.write(TESTER, lambda work: employed(work, "wei", "staff", TWO))
    with town.read(TESTER) as work:
        assert lineage.came_from(work.connection, [STREET]) == (set(), set())
    assert seen(town, "wei") == {"p3", "p4"}


def beds(system: System, code: str, *, today: bool) -> dict[str, Any]:
    """What the register said of a unit on the day."""
    with system.read(TESTER) as work:
        known = dictionary(work.connection)
        fields = [known.field("org.elder_beds"), known.field("org.head")]
        now = {code: store.fetch(work, known, "org", [code], fields).get(code, {})}
        found = (
            united.each_on(work, known, now, day=THEN)
            if today
            else registers_past.each_on(work, known, "org", now, day=THEN)
        )
        return {name.partition(".")[2]: one.value for name, one in found.get(code, {}).items()}


def test_what_was_known_of_a_unit_is_read_by_the_units_of_then_and_of_today(
    town: System, clock: Clock
) -> None:
    """Three beds and four are seven of the one unit; who headed it is its own; the old are told alone."""
    clock.forward(days=1)
    change = done(town, wish("merge", ONE, into=TWO))
    assert beds(town, TWO, today=True) == {"elder_beds": 7, "head": "乙"}
    assert beds(town, TWO, today=False) == {"elder_beds": 4, "head": "乙"}
    assert beds(town, ONE, today=False) == {"elder_beds": 3, "head": "甲"}
    done(town, wish("recode", TWO, code=THREE))
    assert beds(town, THREE, today=True) == {"elder_beds": 7, "head": "乙"}
    assert beds(town, THREE, today=False) == {}
    assert change


def test_where_one_of_them_had_no_number_there_is_no_sum(town: System, clock: Clock) -> None:
    """The others' beds alone would pass for everybody's; whom it does not add up of stays known."""

    def unknown(work: Any) -> None:
        store.set_values(
            work, dictionary(work.connection), [Change("org.elder_beds", ONE, None)],
            factories.origin(work),
        )  # fmt: skip

    town.write(TESTER, unknown)
    clock.forward(days=1)
    done(town, wish("merge", ONE, into=TWO))
    assert beds(town, TWO, today=True) == {"head": "乙"}
    assert beds(town, TWO, today=False) == {"elder_beds": 4, "head": "乙"}


def test_on_a_day_after_the_change_nothing_is_counted_twice(town: System, clock: Clock) -> None:
    """What a new code took along stays with the old one; what was added up is in the one that stays."""
    done(town, wish("merge", ONE, into=TWO))
    done(town, wish("recode", TWO, code=THREE))
    clock.forward(days=2)
    assert beds(town, THREE, today=True) == {"elder_beds": 7, "head": "乙"}


def test_a_report_of_a_period_before_the_merge_is_filled_with_the_sum(
    town: System, clock: Clock
) -> None:
    """Opened after it by the one unit that is left: seven beds at the end of November, and of which units."""
    shared = {
        **small_town.REPORT,
        "properties": {"count": {"$ref": "field:org.elder_beds"}},
    }
    town.write(TESTER, lambda work: form_packs.load_form(work, shared, small_town.ROOT))
    clock.forward(days=20)
    done(town, wish("merge", ONE, into=TWO))

    def built(work: Any) -> None:
        more = Change("org.elder_beds", TWO, 9)
        store.set_values(work, dictionary(work.connection), [more], factories.origin(work))

    town.write(TESTER, built)
    with town.read(TESTER) as work:
        form = forms.published(work.connection, "test.count")
        place = [identity.organisation(work.connection, TWO)]
        found = prefill(work, form, place, "2026-11")[TWO]
    assert found.contents == {"count": 7}
    source = found.cells["/count"].source
    assert source is not None
    assert (source["source"], source["title"]) == ("then", f"组织{TWO}、组织{ONE}")
