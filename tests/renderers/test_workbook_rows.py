"""Floating rows are inserted in the style of the template, and everything below moves along."""

import io
import re
import time
from collections.abc import Mapping
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.worksheet import Worksheet

from renderers.ooxml.bands import BlockInvalid
from renderers.placements import Block, CellWrite, Column, Placements, Value
from renderers.workbook import fill, read_back
from tests.renderers.department_sheet import opened, parts, roster, zipped

COLUMNS = (Column("B"), Column("C", "id"), Column("D"), Column("E", "number"), Column("H", "date"))


def people(count: int) -> tuple[Mapping[str, Value], ...]:
    """Rows of a roster."""
    return tuple(
        {
            "B": f"张{n}",
            "C": f"3706021941030{n:05d}",
            "D": "女",
            "E": Decimal(100),
            "H": "2026-11-01",
        }
        for n in range(1, count + 1)
    )


def grown(count: int) -> Worksheet:
    """The roster with that many people, as another library reads it."""
    return opened(fill(roster(), Placements(blocks=(Block(6, 9, COLUMNS, people(count)),))))


def bare() -> Workbook:
    """A workbook with floating rows 3 to 5 and a total in row 6."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "表1"
    for row in range(3, 6):
        sheet.cell(row, 1, "村")
    sheet["B6"] = "=SUM(B3:B5)"
    return book


def saved(book: Workbook) -> bytes:
    """Its bytes."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def fill_bare(book: Workbook, count: int = 5) -> bytes:
    """With so many numbers in column B."""
    rows = tuple({"B": n} for n in range(1, count + 1))
    return fill(saved(book), Placements(blocks=(Block(3, 5, (Column("B", "number"),), rows),)))


def test_rows_are_inserted_and_the_total_stretches() -> None:
    """Seven people in four rows: three rows more, and the sums cover them all."""
    sheet = grown(7)
    assert [sheet.cell(row, 2).value for row in range(6, 13)] == [f"张{n}" for n in range(1, 8)]
    assert sheet["A13"].value == "合计"
    assert sheet["E13"].value == "=SUM(E6:E12)"
    assert sheet["F13"].value == "=SUM($F$6:$F$12)"
    assert sheet["H13"].value == "=IF(COUNTA(B6:B12)=0,0,E13/COUNTA(B6:B12))"


def test_inserted_rows_have_the_template_rows_style_and_formulas() -> None:
    """Height, format and border are copied; each row's formula is about its own row."""
    sheet = grown(7)
    assert [sheet.cell(row, 7).value for row in range(6, 13)] == [
        f"=E{row}+F{row}" for row in range(6, 13)
    ]
    assert {sheet.row_dimensions[row].height for row in range(6, 13)} == {21.0}
    assert {sheet.cell(row, 5).number_format for row in range(6, 13)} == {"#,##0.00"}


def test_the_last_template_row_stays_last() -> None:
    """Its thick lower border closes the block; the copies have the thin one."""
    sheet = grown(7)
    styles = [sheet.cell(row, 3).border.bottom.style for row in range(6, 13)]
    assert styles == ["thin"] * 6 + ["medium"]


def test_a_printed_number_column_goes_on_counting() -> None:
    """序号 1 2 3 4 of the template becomes 1 to 7."""
    sheet = grown(7)
    assert [sheet.cell(row, 1).value for row in range(6, 13)] == list(range(1, 8))


def test_what_is_below_moves_with_its_row() -> None:
    """Merged areas, heights, print area, breaks, names, validations, conditions and pictures."""
    sheet = grown(7)
    areas = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A13:B13", "A14:H14"} <= areas
    assert not {"A10:B10", "A11:H11"} & areas
    assert sheet.row_dimensions[13].height == 33.0
    assert sheet.print_area == "'高龄老人'!$A$1:$H$14"
    assert sheet.print_title_rows == "$1:$5"
    assert [item.id for item in sheet.row_breaks.brk] == [13]
    names = {name: item.attr_text for name, item in sheet.parent.defined_names.items()}
    assert names["总额"] == "'高龄老人'!$E$13"
    assert names["名单"] == "'高龄老人'!$B$6:$B$12"
    rules = {str(item.sqref): item.formula1 for item in sheet.data_validations.dataValidation}
    assert rules == {"D6:D12": '"男,女"', "F12 F13": "$E$13"}
    conditions = {
        str(key.sqref): [rule.formula for rule in rules]
        for key, rules in sheet.conditional_formatting._cf_rules.items()
    }
    assert conditions == {"E6:E12": [["1000"]], "A6:H12": [["$E6>$E$13"]]}
    assert sheet._images[0].anchor._from.row == 13
    assert sheet.parent["代码"]["B1"].value == "='高龄老人'!E13"
    assert sheet.freeze_panes == "C6"


def test_cells_below_are_given_by_template_address() -> None:
    """A11 is the sign-off line, however many rows come before it."""
    placements = Placements(
        cells=(CellWrite("A11", "王五", after="审核人"),),
        blocks=(Block(6, 9, COLUMNS, people(7)),),
    )
    assert "审核人：王五" in str(opened(fill(roster(), placements))["A14"].value)


def test_fewer_rows_leave_template_rows_empty_and_in_place() -> None:
    """Two people: two rows stay empty, nothing moves."""
    sheet = grown(2)
    assert [sheet.cell(row, 2).value for row in range(6, 10)] == ["张1", "张2", None, None]
    assert sheet["E10"].value == "=SUM(E6:E9)"
    assert sheet["A8"].value == 3


def test_a_block_of_one_row_grows_too() -> None:
    """One template row; a sum over just that row takes in its copies."""
    book = bare()
    sheet = book["表1"]
    sheet["B6"], sheet["C3"], sheet["B7"] = "=SUM(B3:B3)", "=B3*2", "=B3"
    rows = tuple({"B": n} for n in range(1, 4))
    grown_ = opened(
        fill(saved(book), Placements(blocks=(Block(3, 3, (Column("B", "number"),), rows),)))
    )
    assert grown_["B8"].value == "=SUM(B3:B5)"
    assert grown_["B9"].value == "=B3"
    assert [grown_.cell(row, 3).value for row in (3, 4, 5)] == ["=B3*2", "=B4*2", "=B5*2"]
    assert grown_["A6"].value == "村"  # template row 4 is no part of this block


def test_running_totals_and_shares_stay_right() -> None:
    """Row formulas that look at the row above, at the whole block and at the total below."""
    book = bare()
    sheet = book["表1"]
    for row in range(3, 6):
        sheet.cell(row, 3, f"=SUM(B$3:B{row})")
        sheet.cell(row, 4, f"=B{row}/B$6")
        sheet.cell(row, 5, f"=RANK(B{row},$B$3:$B$5)")
        sheet.cell(row, 6, f'=IF(B{row}="B3",1,B{row - 1})')
    after = opened(fill_bare(book))
    assert [after.cell(row, 3).value for row in range(3, 8)] == [
        f"=SUM(B$3:B{row})" for row in range(3, 8)
    ]
    assert {after.cell(row, 4).value for row in range(3, 8)} == {f"=B{r}/B$8" for r in range(3, 8)}
    assert after["E6"].value == "=RANK(B6,$B$3:$B$7)"
    assert after["F6"].value == '=IF(B6="B3",1,B5)'
    assert after["B8"].value == "=SUM(B3:B7)"


def test_shared_formulas_are_written_out() -> None:
    """A formula that is stored once for a column is right in every row after the insertion."""
    source = parts(saved(bare()))
    text = source["xl/worksheets/sheet1.xml"].decode()
    for row in range(3, 6):
        shared = 't="shared" ref="C3:C5" si="0">B3*2</f>' if row == 3 else 't="shared" si="0"/>'
        cell = f'<c r="C{row}"><f {shared}<v>0</v></c></row>'
        at = text.index(f'<row r="{row}"')
        text = text[:at] + text[at:].replace("</row>", cell, 1)
    source["xl/worksheets/sheet1.xml"] = text.encode()
    rows = tuple({"B": n} for n in range(5))
    block = Block(3, 5, (Column("B", "number"),), rows)
    after = opened(fill(zipped(source), Placements(blocks=(block,))))
    assert [after.cell(row, 3).value for row in range(3, 8)] == [
        f"=B{row}*2" for row in range(3, 8)
    ]


def test_merged_cells_of_a_row_are_merged_in_its_copies() -> None:
    """A name over two columns is so in every row; a label beside all rows grows with them."""
    book = bare()
    sheet = book["表1"]
    for row in range(3, 6):
        sheet.merge_cells(f"C{row}:D{row}")
    sheet.merge_cells("F3:F5")
    areas = {str(area) for area in opened(fill_bare(book)).merged_cells.ranges}
    assert areas == {*(f"C{row}:D{row}" for row in range(3, 8)), "F3:F7"}


def test_two_blocks_on_one_sheet_push_each_other() -> None:
    """The second block starts where the first one's growth puts it."""
    book = bare()
    sheet = book["表1"]
    sheet["B10"] = "=SUM(B8:B9)+B6"
    first = Block(3, 5, (Column("B", "number"),), tuple({"B": n} for n in range(5)))
    second = Block(8, 9, (Column("B", "number"),), tuple({"B": n * 10} for n in range(4)))
    after = opened(fill(saved(book), Placements(blocks=(second, first))))
    assert [after.cell(row, 2).value for row in range(10, 14)] == [0, 10, 20, 30]
    assert after["B8"].value == "=SUM(B3:B7)"
    assert after["B14"].value == "=SUM(B10:B13)+B8"


def test_comments_tables_charts_and_other_sheets_follow() -> None:
    """What hangs on the rows below, and what looks at them from elsewhere."""
    book = bare()
    sheet = book["表1"]
    sheet["B6"].comment = Comment("核对", "审核")
    for column, title in enumerate(("甲", "乙"), 4):
        sheet.cell(8, column, title)
        sheet.cell(9, column, 1)
    sheet.add_table(ExcelTable(displayName="T1", ref="D8:E9"))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=3, max_row=5))
    sheet.add_chart(chart, "H10")
    other = book.create_sheet("汇总")
    other["A1"] = "=SUM(表1!B3:B5)+表1!$B$6+B6"
    data = fill_bare(book)
    after = opened(data)
    assert after["B8"].comment.text == "核对"
    assert after.tables["T1"].ref == "D10:E11"
    assert after.parent["汇总"]["A1"].value == "=SUM(表1!B3:B7)+表1!$B$8+B6"
    contents = parts(data)
    chart_part = next(text for name, text in contents.items() if "charts/chart" in name)
    assert "'表1'!$B$3:$B$7" in chart_part.decode()
    drawing = next(text for name, text in contents.items() if "drawings/drawing" in name)
    assert re.search(rb"<(?:xdr:)?row>11</", drawing)


def test_the_calculation_chain_is_dropped_when_formulas_move() -> None:
    """A chain that names cells which moved makes Excel repair the file; without it, it makes one."""
    source = parts(saved(bare()))
    chain = b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    source["xl/calcChain.xml"] = chain
    source["[Content_Types].xml"] = source["[Content_Types].xml"].replace(
        b"</Types>",
        f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'.encode(),
    )
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    rels = "xl/_rels/workbook.xml.rels"
    link = f'<Relationship Id="rId99" Type="{base}" Target="calcChain.xml"/></Relationships>'
    source[rels] = source[rels].replace(b"</Relationships>", link.encode())
    data = zipped(source)
    rows = tuple({"B": n} for n in range(5))
    block = Block(3, 5, (Column("B", "number"),), rows)
    after = parts(fill(data, Placements(blocks=(block,))))
    assert not any(b"calcChain" in text or "calcChain" in name for name, text in after.items())
    few = Block(3, 5, (Column("B", "number"),), rows[:2])
    assert "xl/calcChain.xml" in parts(fill(data, Placements(blocks=(few,))))


@pytest.mark.parametrize(
    "blocks",
    [
        (Block(5, 4, COLUMNS),),
        (Block(3, 6, COLUMNS), Block(6, 8, COLUMNS)),
        (Block(1_048_570, 1_048_570, COLUMNS, people(100)),),
    ],
)
def test_impossible_blocks_are_refused(blocks: tuple[Block, ...]) -> None:
    """Backwards, overlapping, or beyond the last row of a sheet."""
    with pytest.raises(BlockInvalid):
        fill(roster(), Placements(blocks=blocks))


def test_ten_thousand_rows_take_less_than_ten_seconds() -> None:
    """The promise of the product, on whatever machine runs the tests."""
    start = time.process_time()
    data = fill(roster(), Placements(blocks=(Block(6, 9, COLUMNS, people(10_000)),)))
    assert time.process_time() - start < 10
    text = parts(data)["xl/worksheets/sheet1.xml"]
    assert text.count(b"<row ") == 10_007
    assert b"<f>SUM(E6:E10005)</f>" in text


def test_a_table_beside_a_list_is_neither_copied_nor_lost() -> None:
    """Rows put into the list on the left leave the printed names on the right where they are read back."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    for row, name in enumerate(("编织袋", "救生衣", "水泵"), 2):
        page.cell(row, 2, "队伍")
        page.cell(row, 4, name)
        page.cell(row, 5, "件")
    list_ = Block(2, 4, (Column("B"),), tuple({"B": f"第{n}队"} for n in range(1, 6)))
    stock = tuple(CellWrite(f"F{row}", Decimal(row), "number") for row in range(2, 5))
    template = saved(book)
    filled = fill(template, Placements(stock, (list_,)))
    cells = [
        [one.value for one in row]
        for row in opened(filled).iter_rows(min_row=2, max_row=6, min_col=2)
    ]
    assert [row[2] for row in cells] == ["编织袋", "救生衣", None, None, "水泵"]
    assert [row[3] for row in cells] == ["件"] * 5
    back = read_back(filled, Placements(stock, (list_,)), template=template)
    assert not back.moved
    assert back.cells == {"F2": 2, "F3": 3, "F4": 4}
    assert len(back.blocks[0]) == 5


def test_rows_inserted_on_one_sheet_stay_when_the_next_one_is_filled() -> None:
    """Where formulas go from sheet to sheet, each is looked at again; the inserted rows used to be lost."""
    book = bare()
    book.active["C1"] = "=表2!B6"
    other = book.copy_worksheet(book.active)
    other.title = "表2"
    other["C1"] = "=表1!B6"
    rows = tuple({"B": n} for n in range(1, 9))
    block = Block(3, 5, (Column("B", "number"),), rows)
    both = Placements((), (block,), "表1", others=(Placements((), (block,), "表2"),))
    filled = fill(saved(book), both)
    for name in ("表1", "表2"):
        sheet = load_workbook(io.BytesIO(filled))[name]
        assert [sheet[f"B{row}"].value for row in range(3, 12)] == [*range(1, 9), "=SUM(B3:B10)"]
    found = read_back(filled, both)
    assert [[row["B"] for row in rows_] for rows_ in found.blocks] == [
        [*range(1, 9)],
        [*range(1, 9)],
    ]
