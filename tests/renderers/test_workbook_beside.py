"""Two lists that grow side by side on one sheet."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from renderers.ooxml.bands import BlockInvalid
from renderers.placements import Block, CellWrite, Column, Placements
from renderers.workbook import fill, read_back

_THIN = Side(style="thin")
LEFT = (Column("B"), Column("C", "number"))
RIGHT = (Column("F"), Column("G", "number"))


def template(left: int = 6, right: int = 6) -> bytes:
    """Numbered lists from row 4 in A to C and E to G, each with its total, and who signs below them."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet["A1"] = "困难户和志愿者登记表"
    sheet.merge_cells("A1:G1")
    for first, last, texts, colour in (
        (1, left, ("序号", "困难户", "金额"), "FFF2CC"),
        (5, right, ("序号", "志愿者", "次数"), "DDEBF7"),
    ):
        for column, text in enumerate(texts, first):
            sheet.cell(3, column, text)
        for row in range(4, last + 1):
            sheet.cell(row, first, row - 3)
            for column in range(first, first + 3):
                sheet.cell(row, column).fill = PatternFill("solid", start_color=colour)
                sheet.cell(row, column).border = Border(_THIN, _THIN, _THIN, _THIN)
        letter = sheet.cell(1, first + 2).coordinate[0] if first > 1 else "C"
        sheet.cell(last + 1, first, "合计")
        sheet.cell(last + 1, first + 2, f"=SUM({letter}4:{letter}{last})")
    sheet[f"A{max(left, right) + 3}"] = "填表人："
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def places(left: int, right: int, *, ends: tuple[int, int] = (6, 6)) -> Placements:
    """So many rows in each."""
    return Placements(
        (CellWrite(f"B{max(ends) + 3}", "王芳"),),
        (
            Block(4, ends[0], LEFT, tuple({"B": f"户{n}", "C": n} for n in range(1, left + 1))),
            Block(4, ends[1], RIGHT, tuple({"F": f"人{n}", "G": n} for n in range(1, right + 1))),
        ),
    )


def sheet_of(data: bytes) -> Worksheet:
    """As another library reads it."""
    found = load_workbook(io.BytesIO(data)).worksheets[0]
    assert isinstance(found, Worksheet)
    return found


def column(sheet: Worksheet, letter: str, first: int, last: int) -> list[Any]:
    """What stands in it."""
    return [sheet[f"{letter}{row}"].value for row in range(first, last + 1)]


def test_as_many_rows_are_inserted_as_the_longer_list_needs() -> None:
    """Five on the left, eight on the right: five rows more, and both totals stretch over them."""
    sheet = sheet_of(fill(template(), places(5, 8)))
    assert column(sheet, "B", 4, 11) == [*(f"户{n}" for n in range(1, 6)), None, None, None]
    assert column(sheet, "F", 4, 11) == [f"人{n}" for n in range(1, 9)]
    assert (sheet["A12"].value, sheet["C12"].value, sheet["G12"].value) == ("合计", "=SUM(C4:C11)", "=SUM(G4:G11)")  # fmt: skip
    assert (sheet["A14"].value, sheet["B14"].value) == ("填表人：", "王芳")


def test_the_rows_of_the_shorter_list_are_empty_in_its_own_style_and_not_numbered() -> None:
    """Numbers go as far as the list does; colour and frame go on."""
    sheet = sheet_of(fill(template(), places(5, 8)))
    assert column(sheet, "A", 4, 11) == [1, 2, 3, 4, 5, None, None, None]
    assert column(sheet, "E", 4, 11) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {sheet[f"B{row}"].fill.start_color.rgb for row in range(4, 12)} == {"00FFF2CC"}
    assert {sheet[f"F{row}"].border.left.style for row in range(4, 12)} == {"thin"}


def test_a_list_that_is_longer_on_the_sheet_goes_on_below_the_other() -> None:
    """Three rows of room on the left, six on the right; the left total stands beside rows of the right."""
    made = template(6, 9)
    wanted = places(5, 7, ends=(6, 9))
    sheet = sheet_of(fill(made, wanted))
    assert column(sheet, "B", 4, 8) == [f"户{n}" for n in range(1, 6)]
    assert (sheet["A9"].value, sheet["C9"].value) == ("合计", "=SUM(C4:C8)")
    assert column(sheet, "F", 4, 11) == [*(f"人{n}" for n in range(1, 8)), None]
    assert (sheet["E12"].value, sheet["G12"].value) == ("合计", "=SUM(G4:G11)")


@given(st.integers(0, 9), st.integers(0, 9), st.integers(4, 8), st.integers(4, 8))
def test_both_lists_come_back_as_they_were_filled(
    left: int, right: int, end: int, other: int
) -> None:
    """Whatever their lengths and the room for them, with what stands below them."""
    made, wanted = template(end, other), places(left, right, ends=(end, other))
    found = read_back(fill(made, wanted), wanted, template=made)
    assert (found.moved, found.faults) == ((), ())
    assert [len(rows) for rows in found.blocks] == [left, right]
    assert [dict(row) for rows in found.blocks for row in rows] == [
        dict(row) for block in wanted.blocks for row in block.rows
    ]
    assert list(found.cells.values()) == ["王芳"]


def test_lists_whose_columns_cross_are_refused() -> None:
    """Nobody could say whose rows these are."""
    crossed = Placements((), (Block(4, 6, (Column("B"), Column("F"))), Block(4, 6, (Column("C"),))))
    with pytest.raises(BlockInvalid):
        fill(template(), crossed)


def test_lists_that_share_no_row_with_all_the_others_are_refused() -> None:
    """One beside both of two lists that stand below one another: no row could be inserted for all."""
    three = (Block(4, 6, LEFT), Block(8, 9, LEFT), Block(4, 9, RIGHT))
    with pytest.raises(BlockInvalid):
        fill(template(6, 9), Placements((), three))
