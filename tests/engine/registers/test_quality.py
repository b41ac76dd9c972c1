"""Data quality: every value counted as what it is, once, by place; the rows behind a figure are those."""

import itertools

import pytest

from engine.absence import INAPPLICABLE, REFUSED, UNKNOWN, absent
from engine.dictionary.store import Dictionary
from engine.registers import fields, quality, store
from engine.registers.quality import COUNTS
from engine.registers.store import Change
from engine.work import System
from tests import factories
from tests.conftest import Clock
from tests.factories import TESTER

ONE, TWO = "370602011001", "370602011002"
_later = itertools.count(1)


@pytest.fixture
def known(system: System, clock: Clock) -> Dictionary:
    clock.forward(minutes=next(_later))
    person = {
        **factories.PERSON,
        "fields": [
            one | ({"absences": ["unknown", "inapplicable", "refused"]} if one["code"] == "allowance" else {})
            for one in factories.PERSON["fields"]
        ],
    }  # fmt: skip
    found = factories.load_dictionary(system, person, factories.ORG)
    facts = [80, None, absent(UNKNOWN), absent(INAPPLICABLE), absent(REFUSED)]
    people = [
        factories.person(id=own, residence=ONE, phone="13800138000", allowance=fact)
        for own, fact in zip("abcde", facts, strict=True)
    ]
    factories.load_people(system, found, people)
    factories.load_people(system, found, [factories.person(id="z", residence=TWO, allowance=1)])
    return found


def counts(system: System, known: Dictionary) -> dict[tuple[str, str], dict[str, int]]:
    with system.read(TESTER) as work:
        found = quality.count(work, known, "person")
    return {
        (place, code): {name: n for name, n in zip(COUNTS, numbers, strict=True) if n}
        for place, by_field in found.items()
        for code, numbers in by_field.items()
    }


def ids(system: System, known: Dictionary, code: str, kind: str) -> list[str]:
    with system.read(TESTER) as work:
        reading = quality.Reading(work, known, "person", (known.field(code),))
        return sorted(own for own, _, _ in quality.behind(reading, kind, [], 10))


def test_blank_unknown_not_applicable_and_refused_are_four_things(
    system: System, known: Dictionary
) -> None:
    """By place, and the rows behind each."""
    told = counts(system, known)
    assert told[ONE, "person.allowance"] == {
        "rows": 5, "filled": 1, "unknown": 1, "inapplicable": 1, "refused": 1,
    }  # fmt: skip
    assert told[TWO, "person.allowance"] == {"rows": 1, "filled": 1}
    assert told[TWO, "person.phone"] == {"rows": 1}
    rows = {kind: ids(system, known, "person.allowance", kind) for kind in ("blank", UNKNOWN, INAPPLICABLE, REFUSED)}  # fmt: skip
    assert rows == {"blank": ["b"], UNKNOWN: ["c"], INAPPLICABLE: ["d"], REFUSED: ["e"]}


def test_old_unverified_and_broken_values_are_told_by_their_own_source(
    system: System, known: Dictionary, clock: Clock
) -> None:
    """A phone of two years ago; one that somebody typed yesterday; one that the rules take no more."""
    clock.forward(days=400)

    def typed(work):
        change = Change("person.phone", "b", "13900139000")
        store.set_values(work, known, [change], factories.origin(work, "entered"))

    system.write(TESTER, typed)
    told = counts(system, known)[ONE, "person.phone"]
    assert told == {"rows": 5, "filled": 5, "stale": 4, "unverified": 1}
    assert ids(system, known, "person.phone", "stale") == ["a", "c", "d", "e"]
    assert ids(system, known, "person.phone", "unverified") == ["b"]

    def broken(work):
        change = Change("person.phone", "c", "no phone")
        store.set_values(work, known, [change], factories.origin(work))

    system.write(TESTER, broken)
    assert counts(system, known)[ONE, "person.phone"]["failing"] == 1
    assert ids(system, known, "person.phone", "failing") == ["c"]


def test_a_month_is_kept_once_however_often_it_is_counted(
    system: System, known: Dictionary, clock: Clock
) -> None:
    """The next month is another; a field that was renamed goes on under the code it is kept by."""
    first = clock().date().isoformat()[:7]
    for _ in range(2):
        system.write(TESTER, lambda work: quality.keep_all(work, {"seen": {"person": quality.count(work, known, "person")}}))  # fmt: skip
    clock.forward(days=40)
    system.write(TESTER, lambda work: fields.rename(work, "person.phone", "mobile", 1))
    with system.read(TESTER) as work:
        seen = quality._count_all(work, {"subject": "person"})
    system.write(TESTER, lambda work: quality.keep_all(work, {"seen": seen}))
    with system.read(TESTER) as work:
        rows = work.connection.execute(
            quality.QUALITY.select().where(
                quality.QUALITY.c.field == "person.phone", quality.QUALITY.c.place == ONE
            )
        ).all()
    months = sorted(row.month for row in rows)
    assert months[0] == first
    assert len(months) == len(set(months)) == 2
    assert {row.rows for row in rows} == {5}


def test_every_division_above_has_the_sum_of_those_below() -> None:
    """A town, a county, all; whoever belongs nowhere is only among all."""
    found = {
        "370602011001": {"f": [2, 1]},
        "370602011002": {"f": [3, 0]},
        "370602012001": {"f": [5, 5]},
        "": {"f": [7, 7]},
    }
    summed = quality.summed(found)
    assert summed["370602011"]["f"] == [5, 1]
    assert summed["370602"]["f"] == summed["37"]["f"] == [10, 6]
    assert summed[""]["f"] == [17, 13]
    assert summed["370602011001"]["f"] == [2, 1]
