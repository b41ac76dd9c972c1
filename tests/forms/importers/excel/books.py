"""Workbooks made in the test: small honest ones by openpyxl, hostile ones part by part."""

import zipfile
from collections.abc import Callable, Collection, Mapping
from html import escape
from io import BytesIO
from typing import Any

import openpyxl

from forms.importers.excel.files.grid import Cell, Grid

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(fill: Callable[[Any], None]) -> bytes:
    """A workbook with one sheet, filled by `fill`."""
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()


def parts(sheet: str, more: Mapping[str, str] | None = None) -> bytes:
    """A workbook whose sheet XML is given as it is, with further parts."""
    found = {
        "_rels/.rels": f'<Relationships {RELS}><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {NS} xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships {RELS}><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **(more or {}),
    }
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in found.items():
            package.writestr(name, text)
    return target.getvalue()


def rows(inner: str, after: str = "") -> str:
    """Sheet XML around rows."""
    return f"<worksheet {NS}><sheetData>{inner}</sheetData>{after}</worksheet>"


def line(number: int, *texts: str) -> str:
    """One row of inline strings from column A."""
    cells = "".join(
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for n, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
    for name, uri in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
    )
)
FRAMED = '<style:style style:name="ce1" style:family="table-cell"><style:table-cell-properties fo:border="0.06pt solid #000000"/></style:style>'


def opendocument(grid: Grid, hidden: Collection[int] = ()) -> bytes:
    """The sheet as an .ods; with a hidden column and a hidden row of helpers before each place in `hidden`."""
    extra = sorted(hidden)
    columns = "".join(
        f"<table:table-column{_collapsed(hidden=col in extra)}/>"
        + ("<table:table-column/>" if col in extra else "")
        for col in range(1, grid.cols + 1)
    )
    lines = "".join(
        (
            f"<table:table-row{_collapsed(hidden=True)}>{_opened('helper')}</table:table-row>"
            if row in extra
            else ""
        )
        + f"<table:table-row>{_opened_row(grid, row, extra)}</table:table-row>"
        for row in range(1, grid.rows + 1)
    )
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{FRAMED}</office:automatic-styles>"
        f'<office:body><office:spreadsheet><table:table table:name="{escape(grid.sheet)}">{columns}{lines}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
    return target.getvalue()


def _collapsed(*, hidden: bool) -> str:
    return ' table:visibility="collapse"' if hidden else ""


def _opened_row(grid: Grid, row: int, hidden: Collection[int]) -> str:
    found = ""
    for col in range(1, grid.cols + 1):
        cell = grid.at(row, col)
        covered = (cell.row, cell.col) != (row, col)
        found += ("<table:covered-table-cell/>" if covered and cell.col < col else _opened("helper")) if col in hidden else ""  # fmt: skip
        found += "<table:covered-table-cell/>" if covered else _opened_cell(cell, hidden)
    return found


def _opened_cell(cell: Cell, hidden: Collection[int]) -> str:
    rows = cell.rows + sum(cell.row < one <= cell.bottom for one in hidden)
    cols = cell.cols + sum(cell.col < one <= cell.right for one in hidden)
    span = f' table:number-rows-spanned="{rows}" table:number-columns-spanned="{cols}"'
    style = ' table:style-name="ce1"' if cell.look.bordered else ""
    return _opened(cell.text, span + style, number=cell.kind == "number")


def _opened(text: str, attributes: str = "", *, number: bool = False) -> str:
    if number:
        return f'<table:table-cell{attributes} office:value-type="float" office:value="{text}"/>'
    kind = ' office:value-type="string"' if text.strip() else ""
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n") if text.strip())
    return f"<table:table-cell{attributes}{kind}>{lines}</table:table-cell>"


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_document(grid: Grid) -> bytes:
    """The sheet as the table of a .docx."""
    lines = "".join(
        f"<w:tr>{''.join(_word_cell(cell, row) for cell in grid.row(row))}</w:tr>"
        for row in range(1, grid.rows + 1)
    )
    xml = f'<w:document xmlns:w="{WORD}"><w:body><w:tbl>{lines}</w:tbl></w:body></w:document>'
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", xml)
    return target.getvalue()


def _word_cell(cell: Cell, row: int) -> str:
    wide = f'<w:gridSpan w:val="{cell.cols}"/>' if cell.cols > 1 else ""
    tall = ('<w:vMerge w:val="restart"/>' if cell.row == row else "<w:vMerge/>") if cell.rows > 1 else ""  # fmt: skip
    texts = cell.text.split("\n") if cell.row == row else [""]
    said = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)
    return f"<w:tc><w:tcPr>{wide}{tall}</w:tcPr>{said}</w:tc>"
