"""Old .xls files and web pages named .xls, once at import, as a plain .xlsx that can be filled.

Texts, numbers, merged areas and borders come over; fonts, colours and widths of the old file do
not, because nothing here can read them. A template that has to keep its exact look is saved as
.xlsx by its department first.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from renderers.ooxml.addresses import MAX_COLUMN, Area, letters
from renderers.ooxml.package import WorkbookUnreadable
from renderers.ooxml.values import MAX_TEXT
from renderers.page_layout import width

_MAX_ROWS = 50_000
_MAX_CELLS = 1_000_000
_MARGIN = 50
"""So far past the last value a merged heading may reach."""
_OLD_STARTS = (b"\xd0\xcf\x11\xe0", b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""An OLE file, or the bare stream of an older Excel."""
_PAGE_STARTS = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What an old file says."""

    name: str
    rows: list[list[Any]]
    merges: list[Area]


def to_workbook(data: bytes) -> bytes:
    """An .xlsx with what the old file says; an .xlsx comes back as it is."""
    if data[:2] == b"PK":
        return data
    page = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:512].lower()
    sheets = list(_from_page(data) if page.startswith(_PAGE_STARTS) else _from_binary(data))
    if not any(sheet.rows for sheet in sheets):
        raise WorkbookUnreadable(reason="no-table")
    return _written(sheets)


def _from_binary(data: bytes) -> Iterator[_Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook  # only old files need it

    if not data.startswith(
        _OLD_STARTS
    ):  # an archive behind some junk, say, that nobody has looked into
        raise WorkbookUnreadable(reason="not-a-workbook")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False, nrows=_MAX_ROWS)
            areas = [_area(item) for item in sheet.merged_cell_ranges or ()]
            yield _Sheet(name, rows, list(_within(areas, rows)))
    except (CalamineError, OSError, ValueError) as error:
        old = data.startswith(b"\xd0\xcf\x11\xe0")
        reason = "legacy-or-encrypted" if old else "not-a-workbook"
        raise WorkbookUnreadable(reason=reason) from error


def _within(areas: list[Area], rows: list[list[Any]]) -> Iterator[Area]:
    """Merged cells as far as the table reaches: a few bytes may claim the whole sheet, many times over."""
    taken: set[tuple[int, int]] = set()
    high, wide = len(rows) + _MARGIN, max((len(row) for row in rows), default=0) + _MARGIN
    for area in areas:
        bottom, right = min(area.bottom, high), min(area.right, wide)
        if len(taken) + (bottom - area.top + 1) * (right - area.left + 1) > _MAX_CELLS:
            raise WorkbookUnreadable(reason="too-large")
        cells = {(y, x) for y in range(area.top, bottom + 1) for x in range(area.left, right + 1)}
        if len(cells) > 1 and not cells & taken:
            taken |= cells
            yield Area(area.top, area.left, bottom, right)


def _area(corners: tuple[tuple[int, int], tuple[int, int]]) -> Area:
    (top, left), (bottom, right) = corners
    return Area(top + 1, left + 1, bottom + 1, right + 1)


def _from_page(data: bytes) -> Iterator[_Sheet]:
    from lxml import html  # only web pages need it

    parser = html.HTMLParser(encoding=_encoding(data), no_network=True, huge_tree=False)
    try:
        root = html.fromstring(data, parser=parser)
    except (ValueError, html.etree.ParserError) as error:
        raise WorkbookUnreadable(reason="no-table") from error
    for number, table in enumerate(root.iter("table"), 1):
        if table.getparent() is not None and any(True for _ in table.iterancestors("table")):
            continue
        yield _from_table(table, f"Sheet{number}")


def _encoding(data: bytes) -> str:
    for name in ("utf-8-sig", "gb18030"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return "utf-8" if name == "utf-8-sig" else name
    return "gb18030"


def _from_table(table: Any, name: str) -> _Sheet:
    grid: dict[tuple[int, int], str] = {}
    merges: list[Area] = []
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(list(table.iter("tr"))[:_MAX_ROWS], 1):
        column = 1
        for cell in line:
            if cell.tag not in {"td", "th"}:
                continue
            while (row, column) in taken:
                column += 1
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            if len(taken) + down * across > _MAX_CELLS or column + across > MAX_COLUMN:
                raise WorkbookUnreadable(reason="too-large")
            grid[row, column] = " ".join(str(cell.text_content()).split())
            taken |= {(row + y, column + x) for y in range(down) for x in range(across)}
            if down > 1 or across > 1:
                merges.append(Area(row, column, row + down - 1, column + across - 1))
            column += across
    high = max((row for row, _ in grid), default=0)
    wide = max((column for _, column in grid), default=0)
    rows = [[grid.get((y, x), "") for x in range(1, wide + 1)] for y in range(1, high + 1)]
    return _Sheet(name, rows, merges)


def _span(cell: Any, name: str) -> int:
    text = str(cell.get(name, "1")).strip()
    return max(1, min(int(text), 10_000)) if text.isascii() and text.isdigit() else 1


def _written(sheets: list[_Sheet]) -> bytes:
    from openpyxl import Workbook  # as above

    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    for sheet in sheets:
        _write(book.create_sheet(sheet.name[:31]), sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write(target: Any, sheet: _Sheet) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Border, Side

    thin = Side(style="thin")
    widest: dict[int, float] = {}
    for row, values in enumerate(sheet.rows, 1):
        for column, value in enumerate(values, 1):
            cell = target.cell(row, column)
            cell.border = Border(thin, thin, thin, thin)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT] or None
                cell.data_type = "s" if value else "n"
                widest[column] = max(widest.get(column, 4), min(16.0, width(value)))
            else:
                cell.value = _plain(value)
    for area in sheet.merges:
        target.merge_cells(str(area))
    for column, size in widest.items():
        target.column_dimensions[letters(column)].width = round(size * 2 + 2, 1)


def _plain(value: Any) -> Any:
    """Whole numbers without a point; what is no cell value becomes its text."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))
    known = int | Decimal | bool | date | datetime | time | timedelta | None
    return value if isinstance(value, known) else str(value)
