"""Reading the XML workbooks of 2003, which export programs still write and call .xls."""

from typing import Any

from forms.importers.excel.files import formats
from forms.importers.excel.files.grid import Cell, Grid, Span, Value, make_grid
from forms.importers.excel.files.guard import NoTable, SheetUnknown, parse_xml
from forms.importers.excel.files.trim import trim

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
MARK = b"urn:schemas-microsoft-com:office:spreadsheet"
_MAX_CELLS = 400_000


def read(data: bytes, sheet: str | None) -> Grid:
    """One sheet; without a name the first that has anything on it."""
    root = parse_xml(data, "workbook")
    sheets = {one.get(f"{_SS}Name", ""): one for one in root.iterfind(f"{_SS}Worksheet")}
    if sheet is not None and sheet not in sheets:
        raise SheetUnknown(sheet=sheet, sheets="、".join(list(sheets)[:20]))
    for name in (sheet,) if sheet is not None else sheets:
        cells, merges = _table(sheets[name].find(f"{_SS}Table"))
        if cells:
            kept, warnings = trim(cells, merges)
            return make_grid(name, kept, sheets=tuple(sheets), warnings=tuple(warnings))
    raise NoTable(sheet=sheet or "")


def _table(table: Any) -> tuple[list[Cell], list[Span]]:
    cells: list[Cell] = []
    merges: list[Span] = []
    row = 0
    for line in () if table is None else table.iterfind(f"{_SS}Row"):
        row = _number(line, "Index") or row + 1
        col = 0
        for one in line.iterfind(f"{_SS}Cell"):
            col = _number(one, "Index") or col + 1
            across, down = _number(one, "MergeAcross"), _number(one, "MergeDown")
            if across or down:
                merges.append(Span(row, col, row + down, col + across))
            value, kind = _value(one.find(f"{_SS}Data"))
            if kind != "blank":
                cells.append(Cell(row, col, formats.show(value, "General"), value, kind))
            col += across
        if len(cells) > _MAX_CELLS:
            break
    return cells, merges


def _value(data: Any) -> tuple[Value, str]:
    text = "".join(str(part) for part in data.itertext()) if data is not None else ""
    if not text.strip():
        return None, "blank"
    if data.get(f"{_SS}Type") == "Number":
        number = formats.exact(text)
        if number is not None:
            return number, "number"
    return text, "text"


def _number(element: Any, name: str) -> int:
    text = element.get(f"{_SS}{name}") or "0"
    return min(int(text), 100_000) if text.isdigit() else 0
