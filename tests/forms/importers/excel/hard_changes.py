"""Changes of a sheet that say nothing about its table: whoever reads it reads the same."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from forms.importers.excel.files.grid import Cell, Grid, Look

_FOOT_WIDTH = 3


def _text(row: int, col: int, text: str, cols: int = 1) -> Cell:
    return Cell(row, col, text, text, "text", 1, cols)


def _moved(grid: Grid, rows: int, cols: int) -> Iterator[Cell]:
    return (replace(cell, row=cell.row + rows, col=cell.col + cols) for cell in grid.cells)


def beside_a_margin(grid: Grid) -> Grid:
    """Column A is empty."""
    return grid_of(grid, _moved(grid, 0, 1))


def below_empty_rows(grid: Grid) -> Grid:
    """Two rows are empty."""
    return grid_of(grid, _moved(grid, 2, 0))


def below_what_stands_around(grid: Grid) -> Grid:
    """The number of the annex, a title over the whole width, who reports and in what unit."""
    half = max(1, grid.cols // 2)
    above = [
        _text(1, 1, "附件2"),
        _text(2, 1, "某某镇情况统计表", grid.cols),
        _text(3, 1, "填报单位（盖章）：", half),
        _text(3, half + 1, "计量单位：人"),
    ]
    first = [[cell for cell in grid.row(row) if not cell.blank] for row in (1, 2)]
    # two titles are two titles
    own_title = any(len(line) == 1 and line[0].cols > 1 for line in first)
    return grid if own_title else grid_of(grid, [*above, *_moved(grid, 3, 0)])


def above_who_signs(grid: Grid) -> Grid:
    """Who signs, and a note."""
    row = grid.rows + 1
    signs = [
        _text(row, n, f"{who}：") for n, who in enumerate(("单位负责人", "填表人", "联系电话"), 1)
    ]
    note = _text(row + 1, 1, "注：本表由各村填报，统计时点为期末。", grid.cols)
    return grid if grid.cols < _FOOT_WIDTH else grid_of(grid, [*grid.cells, *signs, note])


def framed(grid: Grid) -> Grid:
    """Every cell has a frame."""
    return grid_of(grid, (replace(cell, look=Look(bordered=True)) for cell in grid.cells))


def with_bold_top(grid: Grid) -> Grid:
    """The first two rows are bold."""
    looks = {True: Look(bordered=True, bold=True), False: Look(bordered=True)}
    return grid_of(grid, (replace(cell, look=looks[cell.row < 3]) for cell in grid.cells))


def with_spread_words(grid: Grid) -> Grid:
    """Short words are spread to one width: 张　三."""
    return grid_of(
        grid,
        (
            replace(cell, text="\u3000".join(cell.text))
            if cell.kind == "text" and cell.text.isalpha() and 1 < len(cell.text) < 4
            else cell
            for cell in grid.cells
        ),
    )


def grid_of(grid: Grid, cells: Iterator[Cell] | list[Cell]) -> Grid:
    """A sheet with these cells."""
    found = list(cells)
    return replace(
        grid.with_cells(found),
        rows=max(cell.bottom for cell in found),
        cols=max(cell.right for cell in found),
    )


CHANGES: dict[str, Callable[[Grid], Grid]] = {
    one.__name__.replace("_", " "): one
    for one in (
        beside_a_margin,
        below_empty_rows,
        below_what_stands_around,
        above_who_signs,
        framed,
        with_bold_top,
        with_spread_words,
    )
}
