"""Empty columns that only keep filled ones apart: the column at their left takes them in.

A card has empty columns too, but they are room for its answers; so figures stand beside a spacer, or
nothing but the heads and the names of the rows is written at all.
"""

from collections.abc import Collection
from dataclasses import replace

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.evidence import value_kind

_HEADS = 4  # rows of a header, at most
_ROWS = 3  # with the head
_FIGURES = ("number", "date", "measure")


def without_spacers(grid: Grid, area: Span) -> Grid:
    """The same sheet with its spacers taken into the columns before them; itself where there are none."""
    empty = _empty_columns(grid, area)
    columns = [col for col in range(area.left + 1, area.right + 1) if col not in empty]
    depth = _depth(grid, area, columns) if empty else 0
    if not depth or not _only_apart(grid, area, columns, depth):
        return grid
    kept: list[Cell] = []
    for cell in grid.cells:
        inside = area.top <= cell.row <= area.bottom
        if inside and cell.col in empty:
            continue
        unmerged = cell.blank and cell.row < area.top + depth  # above or below the words of a group
        kept.append(_widened(grid, cell, empty) if inside and not unmerged else cell)
    return grid.with_cells(kept)


def _empty_columns(grid: Grid, area: Span) -> frozenset[int]:
    """Single columns, neither the first nor the last, in which nothing begins."""
    found = set(range(area.left + 1, area.right))
    for cell in grid.cells:
        if area.top <= cell.row <= area.bottom and not (cell.blank and cell.cols == 1):
            found.discard(cell.col)
    return frozenset(col for col in found if not {col - 1, col + 1} & found)


def _only_apart(grid: Grid, area: Span, columns: Collection[int], depth: int) -> bool:
    """Whether every other column has figures or nothing at all under its head."""
    names = [grid.at(row, area.left) for row in range(area.top, area.bottom + 1)]
    last = max(names[0].bottom, area.top + depth - 1)
    below = range(last + 1, area.bottom + 1)
    if len(below) < 2 or sum(not name.blank for name in names) < _ROWS:
        return False
    written = [
        [cell for row in below if not (cell := grid.at(row, col)).blank and cell.cols == 1]
        for col in columns
    ]
    return not any(written) or any(_has_figures(cells) for cells in written)


def _depth(grid: Grid, area: Span, columns: Collection[int]) -> int:
    """How many rows it takes until every column has a head; none where one never has, or has a figure."""
    missing = {area.left, *columns}
    for depth in range(1, min(_HEADS, area.bottom - area.top) + 1):
        row = area.top + depth - 1
        cells = {col: grid.at(row, col) for col in (area.left, *columns)}
        if any(_is_answer(cell) for cell in cells.values()):
            return 0
        missing -= {col for col, cell in cells.items() if not cell.blank}
        if not missing:
            return depth
    return 0


def _is_answer(head: Cell) -> bool:
    return value_kind(head) in ("number", "date") and not words.is_year(head.text)


def _has_figures(cells: list[Cell]) -> bool:
    figures = sum(value_kind(cell) in _FIGURES for cell in cells)
    return figures >= max(2, 0.5 * len(cells))


def _widened(grid: Grid, cell: Cell, empty: Collection[int]) -> Cell:
    beside = cell.right + 1
    free = beside in empty and all(
        grid.at(row, beside).col == beside for row in range(cell.row, cell.bottom + 1)
    )
    return replace(cell, cols=cell.cols + 1) if free else cell
