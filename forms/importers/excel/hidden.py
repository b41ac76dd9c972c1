"""Rows and columns that are hidden in the workbook: helpers of whoever made the sheet, asked of nobody.

The sheet is read without them, as if they had been cut out, and what was read is told in the
workbook's own addresses again.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from forms.importers.excel.files.grid import (
    Cell,
    Grid,
    Rule,
    Span,
    Warned,
    column_letter,
    column_number,
    make_grid,
    parse_address,
)
from forms.importers.excel.proposal import Proposal, Table, Warning_

_ADDRESSES = frozenset({"cell", "label_cell", "value_cell"})
_LISTS = frozenset({"repeats", "closed"})
_ROWS = frozenset({"rows", "header_rows", "body"})
_COLUMNS = frozenset({"cols", "header_cols"})
_MOST_TOLD = 6
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Visible:
    """A sheet without what is hidden, and which rows and columns are left, in order."""

    grid: Grid
    rows: tuple[int, ...] = ()
    cols: tuple[int, ...] = ()
    warned: tuple[Warned, ...] = ()

    def told(self, proposal: Proposal) -> Proposal:
        """What was read, in the workbook's own addresses."""
        if not self.rows:
            return proposal
        found = _walked(proposal, self._address, self._row, self._column)
        return replace(
            found,
            tables=tuple(map(self._unbroken, found.tables)),
            warnings=(
                *(Warning_(one.code, one.cell, one.text) for one in self.warned),
                *found.warnings,
            ),
        )

    def _unbroken(self, table: Table) -> Table:
        """Rows to come end before a hidden row: nothing is written into it."""
        if table.kind != "floating" or table.body is None:
            return table
        first, last = table.body
        gap = next((n for n in range(first, last + 1) if n not in self.rows), None)
        return replace(table, body=(first, gap - 1)) if gap else table

    def _row(self, number: int) -> int:
        return self.rows[number - 1] if 0 < number <= len(self.rows) else number

    def _column(self, letters: str) -> str:
        number = column_number(letters)
        return column_letter(self.cols[number - 1]) if number <= len(self.cols) else letters

    def _address(self, text: str) -> str:
        place = parse_address(text)
        if place is None:
            return text
        return f"{self._column(column_letter(place[1]))}{self._row(place[0])}"


def without_hidden(grid: Grid) -> Visible:
    """The sheet as people see it; itself where nothing is hidden, or nothing would be left."""
    hidden = [c for c in grid.filled() if c.rows == c.cols == 1 and _is_hidden(grid, c.row, c.col)]
    some = any(number <= grid.rows for number in grid.hidden_rows)
    if not (some or any(number <= grid.cols for number in grid.hidden_cols)):
        return Visible(grid)
    rows = tuple(n for n in range(1, grid.rows + 1) if n not in grid.hidden_rows)
    cols = tuple(n for n in range(1, grid.cols + 1) if n not in grid.hidden_cols)
    cells = [left for cell in grid.cells if (left := _cut(cell, rows, cols)) is not None]
    if not any(not cell.blank for cell in cells):
        return Visible(grid)
    told = (Warned("sheet.hidden-left-out", hidden[0].ref, _where(grid)),) if hidden else ()
    seen = make_grid(
        grid.sheet,
        cells,
        sheets=grid.sheets,
        rules=tuple(_cut_rule(one, rows, cols) for one in grid.rules),
        protected=grid.protected,
    )
    return Visible(seen, rows, cols, (*grid.warnings, *told))


def _is_hidden(grid: Grid, row: int, col: int) -> bool:
    return row in grid.hidden_rows or col in grid.hidden_cols


def _where(grid: Grid) -> str:
    """`C、E列，第3行`, as far as anything is written there."""
    written = list(grid.filled())
    cols = sorted({c.col for c in written if c.col in grid.hidden_cols})[:_MOST_TOLD]
    rows = sorted({c.row for c in written if c.row in grid.hidden_rows})[:_MOST_TOLD]
    return " ".join([*map(column_letter, cols), *map(str, rows)])


def _between(places: tuple[int, ...], first: int, last: int) -> tuple[int, int]:
    """Where these places stand among what is left, and how many there are."""
    start = bisect_left(places, first)
    return start + 1, bisect_left(places, last + 1) - start


def _cut(cell: Cell, rows: tuple[int, ...], cols: tuple[int, ...]) -> Cell | None:
    row, height = _between(rows, cell.row, cell.bottom)
    col, width = _between(cols, cell.col, cell.right)
    if not height or not width:
        return None
    return replace(cell, row=row, col=col, rows=height, cols=width)


def _cut_rule(rule: Rule, rows: tuple[int, ...], cols: tuple[int, ...]) -> Rule:
    spans = []
    for span in rule.spans:
        row, height = _between(rows, span.top, span.bottom)
        col, width = _between(cols, span.left, span.right)
        if height and width:
            spans.append(Span(row, col, row + height - 1, col + width - 1))
    return replace(rule, spans=tuple(spans))


def _walked(
    value: Shown,
    at: Callable[[str], str],
    row: Callable[[int], int],
    column: Callable[[str], str],
) -> Shown:
    """The value with every address in it told anew."""
    found: dict[str, Any] = {}
    for one in fields(value):  # type: ignore[arg-type]  # only dataclasses come here
        inner = getattr(value, one.name)
        if one.name in _ADDRESSES and inner:
            found[one.name] = at(inner)
        elif one.name in _LISTS:
            found[one.name] = tuple(map(at, inner))
        elif one.name == "columns" and isinstance(inner, tuple):
            found[one.name] = tuple(map(column, inner))
        elif one.name in _ROWS and inner:
            found[one.name] = tuple(map(row, inner))
        elif one.name in _COLUMNS and inner:
            found[one.name] = tuple(map(column, inner))
        elif isinstance(inner, tuple):
            found[one.name] = tuple(_walked(i, at, row, column) if is_dataclass(i) else i for i in inner)  # fmt: skip
        elif is_dataclass(inner):
            found[one.name] = _walked(inner, at, row, column)
    return replace(value, **found)  # type: ignore[type-var]  # of the same dataclass
