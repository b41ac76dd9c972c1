"""Reading what offices really send, and refusing what only an attack sends."""

import time
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from engine.errors import Problem
from forms.importers.excel.files.guard import (
    NoTable,
    NotAWorkbook,
    SheetUnknown,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookTooLarge,
    WorkbookUnsafe,
)
from forms.importers.excel.files.read import open_sheet
from tests.forms.importers.excel.books import book, line, parts, rows

ROWS = line(1, "姓名", "村") + line(2, "张三", "友谊街社区")


def test_values_keep_their_kind_and_codes_their_zeros() -> None:
    """Dates are dates, sums are exact, and a code shown as 01 is read as 01."""

    def fill(sheet: Any) -> None:
        sheet["A1"], sheet["B1"] = "代码", "数量"
        sheet["A2"], sheet["A2"].number_format = 1, "00"
        sheet["B2"] = 0.1 + 0.2
        sheet["C2"] = date(2026, 10, 1)
        sheet["D2"] = "=B2*2"
        sheet.merge_cells("A3:C3")
        sheet["A3"] = "备注"

    grid = open_sheet(book(fill))
    assert (grid.at(2, 1).text, grid.at(2, 2).value) == ("01", Decimal("0.3"))
    assert (grid.at(2, 3).value, grid.at(2, 4).formula) == (date(2026, 10, 1), "B2*2")
    assert (grid.at(3, 3).text, grid.at(3, 2).cols) == ("备注", 3)


def test_a_shared_formula_is_written_out_for_every_cell() -> None:
    """Excel stores a column of formulas once; each cell gets its own references."""
    shared = (
        '<row r="2"><c r="C2"><f t="shared" ref="C2:C3" si="0">A2+$B$1</f></c></row>'
        '<row r="3"><c r="C3"><f t="shared" si="0"/></c></row>'
    )
    grid = open_sheet(parts(rows(line(1, "甲", "乙") + shared)))
    assert grid.at(3, 3).formula == "A3+$B$1"


def test_a_web_page_called_xls_is_read_in_its_own_encoding() -> None:
    """Export programs write HTML in GB2312 and call it .xls."""
    page = (
        '<html><meta http-equiv="Content-Type" content="text/html;charset=gb2312">'
        "<table><tr><td rowspan=2>姓名</td><td colspan=2>收入</td></tr>"
        "<tr><td>工资</td><td>奖金</td></tr></table></html>"
    )
    grid = open_sheet(page.encode("gb18030"))
    assert [(c.text, c.rows, c.cols) for c in grid.cells] == [
        ("姓名", 2, 1),
        ("收入", 1, 2),
        ("工资", 1, 1),
        ("奖金", 1, 1),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_delimited_text_is_read_in_any_encoding(encoding: str) -> None:
    """A .csv from any program of the last twenty years."""
    grid = open_sheet("姓名,年龄\n张三,81\n李四,90\n".encode(encoding))
    assert (grid.at(1, 1).text, grid.at(3, 2).value) == ("姓名", 90)


def test_an_opendocument_sheet_is_read_with_its_merged_cells() -> None:
    """Repeated empty cells at the end of an .ods weigh nothing."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    xml = (
        f'<o:document-content xmlns:o="{office}" xmlns:t="{table}" xmlns:x="{text}"><o:body><o:spreadsheet>'
        '<t:table t:name="表1"><t:table-row><t:table-cell t:number-columns-spanned="2" o:value-type="string"><x:p>人口</x:p></t:table-cell>'
        '<t:covered-table-cell/></t:table-row><t:table-row><t:table-cell o:value-type="float" o:value="12.50"/>'
        '<t:table-cell t:number-columns-repeated="16000"/></t:table-row><t:table-row t:number-rows-repeated="1048000">'
        '<t:table-cell t:number-columns-repeated="16384"/></t:table-row></t:table></o:spreadsheet></o:body></o:document-content>'
    )
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("content.xml", xml)
    grid = open_sheet(target.getvalue())
    assert (grid.at(1, 2).text, grid.at(2, 1).value, grid.rows) == ("人口", Decimal("12.5"), 2)


def test_a_million_empty_formatted_rows_are_read_in_two_seconds_and_trimmed() -> None:
    """Somebody once formatted the whole column; the table is still ten rows."""
    empty = "".join(
        f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>'
        for n in range(3, 1_000_003)
    )
    data = parts(rows(ROWS + empty))
    started = time.process_time()
    grid = open_sheet(data)
    assert time.process_time() - started < 2
    assert (grid.rows, grid.cols) == (2, 2)


def test_a_stray_cell_far_away_is_left_out_and_named() -> None:
    """One letter in the last cell of the sheet does not make a million rows."""
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    grid = open_sheet(parts(rows(ROWS + far)))
    assert (grid.rows, [w.cell for w in grid.warnings]) == (2, ["XFD1048576"])


def test_an_unknown_sheet_is_answered_with_those_there_are() -> None:
    """The message names the sheets of the workbook."""
    with pytest.raises(SheetUnknown) as caught:
        open_sheet(parts(rows(ROWS)), "年报")
    assert "S" in caught.value.text("zh")


def _merged(*spans: str) -> bytes:
    merges = "".join(f'<mergeCell ref="{span}"/>' for span in spans)
    return parts(rows(ROWS, f"<mergeCells>{merges}</mergeCells>"))


LAUGHS = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
OUTSIDE = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
DDE = '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'

WIDE_DDE = DDE.encode("utf-16").decode("latin-1")

REFUSED: list[tuple[str, bytes, type[Problem]]] = [
    ("nothing", b"", NotAWorkbook),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, NotAWorkbook),
    ("a cut file", parts(rows(ROWS))[:-60], WorkbookDamaged),
    ("broken XML", parts("<worksheet><sheetData><row>"), WorkbookDamaged),
    ("an empty sheet", parts(rows("")), NoTable),
    ("overlapping merges", _merged("A1:C2", "B1:B5"), WorkbookUnsafe),
    ("a merge over the whole sheet", _merged("A1:XFD1048576"), WorkbookUnsafe),
    ("too many merges", _merged(*(f"A{n}:B{n}" for n in range(3, 20_100))), WorkbookUnsafe),
    ("entities", parts(rows(ROWS), {"xl/sharedStrings.xml": LAUGHS}), WorkbookUnsafe),
    ("outside entities", parts(rows(ROWS), {"xl/sharedStrings.xml": OUTSIDE}), WorkbookUnsafe),
    ("a link to a program", parts(rows(ROWS), {"xl/externalLinks/externalLink1.xml": DDE}), WorkbookUnsafe),
    ("the same in wide letters", parts(rows(ROWS), {"xl/externalLinks/externalLink1.xml": WIDE_DDE}), WorkbookUnsafe),
    ("a path out of the file", parts(rows(ROWS), {"../../x": "x"}), WorkbookUnsafe),
    ("a bomb", parts(rows(line(1, "x" * 60_000_000))), WorkbookTooLarge),
    ("a password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), WorkbookEncrypted),
    ("a broken .xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, WorkbookDamaged),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "problem"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_is_no_workbook_is_refused_with_what_to_do(
    data: bytes, problem: type[Problem]
) -> None:
    """Each refusal is of its own kind and says in both languages what to do next."""
    with pytest.raises(problem) as caught:
        open_sheet(data)
    for language in ("zh", "en"):
        assert len(caught.value.text(language)) > 15
        assert "{" not in caught.value.text(language)


def test_the_table_of_a_word_document_is_read_with_its_merged_cells() -> None:
    """Departments send forms as .docx too; the title above the table is its first row."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

    def cell(text: str, settings: str = "") -> str:
        return f"<w:tc><w:tcPr>{settings}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    begins, wide = '<w:vMerge w:val="restart"/>', '<w:gridSpan w:val="2"/>'
    xml = (
        f'<w:document xmlns:w="{w}"><w:body><w:p><w:r><w:t>困难群众登记表</w:t></w:r></w:p><w:tbl>'
        f"<w:tr>{cell('姓名', begins)}{cell('收入', wide)}</w:tr>"
        f"<w:tr>{cell('', '<w:vMerge/>')}{cell('工资')}{cell('奖金')}</w:tr></w:tbl></w:body></w:document>"
    )
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("word/document.xml", xml)
    grid = open_sheet(target.getvalue())
    assert [(c.ref, c.text, c.rows, c.cols) for c in grid.cells] == [
        ("A1", "困难群众登记表", 1, 3),
        ("A2", "姓名", 2, 1),
        ("B2", "收入", 1, 2),
        ("B3", "工资", 1, 1),
        ("C3", "奖金", 1, 1),
    ]


def test_an_xml_workbook_of_2003_and_a_web_archive_are_read() -> None:
    """Two more things that are called .xls."""
    ns = "urn:schemas-microsoft-com:office:spreadsheet"
    old = (
        f'<?xml version="1.0"?><Workbook xmlns="{ns}" xmlns:ss="{ns}"><Worksheet ss:Name="表"><Table>'
        '<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">人口</Data></Cell></Row>'
        '<Row ss:Index="3"><Cell ss:Index="2"><Data ss:Type="Number">12</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    grid = open_sheet(old.encode())
    assert (grid.sheet, grid.at(1, 2).text, grid.at(3, 2).value) == ("表", "人口", 12)
    archive = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=X\r\n\r\n--X\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n<html><table><tr><td>姓名</td><td>村</td></tr></table></html>\r\n--X--\r\n"
    )
    assert [cell.text for cell in open_sheet(archive.encode()).cells] == ["姓名", "村"]
