"""How official sheets look: Song for text, Hei for titles, thin lines inside and a medium frame."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

SONG, HEI = "宋体", "黑体"
A4 = 9
MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook's properties know no time zone
ZIPPED = (2026, 1, 1, 0, 0, 0)
THIN, MEDIUM = Side(style="thin", color="FF000000"), Side(style="medium", color="FF000000")


@dataclass(frozen=True, slots=True)
class Style:
    """The look of one kind of cell."""

    font: str = SONG
    size: float = 10.5
    bold: bool = False
    horizontal: Literal["left", "center", "right"] = "center"
    wrap: bool = True
    line: bool = False
    """A line to write on, below the cell."""
    grey: bool = False
    """Filled by calculation; nobody types here."""


STYLES = {
    "title": Style(HEI, 18, bold=True),
    "subtitle": Style(HEI, 11, horizontal="left", wrap=False),
    "legal": Style(size=9, horizontal="right", wrap=False),
    "legal_value": Style(size=9, horizontal="left", wrap=False),
    "plain": Style(horizontal="left", wrap=False),
    "plain_right": Style(horizontal="right", wrap=False),
    "fill": Style(horizontal="left", wrap=False, line=True),
    "header": Style(HEI, 10.5),
    "section": Style(bold=True, horizontal="left"),
    "heading": Style(bold=True, horizontal="left"),
    "label": Style(horizontal="left"),
    "center": Style(),
    "value": Style(),
    "computed": Style(grey=True),
    "text": Style(horizontal="left"),
    "note": Style(size=9, horizontal="left"),
}


def dress(cell: Cell, name: str) -> None:
    """Give a cell the look of its kind; its frame, if any, stays."""
    style = STYLES[name]
    cell.font = Font(name=style.font, size=style.size, bold=style.bold)
    cell.alignment = Alignment(horizontal=style.horizontal, vertical="center", wrap_text=style.wrap)
    if style.grey:
        cell.fill = PatternFill("solid", fgColor="FFF2F2F2")


def underline(page: Worksheet, span: str) -> None:
    """A line to write on."""
    for row in page[f"{span}:{span}" if ":" not in span else span]:
        for cell in row:
            cell.border = Border(bottom=THIN)


def frame(page: Worksheet, span: str) -> None:
    """Thin lines between all cells of a span and a medium line around it."""
    rows = list(page[span])
    for top, row in enumerate(rows):
        for left, cell in enumerate(row):
            cell.border = Border(
                left=MEDIUM if left == 0 else THIN,
                right=MEDIUM if left == len(row) - 1 else THIN,
                top=MEDIUM if top == 0 else THIN,
                bottom=MEDIUM if top == len(rows) - 1 else THIN,
            )


def print_setup(page: Worksheet, wanted: Mapping[str, Any]) -> None:
    """A4, as wide as the sheet, centred, the header on every page, pages numbered."""
    page.page_setup.paperSize = A4
    page.page_setup.orientation = wanted["orientation"]
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = int(wanted.get("pages", 0))
    page.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]  # a new sheet has it
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.5
    page.page_margins.top, page.page_margins.bottom = 0.6, 0.8
    footer = page.oddFooter
    assert footer is not None
    assert footer.center is not None
    footer.center.text = "第 &P 页 共 &N 页"
    if "repeat" in wanted:
        first, last = wanted["repeat"]
        page.print_title_rows = f"{first}:{last}"
    if "freeze" in wanted:
        page.freeze_panes = wanted["freeze"]
    page.print_area = page.dimensions
    page.sheet_view.showGridLines = False
    for row in range(1, page.max_row + 1):
        if page.row_dimensions[row].height is None:
            page.row_dimensions[row].height = 19.0


def saved(book: Workbook, title: str) -> bytes:
    """The workbook's bytes with every clock in it stopped."""
    book.properties.title = title
    book.properties.creator = "Yibiao"
    book.properties.created = book.properties.modified = MADE
    raw = io.BytesIO()
    book.save(raw)
    fixed = io.BytesIO()
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(fixed, "w") as again:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _stopped(content)
            entry = zipfile.ZipInfo(name, ZIPPED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            again.writestr(entry, content)
    return fixed.getvalue()


def _stopped(core: bytes) -> bytes:
    """Saving stamps the present moment as `modified`; put the fixed one back."""
    moment = MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + moment, core)
