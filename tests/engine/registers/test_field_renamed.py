"""A field under another code: nothing that is kept moves, and every code it had goes on leading to it."""

import itertools

import pytest

from engine.absence import UNKNOWN, absent
from engine.dictionary import pack
from engine.dictionary.field import Field, FieldInvalid
from engine.dictionary.store import Dictionary, dictionary, history
from engine.errors import Conflict
from engine.registers import cross, fields, past, query, store
from engine.registers.query import RegisterScope
from engine.registers.rows import Checked
from engine.registers.store import Change
from engine.work import HISTORY, System
from forms.kinds import register_sheet
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER

_later = itertools.count(1)


@pytest.fixture
def known(system: System, clock: Clock) -> Dictionary:
    clock.forward(minutes=next(_later))
    person = {
        **factories.PERSON,
        "fields": [
            one | ({"absences": ["unknown"]} if one["code"] == "allowance" else {})
            for one in factories.PERSON["fields"]
        ],
    }
    found = factories.load_dictionary(system, person, factories.ORG)
    people = [
        factories.person(id="a", birth_date="1940-02-03", phone="13800138000", allowance=80),
        factories.person(id="b", birth_date="1990-02-03", allowance=absent(UNKNOWN)),
    ]
    factories.load_people(system, found, people)
    return found


def rename(system: System, code: str, name: str) -> Dictionary:
    def command(work):
        fields.rename(work, code, name, dictionary(work.connection).field(code).version)

    system.write(TESTER, command)
    with system.read(TESTER) as work:
        return dictionary(work.connection)


def told(system: System, code: str, own: str = "a"):
    with system.read(TESTER) as work:
        known = dictionary(work.connection)
        field = known.field(code)
        found = store.fetch(work, known, "person", [own], [field])[own]
        return found[field.code].value if field.code in found else None


def test_values_sources_and_histories_stay_and_are_found_by_both_codes(
    system: System, known: Dictionary
) -> None:
    """Sealed or open, with an absence, with its key; what is written by either code is one value."""
    for code, name in (
        ("person.phone", "mobile"),
        ("person.allowance", "aid"),
        ("person.id_number", "citizen_number"),
    ):
        renamed = rename(system, code, name)
        assert renamed.field(f"person.{name}").called == f"person.{name}"
        assert renamed.field(code) is renamed.field(f"person.{name}")
    assert told(system, "person.mobile") == told(system, "person.phone") == "13800138000"
    assert told(system, "person.aid", "b") == absent(UNKNOWN)
    for code, value in (("person.mobile", "13900139000"), ("person.phone", "13700137000")):
        one = Change(code, "a", value)
        system.write(
            TESTER,
            lambda work, one=one: store.set_values(
                work, dictionary(work.connection), [one], factories.origin(work)
            ),
        )
    assert told(system, "person.mobile") == "13700137000"
    with system.read(TESTER) as work:
        rows = work.connection.execute(
            HISTORY.select().where(HISTORY.c.target == "a", HISTORY.c.kind == "reg_person")
        ).all()
        key = renamed.field("person.citizen_number")
        found = store.find(work, renamed, key, [told(system, "person.id_number")])
    assert len(rows) == 2
    assert list(found.values()) == ["a"]
    assert renamed.subjects["person"].keys == ("id_number",)


def test_formulas_say_either_name_in_sql_and_in_memory(system: System, known: Dictionary) -> None:
    """A derived field goes on from the old name, members are asked by the new one."""
    rename(system, "person.allowance", "aid")
    now = rename(system, "person.birth_date", "born")
    with system.read(TESTER) as work:
        where = RegisterScope(now, "", work.today)
        register = where.table("person")
        for text in ("person where age >= 80", "person where year(born) < 1950",
                     "person where year(birth_date) < 1950"):  # fmt: skip
            found = work.connection.execute(
                register.select().where(query.members(where, text))
            ).all()
            assert [row.id for row in found] == ["a"]
        kept = store.fetch(work, now, "person", ["a"], now.of("person"))["a"]
        assert query.derive(where, now.field("person.age"), kept) > 80
        found = cross.cross_table(work, now, "person", [cross.Axis.read("aid:50")])
        assert found.total == 2
    assert query.needs(now.field("person.age"), now) == ["person.birth_date"]


def test_a_derived_field_may_be_declared_by_the_new_name(system: System, known: Dictionary) -> None:
    """What it is made from is still read from where it is kept."""
    rename(system, "person.birth_date", "born")
    declared = {"code": "years", "labels": {"zh": "岁数"}, "compute": "age(born)",
                "schema": {"type": "integer"}}  # fmt: skip
    system.write(
        TESTER,
        lambda work: pack.load_fields(
            work, [{"subject": factories.PERSON["subject"], "fields": [declared]}]
        ),
    )
    with system.read(TESTER) as work:
        now = dictionary(work.connection)
        years = now.field("person.years")
        assert query.needs(years, now) == ["person.birth_date"]
        kept = store.fetch(work, now, "person", ["a"], now.of("person"))["a"]
        where = RegisterScope(now, "", work.today)
        assert query.derive(where, years, kept) == query.derive(
            where, now.field("person.age"), kept
        )


def test_the_past_before_a_renaming_is_told(
    system: System, known: Dictionary, clock: Clock
) -> None:
    """As it was on the day before, under the code it is kept by."""
    before = clock().date()
    clock.forward(days=2)
    now = rename(system, "person.allowance", "aid")
    change = Change("person.aid", "a", 100)
    system.write(TESTER, lambda work: store.set_values(work, now, [change], factories.origin(work)))
    with system.read(TESTER) as work:
        known_now = store.fetch(work, now, "person", ["a"], now.of("person"))["a"]
        then = past.on(work, now, "person", "a", known_now, day=before)
    assert known_now["person.allowance"].value == 100
    assert then["person.allowance"].value == 80


def test_sheets_may_say_any_of_its_codes(system: System, known: Dictionary) -> None:
    """The heading of last year's file and of this year's."""
    now = rename(system, "person.allowance", "aid")
    for head in ("aid", "allowance", "person.aid", "person.allowance", "高龄津贴"):
        assert register_sheet.heads(now, "person", [head]) == [now.field("person.aid")]
    row = {"id": "z", "allowance": 5}
    assert list(Checked(now, "person").passed([row])) == [row]


def test_no_code_a_field_ever_had_becomes_anothers(system: System, known: Dictionary) -> None:
    """Not by adding, not by renaming; a name that is none, the same again, an old version: refused."""
    now = rename(system, "person.phone", "mobile")
    for name in ("phone", "mobile"):
        again = Field(f"person.{name}", {"zh": "又"}, {"type": "string"})
        with pytest.raises(FieldInvalid):
            system.write(TESTER, lambda work, it=again: fields.add(work, it))
    for name in ("name", "mobile", "Mobile", "a.b", "", "drop table"):
        with pytest.raises(FieldInvalid):
            rename(system, "person.phone", name)
    with pytest.raises(FieldInvalid):
        rename(system, "person.allowance", "phone")
    with pytest.raises(Conflict):
        system.write(TESTER, lambda work: fields.rename(work, "person.phone", "x", 1))
    assert now.field("person.phone").version == 2


def test_renaming_is_undone_and_both_codes_stay(system: System, known: Dictionary) -> None:
    """As a version of its own; what was written in between under the new code goes on."""
    rename(system, "person.phone", "mobile")
    back = system.write(TESTER, lambda work: fields.undo(work, "person.mobile", 2))
    assert (back.called, back.version) == ("person.phone", 3)
    again = rename(system, "person.phone", "mobile")
    assert again.field("person.phone").called == "person.mobile"
    with system.read(TESTER) as work:
        assert [one.called for one, _ in history(work.connection, "person.phone")] == [
            "person.mobile", "person.phone", "person.mobile", "person.phone",
        ]  # fmt: skip
    assert told(system, "person.mobile") == "13800138000"


def test_a_pack_loaded_again_does_not_make_a_second_field(
    system: System, known: Dictionary
) -> None:
    """Whether it says the old code, the new one, or renames by itself."""
    rename(system, "person.phone", "mobile")
    here = len(known.fields)
    declared = next(one for one in factories.PERSON["fields"] if one["code"] == "phone")
    for document in (
        declared,
        {**declared, "code": "mobile"},
        {**declared, "renamed": ["person.cell"]},
    ):
        system.write(
            TESTER,
            lambda work, it=document: pack.load_fields(
                work, [{"subject": factories.PERSON["subject"], "fields": [it]}]
            ),
        )
    with system.read(TESTER) as work:
        now = dictionary(work.connection)
    assert len(now.fields) == here
    assert now.field("person.cell").code == now.field("person.mobile").code == "person.phone"
    assert told(system, "person.cell") == "13800138000"
