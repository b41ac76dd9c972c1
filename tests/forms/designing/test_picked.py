"""Conditions picked as lines: exactly the same formula and back, and what lines cannot say stays a formula."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formula import printed
from engine.formula.parse import parse
from forms.designing import picked
from forms.designing.picked import Case, Group, Line, PickUnfit
from tests.forms.designing.test_formula_help import told

KINDS = {
    "amount": "number", "loans.r01.rate": "number", "SUM(elders.amount)": "number",
    "COUNT(elders)": "number", "kind": "text", "note": "text", "since": "date", "farms": "boolean",
    "hobbies": "unknown",
}  # fmt: skip
NUMBERS = st.decimals(-(10**9), 10**9, places=2, allow_nan=False).map(
    lambda one: f"{one.normalize():f}"
)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda one: bool(one.strip())
)
CODES = st.text("abcxyz019_-", min_size=1, max_size=6)


@st.composite
def line(draw: st.DrawFn) -> Line:
    """Any line that a page can send."""
    name = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[name]
    if kind == "unknown":
        return Line(name, draw(st.sampled_from(("includes", "excludes"))), (draw(CODES),))
    values = {
        "number": NUMBERS, "date": st.dates().map(str), "text": TEXTS,
        "boolean": st.sampled_from(("true", "false")),
    }[kind]  # fmt: skip
    listed = picked.LISTED if "(" not in name and kind != "boolean" else ()
    words = ("contains",) if kind == "text" else ()
    compared = picked.COMPARED if kind != "boolean" else ("=", "<>")
    op = draw(st.sampled_from((*compared, *picked.ALONE, *listed, *words)))
    if op in picked.ALONE:
        return Line(name, op)
    several = 4 if op in picked.LISTED else 1
    return Line(name, op, tuple(draw(st.lists(values, min_size=1, max_size=several))))


JOINS = st.sampled_from(("and", "or"))
INNER = st.builds(Group, JOINS, st.lists(line(), min_size=2, max_size=3).map(tuple))


def whole(join: str, parts: list[Line | Group]) -> Group:
    """A condition as it is read: one part alone is all of it."""
    if len(parts) == 1 and isinstance(parts[0], Group):
        return parts[0]
    return Group("and" if len(parts) == 1 else join, tuple(parts))


GROUPS = st.builds(whole, JOINS, st.lists(line() | INNER, min_size=1, max_size=4))


@given(GROUPS)
def test_what_is_picked_is_read_again_as_it_was_picked(group: Group) -> None:
    """Picker to formula to picker, and the formula once more."""
    formula = picked.write(group, KINDS)
    read = picked.read(parse(formula), KINDS)
    assert read == group
    assert parse(picked.write(read, KINDS)) == parse(formula)
    assert picked.read(parse(printed.text(parse(formula))), KINDS) == group


@pytest.mark.parametrize(
    "formula",
    [
        "amount > 1 and (kind = \"a\" or kind = 'b')",
        "amount + 1 > 2",
        "amount > rate",
        'amount > "5"',
        "kind = 5",
        "nobody = 1",
        "not amount = 1",
        "1 < amount < 3",
        'not (kind = "a" or kind = "b")',
        'amount > 1 and (kind = "a" or (note = "b" and farms = true))',
        'CONTAINS("x" & hobbies & " ", " a ")',
        'SUM(elders.amount where sex = "2") > 5',
        "SUM(elders.amount) in (1, 2)",
        "farms",
    ],
)
def test_what_lines_cannot_say_stays_a_formula(formula: str) -> None:
    """Another meaning is never put in its place; a formula that cannot be read is none of ours."""
    try:
        tree = parse(formula)
    except Exception:  # noqa: BLE001 - single quotes are no texts here
        return
    assert picked.read(tree, KINDS) is None


def test_sides_may_be_turned_and_texts_in_any_quotes() -> None:
    """People write formulas by hand: the meaning is kept, the writing is ours."""
    read = picked.read(parse("5000 <= amount 且 1".replace(" 且 1", "")), KINDS)
    assert read == Group("and", (Line("amount", ">=", ("5000",)),))
    read = picked.read(parse("kind ≠ “企业” OR amount ≤ -2.5"), KINDS)
    assert read == Group("or", (Line("kind", "<>", ("企业",)), Line("amount", "<=", ("-2.5",))))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "shape"),
        ([Line("amount", ">", ())], "value"),
        ([Line("amount", ">", (" ",))], "value"),
        ([Line("amount", ">", ("许多",))], "number"),
        ([Line("amount", ">", ("1) or (1=1",))], "number"),
        ([Line("1=1 or amount", ">", ("1",))], "name"),
        ([Line("amount", "> 1 or 1 =", ("1",))], "comparison"),
        ([Line("farms", "=", ("true or 1=1",))], "value"),
        ([Group("and", (Group("or", (Line("farms", "blank"),)),))], "shape"),
        ([Line("farms", "blank")] * 61, "many"),
    ],
)
def test_what_is_not_a_condition_yet_is_refused(parts: list[Any], reason: str) -> None:
    """And nothing is ever slipped into a formula."""
    with pytest.raises(PickUnfit) as refused:
        picked.write(Group("and", tuple(parts)), KINDS)
    assert refused.value.reason == reason


def test_tables_are_asked_by_their_rows_and_totals() -> None:
    """As the names of a form offer them."""
    assert told("COUNT(elders) > 3", condition=True).picked == Group(
        "and", (Line("COUNT(elders)", ">", ("3",)),)
    )
    assert told("SUM(elders.amount) <= 100", condition=True).picked is not None


NAMES = st.text("abcdef.-_0123", min_size=1, max_size=8)


@given(st.lists(st.tuples(GROUPS, NAMES), max_size=4), NAMES | st.just(""))
def test_a_choice_of_people_is_read_again_as_it_was_picked(
    found: list[tuple[Group, str]], otherwise: str
) -> None:
    """Who does a step by conditions: cases to formula to cases."""
    written = [Case(printed.text(parse(picked.write(one, KINDS))), who) for one, who in found]
    formula = picked.choice(written, otherwise)
    assert picked.cases(parse(formula), KINDS) == (tuple(written), otherwise)


@pytest.mark.parametrize(
    "formula",
    ['IF(amount + 1 > 2, "vic", "val")', 'IF(amount > 2, note, "val")', "note", 'IF(amount > 2, "vic", note)'],
)  # fmt: skip
def test_a_choice_that_cases_cannot_say_stays_a_formula(formula: str) -> None:
    """People from an item, conditions that are no lines."""
    assert picked.cases(parse(formula), KINDS) is None
