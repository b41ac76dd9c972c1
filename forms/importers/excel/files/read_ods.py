"""Reading OpenDocument sheets by streaming: values, merged cells, frames, choices, what is hidden.

Repeated cells come without their weight.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from forms.importers.excel.files import formats
from forms.importers.excel.files.grid import (
    PLAIN,
    Cell,
    Grid,
    Look,
    Rule,
    Span,
    Value,
    Warned,
    make_grid,
)
from forms.importers.excel.files.guard import (
    MAX_MERGES,
    Package,
    SheetUnknown,
    WorkbookEncrypted,
    WorkbookUnsafe,
    stream_xml,
)
from forms.importers.excel.files.trim import trim

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_SIDES = ("border-left", "border-right", "border-top", "border-bottom")
_LISTED = re.compile(r'"((?:[^"]|"")*)"')
MAX_CELLS = 400_000
_MANY = 400
_MOST_STYLES = 64_000
_HIDDEN = ("collapse", "filter")


def read(package: Package, sheet: str | None) -> Grid:
    """One sheet; without a name the first that has anything on it."""
    if package.has("META-INF/manifest.xml"):
        manifest = package.bytes("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise WorkbookEncrypted
    reader = _Reader()
    part = "content.xml"
    tags = ("table-row", "table", "table-column", "content-validation")
    wanted = (*(f"{_TABLE}{tag}" for tag in tags), f"{_STYLE}style")
    for element in stream_xml(package.chunks(part), part, wanted):
        tag = element.tag.rpartition("}")[2]
        if tag == "style":
            reader.style(element)
        elif tag == "content-validation":
            reader.choice(element)
        elif tag == "table":
            reader.close(element.get(f"{_TABLE}name") or "")
        elif not _nested(element):
            reader.column(element) if tag == "table-column" else reader.row(element)
    names = tuple(page.name for page in reader.sheets)
    if sheet is not None and sheet not in names:
        raise SheetUnknown(sheet=sheet, sheets="、".join(names[:20]))
    chosen = [
        page for page in reader.sheets if (page.name == sheet if sheet is not None else page.cells)
    ]
    page = (chosen or reader.sheets or [_Page()])[0]
    kept, warnings = trim(page.cells, page.merges)
    return make_grid(
        page.name,
        kept,
        sheets=names,
        rules=tuple(page.rules(reader.choices)),
        hidden_rows=frozenset(page.hidden_rows),
        hidden_cols=frozenset(page.hidden_cols),
        warnings=(*reader.warnings, *warnings),
    )


@dataclass
class _Page:
    """One sheet while its rows go by."""

    name: str = ""
    cells: list[Cell] = field(default_factory=list)
    merges: list[Span] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)
    chosen: dict[str, list[Span]] = field(default_factory=dict)  # by the name of the choice
    row: int = 0
    col: int = 0

    def rules(self, choices: Mapping[str, tuple[str, ...]]) -> Iterator[Rule]:
        """The lists to choose from, where they hold."""
        for name, spans in self.chosen.items():
            if choices.get(name):
                yield Rule(tuple(spans), "list", choices[name])


def _nested(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag.endswith("}sub-table")


class _Reader:
    """Collects the sheets of a file while their parts go by."""

    def __init__(self) -> None:
        self.sheets: list[_Page] = []
        self.warnings: list[Warned] = []
        self.choices: dict[str, tuple[str, ...]] = {}
        self._looks: dict[str, Look] = {}
        self._page = _Page()

    def close(self, name: str) -> None:
        """The sheet is at its end; its name stands on what is closed."""
        self._page.name = name
        self.sheets.append(self._page)
        self._page = _Page()

    def style(self, element: Any) -> None:
        """How cells of this style look; styles of anything else are passed over."""
        if element.get(f"{_STYLE}family") != "table-cell" or len(self._looks) > _MOST_STYLES:
            return
        cell = element.find(f"{_STYLE}table-cell-properties")
        text = element.find(f"{_STYLE}text-properties")
        whole = _attribute(cell, "border")
        sides = [whole or _attribute(cell, side) for side in _SIDES]
        self._looks[element.get(f"{_STYLE}name") or ""] = Look(
            bold=_attribute(text, "font-weight") == "bold",
            filled=_attribute(cell, "background-color") not in ("", "transparent", "#ffffff"),
            bordered=sum(side not in ("", "none") for side in sides) > 1,
            size=_points(_attribute(text, "font-size")),
        )

    def choice(self, element: Any) -> None:
        """A list of words to choose from."""
        condition = element.get(f"{_TABLE}condition") or ""
        if "cell-content-is-in-list" in condition:
            words = tuple(one.replace('""', '"') for one in _LISTED.findall(condition)[:_MANY])
            self.choices[element.get(f"{_TABLE}name") or ""] = words

    def column(self, element: Any) -> None:
        """Columns that are hidden together."""
        times = _count(element, "number-columns-repeated")
        if element.get(f"{_TABLE}visibility") in _HIDDEN and times <= _MANY:
            self._page.hidden_cols.update(range(self._page.col + 1, self._page.col + times + 1))
        self._page.col += times

    def row(self, element: Any) -> None:
        """A row, or several that are alike."""
        page = self._page
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
        if element.get(f"{_TABLE}visibility") in _HIDDEN and repeated <= _MANY:
            page.hidden_rows.update(range(page.row + 1, page.row + repeated + 1))
        for extra in range(repeated if found and repeated <= _MANY else 1):
            row = page.row + 1 + extra
            if found and len(page.cells) < MAX_CELLS:
                page.cells.extend(replace(cell, row=row) for cell in found)
        page.row += repeated

    def _cell(self, element: Any, col: int, times: int) -> list[Cell]:
        page = self._page
        row = page.row + 1
        rows, cols = (
            _count(element, "number-rows-spanned"),
            _count(element, "number-columns-spanned"),
        )
        if rows * cols > 1:
            page.merges.append(Span(row, col, row + rows - 1, col + cols - 1))
            if len(page.merges) > MAX_MERGES:
                raise WorkbookUnsafe(reason="merges-many", where=str(MAX_MERGES))
        listed = element.get(f"{_TABLE}content-validation-name")
        if listed and times <= _MANY:
            page.chosen.setdefault(listed, []).append(Span(row, col, row, col + times - 1))
        value, kind = _value(element)
        look = self._looks.get(element.get(f"{_TABLE}style-name") or "", PLAIN)
        if (kind == "blank" and not look.bordered) or times > _MANY:
            return []
        formula = (element.get(f"{_TABLE}formula") or "").removeprefix("of:=").removeprefix("=")
        formula = formula.replace("[.", "").replace(":.", ":").replace("]", "")
        text = formats.show(value, "General")
        return [
            Cell(row, col + n, text, value, kind, formula=formula, look=look) for n in range(times)
        ]


def _attribute(element: Any, name: str) -> str:
    """What the properties of a style say, in small letters; nothing where they do not."""
    return (element.get(f"{_FO}{name}") or "").lower() if element is not None else ""


def _points(text: str) -> float:
    try:
        return float(text.removesuffix("pt")) if text.endswith("pt") else 0.0
    except ValueError:
        return 0.0


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
