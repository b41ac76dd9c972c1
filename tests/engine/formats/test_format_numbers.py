"""Numbers as people write them, everywhere they are typed or stand as text in a sheet."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.formats import numbers
from forms.importers.excel.files.grid import Cell
from forms.kinds import ledger_sheet


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), (" 1,234.50 ", Decimal("1234.50")), ("１２．５", Decimal("12.5")), ("−3", -3), ("+4", 4), ("3.0", 3),
        (".5", Decimal(".5")), ("1 234", 1234), ("007", 7), ("0" * 20 + "1", 1), ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e5", None), ("1E2", None), ("Infinity", None), ("NaN", None), ("sNaN", None), ("1_000", None), ("0x10", None), ("٣", None),
        ("", None), (".", None), ("-", None), ("1-2", None), ("1.2.3", None), ("12人", None), ("1e999999999", None), ("9" * 32, None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_a_number_is_what_people_write_as_one(text: str, number: int | Decimal | None) -> None:
    """Digits, a point, a sign, thousands apart; an exponent, a word and other digits are text."""
    found = numbers.read(text)
    assert (found, type(found)) == (number, type(number))


@given(some.text(max_size=40) | some.from_regex(r"[0-9eE+\-.,_ ]{0,30}", fullmatch=True))
def test_whatever_is_typed_is_a_finite_number_or_none(text: str) -> None:
    """Nothing raises, and nothing is larger than anybody counts."""
    found = numbers.read(text)
    assert found is None or abs(Decimal(found)) < Decimal(10) ** (numbers.LARGEST + 1)


@pytest.mark.parametrize("text", ["Infinity", "-inf", "NaN", "sNaN", "1e400000"])
def test_a_sheet_with_what_only_a_program_calls_a_number_is_read(text: str) -> None:
    """It stays text, for the row's check to refuse; it used to end the whole import."""
    assert ledger_sheet._number(Cell(1, 1, text, text, "text")) == text
