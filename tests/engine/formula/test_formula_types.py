"""What is wrong with a formula is found before it is kept."""

import pytest

from engine.formula.parse import parse, parse_members
from engine.formula.problems import (
    FormulaCycle,
    FormulaUnitMismatch,
    FormulaUnknownName,
    FormulaWrongType,
)
from engine.formula.types import (
    BOOLEAN,
    DATE,
    NUMBER,
    TABLE,
    TEXT,
    UNKNOWN,
    Kind,
    Names,
    aggregates,
    check,
    check_condition,
    check_members,
    names,
    order,
    previous,
)

SCOPE = Names(
    {
        "total": Kind("number", "人"),
        "male": Kind("number", "人"),
        "area": Kind("number", "亩"),
        "rate": NUMBER,
        "note": TEXT,
        "married": BOOLEAN,
        "born": DATE,
        "free": UNKNOWN,
        "elders": TABLE,
        "elders.age": Kind("number", many=True),
        "elders.amount": Kind("number", "元", many=True),
        "elders.sex": Kind("text", many=True),
        "crops": TABLE,
        "crops.r01.area": Kind("number", "亩"),
        "crops.area": Kind("number", "亩", many=True),
    },
    {"person": {"age": NUMBER, "residence": TEXT, "sex": TEXT}, "enterprise": {"staff": Kind("number", "人")}},
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("total - male", Kind("number", "人")),
        ("ROUND(total, 1)", Kind("number", "人")),
        ("total / area", NUMBER),
        ("total = male + 3", BOOLEAN),
        ("SUM(elders.amount)", Kind("number", "元")),
        ('SUM(elders.amount where sex = "2")', Kind("number", "元")),
        ("SUM(crops.area) + crops.r01.area", Kind("number", "亩")),
        ("COUNT(elders)", NUMBER),
        ("COUNT(elders, note)", NUMBER),
        ("IF(married, total, blank)", Kind("number", "人")),
        ("COALESCE(free, total)", Kind("number", "人")),
        ("note & total", TEXT),
        ('born >= "2026-01-01"', BOOLEAN),
        ('"2026-01-01" <= born', BOOLEAN),
        ('DAYS(born, "2026-01-01")', NUMBER),
        ("DATE(2026, 1, 1)", DATE),
        ("last(total)", Kind("number", "人")),
        ("count(person where age >= 80 and residence within this)", NUMBER),
        ("sum(enterprise.staff)", Kind("number", "人")),
        ("free + total", Kind("number", "人")),
        ("free", UNKNOWN),
        ('note = ""', BOOLEAN),
        ("COUNT(elders where elders_missing > 1)", None),
    ],
)
def test_a_formula_has_the_kind_of_its_value(written, kind):
    """Kinds and units come through operators, functions and aggregates."""
    if kind is None:
        with pytest.raises(FormulaUnknownName):
            check(parse(written), SCOPE)
    else:
        assert check(parse(written), SCOPE) == kind


@pytest.mark.parametrize(
    ("written", "part", "found", "expected", "position"),
    [
        ("total + note", "note", "a-text", "a-number", 9),
        ("total = note", "note", "a-text", "a-number", 9),
        ("total and married", "total", "a-number", "yes-or-no", 1),
        ("IF(total, 1, 2)", "total", "a-number", "yes-or-no", 4),
        ("IF(married, total, note)", "note", "a-text", "a-number", 20),
        ("elders.amount + 1", "elders.amount", "a-column", "a-number", 1),
        ("1 + elders", "elders", "a-table", "a-number", 5),
        ("SUM(elders.sex)", "elders.sex", "a-text", "a-number", 5),
        ("SUM(note, 1)", "note", "a-text", "a-number", 5),
        ("LEN(total)", "total", "a-number", "a-text", 5),
        ("YEAR(note)", "note", "a-text", "a-date", 6),
        ('YEAR("2026-02-30")', '"2026-02-30"', "a-text", "a-date", 6),
        ("married < true", "married", "yes-or-no", "a-number", 1),
        ("note in (1, 2)", "1", "a-number", "a-text", 10),
        ("total within this", "total", "a-number", "a-text", 1),
        ("COUNT(elders where age)", "age", "a-number", "yes-or-no", 20),
        ("COUNT(total where age > 1)", "total", "a-number", "a-table", 1),
        ("note & elders", "elders", "a-table", "one-value", 8),
    ],
)
def test_a_wrong_type_is_told_with_its_part_and_place(written, part, found, expected, position):
    """The designer reads which part is what, and what is needed."""
    with pytest.raises(FormulaWrongType) as caught:
        check(parse(written), SCOPE)
    problem = caught.value
    assert (problem.part, problem.found, problem.expected) == (part, found, expected)
    assert problem.position == position
    assert found not in problem.text("zh") + problem.text("en")


@pytest.mark.parametrize(
    "written",
    [
        "total + area",
        "total = area",
        "SUM(elders.amount, total)",
        "IF(married, total, area)",
        "MAX(total, area)",
        "total in (area)",
        "1 + total - area",
    ],
)
def test_different_units_are_neither_added_nor_compared(written):
    """People are not mu; a factor is taken to convert, and is let through."""
    with pytest.raises(FormulaUnitMismatch):
        check(parse(written), SCOPE)
    assert check(parse("total = area * 3"), SCOPE) == BOOLEAN


@pytest.mark.parametrize(
    "written",
    [
        "totall",
        "1 + x",
        "last(x)",
        "SUM(elders.x)",
        "count(person where height > 1)",
        "count(planets where x)",
        "sum(person.height)",
        "COUNT(elders where total > 1)",
    ],
)
def test_an_unknown_name_is_told(written):
    """Inside a condition only the columns of that table are known."""
    with pytest.raises(FormulaUnknownName):
        check(parse(written), SCOPE)


def test_a_check_must_answer_yes_or_no():
    """A check formula that is a number is a mistake."""
    check_condition(parse("total = male"), SCOPE)
    with pytest.raises(FormulaWrongType):
        check_condition(parse("total - male"), SCOPE)


def test_members_are_checked_against_their_register():
    """The register must exist and have the columns."""
    check_members(parse_members("person where age >= 80"), SCOPE)
    with pytest.raises(FormulaUnknownName):
        check_members(parse_members("planet where age >= 80"), SCOPE)
    with pytest.raises(FormulaUnknownName):
        check_members(parse_members("person where height >= 80"), SCOPE)


def test_names_are_what_a_formula_reads_of_its_own_document():
    """Registers and other periods are apart; a condition reads its table's columns."""
    expr = parse(
        'a + crops.r01.area - last(b) + SUM(elders.amount where sex = "2") + COUNT(elders) '
        "+ count(person where age > c and residence within this)"
    )
    assert names(expr) == {"a", "crops.r01.area", "elders", "elders.amount", "elders.sex"}
    assert [one.source for one in aggregates(expr)] == ["elders", "person"]
    assert [one.path for one in previous(expr)] == ["b"]


def test_computes_are_ordered_after_what_they_read():
    """Tables and their columns count as parts of one another."""
    computes = {
        "grand": "total + SUM(elders.subsidy)",
        "elders.subsidy": "amount * 2",
        "total": "male + female",
        "share": "grand / 3",
        "rows": "COUNT(elders)",
    }
    found = order({name: parse(written) for name, written in computes.items()})
    assert sorted(found) == sorted(computes)
    for before, after in (
        ("total", "grand"),
        ("elders.subsidy", "grand"),
        ("grand", "share"),
        ("elders.subsidy", "rows"),
    ):
        assert found.index(before) < found.index(after)


@pytest.mark.parametrize(
    "computes",
    [
        {"a": "b + 1", "b": "c", "c": "a"},
        {"a": "a + 1"},
        {"crops.r01.area": "SUM(crops.r02.area)", "crops.r02.area": "crops.r01.area"},
    ],
)
def test_a_circle_is_told_by_its_names(computes):
    """The designer sees which items need each other."""
    with pytest.raises(FormulaCycle) as caught:
        order({name: parse(written) for name, written in computes.items()})
    assert set(computes) == set(caught.value.path.split(" → "))


def test_a_condition_on_rows_makes_no_circle_with_an_item_of_the_same_name():
    """`total` inside the condition is the row's column, not the item."""
    assert order({"total": parse("COUNT(elders where total > 3)")}) == ["total"]
