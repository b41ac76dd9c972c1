"""References in formulas follow their cells when rows are inserted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.ooxml.addresses import Area, Insertion, RowMap, join, letters, number, split
from renderers.ooxml.formulas import Place, Shift

ROWS = RowMap((Insertion(6, 9, 8, 3),))
SHIFT = Shift("表 1", ROWS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SUM(E6:E9)", "SUM(E6:E12)"),
        ("SUM(E6:E8)", "SUM(E6:E11)"),
        ("SUM(E2:E7)", "SUM(E2:E7)"),
        ("SUM(E:E)+SUM(1:9)", "SUM(E:E)+SUM(1:12)"),
        ("E9+E10", "E12+E13"),
        ("E8", "E8"),
        ("SUM(E8:H8)", "SUM(E8:H8)"),
        ("$E$10*2", "$E$13*2"),
        ("'表 1'!E10+其他!E10", "'表 1'!E13+其他!E10"),
        ('IF(A1="E10",E10,"")', 'IF(A1="E10",E13,"")'),
        ("LOG10(E10)", "LOG10(E13)"),
        ("Table1[[#This Row],[E10]]+E10", "Table1[[#This Row],[E10]]+E13"),
        ("[1]Sheet1!E10", "[1]Sheet1!E10"),
        ("A9:INDEX(A:A,E10)", "A12:INDEX(A:A,E13)"),
        ("总额*E10", "总额*E13"),
        ("e10", "e13"),
    ],
)
def test_references_outside_the_block(before: str, after: str) -> None:
    """Cells below move, ranges over the copied row stretch, text and other sheets stay."""
    assert SHIFT.formula(before, Place("表 1")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("E8+F8", "E10+F10"),
        ("E7+F8", "E9+F10"),
        ("E8/E$10", "E10/E$13"),
        ("RANK(E8,$E$6:$E$9)", "RANK(E10,$E$6:$E$12)"),
        ("SUM(E$6:E8)", "SUM(E$6:E10)"),
        ("E8*参数!B$1", "E10*参数!B$1"),
        ("E8/E6:E9", "E10/E6:E12"),
    ],
)
def test_references_of_a_copied_row(before: str, after: str) -> None:
    """A copy speaks of its own row where the original did, of the same other cells where it did."""
    assert SHIFT.formula(before, Place("表 1", 8, 10)) == after


@settings(max_examples=200, deadline=None)
@given(
    top=st.integers(1, 40), height=st.integers(0, 40), first=st.integers(2, 20),
    size=st.integers(2, 8), count=st.integers(1, 50),
)  # fmt: skip
def test_a_range_holds_the_same_rows_and_the_copies(
    top: int, height: int, first: int, size: int, count: int
) -> None:
    """Whatever is drawn: a moved range covers exactly its old rows, plus copies of a covered row."""
    after = first + size - 2 if size > 2 else first
    rows = RowMap((Insertion(first, first + size - 1, after, count),))
    moved = rows.area(Area(top, 1, top + height, 1))
    kept = {rows.start(row) for row in range(top, top + height + 1)}
    copies = set(range(after + 1, after + count + 1)) if top <= after <= top + height else set()
    assert set(range(moved.top, moved.bottom + 1)) == kept | copies


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 1_048_576), st.integers(1, 16_384))
def test_addresses_are_read_as_written(row: int, column: int) -> None:
    """Every cell of a sheet."""
    assert split(join(row, column)) == (row, column)
    assert number(letters(column)) == column
