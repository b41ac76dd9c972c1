"""A field's rules widen without moving a value, and go back as long as what is kept fits them."""

import itertools
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.dictionary.field import FieldInvalid
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import Conflict
from engine.registers import fields, store
from engine.registers.fields import NothingToUndo, ValuesMisfit
from engine.registers.store import Change
from engine.work import System
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER

VISITS = {
    "code": "visits",
    "labels": {"zh": "走访次数"},
    "schema": {"type": "integer", "minimum": 0},
}
NOTE = {"code": "note", "labels": {"zh": "备注"}, "schema": {"type": "string", "maxLength": 4}}
SECRET = {"code": "secret", "labels": {"zh": "密语"}, "sensitivity": "L4",
          "schema": {"type": "string", "maxLength": 4}}  # fmt: skip


_later = itertools.count(1)


@pytest.fixture
def known(system: System, clock: Clock) -> Dictionary:
    clock.forward(
        minutes=next(_later)
    )  # the dictionary is kept by when it changed, database by database
    document = {**factories.PERSON, "fields": [*factories.PERSON["fields"], VISITS, NOTE, SECRET]}
    found = factories.load_dictionary(system, document, factories.ORG)
    factories.load_people(
        system, found, [factories.person(id="a", visits=3, note="四个字呀", secret="四个字呀")]
    )
    return found


def change(system: System, name: str, **schema):
    """Other rules for a field, from the version in force."""

    def command(work):
        now = dictionary(work.connection).field(f"person.{name}")
        return fields.change(work, replace(now, schema=schema), now.version)

    return system.write(TESTER, command)


def undo(system: System, name: str):
    def command(work):
        return fields.undo(
            work, f"person.{name}", dictionary(work.connection).field(f"person.{name}").version
        )

    return system.write(TESTER, command)


def put(system: System, name: str, value) -> None:
    def command(work):
        one = Change(f"person.{name}", "a", value)
        store.set_values(work, dictionary(work.connection), [one], factories.origin(work))

    system.write(TESTER, command)


def value(system: System, name: str):
    with system.read(TESTER) as work:
        field = dictionary(work.connection).field(f"person.{name}")
        return store.fetch(work, dictionary(work.connection), "person", ["a"], [field])["a"][
            field.code
        ].value


def test_whole_numbers_become_decimals_and_go_back_while_all_are_whole(
    system: System, known: Dictionary
) -> None:
    """In no time; a decimal that came since holds the undoing up, and is told."""
    assert change(system, "visits", type="number", minimum=0).version == 2
    assert value(system, "visits") == 3
    put(system, "visits", Decimal("2.5"))
    with pytest.raises(ValuesMisfit) as told:
        undo(system, "visits")
    assert (told.value.field, told.value.count) == ("走访次数", 1)
    with pytest.raises(ValuesMisfit):
        change(system, "visits", type="integer")
    assert value(system, "visits") == Decimal("2.5")
    put(system, "visits", 4)
    back = undo(system, "visits")
    assert (back.version, back.schema) == (3, VISITS["schema"])
    assert value(system, "visits") == 4


@pytest.mark.parametrize("name", ["note", "secret"])
def test_a_text_grows_and_shrinks_with_what_is_kept(
    system: System, known: Dictionary, name: str
) -> None:
    """Open or sealed: the longer value holds the undoing up."""
    change(system, name, type="string", maxLength=8)
    put(system, name, "六个字的备注")
    with pytest.raises(ValuesMisfit):
        undo(system, name)
    put(system, name, "三个字")
    assert undo(system, name).schema["maxLength"] == 4


def test_a_text_becomes_a_code_list_once_all_are_codes(system: System, known: Dictionary) -> None:
    """What is no code is told with how often it stands, first by asking, then by refusing."""
    more = [
        factories.person(id=one, note=note)
        for one, note in zip("bcd", ("1", "男", "男"), strict=True)
    ]
    factories.load_people(system, known, more)
    now = known.field("person.note")
    coded = replace(now, codelist="GB/T 2261.1")
    with system.read(TESTER) as work:
        asked = fields.misfits_of(work, now, coded)
    assert (asked.count, asked.values) == (3, (("男", 2), ("四个字呀", 1)))
    with pytest.raises(ValuesMisfit) as told:
        system.write(TESTER, lambda work: fields.change(work, coded, now.version))
    assert (told.value.count, told.value.values) == (3, "男 ×2、四个字呀 ×1")
    for one, code in (("a", "2"), ("c", "1"), ("d", "1")):
        change_of = Change("person.note", one, code)
        system.write(
            TESTER,
            lambda work, it=change_of: store.set_values(
                work, dictionary(work.connection), [it], factories.origin(work)
            ),
        )
    saved = system.write(TESTER, lambda work: fields.change(work, coded, now.version))
    assert saved.codelist == "GB/T 2261.1"
    assert value(system, "note") == "2"


def test_what_was_wrong_before_holds_up_no_other_change(system: System, known: Dictionary) -> None:
    """A label, a wider rule, a rule beside the broken one: only what newly would not fit counts."""
    put(system, "note", "比规定的要长得多")
    now = known.field("person.note")
    named = replace(now, labels={"zh": "说明"})
    assert system.write(TESTER, lambda work: fields.change(work, named, 1)).version == 2
    assert change(system, "note", type="string", maxLength=6).version == 3
    put(system, "note", "没有日期")
    with pytest.raises(ValuesMisfit):
        change(system, "note", type="string", maxLength=6, format="date")
    put(system, "note", "2026-11-28")
    assert change(system, "note", type="string", maxLength=10, format="date").version == 4


def test_of_a_protected_field_no_value_is_told(system: System, known: Dictionary) -> None:
    """How many, and as much as its mask leaves."""
    with pytest.raises(ValuesMisfit) as told:
        change(system, "secret", type="string", maxLength=2)
    assert told.value.count == 1
    assert "四个字呀" not in told.value.text("zh")


def test_undoing_twice_gives_the_change_back(system: System, known: Dictionary) -> None:
    """As in any program: what was undone is a version, too."""
    change(system, "visits", type="number")
    undo(system, "visits")
    assert undo(system, "visits").schema == {"type": "number"}


def test_what_cannot_be_undone_is_told(system: System, known: Dictionary) -> None:
    """A first version; one that somebody else changed; another type is another field."""
    with pytest.raises(NothingToUndo):
        undo(system, "visits")
    change(system, "visits", type="number")
    with pytest.raises(Conflict):
        system.write(TESTER, lambda work: fields.undo(work, "person.visits", 1))
    with pytest.raises(FieldInvalid):
        change(system, "visits", type="string")


def test_readers_go_on_while_a_field_widens(system: System, known: Dictionary) -> None:
    """Somebody who looks all the while is answered all the while, before, during and after."""
    stop, answers, wrong = threading.Event(), [], []

    def look() -> None:
        while not stop.is_set():
            try:
                answers.append(value(system, "visits"))
            except Exception as error:  # noqa: BLE001 - whatever a reader meets is what the test is about
                wrong.append(error)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for one in readers:
        one.start()
    for at in range(3):
        change(system, "visits", type="number")
        change(system, "visits", type="integer", minimum=-at)
    stop.set()
    for one in readers:
        one.join()
    assert not wrong
    assert set(answers) == {3}
