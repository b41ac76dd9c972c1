"""A table as workbook and CSV, header cells, QR codes, and old sheets made fillable."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from engine.formats import calculable
from renderers import csv_table, legacy_sheet, qr, roster
from renderers.contract import Cell, Column, HeaderCell, Row, Table, header_cells
from renderers.ooxml.package import WorkbookUnreadable
from renderers.placements import CellWrite, Placements
from renderers.workbook import fill, read_back
from tests.renderers.sample_document import roster_table

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def test_header_cells_merge_across_and_down() -> None:
    """Equal neighbours are one cell, a short path reaches down, equal leaves stay apart."""
    table = Table((Column(("a",)), Column(("b", "c")), Column(("b", "d")), Column(("b", "d"))))
    assert list(header_cells(table)) == [
        HeaderCell("a", 0, 0, 2, 1),
        HeaderCell("b", 0, 1, 1, 3),
        HeaderCell("c", 1, 1, 1, 1),
        HeaderCell("d", 1, 2, 1, 1),
        HeaderCell("d", 1, 3, 1, 1),
    ]


def test_a_roll_up_workbook_is_typed_and_printable() -> None:
    """Merged header, numbers as numbers with their decimals, IDs as text, frozen, A4."""
    sheet = load_workbook(io.BytesIO(roster.render(roster_table(3)))).worksheets[0]
    assert sheet["A1"].value == "花名册"
    assert {str(area) for area in sheet.merged_cells.ranges} >= {"A3:A5", "B3:D3", "C4:D4", "E4:F4"}
    assert (sheet["E6"].value, sheet["E6"].number_format) == (100, "0.00")
    assert (sheet["C6"].value, sheet["C6"].number_format) == ("370602194103020001", "@")
    assert (sheet["G9"].value, sheet["G9"].font.bold) == (3600, True)
    assert sheet.freeze_panes == "B6"
    assert sheet.print_title_rows == "$3:$5"


def test_rows_under_merged_headings_are_merged_in_the_workbook_too() -> None:
    """One heading over the columns that name rows; what a heading covers stays empty."""
    heads = (Column(("项目",)), Column(("项目",)), Column(("面积",), align="right"))
    rows = (
        Row((Cell("粮食", rows=2), Cell("小麦"), Cell("5", 5)), indent=1),
        Row((Cell(rows=0), Cell("玉米"), Cell("6", 6))),
        Row((Cell("合计", columns=2), Cell(rows=0), Cell("11", 11))),
    )
    sheet = load_workbook(io.BytesIO(roster.render(Table(heads, rows, stub=2)))).worksheets[0]
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:B1", "A2:A3", "A4:B4"}
    assert [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)] == [
        ["粮食", "小麦", 5],
        [None, "玉米", 6],
        ["合计", None, 11],
    ]
    assert (sheet["B2"].alignment.indent, sheet["A2"].alignment.indent) == (1, 0)
    assert sheet.freeze_panes == "C2"


def test_a_roll_up_has_no_formula_and_no_sheet_name_twice() -> None:
    """Text that reads like a formula is a string; equal titles get a number."""
    table = Table((Column(("=1+1",)),), (Row((Cell("=HYPERLINK(1)"),)),), title="表[1]")
    book = load_workbook(io.BytesIO(roster.render([table, table])))
    assert book.sheetnames == ["表（1）", "表（1）2"]
    assert [cell.data_type for row in book.worksheets[0].iter_rows() for cell in row] == ["s"] * 3


def test_csv_has_a_mark_for_its_encoding_and_full_header_paths() -> None:
    """Excel opens it in the right encoding; each column is told by its whole path."""
    data = csv_table.render(roster_table(2))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0][2] == "基本信息/证件/身份证号"
    assert rows[1][1:3] == ["王秀1", "\t370602194103020001"]
    assert len(rows) == 4


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|x", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1+1", "＠SUM(1)",
     "\u200b=1+1", "\ufeff=1+1", '"=1+1"', "-1-2", "+(1)", "=HYPERLINK(\"http://x\")"],
)  # fmt: skip
def test_csv_text_is_never_a_formula(text: str) -> None:
    """An apostrophe before what would be calculated, also behind blanks and invisible marks."""
    assert calculable.neutral(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "+86 13800000000", "-", "—", "@全体居民", "=", "±5%", "－", "-1.5%", "+0", "３＋２", "＃１", "王"])  # fmt: skip
def test_csv_leaves_harmless_text_alone(text: str) -> None:
    """Numbers, phone numbers, dashes and mentions stay as people wrote them."""
    assert calculable.neutral(text) == text


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the attacks are not beside the repository")
def test_no_known_injection_gets_through_csv() -> None:
    """Every published payload, in every cell a field of its own that starts harmlessly."""
    known = json.loads((CORPUS / "attacks/csv-injection.json").read_text(encoding="utf-8"))
    for text in known["payloads"]:
        data = csv_table.render(Table((Column(("a",)),), (Row((Cell(text),)),)))
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert len(rows) == 2
        assert rows[1][0].lstrip('\t\r\n \u200b\ufeff"')[:1] not in {*"=+@＝＋－＠"}
    for text in known["must_stay_readable"]:
        assert calculable.neutral(text) == text


def test_a_code_is_inline_svg_of_bounded_length() -> None:
    """No size, no declaration, and no code that a phone could not read."""
    drawn = qr.svg("http://127.0.0.1:8000/v/1", title="核验")
    assert drawn.startswith("<svg")
    assert "<title>核验</title>" in drawn
    with pytest.raises(qr.VerifyUrlTooLong):
        qr.svg("x" * 601)


def test_a_web_page_named_xls_becomes_a_workbook() -> None:
    """Merged cells, Chinese in GBK, and a value can be filled in."""
    page = (
        "<html><table><tr><th colspan=2>登记表</th></tr><tr><td rowspan='2'>村</td><td>人口</td></tr>"
        "<tr><td>12</td></tr></table></html>"
    ).encode("gbk")
    data = legacy_sheet.to_workbook(page)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:B1", "A2:A3"}
    assert (sheet["A1"].value, sheet["B3"].value) == ("登记表", "12")
    placements = Placements((CellWrite("B3", Decimal(13), "number"),))
    assert read_back(fill(data, placements), placements).cells["B3"] == 13


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-a-workbook"),
        (b"<html>no table</html>", "no-table"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "legacy-or-encrypted"),
        (b"<table><tr>" + b"<td rowspan=9999 colspan=9999>x</td>" * 3, "too-large"),
    ],
)
def test_old_sheets_that_cannot_be_read_are_refused(data: bytes, reason: str) -> None:
    """With the reason."""
    with pytest.raises(WorkbookUnreadable) as refused:
        legacy_sheet.to_workbook(data)
    assert refused.value.reason == reason


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real sheets are not beside the repository")
def test_real_old_sheets_become_workbooks() -> None:
    """Every .xls of the statistics offices, binary or web page, can be filled afterwards."""
    paths = sorted((CORPUS / "excel-zh/open").glob("tongji-*/*.xls"))
    assert len(paths) >= 5
    for path in paths:
        data = legacy_sheet.to_workbook(path.read_bytes())
        placements = Placements((CellWrite("B9", "1", "number"),))
        assert read_back(fill(data, placements), placements).cells["B9"] == 1, path
