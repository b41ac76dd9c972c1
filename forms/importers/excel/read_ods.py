"""Reading OpenDocument sheets by streaming: values, merged cells, repeated cells without their weight."""

from datetime import date, datetime
from typing import Any

from forms.importers.excel import formats
from forms.importers.excel.grid import Cell, Grid, Span, Value, Warned, make_grid
from forms.importers.excel.guard import (
    MAX_MERGES,
    Package,
    SheetUnknown,
    WorkbookEncrypted,
    WorkbookUnsafe,
    stream_xml,
)
from forms.importers.excel.trim import trim

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
MAX_CELLS = 400_000
_MANY = 400


def read(package: Package, sheet: str | None) -> Grid:
    """One sheet; without a name the first that has anything on it."""
    if package.has("META-INF/manifest.xml"):
        manifest = package.bytes("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise WorkbookEncrypted
    reader = _Reader()
    part = "content.xml"
    wanted = (f"{_TABLE}table-row", f"{_TABLE}table")
    for element in stream_xml(package.chunks(part), part, wanted):
        if element.tag.endswith("}table"):
            reader.close(element.get(f"{_TABLE}name") or "")
        elif not _nested(element):
            reader.row(element)
    names = tuple(name for name, _, _ in reader.sheets)
    if sheet is not None and sheet not in names:
        raise SheetUnknown(sheet=sheet, sheets="、".join(names[:20]))
    chosen = [
        found for found in reader.sheets if (found[0] == sheet if sheet is not None else found[1])
    ]
    name, cells, merges = (chosen or reader.sheets or [("", [], [])])[0]
    kept, warnings = trim(cells, merges)
    return make_grid(name, kept, sheets=names, warnings=(*reader.warnings, *warnings))


def _nested(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag.endswith("}sub-table")


class _Reader:
    """Collects the sheets of a file while its rows go by."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, list[Cell], list[Span]]] = []
        self.warnings: list[Warned] = []
        self._cells: list[Cell] = []
        self._merges: list[Span] = []
        self._row = 0

    def close(self, name: str) -> None:
        self.sheets.append((name, self._cells, self._merges))
        self._cells, self._merges, self._row = [], [], 0

    def row(self, element: Any) -> None:
        repeated = _count(element, "number-rows-repeated")
        found: list[Cell] = []
        col = 0
        for one in element:
            tag = one.tag.rpartition("}")[2]
            if tag not in ("table-cell", "covered-table-cell"):
                continue
            times = _count(one, "number-columns-repeated")
            if tag == "table-cell":
                found.extend(self._cell(one, col + 1, times))
            col += times
        for extra in range(repeated if found and repeated <= _MANY else 1):
            row = self._row + 1 + extra
            if found and len(self._cells) < MAX_CELLS:
                self._cells.extend(
                    Cell(row, cell.col, cell.text, cell.value, cell.kind, formula=cell.formula)
                    for cell in found
                )
        self._row += repeated

    def _cell(self, element: Any, col: int, times: int) -> list[Cell]:
        row = self._row + 1
        rows, cols = (
            _count(element, "number-rows-spanned"),
            _count(element, "number-columns-spanned"),
        )
        if rows * cols > 1:
            self._merges.append(Span(row, col, row + rows - 1, col + cols - 1))
            if len(self._merges) > MAX_MERGES:
                raise WorkbookUnsafe(reason="merges-many", where=str(MAX_MERGES))
        value, kind = _value(element)
        if kind == "blank" or times > _MANY:
            return []
        formula = (element.get(f"{_TABLE}formula") or "").removeprefix("of:=").removeprefix("=")
        formula = formula.replace("[.", "").replace(":.", ":").replace("]", "")
        text = formats.show(value, "General")
        return [Cell(row, col + n, text, value, kind, formula=formula) for n in range(times)]


def _count(element: Any, name: str) -> int:
    text = element.get(f"{_TABLE}{name}") or "1"
    return min(max(int(text), 1), 1_048_576) if text.isdigit() else 1


def _value(element: Any) -> tuple[Value, str]:
    kind = element.get(f"{_OFFICE}value-type") or ""
    if kind in ("float", "currency", "percentage"):
        number = formats.exact(element.get(f"{_OFFICE}value") or "")
        return (number, "number") if number is not None else (None, "blank")
    if kind == "boolean":
        return element.get(f"{_OFFICE}boolean-value") == "true", "bool"
    if kind == "date":
        return _date(element.get(f"{_OFFICE}date-value") or ""), "date"
    text = "\n".join("".join(part.itertext()) for part in element.iterfind(f"{_TEXT}p"))
    return (text, "text") if text.strip() else (None, "blank")


def _date(text: str) -> Value:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text[:10])
    except ValueError:
        return text
