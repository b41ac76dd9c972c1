"""Whether a check holds, with both sides of it; and the environment that a document is."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.exact import value_of, written
from engine.formula.explain import explain, holds
from engine.formula.parse import parse
from engine.formula.tree import Aggregate
from tests.engine.formula import trees


def test_a_failed_chain_shows_every_link():
    """Both sides' text and values, the difference, and which link broke."""
    expr = parse("total = male + female = SUM(rows.n)")
    env = Document({"total": 10, "male": 4, "female": 6, "rows": [{"n": 5}, {"n": 4}]})
    assert holds(expr, env) is False
    first, second = explain(expr, env)
    assert (first.left_text, first.left, first.holds) == ("total", 10, True)
    assert (second.left_text, second.right_text) == ("male + female", "SUM(rows.n)")
    assert (second.left, second.right, second.difference, second.holds) == (10, 9, 1, False)


def test_a_check_with_a_blank_is_not_decided():
    """Blank is not zero: the check neither holds nor fails."""
    expr = parse("total = male + female")
    assert holds(expr, Document({"total": 3, "male": 3})) is None
    assert explain(expr, Document({"total": 3}))[0].difference is None


@pytest.mark.parametrize(
    ("written_check", "tolerance", "answer"),
    [
        ("a = 10", "0.5", True),
        ("a = 10", "0.49", False),
        ("a <> 10", "0.5", False),
        ("a <= 10", "0.5", True),
        ("a < 10", "0.5", False),
        ("a >= 11", "0.5", True),
        ("a > 11", "0.5", False),
        ("a > 11", "0.6", True),
        ("a = 10 and a = 11", "0.5", True),
        ("IF(a = 10, a = 99, a = 10)", "0.5", True),
        ("not a = 10", "0.5", False),
        ('"a" = "b"', "9", False),
    ],
)
def test_numbers_are_compared_within_the_tolerance(written_check, tolerance, answer):
    """The tolerance works on the relations of the check, not on a condition of an IF."""
    env = Document({"a": Decimal("10.5")})
    assert holds(parse(written_check), env, Decimal(tolerance)) is answer


def test_only_the_branch_taken_is_explained():
    """The relation of the other branch plays no part."""
    found = explain(parse("IF(a > 1, b = 1, c = 1)"), Document({"a": 0, "b": 1, "c": 2}))
    assert [relation.left_text for relation in found] == ["c"]
    assert explain(parse("flag"), Document({"flag": True})) == []
    assert holds(parse("flag"), Document({"flag": True})) is True


def test_dates_differ_in_days():
    """The difference of two dates is their days."""
    relation = explain(parse("DATE(2026, 3, 1) = DATE(2026, 2, 1)"), Document({}))[0]
    assert relation.difference == 28


def test_a_rows_cells_come_before_the_documents_items():
    """Also when the row's cell is blank."""
    env = Document({"price": 9, "factor": 2}).in_row({"n": 3}, ("n", "price"))
    assert evaluate(parse("n * factor"), env) == 6
    assert evaluate(parse("price"), env) is None


def test_registers_answer_for_kinds_of_subject_only():
    """A table that the document does not have is one without rows."""
    asked = []

    def registers(aggregate):
        asked.append(aggregate)
        return Decimal(7)

    env = Document({}, registers=registers)
    assert evaluate(parse("count(person where age >= 80) + COUNT(elders where age > 1)"), env) == 7
    assert [one.source for one in asked] == ["person"]
    assert (
        evaluate(parse("SUM(person.n)"), Document({"person": [{"n": 2}]}, registers=registers)) == 2
    )
    assert evaluate(Aggregate("AVG", "elders", "n"), Document({})) is None


@settings(max_examples=200, deadline=None)
@given(trees.TREES)
def test_evaluating_anything_gives_a_value(tree):
    """Evaluation is total: half-filled or mistyped documents give blanks, not errors."""
    values = {"a": 1, "b": "x", "人": [{"a": 1}, None, 3], "合": {"r1": {"a": 2}}, "_": True}
    found = evaluate(tree, Document(values, today=date(2026, 11, 23)))
    assert found is None or isinstance(found, Decimal | str | bool | date)


def test_what_no_value_is_is_blank():
    """NaN, infinities, objects and empty texts are blank; floats are read as written."""
    assert [value_of(one) for one in (float("nan"), float("inf"), {}, "", Decimal("NaN"))] == [
        None
    ] * 5
    assert value_of(0.1) == Decimal("0.1")
    assert written(Decimal("1E+3")) == "1000"
    assert written(Decimal("-0.00")) == "0"


def test_a_number_out_of_reach_is_blank():
    """34 digits and exponents up to 6,144: beyond that there is no answer."""
    huge = Document({"a": Decimal("9E+6000")})
    assert evaluate(parse("a * a"), huge) is None
    assert evaluate(parse("a / 3 > 1"), huge) is True
