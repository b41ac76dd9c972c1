"""A table within a table: under one wide heading every record has headings and rows of its own.

The record's other cells are tall; beside them the first short row names the columns under the wide
heading, and the rows below it, as far as the tall cells reach, belong to those.
"""

from dataclasses import dataclass

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels.reading import Reading

_RECORD = 3  # a heading and two rows


@dataclass(frozen=True, slots=True)
class Inner:
    """Where an inner table stands, and which of its rows name the columns."""

    area: Span
    names: tuple[int, ...]


def find_inner(grid: Grid, area: Span, reading: Reading, wide: Span, row: int) -> Inner | None:
    """The inner table that begins in this row under the wide heading, if one does."""
    cells = [c for c in grid.row(row) if c.row == row and area.left <= c.col <= area.right]
    inside = [c for c in cells if wide.left <= c.col and c.right <= wide.right]
    beside = [c for c in cells if c not in inside]
    if len(inside) < 2 or not beside or (len(inside) == 2 and inside[1].cols > inside[0].cols):
        return None
    last = min(area.bottom, *(c.bottom for c in beside))
    if last - row + 1 < _RECORD or not all(_is_heading(reading, c) for c in inside):
        return None
    bottom = max(c.bottom for c in inside)
    under = [c for r in range(row + 1, bottom + 1) for c in grid.row(r) if c.row == r]
    if bottom >= last or not all(_is_heading(reading, c) for c in under):
        return None
    if not _has_rows(grid, reading, inside, bottom + 1):
        return None
    return Inner(Span(row, wide.left, last, wide.right), tuple(range(row, bottom + 1)))


def _is_heading(reading: Reading, cell: Cell) -> bool:
    return not cell.blank and reading.is_label(cell)


def _has_rows(grid: Grid, reading: Reading, heads: list[Cell], row: int) -> bool:
    """Below the headings stand values, in the same columns."""
    below = [grid.at(row, cell.col) for cell in heads]
    return all(cell.col == head.col for cell, head in zip(below, heads, strict=True)) and not all(
        reading.is_label(cell) for cell in below
    )
