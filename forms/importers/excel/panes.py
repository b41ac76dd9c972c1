"""Tables that stand side by side under one title, each with a name over its own columns and rows."""

from forms.importers.excel import words
from forms.importers.excel.evidence import value_kind
from forms.importers.excel.grid import Cell, Grid, Span

_FEWEST = 2
_MOSTLY = 0.6


def panes(grid: Grid, area: Span) -> list[Span]:
    """The parts of an area that are tables of their own; the area alone where it is one table."""
    names = [
        cell
        for cell in grid.row(area.top)
        if area.left <= cell.col <= area.right and not (cell.blank and cell.cols == 1)
    ]
    parts = [Span(area.top, cell.col, area.bottom, min(cell.right, area.right)) for cell in names]
    stand = len(names) > 1 and all(
        _is_named(cell) and _has_rows(grid, part) for cell, part in zip(names, parts, strict=True)
    )
    return parts if stand else [area]


def _is_named(cell: Cell) -> bool:
    return not cell.blank and cell.rows == 1 and cell.cols > 1 and value_kind(cell) == "text"


def _has_rows(grid: Grid, part: Span) -> bool:
    """A head of row names first, words below it, and no words in some column beside."""
    stub = grid.at(part.top + 1, part.left)
    if stub.right >= part.right or not words.is_stub_head(stub.text):
        return False
    rows = range(stub.bottom + 1, part.bottom + 1)
    named = sum(value_kind(grid.at(row, part.left)) == "text" for row in rows)
    beside = [[grid.at(row, col) for row in rows] for col in range(part.left + 1, part.right + 1)]
    figures = any(all(value_kind(cell) != "text" for cell in column) for column in beside)
    return named >= max(_FEWEST, _MOSTLY * len(rows)) and figures
