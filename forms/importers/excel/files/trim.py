"""The used area of a sheet: merged cells put together, stray cells and endless formatting cut off."""

from dataclasses import replace

from forms.importers.excel.files.grid import Cell, Span, Warned
from forms.importers.excel.files.guard import WorkbookUnsafe

GAP_ROWS = 300
GAP_COLS = 120
BLANK_ROWS = 300


def trim(cells: list[Cell], merges: list[Span]) -> tuple[list[Cell], list[Warned]]:
    """Cells of the used area with their spans, and what was left out."""
    written = [cell for cell in cells if not cell.blank]
    if not written:
        return [], []
    last_row = _last_near([cell.row for cell in written], GAP_ROWS)
    last_col = _last_near([cell.col for cell in written if cell.row <= last_row], GAP_COLS)
    warnings = [
        Warned("sheet.stray-cell", cell.ref, cell.text[:40])
        for cell in written
        if cell.row > last_row or cell.col > last_col
    ][:5]
    last_row, last_col = _with_blank_frame(cells, last_row, last_col)
    inside = {
        (cell.row, cell.col): cell
        for cell in cells
        if cell.row <= last_row and cell.col <= last_col
    }
    _merge(inside, merges, last_row, last_col)
    return list(inside.values()), warnings


def _last_near(places: list[int], gap: int) -> int:
    """The last place that is not separated from those before it by a wide gap."""
    ordered = sorted(set(places))
    last = ordered[0]
    for place in ordered[1:]:
        if place - last > gap and (place - ordered[0] > gap):
            break
        last = place
    return last


def _with_blank_frame(cells: list[Cell], last_row: int, last_col: int) -> tuple[int, int]:
    """Blank bordered rows and columns right after what is written are room for answers, up to a point."""
    rows = {cell.row for cell in cells if cell.row > last_row and cell.col <= last_col}
    cols = {cell.col for cell in cells if cell.col > last_col and cell.row <= last_row}
    row, col = last_row, last_col
    while row + 1 in rows and row - last_row < BLANK_ROWS:
        row += 1
    while col + 1 in cols and col - last_col < GAP_COLS:
        col += 1
    if row - last_row >= BLANK_ROWS:
        row = last_row
    return row, col if col - last_col < GAP_COLS else last_col


def _merge(inside: dict[tuple[int, int], Cell], merges: list[Span], rows: int, cols: int) -> None:
    taken: dict[tuple[int, int], Span] = {}
    for span in merges:
        if span.top > rows or span.left > cols:
            continue
        if span.area > 40_000 or (span.bottom - span.top > 2_000):
            raise WorkbookUnsafe(reason="merges-huge", where=span.ref)
        corner = inside.get((span.top, span.left)) or Cell(span.top, span.left)
        for row in range(span.top, span.bottom + 1):
            for col in range(span.left, span.right + 1):
                if (row, col) in taken:
                    raise WorkbookUnsafe(
                        reason="merges-overlap", where=f"{taken[row, col].ref} {span.ref}"
                    )
                taken[row, col] = span
                hidden = inside.pop((row, col), None)
                if corner.blank and hidden is not None and not hidden.blank:
                    corner = replace(hidden, row=span.top, col=span.left)
        inside[span.top, span.left] = replace(
            corner, rows=span.bottom - span.top + 1, cols=span.right - span.left + 1
        )
