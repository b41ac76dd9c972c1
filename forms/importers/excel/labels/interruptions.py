"""Lines between the rows of a table that only the printing put there: 续表, page numbers, the title again."""

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.blocks import is_continued, is_page_number, is_remark


def interruptions(grid: Grid, area: Span) -> frozenset[int]:
    """The rows of an area that belong to no table."""
    above = {said for row in range(1, area.top) if (said := _said(_written(grid, row)))}
    return frozenset(
        row
        for row in range(area.top, area.bottom + 1)
        if _interrupts(grid, area, row) or _said(_written(grid, row)) in above
    )


def _written(grid: Grid, row: int) -> list[Cell]:
    return [cell for cell in grid.row(row) if cell.row == row and not cell.blank]


def _said(cells: list[Cell]) -> tuple[str, ...]:
    return tuple(words.squeezed(cell.text) for cell in cells)


def _interrupts(grid: Grid, area: Span, row: int) -> bool:
    written = _written(grid, row)
    if len(written) != 1:
        return False
    line = written[0]
    wide = line.cols > 1 or _stands_alone(grid, area, row)
    return is_continued(line) or (wide and (is_remark(line) or is_page_number(line)))


def _stands_alone(grid: Grid, area: Span, row: int) -> bool:
    """Whether nothing else, not even room for an answer, is in the row."""
    cells = [c for c in grid.row(row) if c.row == row and area.left <= c.col <= area.right]
    return len(cells) == 1
