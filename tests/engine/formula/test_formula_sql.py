"""A formula means the same in SQL as in a document."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy import (
    Boolean,
    ColumnElement,
    cast,
    literal,
    null,
    select,
)
from sqlalchemy.dialects import postgresql as postgresql_dialect

from engine.formula import sql
from engine.formula.evaluate import evaluate
from engine.formula.exact import value_of
from engine.formula.parse import parse
from engine.formula.printed import text
from engine.formula.problems import FormulaNotInDatabase, FormulaWrongType
from engine.formula.tree import depth
from engine.storage.columns import CODE, Number
from tests.engine.formula import trees
from tests.engine.formula.register import PERSON, ROWS, Registers, env
from tests.engine.formula.test_formula_vectors import VECTORS, expected


def in_sql(connection, expr):
    element = sql.to_sql(expr, Registers(), "person")
    found = connection.execute(
        select(element.label("value")).select_from(PERSON).order_by(PERSON.c.id)
    )
    return [value_of(row.value) for row in found]


def in_documents(expr):
    return [evaluate(expr, env(row)) for row in ROWS]


def agree(connection, expr) -> None:
    for ours, theirs in zip(in_documents(expr), in_sql(connection, expr), strict=True):
        if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
            assert abs(ours - theirs) <= max(abs(ours), 1) * Decimal("1e-9"), text(expr)
        elif isinstance(ours, bool):
            assert theirs is not None, text(expr)
            assert ours == bool(theirs), text(expr)
        else:
            assert (ours.isoformat() if isinstance(ours, date) else ours) == theirs, text(expr)


DRAWN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@DRAWN
@given(trees.CONDITIONS)
def test_drawn_conditions_hold_for_the_same_rows_in_sqlite(sqlite, expr):
    """A condition picks the same people in SQL as row by row, blanks included."""
    assume(depth(expr) <= sql.MAX_DEPTH)
    agree(sqlite, expr)


@DRAWN
@given(trees.QUANTITIES | trees.STRINGS)
def test_drawn_values_are_the_same_in_sqlite(sqlite, expr):
    """A computed column has the same values in SQL as row by row."""
    assume(depth(expr) <= sql.MAX_DEPTH)
    agree(sqlite, expr)


@pytest.mark.postgres
def test_drawn_formulas_are_the_same_in_postgresql(postgresql):
    """What holds on SQLite holds on PostgreSQL."""

    @settings(max_examples=100, deadline=None, database=None)
    @given(trees.CONDITIONS | trees.QUANTITIES | trees.STRINGS)
    def drawn(expr):
        assume(depth(expr) <= sql.MAX_DEPTH)
        agree(postgresql, expr)

    drawn()


@pytest.mark.parametrize("sign", ["=", "<>", "<", "<=", ">", ">="])
def test_ages_are_compared_alike_on_and_around_a_birthday(database, sign):
    """Where the range of birth dates begins and ends, in both orders, before birth too."""
    for years in ("79", "80", "81", "26", "0", "-1", "-2", "26.5"):
        agree(database, parse(f"age {sign} {years}"))
        agree(database, parse(f"{years} {sign} age"))
        agree(database, parse(f'not AGE(birth_date, "2026-11-23") {sign} {years}'))


def test_texts_are_ordered_by_code_point_whatever_the_collation():
    """Z comes before a, as in a document, also where PostgreSQL would sort like a dictionary."""
    ordered, equal = (
        sql.condition(parse(f'name {sign} "a"'), Registers(), "person").compile(
            dialect=postgresql_dialect.dialect()
        )
        for sign in ("<", "=")
    )
    assert '(reg_person.name) COLLATE "C" <' in str(ordered)
    assert "COLLATE" not in str(equal)


@pytest.mark.parametrize("written", ["AGE(d)", "DAYS(d, TODAY())", "YEAR(d)", "MONTH(d) + 1"])
def test_a_text_that_is_no_date_has_no_age_and_no_year(database, written):
    """Old rows hold such things; they are blank, and PostgreSQL does not stop at them."""

    class Unknown(Registers):
        def column(self, subject, name):
            return literal("不详", CODE)

    assert database.scalar(select(sql.to_sql(parse(written), Unknown(), "person"))) is None


def as_column(value: object) -> ColumnElement:
    """A vector's datum as a column of the fitting type."""
    if isinstance(value, bool):
        return literal(value, Boolean())
    if isinstance(value, str):
        return literal(value or None, CODE)
    return literal(value, Number())


def vectors(missing: str) -> Iterator[tuple]:
    """Vectors over plain values with their SQL; a name without a value is NULL of the given type."""
    nothing = cast(null(), CODE if missing == "text" else Number())
    for case in VECTORS:
        data = case["data"]
        if {"last", "year_ago"} & set(case) or any(
            isinstance(one, list | dict) for one in data.values()
        ):
            continue

        class Values(Registers):
            this = data.get("this", "")

            def column(self, subject, name, data=data):
                return nothing if data.get(name) is None else as_column(data[name])

        try:
            yield case, sql.to_sql(parse(case["text"]), Values(), "person")
        except (FormulaNotInDatabase, FormulaWrongType):
            continue


@pytest.mark.parametrize("missing", ["number", "text"])
def test_the_vectors_hold_in_sql(database, missing):
    """What the vectors say of documents is so in both databases, wherever SQL takes the formula."""
    tried = 0
    for case, element in vectors(missing):
        found = value_of(database.scalar(select(element)))
        wanted = expected(case["result"])
        if (
            isinstance(wanted, Decimal)
            and isinstance(found, Decimal)
            and database.dialect.name == "sqlite"
        ):
            found = found if abs(found - wanted) > abs(wanted) * Decimal("1e-14") else wanted
        assert (
            bool(found) if isinstance(wanted, bool) and found is not None else found
        ) == wanted, case
        tried += 1
    assert tried > 120
