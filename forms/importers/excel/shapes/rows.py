"""Rows that are printed on the sheet: their labels, codes, indentation, totals and closed cells."""

import re
from dataclasses import dataclass, field

from forms.importers.excel.files.grid import Cell, Grid, address
from forms.importers.excel.labels import words
from forms.importers.excel.shapes.bands import Band, Column

_LEVELS = (
    re.compile(r"^[一二三四五六七八九十]+\s*[、.．]"),
    re.compile(r"^[（(][一二三四五六七八九十]+[)）]"),
    re.compile(r"^\d{1,2}\s*[、.．](?!\d)|^\d(?=[\u4e00-\u9fff])"),
    re.compile(r"^[（(]\d{1,2}[)）]"),
    re.compile(r"^[①-⑳]"),
)
_AMONG = re.compile(r"^(?:其\s*中\s*[:：]?|内\s*[:：]|#)")
_ROW_NUMBER = re.compile(r"行\s*[次号]|序\s*号")
_CODE = re.compile(r"[A-Za-z]{0,3}\d{1,6}(?:[.-]\d{1,3})?")


@dataclass
class BodyRow:
    """One printed row of one panel."""

    row: int
    panel: int
    name: Cell | None
    groups: tuple[Cell, ...] = ()
    code: str | None = None
    number: str | None = None  # where the sheet prints both a code and the number of the row
    unit: str | None = None
    indent: int = 0
    total: bool = False
    derived: bool = False
    closed: list[str] = field(default_factory=list)
    open: bool = True

    @property
    def label(self) -> str:
        """What the row is called."""
        return words.label(self.name.text) if self.name is not None else ""


def read_rows(grid: Grid, band: Band) -> list[BodyRow]:
    """The printed rows of a band, panel by panel, top to bottom."""
    found: list[BodyRow] = []
    for panel in range(band.panels):
        columns = [column for column in band.columns if column.panel == panel]
        rows = [one for number in band.body if (one := _read(grid, band, columns, panel, number))]
        _indent(rows)
        found.extend(rows)
    return found


def _read(grid: Grid, band: Band, columns: list[Column], panel: int, number: int) -> BodyRow | None:
    stub = [column for column in columns if column.role in ("name", "group", "index")]
    names: list[Cell] = []
    for column in stub:
        for col in range(column.left, column.right + 1):
            cell = grid.at(number, col)
            if not cell.blank and cell not in names and not _head_cell(band, cell):
                names.append(cell)
    row = BodyRow(number, panel, names[-1] if names else None, tuple(names[:-1]))
    for column in columns:
        cell = grid.at(number, column.left)
        text = words.squeezed(cell.text)
        if column.role == "code" and _CODE.fullmatch(text):
            _code_or_number(row, column, text)
        elif column.role == "unit" and not words.is_closed(text) and text:
            row.unit = words.plain_unit(text)
        elif (
            column.role == "value"
            and words.is_closed(text)
            and (cell.cols == column.right - column.left + 1 or row.code is None)
        ):
            row.closed.append(address(number, column.left))
    if row.name is None and row.code is None:
        return None
    values = [column for column in columns if column.role == "value"]
    row.total = words.is_total(row.label) or any(words.is_total(c.text) for c in row.groups[-1:])
    row.derived = not row.total and words.is_derived(row.label)
    row.open = row.code is not None or len(row.closed) < len(values) or not values
    if row.code is None and _heads_only(grid, columns, number):
        row.open = False
    return row


def _code_or_number(row: BodyRow, column: Column, text: str) -> None:
    """Of two columns with codes the one that counts the rows tells their numbers."""
    counts = bool(column.path and _ROW_NUMBER.fullmatch(words.squeezed(column.path[-1])))
    if counts and row.code is not None:
        row.number = text
    elif row.code is not None:
        row.number, row.code = row.code, text
    else:
        row.code = text


def _head_cell(band: Band, cell: Cell) -> bool:
    return band.head is not None and cell.row <= band.head[1] and cell.bottom <= band.head[1]


def _heads_only(grid: Grid, columns: list[Column], number: int) -> bool:
    """A row with a dash in place of its code or unit is a heading among rows."""
    marks = [
        words.is_closed(grid.at(number, column.left).text)
        for column in columns
        if column.role in ("code", "unit")
    ]
    coded = any(column.role == "code" for column in columns)
    return bool(marks) and (
        all(marks) or (coded and len(marks) > 0 and _blank_code(grid, columns, number))
    )


def _blank_code(grid: Grid, columns: list[Column], number: int) -> bool:
    return all(
        grid.at(number, column.left).blank or words.is_closed(grid.at(number, column.left).text)
        for column in columns
        if column.role == "code"
    )


def _indent(rows: list[BodyRow]) -> None:
    """Depth by numbering (一、 （一） 1. （1） ①), by 其中, and by leading spaces where those are silent."""
    level = beneath = base = 0
    among: int | None = None
    used = _numberings(rows)
    for row in rows:
        raw = row.name.text if row.name is not None else ""
        text = raw.strip("\u3000 \t\n")
        pad = (
            len(raw) - len(raw.lstrip("\u3000 \t")) + (row.name.look.indent * 2 if row.name else 0)
        )
        found = next((n for n, pattern in enumerate(_LEVELS) if pattern.match(text)), None)
        if _AMONG.match(text):
            row.indent = level + 1 if among is None or pad <= base + 1 else among + 1
            among, base = row.indent, pad
        elif found is not None:
            level, among, base = used.index(found) if found in used else 0, None, pad
            row.indent = level
        elif among is not None and pad > base:
            row.indent = among
        elif row.total or (among is None and pad == 0):
            row.indent = level = 0 if row.total else beneath
            among = None
        else:
            row.indent = among if among is not None and pad else beneath
        beneath = _beneath(row, beneath)


def _numberings(rows: list[BodyRow]) -> list[int]:
    """The kinds of numbering in use on this table, outermost first."""
    return sorted(
        {
            n
            for row in rows
            if row.name is not None
            for n, pattern in enumerate(_LEVELS)
            if pattern.match(row.name.text.strip("\u3000 \t\n"))
        }
    )


def _beneath(row: BodyRow, before: int) -> int:
    """How deep an unnumbered row after this one stands: under the last numbered heading that cannot
    be filled in itself; `before` is how deep it stood so far.
    """
    if not row.open:
        return row.indent + 1
    return row.indent if any(pattern.match(row.label) for pattern in _LEVELS) else before
