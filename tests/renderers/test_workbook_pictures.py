"""Signatures over the cells where people sign: as large as the room there is, nothing else moves."""

from io import BytesIO

import openpyxl
import pytest
from openpyxl.drawing.image import Image
from openpyxl.utils.units import EMU_to_pixels
from openpyxl.worksheet.worksheet import Worksheet

from renderers import workbook
from renderers.placements import Block, CellWrite, Column, PictureWrite, Placements
from tests.engine.attachments import samples

NAME = "林建国"
DRAWN = samples.drawing()


def signed_sheet(*, picture: bool = False) -> bytes:
    """A roster of two rows with a line of signatures below, a label in its own cell and one in the cell."""
    book = openpyxl.Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.append(["名册"])
    page.append(["序号", "姓名", "金额"])
    page.append([1])
    page.append([2])
    page.append(["审核人：", None, "单位负责人（签字）：", None, None, None, "电话：123"])
    page.append(["注：本表一式两份。"])
    for letter in "ABCDEFG":
        page.column_dimensions[letter].width = 12
    page.row_dimensions[5].height = 30
    if picture:
        page.add_image(Image(BytesIO(DRAWN)), "E1")
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def opened(content: bytes) -> Worksheet:
    page = openpyxl.load_workbook(BytesIO(content)).active
    assert isinstance(page, Worksheet)
    return page


def corner(page: Worksheet, number: int = -1) -> tuple[str, int]:
    """Where a picture begins, and its height in pixels."""
    found = page._images[number].anchor
    begin = found._from
    return f"{'ABCDEFG'[begin.col]}{begin.row + 1}", int(EMU_to_pixels(found.ext.height))


def filled(*pictures: PictureWrite, template: bytes | None = None, rows: int = 0) -> bytes:
    told = tuple({"B": f"第{n}人"} for n in range(rows))
    block = Block(3, 4, (Column("B"),), told)
    placed = Placements((CellWrite("G1", "x"),), (block,) if rows else (), pictures=pictures)
    return workbook.fill(template or signed_sheet(), placed)


def test_a_signature_goes_into_the_cell_beside_its_label() -> None:
    """Over the empty cell, no higher than its row; the words of the sheet are as they were."""
    page, before = opened(filled(PictureWrite("B5", DRAWN, NAME))), opened(signed_sheet())
    cell, height = corner(page)
    assert (cell, height <= 40) == ("B5", True)
    assert [[c.value for c in row] for row in page["A1:F6"]] == [[c.value for c in row] for row in before["A1:F6"]]  # fmt: skip
    assert [page.row_dimensions[n].height for n in range(1, 7)] == [before.row_dimensions[n].height for n in range(1, 7)]  # fmt: skip
    assert page.merged_cells.ranges == before.merged_cells.ranges


def test_a_signature_goes_behind_the_label_in_the_same_cell() -> None:
    """`单位负责人（签字）：` is as wide as its cell: the signature stands in the empty ones behind it."""
    cell, _ = corner(opened(filled(PictureWrite("C5", DRAWN, NAME, "单位负责人（签字）"))))
    assert cell in ("D5", "E5")


def test_it_moves_with_its_line_when_rows_come_in() -> None:
    """Six people in a roster of two: the line of signatures is four rows further down, with its picture."""
    page = opened(filled(PictureWrite("B5", DRAWN, NAME), rows=6))
    assert (page["A9"].value, corner(page)[0]) == ("审核人：", "B9")


def test_pictures_that_were_there_stay(tmp_path: object) -> None:
    """One more in the same drawing; two signatures are two pictures."""
    both = (PictureWrite("B5", DRAWN, NAME), PictureWrite("D5", DRAWN, "王"))
    page = opened(filled(*both, template=signed_sheet(picture=True)))
    assert len(page._images) == 3
    assert [corner(page, n)[0] for n in (1, 2)] == ["B5", "D5"]


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nbroken", b"GIF89a"])
def test_what_is_no_picture_is_told_by_name(content: bytes) -> None:
    """A damaged file must not spoil the workbook: the name is written."""
    page = opened(filled(PictureWrite("B5", content, NAME)))
    assert (page["B5"].value, page._images) == (NAME, [])


def test_without_room_the_name_is_written() -> None:
    """Between two labels that touch there is no place for a picture."""
    template = signed_sheet()
    book = openpyxl.load_workbook(BytesIO(template))
    page = book.active
    assert isinstance(page, Worksheet)
    page["C5"].value, page["D5"].value = "单位负责人（亲笔签字）：", "填表人："
    target = BytesIO()
    book.save(target)
    told = PictureWrite("C5", DRAWN, NAME, "单位负责人（亲笔签字）")
    page = opened(filled(told, template=target.getvalue()))
    assert page["C5"].value == f"单位负责人（亲笔签字）：{NAME}"


def test_every_copy_of_a_sheet_has_its_own_signature() -> None:
    """One workbook with a sheet for each unit: each signed by its own."""
    book, names = workbook.with_sheets(signed_sheet(), ["东山村", "西山村"])
    told = [Placements(sheet=one, pictures=(PictureWrite("B5", DRAWN, one),)) for one in names]
    found = openpyxl.load_workbook(BytesIO(workbook.fill_each(book, told)))
    assert [len(found[one]._images) for one in names] == [1, 1]


def test_the_day_is_told_as_the_sheet_asks_for_it() -> None:
    """`填表日期：　　年　月　日` gets the day in these words, another label the day as it is."""
    book = openpyxl.Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page["A1"], page["A2"] = "填表日期：　　年　月　日", "报出日期："
    target = BytesIO()
    book.save(target)
    days = (CellWrite("A1", "2026-11-05", after="填表日期"), CellWrite("A2", "2026-11-05", after="报出日期"))  # fmt: skip
    told = opened(workbook.fill(target.getvalue(), Placements(days)))
    assert [told["A1"].value, told["A2"].value] == [
        "填表日期：2026年11月5日",
        "报出日期：2026-11-05",
    ]
