"""Text to tree and back, and what people are told when the text is wrong."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Problem
from engine.formula.parse import MAX_DEPTH, MAX_LENGTH, half_width, parse, parse_members
from engine.formula.printed import members_text, text
from engine.formula.problems import (
    FormulaArguments,
    FormulaCondition,
    FormulaSyntax,
    FormulaTooDeep,
    FormulaTooLong,
    FormulaTreeInvalid,
    FormulaUnknownFunction,
)
from engine.formula.tree import Aggregate, Arithmetic, Call, Compare, Name, Number
from engine.formula.tree_json import from_json, to_json
from tests.engine.formula import trees

WORDS = (
    "and",
    "or",
    "not",
    "in",
    "within",
    "where",
    "SUM",
    "person",
    "IF",
    "blank",
    "AND(",
    "last(",
)
FRAGMENTS = st.lists(
    st.sampled_from((*'()+-*/&,."%=<>≤（）＝，“” a1\n\x00𠮷', *WORDS, "5%", "人口")), max_size=30
).map("".join)


def refusal(written: str) -> Problem | None:
    try:
        parse(written)
    except Problem as problem:
        return problem
    return None


@settings(max_examples=200, deadline=None)
@given(trees.TREES)
def test_a_printed_tree_parses_back_to_an_equal_tree(tree):
    """Printing adds the brackets that are needed and loses nothing."""
    assert parse(text(tree)) == tree


@pytest.mark.parametrize(
    "written",
    [
        "(a and b) and c",
        "(a or b) or c",
        "(a or b) and c",
        "a or b and c",
        "a - (b - c)",
        "(a - b) - c",
        "(a * b) / c",
        "a / (b * c)",
        "(a + b) * c",
        "-(a + b)",
        "-a + b",
        "--a",
        "(a & b) & c",
        "a & (b = c)",
        "(a = b) = c",
        "a = b = c",
        "(a in (1, b = c)) = d",
        "(a within b) = c",
        "not (a and b)",
        "not not a",
        "(not a) = b",
        "not a and b",
        '"a ""b"""',
        "0.05 * a",
    ],
)
def test_brackets_are_printed_where_they_matter_and_nowhere_else(written):
    """Each pair of levels, both ways round."""
    assert text(parse(written)) == written


@settings(max_examples=100, deadline=None)
@given(trees.TREES)
def test_a_tree_survives_json(tree):
    """The browser gets the same tree."""
    assert from_json(to_json(tree)) == tree


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | FRAGMENTS)
def test_any_text_parses_or_is_refused_with_a_place_in_it(written):
    """Nothing but a Problem comes out of the parser, and its position lies in the text."""
    problem = refusal(written)
    if problem is not None:
        assert 1 <= getattr(problem, "position", 1) <= len(written) + 1
        assert problem.text("zh")
        assert problem.text("en")


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["name", "call", "arguments", "compare", "operators", "number", "and"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=10,
    )
)
def test_json_of_anything_else_is_refused(document):
    """What is not a tree is a Problem, never another exception."""
    try:
        tree = from_json(document)
    except FormulaTreeInvalid:
        return
    assert to_json(tree) == document


@pytest.mark.parametrize(
    ("written", "position", "expected"),
    [
        ("", 1, "an-operand"),
        ("a +", 4, "an-operand"),
        ("a + * b", 5, "an-operand"),
        ("(a + b", 7, "a-closing-bracket"),
        ("SUM(a, b", 9, "a-closing-bracket"),
        ("a + b)", 6, "no-more-brackets"),
        ("a b", 3, "an-operator"),
        ("(a b)", 4, "an-operator-or-bracket"),
        ("a in 3", 6, "an-opening-bracket"),
        ("a not b", 7, "in-or-within"),
        ("a = “女", 5, "closing-quote"),
        ("a ! b", 3, "known-character"),
        ("1" * 40, 1, "fewer-digits"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_was_expected(written, position, expected):
    """The clerk sees where and what should stand there."""
    with pytest.raises(FormulaSyntax) as caught:
        parse(written)
    assert (caught.value.position, caught.value.expected) == (position, expected)
    assert expected not in caught.value.text("zh") + caught.value.text("en")


def test_positions_count_in_the_persons_text_also_in_full_width():
    """Making characters half-width moves nothing."""
    with pytest.raises(FormulaSyntax) as caught:
        parse("（合计　＝　男＋）")
    assert (caught.value.position, caught.value.found) == (9, ")")


def test_full_width_characters_mean_what_half_width_ones_do():
    """Input methods write full-width; texts in quotes stay as written."""
    assert parse("ＳＵＭ（ａ，ｂ）≥１０％×ｃ÷２") == parse("SUM(a,b)>=10%*c/2")
    assert half_width("“ａ（１）”＋１") == "“ａ（１）”+1"
    assert parse("SUM(a、b)") == parse("SUM(a, b)")


def test_words_and_functions_are_read_in_any_case():
    """AND, and, Sum, SUM: one meaning."""
    assert parse("A AND NOT b OR sum(x) IN (1)") == parse("A and not b or SUM(x) in (1)")


def test_a_name_may_begin_with_a_word():
    """`income`, `order`, `notes` are names."""
    assert parse("income + order + notes") == Arithmetic(
        (Name("income"), Name("order"), Name("notes")), ("+", "+")
    )


def test_a_register_is_counted_without_a_condition_too():
    """`count(person)` is a register, `count(elders)` a table of the document."""
    assert parse("count(person)") == Aggregate("COUNT", "person")
    assert parse("sum(enterprise.staff)") == Aggregate("SUM", "enterprise", "staff")
    assert parse("count(elders)") == Call("COUNT", (Name("elders"),))
    assert parse("SUM(elders.amount where age > 3)") == Aggregate(
        "SUM", "elders", "amount", Compare((Name("age"), Number(3)), (">",))
    )


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("SUM(elders where age > 3)", "needs-a-column"),
        ("SUM(1 + 2 where age > 3)", "needs-a-table"),
        ("IF(a where b, 1)", "aggregates-only"),
        ("SUM(a, b.c where d)", "one-condition"),
        ("COUNT(elders where age > MAX(elders.age))", "no-nesting"),
        ("COUNT(person where age > last(x))", "no-nesting"),
    ],
)
def test_a_where_that_is_put_together_wrongly_is_told(written, reason):
    """Each way to get `where` wrong has its own sentence."""
    with pytest.raises(FormulaCondition) as caught:
        parse(written)
    assert caught.value.reason == reason
    assert reason not in caught.value.text("zh") + caught.value.text("en")


def test_an_unknown_function_is_told_with_the_nearest():
    """A typing mistake gets a suggestion."""
    with pytest.raises(FormulaUnknownFunction) as caught:
        parse("1 + ROND(a, 2)")
    assert (caught.value.position, caught.value.suggestion) == (5, "ROUND")


@pytest.mark.parametrize("written", ["IF(a)", "ROUND(1, 2, 3)", "SUM()", "AND(a)", "last(a + b)"])
def test_a_wrong_number_of_arguments_is_told(written):
    """Arity is checked when the formula is read, not when it is first computed."""
    with pytest.raises(FormulaArguments):
        parse(written)


def test_length_and_depth_are_bounded():
    """A long sum is fine; a formula nobody can read is not."""
    assert len(parse("+".join(["a1"] * 600)).operands) == 600
    with pytest.raises(FormulaTooLong):
        parse("a" * (MAX_LENGTH + 1))
    assert parse("(" * 900 + "a" + ")" * 900) == Name("a")  # brackets alone make no depth
    for deep in ("ABS(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, "-" * 1999 + "a", "not " * 400 + "a"):
        with pytest.raises(FormulaTooDeep):
            parse(deep)


def test_the_worst_text_takes_no_longer_than_its_length_allows():
    """2,000 characters of anything are read in well under a second."""
    worst = [
        "(" * 2000,
        '"' * 1999,
        '""' * 999 + '"',
        "a." * 1000,
        "1%" * 1000,
        "“" * 2000,
        "not " * 500,
    ]
    started = time.process_time()
    for written in worst:
        with pytest.raises(Problem):
            parse(written)
    assert time.process_time() - started < 5


def test_members_are_a_register_and_a_condition():
    """The declaration of a table's members reads like an aggregate without its function."""
    members = parse_members("person where age ≥ 80 and residence within this")
    assert members.subject == "person"
    assert members_text(members) == "person where age >= 80 and residence within this"
    assert parse_members("household").where is None
    for wrong in ("person.name where a", "1 + 2", "person where", ""):
        with pytest.raises(FormulaSyntax):
            parse_members(wrong)
