"""Formulas over registers say what plain Python says over the same rows, on both databases."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from engine.dictionary.store import Dictionary
from engine.formula import exact
from engine.formula.parse import parse
from engine.formula.problems import FormulaNotInDatabase
from engine.periods import Period
from engine.registers import bulk, query, store
from engine.registers.schema import table
from engine.registers.store import KnownValue, Origin
from engine.work import System, Work
from tests import factories
from tests.conftest import MORNING
from tests.factories import TESTER

TODAY = MORNING.date()
OFFICE = "370602-mzj"
TREE = [
    factories.organisation("37", kind="province"),
    factories.organisation("37", "370602", kind="county"),
    factories.organisation("37", "370602", OFFICE, kind="office"),
    factories.organisation("37", "370602", "370602011", kind="town"),
    factories.organisation("37", "370602", "370602011", "370602011001"),
    factories.organisation("37", "370602", "370602011", "370602011002"),
    factories.organisation("37", "370602", "370602012", kind="town"),
]
ORGANISATIONS = [row["code"] for row in TREE]


def area(code: str) -> str:
    """An office has the area of the organisation it sits in."""
    return code.partition("-")[0]


def age(row: dict, on: date) -> int | None:
    """Completed years."""
    if row["birth_date"] is None:
        return None
    birth = date.fromisoformat(row["birth_date"])
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


# a condition in the language, and the same in Python; what is not known satisfies nothing
CONDITIONS: dict[str, Callable[[dict, date], bool]] = {
    "age >= 80": lambda row, on: (age(row, on) or -1) >= 80,
    "age < 18": lambda row, on: age(row, on) is not None and age(row, on) < 18,
    "age = 60": lambda row, on: age(row, on) == 60,
    'sex = "2"': lambda row, on: row["sex"] == "2",
    'sex in ("1", "9")': lambda row, on: row["sex"] in ("1", "9"),
    "allowance > 100": lambda row, on: row["allowance"] is not None and row["allowance"] > 100,
    "allowance <= 99.5": lambda row, on: row["allowance"] is not None and row["allowance"] <= Decimal("99.5"),
    "alone": lambda row, on: row["alone"] is True,
    'name = "王秀英"': lambda row, on: row["name"] == "王秀英",
    'birth_date >= "1946-11-23"': lambda row, on: row["birth_date"] is not None and row["birth_date"] >= "1946-11-23",
}  # fmt: skip
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "birth_date": st.none()
            | st.sampled_from(["1946-11-23", "1946-11-24", "1966-11-23", "2008-11-24", "2000-02-29"])
            | st.dates(date(1920, 1, 1), TODAY).map(date.isoformat),
            "sex": st.sampled_from(["1", "2", "9", None]),
            "allowance": st.none() | st.decimals(-200, 200, places=2) | st.sampled_from([100, Decimal("99.5")]),
            "alone": st.sampled_from([True, False, None]),
            "name": st.sampled_from(["王秀英", "Wang", None]),
            "residence": st.sampled_from(["370602011001", "370602011002", "370602012001", "370611001001", "37060201", None]),
        }
    ),
    max_size=8,
)  # fmt: skip
CHOSEN = st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=3, unique=True)
EXAMPLES = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Undo(Exception):  # noqa: N818 - it ends an example, nothing went wrong
    """Leaves the transaction of an example."""


@pytest.fixture
def dictionary(system: System) -> Dictionary:
    factories.load_organisations(system, TREE)
    return factories.load_dictionary(system)


def with_people(system: System, dictionary: Dictionary, people: list[dict], look: Callable[[Work], None]) -> None:  # fmt: skip
    """Look at a register of these people, which is then undone."""
    rows = [{"id": f"p{number}", **row} for number, row in enumerate(people)]

    def command(work: Work) -> None:
        bulk.load(work, dictionary, "person", rows, factories.origin(work))
        look(work)
        raise Undo

    with pytest.raises(Undo):
        system.write(TESTER, command)


def inside(row: dict, code: str) -> bool:
    return row["residence"] is not None and row["residence"].startswith(area(code))


@EXAMPLES
@given(people=PEOPLE, chosen=CHOSEN, place=st.sampled_from(ORGANISATIONS))
def test_members_are_those_that_python_finds(system, dictionary, people, chosen, place) -> None:
    """All conditions at once, in the area of an organisation or of an office in it."""
    text = f"person where {' and '.join(chosen)} and residence within this"

    def look(work: Work) -> None:
        condition = query.members(query.scope(work, dictionary, place), text)
        found = store.rows_where(work, dictionary, "person", condition, [])
        assert list(found) == [
            f"p{n}" for n, row in enumerate(people)
            if inside(row, place) and all(CONDITIONS[one](row, TODAY) for one in chosen)
        ]  # fmt: skip

    with_people(system, dictionary, people, look)


@EXAMPLES
@given(
    people=PEOPLE,
    chosen=CHOSEN,
    month=st.sampled_from(["2025-12", "2026-11", "2027-01", None]),
    places=st.lists(st.sampled_from(ORGANISATIONS), min_size=1, unique=True),
)
def test_numbers_of_many_organisations_are_those_that_python_counts(
    system, dictionary, *, people, chosen, month, places
) -> None:
    """Counts, sums, means and ends by organisation, on the last day of the period or today."""
    where = f"{' or '.join(chosen)}"
    formulas = {
        "count": f"count(person where ({where}) and residence within this)",
        "sum": f"sum(person.allowance where ({where}) and residence within this)",
        "mean": f"avg(person.allowance where ({where}) and residence within this)",
        "least": f"min(person.allowance where ({where}) and residence within this)",
        "last": f"max(person.birth_date where ({where}) and residence within this)",
        "both": f"count(person where {chosen[0]}) * 2 + count(person where residence within this)",
    }
    period = Period.parse(month) if month else None
    on = min(period.bounds()[1], TODAY) if period else TODAY

    def expected(code: str) -> dict:
        some = [
            row for row in people
            if inside(row, code) and any(CONDITIONS[one](row, on) for one in chosen)
        ]  # fmt: skip
        paid = [row["allowance"] for row in some if row["allowance"] is not None]
        return {
            "count": len(some),
            "sum": sum(paid),
            "mean": exact.divide(Decimal(sum(paid)), Decimal(len(paid))) if paid else None,
            "least": min(paid, default=None),
            "last": max((row["birth_date"] for row in some if row["birth_date"]), default=None),
            "both": 2 * sum(CONDITIONS[chosen[0]](row, on) for row in people)
            + sum(inside(row, code) for row in people),
        }

    def look(work: Work) -> None:
        found = query.grouped(work, dictionary, formulas, places, period)
        assert found == {code: expected(code) for code in places}

    with_people(system, dictionary, people, look)


def test_any_number_of_figures_is_two_statements(system: System, dictionary: Dictionary) -> None:
    """Twelve formulas for seven organisations: the places, and whoever lives there read once."""
    formulas = {
        f"f{n}": f"count(person where age >= {n} and residence within this)" for n in range(12)
    }
    asked: list[str] = []
    with system.read(TESTER) as work:
        event.listen(work.connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        found = query.grouped(work, dictionary, formulas, ORGANISATIONS)
    assert len([statement for statement in asked if statement != "BEGIN"]) == 2
    assert set(found) == set(ORGANISATIONS)
    assert set(found["37"].values()) == {0}


def test_a_formula_that_asks_no_register_asks_nothing(
    system: System, dictionary: Dictionary
) -> None:
    """Nothing to group."""
    with system.read(TESTER) as work:
        assert query.grouped(work, dictionary, {"a": "1 + 1"}, ORGANISATIONS) == {}


def test_one_documents_questions_are_answered_together(system: System, dictionary: Dictionary) -> None:  # fmt: skip
    """By the question itself, for one organisation; what was not asked has no answer."""
    people = [factories.person(allowance=n, sex="2") for n in (5, 7)]
    factories.load_people(system, dictionary, people)
    count, total = (
        parse(text) for text in ("count(person where residence within this)", "sum(person.allowance where residence within this)")
    )  # fmt: skip
    with system.read(TESTER) as work:
        answers = query.answers(work, dictionary, [count, total], ["370602011"])["370602011"]
        nobody = query.answers(work, dictionary, [count], ["999"])["999"]
    assert (answers(count), answers(total)) == (2, 12)
    assert nobody(count) is None


def test_a_sealed_field_cannot_be_asked_for(system: System, dictionary: Dictionary) -> None:
    """The database cannot compare what it cannot read; the designer is told which field it is."""
    with system.read(TESTER) as work, pytest.raises(FormulaNotInDatabase) as told:
        query.members(query.scope(work, dictionary, "37"), 'person where phone = "138"')
    assert told.value.part == "电话"


def test_a_list_stands_by_place_and_then_by_name(system: System, dictionary: Dictionary) -> None:
    """As offices keep them."""
    places = ("370602011002", "370602011001")
    people = [factories.person(residence=place, name=name) for place in places for name in ("b", "a")]  # fmt: skip
    factories.load_people(system, dictionary, people)
    rows = table(dictionary, "person")
    with system.read(TESTER) as work:
        order = query.order(query.scope(work, dictionary, "37"), "person")
        found = work.connection.execute(select(rows.c.id).order_by(*order)).scalars().all()
    assert found == [people[n]["id"] for n in (3, 2, 1, 0)]


def test_a_derived_field_is_made_from_what_is_known(system: System, dictionary: Dictionary) -> None:
    """The age on the last day of the period; unknown without a date of birth."""
    derived = dictionary.field("person.age")
    assert query.needs(derived, dictionary) == ["person.birth_date"]
    assert query.needs(dictionary.field("person.name"), dictionary) == []
    known = {"person.birth_date": KnownValue("person.birth_date", "1946-11-24", Origin("a", "b", "c"))}  # fmt: skip
    with system.read(TESTER) as work:
        today = query.scope(work, dictionary, "37")
        later = query.scope(work, dictionary, "37", Period.parse("2027-01"))
        earlier = query.scope(work, dictionary, "37", Period.parse("2025-12"))
    assert [query.derive(scope, derived, known) for scope in (today, later, earlier)] == [
        79,
        79,
        79,
    ]
    assert query.derive(today, derived, {}) is None
    assert (today.today, later.today, earlier.today) == (TODAY, TODAY, date(2025, 12, 31))
