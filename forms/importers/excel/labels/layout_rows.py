"""The rows of a table as the reading of labels sees them: cells, weights, what stands above and below.

Everything here is known before any verdict; `layout` weighs verdicts against it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from forms.importers.excel.files.grid import Cell, Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.asked_rows import asking, asks, heads_beside, is_answer
from forms.importers.excel.labels.evidence import (
    Contrast,
    contrast,
    is_to_be_signed,
    likeness,
    value_kind,
)
from forms.importers.excel.labels.stubs import NUMBERED, nested_stubs

_DAY = re.compile(r"年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_BELOW = 6
_WIDE = 0.6
_FIGURES = ("number", "date", "measure")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the cells that begin in it and what lies above them, as bits by column."""

    number: int
    place: int  # counted from the top of the area
    cells: tuple[Cell, ...]
    weights: tuple[float, ...]
    bits: tuple[int, ...]
    spans: tuple[int, ...]
    same: int
    split: int
    kin: int  # cells of the same kind of value as the cell above
    turned: int  # texts in columns that held figures above
    tall: bool
    first: bool
    given: bool
    block: bool  # begins or continues a closed block of rows, as a header of several levels does
    lone: bool  # one cell over the whole width
    blanks: tuple[bool, ...]
    heads: tuple[str, ...]
    hollow: int  # empty cells, not the first, that nothing below divides
    divides: bool  # every cell is wide and divided below
    paired: bool  # two cells, the second one wide and whole
    pairs: bool  # words and answers by turns
    broken: int  # cells that do not go on below, neither alike nor divided
    groups: int  # tall cells of a row that is not as tall, as bits
    over_blank: bool  # words in every cell, and room for answers in every cell below
    figures: int  # plain figures, dates and measures
    overhang: int  # tall cells, not the first, that reach out of any closed block
    rest: bool  # one stub cell and one cell over all the rest
    wordy: int  # columns with words below
    lift: float  # how much more its cells look like labels than those below them
    beside: float  # share of the width that taller cells from above take up
    joins: int  # cells over several written ones above: what a heading has divided it joins no more
    boxed: int = 0  # cells that divide a wide one beside which taller ones end in this row, as bits
    after_line: bool = False  # right below one label over the whole width
    nested: int = 0  # columns of row labels after the first, below which groups of rows begin
    plain: bool = False  # known to be one label and its value
    asks: int = 0  # labels known to have room beside or below them, as bits
    signed: bool = False  # room to sign in every cell: no labels

    @property
    def all(self) -> int:
        """Every cell a label."""
        return sum(self.bits)


def read_rows(
    grid: Grid,
    area: Span,
    given: frozenset[int] = frozenset(),
    plain: frozenset[int] = frozenset(),
) -> list[Row]:
    """The rows of an area; those in `given` are known to be headings, those in `plain` a label and a value."""
    looks = contrast(grid)
    edges = _edges(grid, area)
    blocks = _closed_blocks(grid, area, edges)
    given |= {row + 1 for row in range(area.top, area.bottom) if asks(grid, area, row)}
    given |= {row for row in range(area.top, area.bottom) if heads_beside(grid, area, row)}
    found = [
        _row(
            grid,
            replace(area, right=edges[number]),
            number,
            looks,
            given=number in given,
            block=number in blocks,
            begins=edges.get(number - 1) == area.right != edges[number] != edges.get(number - 2),
        )
        for number in range(area.top, area.bottom + 1)
    ]
    return with_surroundings(
        [replace(row, plain=row.number in plain or is_answer(row.cells, area)) for row in found]
    )


def _anchored(grid: Grid, area: Span, number: int) -> tuple[Cell, ...]:
    return tuple(
        cell
        for cell in grid.row(number)
        if cell.row == number and area.left <= cell.col <= area.right
    )


def _edges(grid: Grid, area: Span) -> dict[int, int]:
    """The last column of each row's table; one may be narrower than what stands above and below it.

    Tables end at an empty row or a line over the whole width.
    """
    found: dict[int, int] = {}
    run: list[list[Cell]] = []
    for number in range(area.top, area.bottom + 2):
        cells = _framed(grid, area, number) if number <= area.bottom else []
        if cells and not (len(cells) == 1 and cells[0].right >= area.right > area.left):
            run.append(cells)
            continue
        edge = _edge(run, area.right) if run else area.right
        found.update(dict.fromkeys(range(number - len(run), number), edge))
        found[number] = area.right
        run = []
    return found


def _edge(rows: list[list[Cell]], limit: int) -> int:
    """The last column in which anything stands, and one more where that one asks for answers."""
    edge = max(cell.right for cells in rows for cell in cells)
    below = [cells[-1] for cells in rows[1:] if cells[-1].right == edge]
    asking = any(not cell.blank and value_kind(cell) == "text" for cell in below)
    return min(edge + 1, limit) if asking or len(rows) == 1 else edge


def _framed(grid: Grid, area: Span, number: int) -> list[Cell]:
    return [
        cell
        for cell in grid.row(number)
        if area.left <= cell.col <= area.right
        and (not cell.blank or cell.look.bordered or cell.rows * cell.cols > 1)
    ]


def _closed_blocks(grid: Grid, whole: Span, edges: Mapping[int, int]) -> frozenset[int]:
    """Rows of blocks that no cell crosses, with a wide cell divided below beside cells of full height."""
    found: set[int] = set()
    for top in range(whole.top, whole.bottom):
        area = replace(whole, right=edges[top])
        cells = _anchored(grid, area, top)
        height = max((cell.rows for cell in cells), default=1)
        if height < 2 or height > 6 or top + height > area.bottom + 1:
            continue
        if sum(cell.cols for cell in cells) != area.right - area.left + 1:
            continue
        bottom = top + height - 1
        inner = [cell for row in range(top, bottom + 1) for cell in _anchored(grid, area, row)]
        closed = all(cell.bottom <= bottom for cell in inner)
        divided = [
            cell for cell in cells if cell.cols > 1 and cell.rows < height and not cell.blank
        ]
        split = divided and all(_is_divided(grid, cell) for cell in divided)
        if closed and (split or _is_mostly_tall(cells, inner, area)):
            found.update(range(top, bottom + 1))
    return frozenset(found)


def _is_mostly_tall(cells: Sequence[Cell], inner: Sequence[Cell], area: Span) -> bool:
    """Most headings two or three rows tall, the others broken over two cells."""
    height = max(cell.rows for cell in cells)
    tall = sum(cell.cols for cell in cells if cell.rows == height)
    return (
        height <= 3
        and tall < area.right - area.left + 1 <= 2 * tall
        and all(value_kind(cell) in ("text", "any") for cell in inner)
        and any(not cell.blank for cell in inner if cell.row > cells[0].row)
    )


def _has_room_below(grid: Grid, cell: Cell) -> bool:
    below = grid.at(cell.bottom + 1, cell.col)
    return below.blank and below.col == cell.col and below.cols == cell.cols


def _is_hollow(grid: Grid, area: Span, cell: Cell) -> bool:
    """An empty cell with no labels of its own below: room for an answer, not a heading left out."""
    if not cell.blank:
        return False
    below = grid.at(cell.bottom + 1, cell.col) if cell.bottom < area.bottom else cell
    return below.blank or below.cols >= cell.cols


def _broken(grid: Grid, area: Span, cells: Sequence[Cell]) -> int:
    """How many cells have a wider one below; a row over the whole width between is passed over."""
    count = 0
    for cell in cells:
        below = cell.bottom + 1
        while below <= area.bottom and grid.at(below, area.left).right >= area.right:
            below += 1
        if below > area.bottom:
            continue
        under = grid.at(below, cell.col)
        count += under.col < cell.col or under.right > cell.right
    return count


def _is_divided(grid: Grid, cell: Cell) -> bool:
    return grid.at(cell.bottom + 1, cell.col).cols < cell.cols


def _is_boxed(grid: Grid, cell: Cell) -> bool:
    """Whether it divides a wide cell beside which another, as tall as both, ends in the same row."""
    up = grid.at(cell.row - 1, cell.col)
    if up.blank or up.cols <= cell.cols or up.bottom != cell.row - 1:
        return False
    beside = [one for one in (grid.at(up.row, up.col - 1), grid.at(up.row, up.right + 1)) if one]
    return any(one.row == up.row and one.bottom == cell.bottom and not one.blank for one in beside)


def _joins(grid: Grid, cell: Cell) -> bool:
    above = grid.at(cell.row - 1, cell.col)
    return not above.blank and above.col >= cell.col and above.right < cell.right


def _is_paired(grid: Grid, cells: Sequence[Cell], same: int) -> bool:
    """A label and one wide value. What the next row divides may be a heading, unless it goes on as the
    row above or tells a day.
    """
    if len(cells) != 2 or cells[1].cols <= cells[0].cols:
        return False
    told = same.bit_count() == 2 or bool(_DAY.search(cells[1].text))
    return told or not _is_divided(grid, cells[1])


def _is_pairs(cells: Sequence[Cell]) -> bool:
    """Words first and third, and a figure or a date among what stands beside them."""
    if len(cells) < 4 or len(cells) % 2 or any(cell.blank for cell in cells):
        return False
    return all(value_kind(cell) == "text" for cell in cells[::2]) and any(
        value_kind(cell) in _FIGURES and not words.is_year(cell.text) for cell in cells[1::2]
    )


@dataclass(frozen=True, slots=True)
class _Above:
    """How the cells of a row stand to those right above, as bits by column."""

    same: int = 0
    split: int = 0
    kin: int = 0
    turned: int = 0
    boxed: int = 0


def _above(grid: Grid, cells: Sequence[Cell], bits: Sequence[int]) -> _Above:
    same = split = kin = turned = boxed = 0
    for cell, bit in zip(cells, bits, strict=True):
        up = grid.at(cell.row - 1, cell.col)
        if up.col == cell.col and up.cols == cell.cols:
            same |= bit
            before, here = value_kind(up), value_kind(cell)
            kin |= bit if before == here or "any" in (before, here) else 0
            turned |= bit if here == "text" and before in _FIGURES else 0
        elif up.cols > cell.cols and not up.blank:
            split |= bit
        boxed |= bit if _is_boxed(grid, cell) else 0
    return _Above(same, split, kin, turned, boxed)


def _row(
    grid: Grid, area: Span, number: int, looks: Contrast, *, given: bool, block: bool, begins: bool
) -> Row:
    cells = _anchored(grid, area, number)
    bits = tuple(1 << (cell.col - area.left) for cell in cells)
    spans = tuple(((1 << cell.cols) - 1) * bit for cell, bit in zip(cells, bits, strict=True))
    up = _Above() if number == area.top else _above(grid, cells, bits)
    width = area.right - area.left + 1
    written = [cell for cell in cells if not cell.blank]
    lowest = min((cell.rows for cell in written or cells), default=1)
    return Row(
        number=number,
        place=number - area.top,
        cells=cells,
        weights=tuple(_weights(cells, looks)),
        bits=bits,
        spans=spans,
        same=up.same,
        split=up.split,
        kin=up.kin,
        turned=up.turned,
        tall=bool(cells) and cells[0].col != area.left,
        first=number == area.top or begins,
        given=given,
        block=block,
        lone=len(written) == 1 and written[0].cols >= max(2, _WIDE * width),
        blanks=tuple(cell.blank for cell in cells),
        heads=tuple(words.squeezed(cell.text) for cell in cells),
        hollow=sum(_is_hollow(grid, area, cell) for cell in cells[1:]),
        divides=number < area.bottom and _divides_all(grid, cells),
        paired=_is_paired(grid, cells, up.same),
        pairs=_is_pairs(cells),
        broken=_broken(grid, area, cells),
        groups=0 if block or given else _taller(cells, bits, lowest),
        over_blank=number < area.bottom and _is_over_blank(grid, cells),
        figures=sum(value_kind(c) in _FIGURES and not words.is_year(c.text) for c in cells),
        overhang=0 if block else sum(cell.rows > lowest for cell in cells[1:]),
        rest=_is_stub_and_rest(cells, width),
        wordy=0,
        lift=0.0,
        beside=_reaching_down(grid, area, number) / width,
        joins=0 if number == area.top else sum(_joins(grid, cell) for cell in cells),
        boxed=up.boxed,
        asks=sum(bits[n] for n in asking(grid, area, number)),
        signed=len(cells) > 1 and all(is_to_be_signed(one.text) for one in cells),
        nested=sum(
            ((1 << one.cols) - 1) << (one.col - area.left)
            for one in nested_stubs(grid, area, cells)
        ),
    )


def _taller(cells: Sequence[Cell], bits: Sequence[int], lowest: int) -> int:
    return sum(bit for cell, bit in zip(cells, bits, strict=True) if cell.rows > lowest)


def _reaching_down(grid: Grid, area: Span, number: int) -> int:
    """How many columns written cells from above take up in a row."""
    return sum(
        cell.cols
        for cell in grid.row(number)
        if cell.row < number and area.left <= cell.col <= area.right and not cell.blank
    )


def _divides_all(grid: Grid, cells: Sequence[Cell]) -> bool:
    """Whether every cell is wide and divided below."""
    return len(cells) > 1 and all(
        c.cols > 1 and c.rows == 1 and not c.blank and _is_divided(grid, c) for c in cells
    )


def _is_over_blank(grid: Grid, cells: Sequence[Cell]) -> bool:
    return len(cells) > 1 and all(not c.blank and _has_room_below(grid, c) for c in cells)


def _is_stub_and_rest(cells: Sequence[Cell], width: int) -> bool:
    """A number, and one cell over all the rest of the row."""
    return (
        len(cells) == 2
        and cells[1].cols > 2
        and cells[0].cols + cells[1].cols == width
        and bool(NUMBERED.fullmatch(cells[0].text.strip()))
    )


def with_surroundings(rows: list[Row]) -> list[Row]:
    """The rows, each knowing how it stands out from the rows below it."""
    found = []
    for index, row in enumerate(rows):
        lift, wordy = _lift(rows, index)
        line = index > 0 and rows[index - 1].lone and len(row.cells) > 1
        found.append(replace(row, lift=lift, wordy=wordy, after_line=line))
    return found


def _lift(rows: list[Row], index: int) -> tuple[float, int]:
    row = rows[index]
    if len(row.cells) < 2:
        return 0.0, 0
    total, wordy = 0.0, 0
    for bit, weight, span, blank in zip(row.bits, row.weights, row.spans, row.blanks, strict=True):
        below: list[float] = []
        for other in rows[index + 1 : index + 1 + _BELOW]:
            place = other.bits.index(bit) if bit in other.bits else -1
            if place < 0 or other.spans[place] != span:
                break
            if not other.blanks[place]:
                below.append(other.weights[place])
        mean = sum(below) / len(below) if below else 0.0
        if below and not blank:
            total += max(-1.5, min(1.5, weight - mean))
        if below and mean > -1.0:
            wordy |= bit
    return total, wordy


def _weights(cells: Sequence[Cell], looks: Contrast) -> Iterator[float]:
    """Likeness of each cell; words with an empty cell at their right have room for an answer."""
    for cell, beside in zip_longest(cells, cells[1:]):
        room = beside is not None and beside.blank and cell.kind == "text" and len(cell.text) < 40
        yield likeness(cell, looks, room=room)
