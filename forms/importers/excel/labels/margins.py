"""The columns of a table, and remarks written beside it: they head nothing and ask for nothing."""

from dataclasses import replace

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.blocks import is_remark

_ROWS = 3
_LONG = 24


def table_area(grid: Grid, top: int, bottom: int) -> Span:
    """The columns in which anything of the table is written or framed."""
    inside = [
        cell
        for cell in grid.cells
        if cell.bottom >= top
        and cell.row <= bottom
        and (not cell.blank or cell.look.bordered or cell.rows * cell.cols > 1)
    ]
    left = min((cell.col for cell in inside), default=1)
    right = max((cell.right for cell in inside), default=grid.cols)
    written = max((cell.right for cell in inside if not cell.blank), default=right)
    if right - written > 1 and all(cell.cols == 1 for cell in inside if cell.right > written):
        right = written
    return Span(top, left, max(bottom, top), right)


def without_margin(grid: Grid, area: Span) -> tuple[Span, list[Cell]]:
    """The area less the columns at its sides in which remarks stand, and the remarks."""
    notes: list[Cell] = []
    left = area
    while left.right > left.left + 1:
        written = _column(grid, left, left.right)
        if not all(cell.kind == "text" and cell.col == left.right for cell in written):
            break
        if written and not _remarks(left, written):
            break
        notes = [*written, *notes]
        left = replace(left, right=left.right - 1)
    found = left if notes else area
    first = _column(grid, found, found.left)
    if found.right > found.left + 1 and _beside(found, first):
        return replace(found, left=found.left + 1), [*first, *notes]
    return found, notes


def _remarks(area: Span, written: list[Cell]) -> bool:
    return is_remark(written[0]) or _beside(area, written)


def _beside(area: Span, written: list[Cell]) -> bool:
    """One tall cell with running text along the whole table."""
    tall = len(written) == 1 and written[0].rows >= max(_ROWS, 0.8 * (area.bottom - area.top + 1))
    if not tall or written[0].cols > 1:
        return False
    text = written[0].text
    return is_remark(written[0]) or (len(text) > _LONG and words.sentence_marks(text) > 1)


def _column(grid: Grid, area: Span, number: int) -> list[Cell]:
    """What stands in a column, each cell once."""
    cells = dict.fromkeys(grid.at(row, number) for row in range(area.top, area.bottom + 1))
    return [cell for cell in cells if not cell.blank or cell.cols > 1]
