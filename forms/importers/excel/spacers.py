"""Empty columns that only keep filled ones apart: the column at their left takes them in.

A card has empty columns too, but they are room for its answers; so figures stand beside a spacer, or
nothing but the heads and the names of the rows is written at all.
"""

from collections.abc import Collection
from dataclasses import replace

from forms.importers.excel import words
from forms.importers.excel.evidence import value_kind
from forms.importers.excel.grid import Cell, Grid, Span

_ROWS = 3  # with the head
_FIGURES = ("number", "date", "measure")


def without_spacers(grid: Grid, area: Span) -> Grid:
    """The same sheet with its spacers taken into the columns before them; itself where there are none."""
    empty = _empty_columns(grid, area)
    if not empty or not _only_apart(grid, area, empty):
        return grid
    kept: list[Cell] = []
    for cell in grid.cells:
        inside = area.top <= cell.row <= area.bottom
        if inside and cell.col in empty:
            continue
        kept.append(_widened(grid, cell, empty) if inside else cell)
    return grid.with_cells(kept)


def _empty_columns(grid: Grid, area: Span) -> frozenset[int]:
    """Single columns, neither the first nor the last, in which nothing begins."""
    found = set(range(area.left + 1, area.right))
    for cell in grid.cells:
        if area.top <= cell.row <= area.bottom and not (cell.blank and cell.cols == 1):
            found.discard(cell.col)
    return frozenset(col for col in found if not {col - 1, col + 1} & found)


def _only_apart(grid: Grid, area: Span, empty: Collection[int]) -> bool:
    """Whether every other column has a head, and figures or nothing at all under it."""
    columns = [col for col in range(area.left + 1, area.right + 1) if col not in empty]
    names = [grid.at(row, area.left) for row in range(area.top, area.bottom + 1)]
    heads = [names[0], *(grid.at(area.top, col) for col in columns)]
    if any(head.blank or _is_answer(head) for head in heads):
        return False
    below = range(names[0].bottom + 1, area.bottom + 1)
    if len(below) < 2 or sum(not name.blank for name in names) < _ROWS:
        return False
    written = [
        [cell for row in below if not (cell := grid.at(row, col)).blank and cell.cols == 1]
        for col in columns
    ]
    return not any(written) or any(_has_figures(cells) for cells in written)


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
