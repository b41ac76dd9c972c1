"""Tables that stand side by side under one title, each with a name over its own columns and rows."""

import re
from collections.abc import Iterator
from itertools import pairwise

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.evidence import value_kind

_NAMES = re.compile(r"(?:名称|项目|类别|种类|品种)$")
_NUMBERS = re.compile(r"序\s*号")
_EMPTY = 0.9
_FEWEST = 2
_MOSTLY = 0.6


def panes(grid: Grid, area: Span) -> list[Span]:
    """The parts of an area that are tables of their own; the area alone where it is one table."""
    return _named(grid, area) or _under_the_same_head(grid, area) or _rosters(grid, area) or [area]


def panes_apart(grid: Grid, area: Span) -> list[Span]:
    """Tables with names of their own between which an empty column stands; none where it is one table."""
    parts = _named(grid, area) or _rosters(grid, area)
    return parts if all(_is_gap(grid, area, a, b) for a, b in pairwise(parts)) else []


def _named(grid: Grid, area: Span) -> list[Span]:
    names = [
        cell
        for cell in grid.row(area.top)
        if area.left <= cell.col <= area.right and not (cell.blank and cell.cols == 1)
    ]
    parts = [Span(area.top, cell.col, area.bottom, min(cell.right, area.right)) for cell in names]
    apart = all(_is_gap(grid, area, a, b) for a, b in pairwise(parts))
    alike = len({tuple(_first_column(grid, one)) for one in parts}) == 1
    stand = len(names) > 1 and all(
        _is_named(cell) and _has_rows(grid, part, apart=apart, alike=alike)
        for cell, part in zip(names, parts, strict=True)
    )
    return parts if stand else []


def _under_the_same_head(grid: Grid, area: Span) -> list[Span]:
    """Two lists of the same things beside each other: the first head again, other heads behind it."""
    heads = [
        c for c in grid.row(area.top) if c.row == area.top and area.left <= c.col <= area.right
    ]
    first = heads[0] if heads else None
    if first is None or first.blank or any(one.rows > 1 for one in heads):
        return []
    begins = [
        n for n, one in enumerate(heads) if words.squeezed(one.text) == words.squeezed(first.text)
    ]
    groups = [heads[a:b] for a, b in zip(begins, [*begins[1:], len(heads)], strict=True)]
    told = [[words.squeezed(one.text) for one in group] for group in groups]
    parts = [Span(area.top, group[0].col, area.bottom, group[-1].right) for group in groups]
    apart = len(groups) > 1 and all(len(one) > 1 for one in told) and told[0] != told[1]
    return parts if apart and all(_has_names(grid, part) for part in parts) else []


def _rosters(grid: Grid, area: Span) -> list[Span]:
    """Lists to be filled in that stand side by side: each begins with 序号, then asks something else."""
    heads = [c for c in grid.row(area.top) if area.left <= c.col <= area.right]
    begins = [n for n, one in enumerate(heads) if _NUMBERS.fullmatch(words.squeezed(one.text))]
    if len(begins) < 2 or begins[0] != 0:
        return []
    groups = [
        [one for one in heads[a:b] if not one.blank]
        for a, b in zip(begins, [*begins[1:], len(heads)], strict=True)
    ]
    told = [tuple(words.squeezed(one.text) for one in group) for group in groups]
    parts = [Span(area.top, group[0].col, area.bottom, group[-1].right) for group in groups]
    apart = len(set(told)) == len(told) and all(one.rows == 1 for one in heads)
    return parts if apart and all(_is_roster(grid, part) for part in parts) else []


def _is_roster(grid: Grid, part: Span) -> bool:
    """Whether its rows wait to be filled in: beside their numbers next to nothing stands there."""
    rows = range(grid.at(part.top, part.left).bottom + 1, part.bottom + 1)
    rows = range(rows.start, next((n for n in rows if _closes(grid.at(n, part.left))), rows.stop))
    cells = [grid.at(row, col) for row in rows for col in range(part.left + 1, part.right + 1)]
    empty = sum(cell.blank for cell in cells)
    return part.right > part.left and len(rows) > 0 and empty >= _EMPTY * len(cells)


def _closes(cell: Cell) -> bool:
    """A total, or anything else in words, ends the rows that are numbered."""
    return not cell.blank and value_kind(cell) == "text"


def _has_names(grid: Grid, part: Span) -> bool:
    """Words in the first column and figures in all others."""
    rows = range(part.top + 1, part.bottom + 1)
    columns = [[grid.at(row, col) for row in rows] for col in range(part.left, part.right + 1)]
    named = len(rows) > 1 and all(value_kind(cell) == "text" for cell in columns[0])
    return named and all(
        value_kind(c) in ("number", "any") for column in columns[1:] for c in column
    )


def _is_named(cell: Cell) -> bool:
    return not cell.blank and cell.rows == 1 and cell.cols > 1 and value_kind(cell) == "text"


def _first_column(grid: Grid, part: Span) -> Iterator[str]:
    rows = range(part.top + 1, part.bottom + 1)
    return (words.squeezed(grid.at(row, part.left).text) for row in rows)


def _is_gap(grid: Grid, area: Span, one: Span, other: Span) -> bool:
    """Whether nothing at all stands between two parts, from the top to the bottom."""
    between = range(one.right + 1, other.left)
    rows = range(area.top, area.bottom + 1)
    return bool(between) and all(grid.at(row, col).blank for row in rows for col in between)


def _has_rows(grid: Grid, part: Span, *, apart: bool, alike: bool) -> bool:
    """A head of row names first, words below it, and no words in some column beside.

    What such a head is called tells less where a gap keeps the parts `apart`, or all of them speak of
    the same things, `alike`.
    """
    stub = grid.at(part.top + 1, part.left)
    if _NUMBERS.fullmatch(words.squeezed(stub.text)):
        inner = Span(part.top + 1, part.left, part.bottom, part.right)
        return apart and _is_roster(grid, inner)
    called = (apart or alike) and bool(_NAMES.search(words.squeezed(stub.text)))
    if stub.right >= part.right or not (called or words.is_stub_head(stub.text)):
        return False
    rows = range(stub.bottom + 1, part.bottom + 1)
    named = sum(value_kind(grid.at(row, part.left)) == "text" for row in rows)
    beside = [[grid.at(row, col) for row in rows] for col in range(part.left + 1, part.right + 1)]
    figures = any(all(value_kind(cell) != "text" for cell in column) for column in beside)
    return named >= max(_FEWEST, _MOSTLY * len(rows)) and figures
