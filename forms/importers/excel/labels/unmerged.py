"""Headers of several rows in which nobody merged the cells: read as if they had been.

The words of a group stand over the first of its columns and nothing over the others; those of a
column without a group stand in one of the rows, and nothing in the rest. Such rows complete each
other: every column has words in one row or more.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.asked_rows import asking, asks
from forms.importers.excel.labels.evidence import value_kind
from forms.importers.excel.labels.interruptions import interruptions

_MOST_ROWS = 4
_MOSTLY = 0.5
_LONGEST = 30
_TITLE = re.compile(r"(?:表|册|单|台账|统计|汇总|清单|名册|目录|报)(?:[（(].*[)）])?$")
_BODY = re.compile(r"[一二三四五六七八九十]+\s*[、.．]|其\s*中\s*[:：]")


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows and columns of a header that is split over unmerged cells."""

    grid: Grid
    span: Span

    def written(self, row: int, col: int) -> bool:
        """Whether words begin, or reach, here."""
        return not self.grid.at(row, col).blank

    def below(self, row: int, col: int) -> bool:
        """Whether anything stands under a place."""
        return any(self.written(r, col) for r in range(row + 1, self.span.bottom + 1))


def with_headers_joined(grid: Grid, area: Span) -> Grid:
    """The same sheet with the cells of such headers put together; itself where there are none."""
    grid = _with_heads_deepened(_with_groups_widened(grid, area), area)
    joined: dict[tuple[int, int], Cell] = {}
    gone: set[tuple[int, int]] = set()
    passed = interruptions(grid, area)
    row = area.top
    while row < area.bottom:
        begins = row not in passed and _may_begin(grid, area, row) and not asks(grid, area, row)
        block = _block(grid, area, row, passed) if begins else None
        if block is None:
            row += 1
            continue
        for cell in _cells(block):
            joined[cell.row, cell.col] = cell
        span = block.span
        gone |= {(c.row, c.col) for c in grid.cells if span.top <= c.row <= span.bottom and c.col <= span.right}  # fmt: skip
        row = span.bottom + 1
    if not joined:
        return grid
    kept = [cell for cell in grid.cells if (cell.row, cell.col) not in gone]
    return grid.with_cells([*kept, *joined.values()])


def _may_begin(grid: Grid, area: Span, row: int) -> bool:
    """A header begins the table, or follows an empty row or a line that stands alone."""
    if row == area.top:
        return True
    above, here = (
        [cell for cell in _inside(grid, area, number) if not cell.blank]
        for number in (row - 1, row)
    )
    return len(above) <= 1 and not (_only_name(area, above) and _only_name(area, here))


def _only_name(area: Span, written: list[Cell]) -> bool:
    """The name of a row and nothing beside it."""
    return len(written) == 1 and written[0].col == area.left and written[0].cols == 1 < area.right


def _inside(grid: Grid, area: Span, row: int) -> list[Cell]:
    return [cell for cell in grid.row(row) if area.left <= cell.col <= area.right]


def _with_groups_widened(grid: Grid, area: Span) -> Grid:
    """Beside heads that are merged as they should be, a group whose cells nobody merged across."""
    first = grid.at(area.top, area.left)
    if first.blank or first.rows == 1 or first.rows > _MOST_ROWS or asking(grid, area, area.top):
        return grid
    block = _Block(grid, Span(area.top, area.left, first.bottom, area.right))
    wide: dict[tuple[int, int], Cell] = {}
    gone: set[tuple[int, int]] = set()
    for cell in _inside(grid, area, area.top):
        last = _right(block, cell, area.right)
        if cell.blank or cell.rows > 1 or cell.cols > 1 or last == cell.right:
            continue
        if all(grid.at(cell.row + 1, col).rows == 1 for col in range(cell.col, last + 1)):
            wide[cell.row, cell.col] = replace(cell, cols=last - cell.col + 1)
            gone |= {(cell.row, col) for col in range(cell.col, last + 1)}
    if not wide:
        return grid
    kept = [cell for cell in grid.cells if (cell.row, cell.col) not in gone]
    return grid.with_cells([*kept, *wide.values()])


def _with_heads_deepened(grid: Grid, area: Span) -> Grid:
    """Beside heads that mostly reach down to the last row, some that nobody merged with what is below them.

    Below them is nothing, or the unit alone: `压力` over `(MPa)`.
    """
    top = [one for one in _inside(grid, area, area.top) if one.row == area.top]
    deep = top[0].rows if top else 1
    tall = sum(one.rows == deep and not one.blank for one in top)
    bottom = area.top + deep - 1
    if not 1 < deep <= _MOST_ROWS or bottom >= area.bottom or tall < _MOSTLY * len(top):
        return grid
    joined: dict[tuple[int, int], Cell] = {}
    gone: set[tuple[int, int]] = set()
    for row in range(area.top, bottom):
        for cell in _inside(grid, area, row):
            under = [grid.at(r, cell.col) for r in range(cell.bottom + 1, bottom + 1)]
            said = [one for one in under if not one.blank]
            if cell.row != row or cell.blank or cell.bottom == bottom or len(said) > 1:
                continue
            alike = all((one.col, one.cols) == (cell.col, cell.cols) for one in under)
            if alike and all(words.is_unit(one.text) for one in said):
                text = "".join([cell.text, *(one.text for one in said)])
                joined[row, cell.col] = replace(cell, rows=bottom - row + 1, text=text)
                gone |= {(one.row, one.col) for one in (cell, *under)}
    if not joined:
        return grid
    kept = [cell for cell in grid.cells if (cell.row, cell.col) not in gone]
    return grid.with_cells([*kept, *joined.values()])


def _block(grid: Grid, area: Span, top: int, passed: Collection[int]) -> _Block | None:
    """The rows from here that complete each other as a header does."""
    heads: set[int] = set()
    rows: list[set[int]] = []
    for row in range(top, min(top + _MOST_ROWS, area.bottom + 1)):
        cells = _inside(grid, area, row)
        written = [cell for cell in cells if not cell.blank]
        joined = any(c.rows > 1 or c.row != row or (c.blank and c.cols > 1) for c in cells)
        if row in passed or joined or not written or not all(_is_head(cell) for cell in written):
            break
        if written[0].col == area.left and _BODY.match(written[0].text.strip()):
            break
        mine = {col for cell in written for col in range(cell.col, cell.right + 1)}
        if area.left in mine and area.left in heads and not _groups(grid, area, row, mine):
            break
        heads |= mine
        rows.append(mine)
    while len(rows) > 1:
        span = Span(top, area.left, top + len(rows) - 1, max(set().union(*rows)))
        if (
            _completes(grid, rows, span)
            and not _titled(grid, span)
            and _divides(_Block(grid, span))
        ):
            return _Block(grid, span)
        rows.pop()
    return None


def _groups(grid: Grid, area: Span, row: int, mine: set[int]) -> bool:
    """Whether the words above the first of these cells stand over the next one too."""
    above = grid.at(row - 1, area.left)
    wide = above.cols > 1 or grid.at(row - 1, area.left + 1).blank
    return not above.blank and wide and area.left + 1 in mine


def _is_head(cell: Cell) -> bool:
    text = cell.text.strip()
    return (
        (value_kind(cell) == "text" or words.is_year(text))
        and len(text) <= _LONGEST
        and not text.endswith((":", "："))
        and not words.has_choice(text)
        and not words.is_closed(text)
        and not words.is_unit(text)
    )


def _completes(grid: Grid, rows: list[set[int]], span: Span) -> bool:
    """Every column has words; a row that has them all is the last, or has a cell merged over several."""
    columns = set(range(span.left, span.right + 1))
    gaps = sum(map(len, rows)) < len(columns) * len(rows)
    return (
        gaps
        and set().union(*rows) == columns
        and all(
            row != columns or any(cell.cols > 1 for cell in grid.row(span.top + n))
            for n, row in enumerate(rows[:-1])
        )
    )


def _titled(grid: Grid, span: Span) -> bool:
    """A line of its own that names the table, above a header of one row."""
    written = [cell for cell in _inside(grid, span, span.top) if not cell.blank]
    return len(written) == 1 and bool(_TITLE.search(written[0].text.strip()))


def _divides(block: _Block) -> bool:
    """Whatever has words below it stands over two columns or more, each with words below; some do."""
    span = block.span
    groups = 0
    for row in range(span.top, span.bottom):
        for cell in block.grid.row(row):
            if cell.blank or not span.left <= cell.col <= span.right:
                continue
            columns = range(cell.col, _right(block, cell, span.right) + 1)
            under = [block.below(row, col) for col in columns]
            alone = len(under) == 1 if any(under) else len(under) <= cell.cols
            if any(under) == alone or any(under) != all(under):
                return False
            if any(under) and not _parts(block, row, columns):
                return False
            groups += any(under)
    return groups > 0


def _parts(block: _Block, row: int, columns: range) -> bool:
    """Whether what stands below a group divides it and does not reach out of it."""
    rows = range(row + 1, block.span.bottom + 1)
    below = [block.grid.at(r, col) for r in rows for col in columns]
    within = all(columns[0] <= cell.col and cell.right <= columns[-1] for cell in below)
    return within and len({cell.col for cell in below if not cell.blank}) > 1


def _right(block: _Block, cell: Cell, limit: int) -> int:
    """The last column of a group: up to the next words of its row, as long as something stands below."""
    last = cell.right
    while (
        last < limit and not block.written(cell.row, last + 1) and block.below(cell.row, last + 1)
    ):
        last += 1
    return last if block.below(cell.row, cell.col) else cell.right


def _cells(block: _Block) -> list[Cell]:
    """The header's cells: groups as wide as what they head, the others down to the last row."""
    found: list[Cell] = []
    _lay(block, block.span.top, block.span.left, block.span.right, found)
    return found


def _lay(block: _Block, row: int, left: int, right: int, found: list[Cell]) -> None:
    """Cells of these columns from this row down."""
    col = left
    bottom = block.span.bottom
    while col <= right:
        at = next((r for r in range(row, bottom + 1) if block.written(r, col)), None)
        if at is None:
            col += 1
            continue
        cell = block.grid.at(at, col)
        last = min(_right(block, cell, right), right)
        divided = block.below(at, col)
        home = cell.ref if at != row else ""
        end = at if divided else bottom
        found.append(
            replace(cell, row=row, col=col, rows=end - row + 1, cols=last - col + 1, home=home)
        )
        if divided and at < bottom:
            _lay(block, at + 1, col, last, found)
        col = last + 1
