"""The columns of a table, and remarks written beside it: they head nothing and ask for nothing."""

from dataclasses import replace

from forms.importers.excel.blocks import is_remark
from forms.importers.excel.grid import Cell, Grid, Span


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
    """The area less the columns at its right in which remarks stand, and the remarks."""
    notes: list[Cell] = []
    left = area
    while left.right > left.left + 1:
        written = _column(grid, left)
        if not all(cell.kind == "text" and cell.col == left.right for cell in written):
            break
        if written and not is_remark(written[0]):
            break
        notes = [*written, *notes]
        left = replace(left, right=left.right - 1)
    return (left, notes) if notes else (area, [])


def _column(grid: Grid, area: Span) -> list[Cell]:
    """What stands in the last column, each cell once."""
    cells = dict.fromkeys(grid.at(row, area.right) for row in range(area.top, area.bottom + 1))
    return [cell for cell in cells if not cell.blank or cell.cols > 1]
