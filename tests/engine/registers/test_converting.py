"""Kept values turned into another kind that means the same: shown first, refused until all fit, undone whole."""

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from engine.dictionary.field import Field, FieldInvalid
from engine.dictionary.store import Dictionary, dictionary
from engine.registers import converting, fields, past, store
from engine.registers.fields import ValuesMisfit
from engine.registers.store import Change
from engine.work import HISTORY, System
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER

NOTE = {"code": "note", "labels": {"zh": "性别（手写）"}, "schema": {"type": "string"}}
MOVED = {
    "code": "moved",
    "labels": {"zh": "迁入日期"},
    "schema": {"type": "string", "format": "date"},
}
SECRET = {
    "code": "secret",
    "labels": {"zh": "密语"},
    "sensitivity": "L4",
    "schema": {"type": "string"},
}
WORDS = {"a": "男", "b": "女", "c": " 男 ", "d": "1", "e": "FEMALE"}
DAYS = {"a": "2020-02-29", "b": "2020-02-01", "c": "1999-12-31"}
_later = itertools.count(1)


@pytest.fixture
def known(system: System, clock: Clock) -> Dictionary:
    clock.forward(minutes=next(_later))
    document = {**factories.PERSON, "fields": [*factories.PERSON["fields"], NOTE, MOVED, SECRET]}
    found = factories.load_dictionary(system, document, factories.ORG)
    people = [
        factories.person(id=own, note=word, **({"moved": DAYS[own]} if own in DAYS else {}))
        for own, word in WORDS.items()
    ]
    factories.load_people(system, found, people)
    return found


def coded(known: Dictionary) -> Field:
    return replace(known.field("person.note"), codelist="GB/T 2261.1")


def periods(known: Dictionary) -> Field:
    moved = known.field("person.moved")
    return replace(moved, schema={"type": "string", "format": "period"})


def convert(system: System, field: Field, grain: str = "month") -> Field:
    return system.write(TESTER, lambda work: fields.convert(work, field, field.version, grain))


def undo(system: System, code: str, version: int) -> Field:
    return system.write(TESTER, lambda work: fields.undo(work, code, version))


def put(system: System, name: str, own: str, value) -> None:
    one = Change(f"person.{name}", own, value)
    system.write(
        TESTER,
        lambda work: store.set_values(
            work, dictionary(work.connection), [one], factories.origin(work)
        ),
    )


def values(system: System, name: str) -> dict[str, str]:
    with system.read(TESTER) as work:
        now = dictionary(work.connection)
        field = now.field(f"person.{name}")
        found = store.fetch(work, now, "person", sorted(WORDS), [field])
        return {own: one[field.code].value for own, one in found.items() if field.code in one}


def test_words_become_codes_by_their_labels_and_come_back_letter_by_letter(
    system: System, known: Dictionary
) -> None:
    """With spaces, in another language; who set them stays told. Whoever said the code says the word."""
    with system.read(TESTER) as work:
        told = fields.conversion_of(work, known.field("person.note"), coded(known))
        before = store.fetch(work, known, "person", ["a"], [known.field("person.note")])["a"]
    assert (told.count, told.misfits.count, told.loses) == (4, 0, "")
    assert ("男", "1", 1) in told.changes
    saved = convert(system, coded(known))
    assert (saved.version, saved.codelist) == (2, "GB/T 2261.1")
    assert values(system, "note") == {"a": "1", "b": "2", "c": "1", "d": "1", "e": "2"}
    with system.read(TESTER) as work:
        now = dictionary(work.connection)
        after = store.fetch(work, now, "person", ["a"], [saved])["a"]
    assert after["person.note"].origin == before["person.note"].origin
    put(system, "note", "b", "1")
    assert undo(system, "person.note", 2).codelist is None
    assert values(system, "note") == {**WORDS, "b": "男", "d": "男"}


def test_what_has_no_counterpart_holds_it_up_and_nothing_is_touched(
    system: System, known: Dictionary
) -> None:
    """Told with how often it stands, by asking and by refusing."""
    put(system, "note", "b", "不男不女")
    put(system, "note", "c", "不男不女")
    with system.read(TESTER) as work:
        told = fields.conversion_of(work, known.field("person.note"), coded(known))
    assert (told.misfits.count, told.misfits.values) == (2, (("不男不女", 2),))
    with pytest.raises(ValuesMisfit) as refused:
        convert(system, coded(known))
    assert refused.value.values == "不男不女 ×2"
    assert values(system, "note")["a"] == "男"


@pytest.mark.parametrize(("grain", "first", "loses"), [("month", "2020-02", "day"), ("year", "2020", "month")])  # fmt: skip
def test_days_become_months_or_years_and_are_days_again(
    system: System, known: Dictionary, grain: str, first: str, loses: str
) -> None:
    """Undone while nobody said a month since: there is no way from a month to a day."""
    with system.read(TESTER) as work:
        told = fields.conversion_of(work, known.field("person.moved"), periods(known), grain)
    assert (told.count, told.loses) == (3, loses)
    convert(system, periods(known), grain)
    assert values(system, "moved")["a"] == values(system, "moved")["b"] == first
    put(system, "moved", "d", "2021-05")
    with pytest.raises(ValuesMisfit) as refused:
        undo(system, "person.moved", 2)
    assert refused.value.count == 1
    assert values(system, "moved")["a"] == first
    put(system, "moved", "d", None)
    undo(system, "person.moved", 2)
    assert values(system, "moved") == DAYS


def test_the_past_and_the_history_tell_what_stood_there(
    system: System, known: Dictionary, clock: Clock
) -> None:
    """A row of history for each value that became another, none for one that stayed."""
    day = clock().date()
    clock.forward(days=1)
    convert(system, coded(known))
    with system.read(TESTER) as work:
        now = dictionary(work.connection)
        kept = store.fetch(work, now, "person", ["c"], now.of("person"))["c"]
        then = past.on(work, now, "person", "c", kept, day=day)
        told = work.connection.execute(
            select(func.count()).where(HISTORY.c.reason.startswith("换算"))
        ).scalar()
    assert then["person.note"].value == " 男 "
    assert told == 4


def test_a_form_of_before_speaks_its_own_words(system: System, known: Dictionary) -> None:
    """What it is filled with is read as it knows it; what it writes back is kept as it is kept now."""
    written, day = known.field("person.note"), known.field("person.moved")
    convert(system, coded(known))
    convert(system, periods(known))
    with system.read(TESTER) as work:
        now = dictionary(work.connection)
    old = {written.code: written, day.code: day, "person.name": now.field("person.name")}
    assert converting.turned_since(now, old) == {written.code, day.code}
    assert converting.out_of(now, written, "2") == "女"
    assert converting.into(now, written, "女") == "2"
    assert converting.out_of(now, day, "2020-02") is None
    assert converting.into(now, day, "2020-02-29") == "2020-02"
    assert converting.into(now, now.field("person.name"), "女") == "女"


def test_sealed_values_and_other_kinds_are_not_turned(system: System, known: Dictionary) -> None:
    """They go the way of `change`: refused where values would mean something else."""
    secret = replace(known.field("person.secret"), codelist="GB/T 2261.1")
    assert converting.way(known, known.field("person.secret"), secret) is None
    alone = known.field("person.alone")
    with pytest.raises(FieldInvalid):
        convert(system, replace(alone, schema={"type": "string"}, codelist="GB/T 2261.1"))
