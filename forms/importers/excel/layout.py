"""Which cells of a table are labels: the most likely reading of all rows together.

Each row gets a pattern (all labels; labels at the left; label, value, label, value; …). A pattern is
good when the cells look the part, when the row above reads alike where it has the same cells, and
when it is what the column headings above lead to. The best sequence of patterns is found row by row
(a beam over Viterbi states), so one odd cell does not tip a table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forms.importers.excel import words
from forms.importers.excel.evidence import Contrast, contrast, likeness
from forms.importers.excel.grid import Cell, Grid, Span

_BEAM = 12
_SAME, _TURN_DATA, _TURN_LABEL = 0.45, -0.25, -0.8
_BLANK_HEADING = -0.5
_OUTSIDE_STUB = 0.5
_MAX_LEAD = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the cells that begin in it and what lies above them, as bits by column."""

    number: int
    cells: tuple[Cell, ...]
    weights: tuple[float, ...]
    bits: tuple[int, ...]
    same: int
    split: int
    tall: bool
    given: bool = False
    beside: float = 0.0  # share of the width that taller cells from above take up

    @property
    def all(self) -> int:
        """Every cell a label."""
        return sum(self.bits)


@dataclass(frozen=True, slots=True)
class State:
    """A reading of the rows so far: its score, what stands above each column, what headings promise."""

    score: float
    above: int
    stub: int  # columns under which a heading promises row labels; 0 when no heading holds
    heading: bool
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The labels of a table: each cell's verdict, and the rows that hold labels only."""

    labels: frozenset[tuple[int, int]]
    heading: frozenset[int]

    def is_label(self, cell: Cell) -> bool:
        """Whether this cell was read as a label."""
        return (cell.row, cell.col) in self.labels


def read_layout(grid: Grid, area: Span, given: frozenset[int] = frozenset()) -> Reading:
    """Tell the labels of an area from its values; rows in `given` are known to be headings."""
    looks = contrast(grid)
    numbers = range(area.top, area.bottom + 1)
    rows = [_row(grid, area, number, looks, given=number in given) for number in numbers]
    labels: set[tuple[int, int]] = set()
    heading: set[int] = set()
    for row, pattern in zip(rows, _best(rows), strict=True):
        chosen = [c for c, bit in zip(row.cells, row.bits, strict=True) if pattern & bit]
        if chosen and pattern == row.all:
            heading.add(row.number)
        labels.update((cell.row, cell.col) for cell in chosen if not cell.blank)
    return Reading(frozenset(labels), frozenset(heading))


def _row(grid: Grid, area: Span, number: int, looks: Contrast, *, given: bool) -> Row:
    cells = tuple(
        cell
        for cell in grid.row(number)
        if cell.row == number and area.left <= cell.col <= area.right
    )
    bits = tuple(1 << (cell.col - area.left) for cell in cells)
    same = split = 0
    for cell, bit in zip(cells, bits, strict=True):
        if number == area.top:
            break
        up = grid.at(number - 1, cell.col)
        if up.col == cell.col and up.cols == cell.cols:
            same |= bit
        elif up.cols > cell.cols and not up.blank:
            split |= bit
    beside = sum(
        cell.cols
        for cell in grid.row(number)
        if cell.row < number and area.left <= cell.col <= area.right and not cell.blank
    )
    return Row(
        number=number,
        cells=cells,
        weights=tuple(max(-3.0, min(3.0, likeness(cell, looks))) for cell in cells),
        bits=bits,
        same=same,
        split=split,
        tall=bool(cells) and cells[0].col != area.left,
        given=given,
        beside=beside / (area.right - area.left + 1),
    )


def _best(rows: list[Row]) -> tuple[int, ...]:
    """The sequence of patterns with the highest sum."""
    beam = [State(0.0, 0, 0, heading=False, path=())]
    for index, row in enumerate(rows):
        last = index == len(rows) - 1 and len(rows) > 1
        grown = [
            _step(row, state, pattern, prior, last=last)
            for state in beam
            for pattern, prior in _candidates(row, state)
        ]
        grown.sort(key=lambda state: -state.score)
        seen: set[tuple[int, int]] = set()
        beam = []
        for state in grown:
            key = (state.path[-1], state.stub)
            if key not in seen:
                seen.add(key)
                beam.append(state)
            if len(beam) >= _BEAM:
                break
    return beam[0].path


def _candidates(row: Row, state: State) -> Iterator[tuple[int, float]]:
    if not row.cells:
        yield 0, 0.0
        return
    if row.given:
        yield row.all, 0.0
        return
    found: dict[int, float] = {}

    def offer(pattern: int, prior: float) -> None:
        if prior > found.get(pattern, -99.0):
            found[pattern] = prior

    size = len(row.cells)
    divided = state.heading and bool(row.split)
    held = bool(state.stub) and not divided
    offer(row.all, 0.6 if size == 1 else 0.0)
    offer(0, 0.0 if row.tall or size == 1 else -1.0)
    for lead in range(1, min(_MAX_LEAD, size - 1) + 1):
        offer(sum(row.bits[:lead]), 0.6 - 0.3 * (lead - 1) - (0.8 if held else 0.0))
    if size > 2:
        offer(sum(row.bits[::2]), 0.2 - (0.8 if held else 0.0))
    own = sum(bit for bit, weight in zip(row.bits, row.weights, strict=True) if weight > 0)
    offer(own, -1.0 - (0.8 if held else 0.0))
    every = row.all
    offer((state.above & row.same) | (own & ~row.same), -0.4)
    if held:
        offer(state.stub & every, 1.2)
    yield from found.items()


def _step(row: Row, state: State, pattern: int, prior: float, *, last: bool) -> State:
    every = row.all
    whole = pattern == every and bool(row.cells)
    score = state.score + prior + _fit(row, state, pattern, whole=whole)
    stub = state.stub
    if not (state.heading and stub and not whole):
        score += _agreement(row, state, pattern)
    if stub and not whole:
        score -= _OUTSIDE_STUB * (pattern & ~stub).bit_count()
    if whole and len(row.cells) > 1:
        if row.given:
            pass
        elif state.heading and not row.split and row.beside >= 0.5:
            score += 1.0
        elif state.heading and not row.split:
            score -= 1.2 + 0.75 * row.same.bit_count()
        elif state.heading:
            score += 1.5 + 0.4 * row.split.bit_count()
        if last:
            score -= 2.0
        stub = _promised(row, state)
    elif stub and row.cells and (row.same | row.split).bit_count() < 0.6 * len(row.cells):
        stub = 0
    elif len(row.cells) == 1 and whole:
        stub = state.stub
    heading = whole and len(row.cells) > 1
    return State(score, (state.above & ~every) | pattern, stub, heading, (*state.path, pattern))


def _agreement(row: Row, state: State, pattern: int) -> float:
    """Cells that have the same cell above mostly read like it; below a heading they may turn."""
    here, up = pattern & row.same, state.above & row.same
    alike = (row.same & ~(here ^ up)).bit_count()
    return (
        _SAME * alike
        + _TURN_DATA * (up & ~here).bit_count()
        + _TURN_LABEL * (here & ~up).bit_count()
    )


def _fit(row: Row, state: State, pattern: int, *, whole: bool) -> float:
    total = 0.0
    for cell, bit, weight in zip(row.cells, row.bits, row.weights, strict=True):
        if pattern & bit:
            if cell.blank:
                total += _BLANK_HEADING if whole else weight
            else:
                total += max(weight, 0.4) if bit & state.stub else weight
        else:
            total -= weight * 0.4 if cell.blank else weight
    return total * 0.5


def _promised(row: Row, state: State) -> int:
    """The columns that a heading row makes row labels: the first, and those headed by the same word."""
    if state.heading and state.stub:
        return state.stub
    first = row.cells[0]
    head = words.squeezed(first.text)
    start = row.bits[0]
    stub = 0
    for cell, bit in zip(row.cells, row.bits, strict=True):
        alike = head and words.squeezed(cell.text) == head
        if bit == start or alike:
            stub |= ((1 << cell.cols) - 1) * bit
    return stub
