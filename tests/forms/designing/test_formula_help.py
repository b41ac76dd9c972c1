"""A formula while it is written: names there are, words, faults with their place, trials, conditions as lines."""

from datetime import date
from typing import Any

import pytest

from forms.designing import formula_help, picked
from tests.forms import samples

TODAY = date(2026, 11, 23)


def told(formula: str, *, condition: bool = False, **at: Any) -> formula_help.Told:
    sample = at.pop("sample", {})
    place = formula_help.place(samples.compiled(), samples.FIELDS, **at)
    return formula_help.tell(place, formula, condition=condition, sample=sample, today=TODAY)


def labels(**at: Any) -> dict[str, str]:
    place = formula_help.place(samples.compiled(), samples.FIELDS, **at)
    return {one.name: one.label for one in place.names}


def test_the_names_are_those_of_the_place() -> None:
    """Columns of the row come first; over columns the rows; tables and their columns from anywhere."""
    assert labels()["population"] == "户籍人口"
    assert labels()["elders.amount"] == "名册 · 本月发放金额"
    assert "amount" not in labels()
    assert labels(path="/elders/*/amount")["rate"] == "标准"
    assert labels(path="/crops/*/area")["yield"] == "亩产"
    assert labels(over="crops:columns")["r02"] == "其中：小麦"
    assert labels(path="/nowhere") == labels()


def test_a_formula_is_said_with_labels() -> None:
    """Texts in quotes stay as they are."""
    assert told('male + female & "male"').words == '「男」 + 「女」 & "male"'
    assert told("months * rate", path="/elders/*/amount").words == "「月数」 * 「标准」"
    assert told("crops.r01.area > 1").words == "「粮食作物 · 播种面积」 > 1"


def test_a_fault_is_told_with_its_place() -> None:
    """Where the text stops making sense, names that are not there, and what is no condition."""
    for formula, position in (("male +", 7), ("male + nobody", 8), ("male * kind", 8)):
        problem = told(formula).problem
        assert problem is not None
        assert problem.details()["position"] == position
    assert told("male + 1", condition=True).problem is not None


def test_a_formula_is_tried_on_values() -> None:
    """Given ones, or values made up by kind; rows of registers and tables answer nothing."""
    made_up = told("male + female")
    assert (made_up.sample, made_up.result) == ({"female": 10, "male": 20}, 30)
    assert told("male > female", sample={"male": 1, "female": 2}).result is False
    assert told('kind = "a"', condition=True).result is True
    assert told("months * rate", path="/elders/*/amount", sample={"months": 2}).result == 40


@pytest.mark.parametrize(
    ("formula", "join", "rows"),
    [
        ('kind = "a"', "and", [("kind", "=", ("a",))]),
        ("100 <= male", "and", [("male", ">=", ("100",))]),
        ("male > 1 or female < 2.5", "or", [("male", ">", ("1",)), ("female", "<", ("2.5",))]),
        ("note <> blank and male = blank", "and", [("note", "filled", ()), ("male", "blank", ())]),
        (
            'CONTAINS(" " & crop_codes & " ", " rice ")', "and",
            [("crop_codes", "includes", ("rice",))],
        ),
    ],
)  # fmt: skip
def test_a_condition_can_be_shown_as_lines(
    formula: str, join: str, rows: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """As the page writes them."""
    lines = tuple(picked.Line(*one) for one in rows)
    assert told(formula, condition=True).picked == picked.Group(join, lines)


@pytest.mark.parametrize(
    "formula", ["male + 1 > 2", "not male = 1", "1 < male < 3", "male > female"]
)
def test_what_lines_cannot_say_stays_a_formula(formula: str) -> None:
    """Nothing is lost by opening it."""
    assert told(formula, condition=True).picked is None


def test_totals_are_tried_on_rows() -> None:
    """Some rows to begin with, in the columns that are looked at; then those that were typed."""
    made_up = told('SUM(elders.amount where sex = "2") + male')
    (table,) = made_up.tables
    assert (table.name, [one.name for one in table.columns]) == ("elders", ["sex", "amount"])
    assert [row["amount"] for row in table.rows] == [10, 20, 30]
    assert "elders.amount" not in (made_up.sample or {})
    rows = [
        {"sex": "2", "amount": "100.50"},
        {"sex": "1", "amount": "7"},
        {"sex": "2", "amount": ""},
    ]
    typed = told('SUM(elders.amount where sex = "2") + male', sample={"elders": rows, "male": 1})
    assert str(typed.result) == "101.50"
    assert told("COUNT(elders)", sample={"elders": []}).result == 0


def test_totals_over_printed_rows_are_tried_on_those_rows() -> None:
    """As many as the form has; what is no number there counts as blank."""
    made_up = told("SUM(crops.area)")
    (table,) = made_up.tables
    assert table.titles == ("粮食作物", "其中：小麦")
    assert made_up.result == 30
    typed = told("SUM(crops.area)", sample={"crops": [{"area": "5.5"}, {"area": "许多"}]})
    assert str(typed.result) == "5.5"
