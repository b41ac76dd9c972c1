"""Sizes, models or persons along the top of a card: one row divides the values, and they head columns.

`产品 | 空气过滤器` over the whole width, then `通径 | 2 | 6 | 32 | 62`, then rows that are divided the
same way again: what divides first says whose the columns below are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels.evidence import value_kind

_FIGURES = ("number", "measure")


@dataclass(frozen=True, slots=True)
class Variants:
    """The row that heads the columns, and the rows of one label and one value above it."""

    heads: frozenset[int] = frozenset()
    plain: frozenset[int] = frozenset()


NO_VARIANTS = Variants()


def read_variants(grid: Grid, area: Span) -> Variants:
    """The row whose values head the columns under them, though they look like values; mostly none."""
    for row in range(area.top + 1, area.bottom):
        cells = _anchored(grid, area, row)
        if not cells or cells[0].col != area.left or not _undivided(grid, area, row - 1, cells[0]):
            break
        if len(cells) > 2:
            if _heads(grid, area, row, cells[0], cells[1:]):
                return Variants(frozenset({row}), frozenset(range(area.top, row)))
            break
    return NO_VARIANTS


def _anchored(grid: Grid, area: Span, row: int) -> list[Cell]:
    return [
        cell for cell in grid.row(row) if cell.row == row and area.left <= cell.col <= area.right
    ]


def _undivided(grid: Grid, area: Span, row: int, label: Cell) -> bool:
    """A label as wide as this one, and one value over all the rest."""
    cells = _anchored(grid, area, row)
    return (
        len(cells) == 2
        and cells[0].right == label.right
        and cells[1].right == area.right
        and cells[1].cols > 1
        and not cells[0].blank
    )


def _heads(grid: Grid, area: Span, row: int, label: Cell, values: Sequence[Cell]) -> bool:
    kinds = {value_kind(cell) for cell in values}
    if any(cell.blank or cell.cols != values[0].cols for cell in values) or len(kinds) > 1:
        return False
    if label.rows == 1 and kinds <= {*_FIGURES}:
        return any(_alike(grid, other, values) for other in range(row + 1, area.bottom + 1))
    if label.rows > 1 and all(cell.rows == 1 for cell in values) and _alike(grid, row + 1, values):
        below = {value_kind(grid.at(row + 1, cell.col)) for cell in values}
        return kinds == {"text"} and below <= {*_FIGURES, "date"}
    return False


def _alike(grid: Grid, row: int, values: Sequence[Cell]) -> bool:
    """Whether a row is written in the same columns."""
    below = [grid.at(row, cell.col) for cell in values]
    return all(
        one.row == row and one.col == cell.col and one.cols == cell.cols and not one.blank
        for one, cell in zip(below, values, strict=True)
    )
