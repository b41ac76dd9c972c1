"""Unknown, not applicable and refused in a register: neither blank nor zero, kept, told, counted."""

from dataclasses import replace

import pytest

from engine import absence
from engine.absence import absent
from engine.dictionary.store import Dictionary
from engine.dictionary.store import dictionary as load
from engine.registers import bulk, fields, query, store
from engine.registers.rows import Checked
from engine.registers.store import Change
from engine.work import System
from tests import factories
from tests.engine.registers.test_registers import history, set_values, values
from tests.factories import TESTER


@pytest.fixture
def dictionary(system: System) -> Dictionary:
    return factories.load_dictionary(system)


@pytest.fixture
def wang(system: System, dictionary: Dictionary) -> str:
    person = factories.person(phone="13800138000", allowance=0)
    factories.load_people(system, dictionary, [person])
    return person["id"]


def test_four_ways_of_having_no_value_and_zero_are_five_things(system, dictionary, wang) -> None:
    """Open, sealed and of every type: an absence comes back as the absence it was."""
    told = {
        "phone": absent("refused"), "sex": absent("unknown"), "alone": absent("inapplicable"),
        "languages": absent("unknown"), "debt": absent("refused"),
    }  # fmt: skip
    changed, _ = set_values(
        system, dictionary, *(Change(f"person.{name}", wang, one) for name, one in told.items())
    )
    assert changed == len(told)
    found = values(system, dictionary, wang)
    assert {name: found[name] for name in told} == told
    assert found["allowance"] == 0
    assert "illnesses" not in found  # nobody has said anything
    last = history(system)[-1]
    assert (last["before"]["phone"], last["after"]["phone"]) == ("13800138000", absent("refused"))


def test_a_value_takes_the_place_of_an_absence_and_the_other_way(system, dictionary, wang) -> None:
    """Setting one never leaves the other behind; blank takes both away."""
    for value in (absent("unknown"), "13900139000", absent("refused"), None, absent("unknown")):
        changed, _ = set_values(system, dictionary, Change("person.phone", wang, value))
        assert changed == 1
        assert values(system, dictionary, wang, "phone").get("phone") == value
    changed, confirmed = set_values(
        system, dictionary, Change("person.phone", wang, absent("unknown"))
    )
    assert changed == 0
    with system.read(TESTER) as work:
        known = store.fetch(work, dictionary, "person", [wang], [dictionary.field("person.phone")])
    assert known[wang]["person.phone"].origin == confirmed


def test_an_answer_that_says_nothing_yields_to_what_is_known(system, dictionary, wang) -> None:
    """A report whose filler does not know the phone does not wipe it out; that it cannot be does."""
    for kind, stays in (("unknown", True), ("refused", True), ("inapplicable", False)):
        set_values(system, dictionary, Change("person.phone", wang, "13800138000"))
        set_values(system, dictionary, Change("person.phone", wang, absent(kind), yields=True))
        kept = values(system, dictionary, wang, "phone")["phone"]
        assert kept == ("13800138000" if stays else absent(kind))


def test_registers_are_asked_for_absences(system, dictionary, wang) -> None:
    """In SQL as in a document: who is not known, who does not tell, of whom nobody has asked."""
    set_values(system, dictionary, Change("person.sex", wang, absent("unknown")))
    factories.load_people(system, dictionary, [factories.person(sex=None), factories.person()])
    asked = {
        "unknown": 'count(person where ABSENCE(sex) = "unknown")',
        "refused": 'count(person where ABSENCE(sex) = "refused")',
        "blank": "count(person where ISBLANK(sex))",
        "known": "count(person where KNOWN(sex))",
        "counted": "count(person.sex)",
    }
    with system.read(TESTER) as work:
        place = query.scope(work, dictionary, "37")
        found = {
            name: work.connection.execute(
                query.sql.aggregate_select(query.parse(text), place)
            ).scalar_one()
            for name, text in asked.items()
        }
    assert found == {"unknown": 1, "refused": 0, "blank": 1, "known": 1, "counted": 1}


def test_a_load_keeps_absences_where_the_field_takes_them(system, dictionary) -> None:
    """And refuses them elsewhere; the office's own words are read and written the same."""
    able = replace(dictionary.field("person.phone"), absences=("unknown",))
    system.write(TESTER, lambda work: fields.change(work, able, able.version))
    with system.read(TESTER) as work:
        known = load(work.connection)
    kind = "unknown"
    rows = [{"id": "a1", able.name: absent(kind)}, {"id": "a2", "name": absent("unknown")}]
    checked = Checked(known, "person")
    assert [row["id"] for row in checked.passed(rows)] == ["a1"]
    assert [one.field for one in checked.faults] == ["person.name"]
    system.write(
        TESTER, lambda work: bulk.load(work, known, "person", rows[:1], factories.origin(work))
    )
    with system.read(TESTER) as work:
        found = store.fetch(work, known, "person", ["a1"], [able])
    assert found["a1"][able.code].value == absent(kind)


def test_the_offices_own_words_are_read_and_written_the_same() -> None:
    """The first of them is written; without them the usual word is."""
    absence.keep_words({"unknown": ("不清楚", "查不到")})
    try:
        assert absence.read("查不到", ["unknown"]) == absent("unknown")
        assert absence.read("查不到", ["refused"]) is None
        assert absence.written(absent("unknown"), "zh") == "不清楚"
        assert absence.read("不清楚", ["unknown"]) == absent("unknown")
    finally:
        absence.keep_words({})
    assert absence.written(absent("unknown"), "zh") == "不详"
    assert absence.read("查不到", ["unknown"]) is None
