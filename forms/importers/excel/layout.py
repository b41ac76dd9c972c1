"""Which cells of a table are labels: the most likely reading of all rows together.

Each row gets a pattern (all labels; labels at the left; label, value, label, value; …). A pattern is
good when the cells look the part, when the row above reads alike where it has the same cells, and
when it is what the column headings above lead to. The best sequence of patterns is found row by row
(a beam over Viterbi states), so one odd cell does not tip a table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forms.importers.excel import words
from forms.importers.excel.evidence import Contrast, contrast, likeness, value_kind
from forms.importers.excel.grid import Cell, Grid, Span
from forms.importers.excel.weights import ROW

_BEAM = 12
_MAX_LEAD = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the cells that begin in it and what lies above them, as bits by column."""

    number: int
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
    rest: bool  # one stub cell and one cell over all the rest
    beside: float  # share of the width that taller cells from above take up

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
    free: int  # columns under one wide heading, where anything may stand
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
    blocks = _closed_blocks(grid, area)
    rows = [
        _row(grid, area, number, looks, given=number in given, block=number in blocks)
        for number in numbers
    ]
    labels: set[tuple[int, int]] = set()
    heading: set[int] = set()
    for row, pattern in zip(rows, _best(rows), strict=True):
        chosen = [c for c, bit in zip(row.cells, row.bits, strict=True) if pattern & bit]
        if chosen and pattern == row.all and not row.rest:
            heading.add(row.number)
        labels.update((cell.row, cell.col) for cell in chosen if not cell.blank)
    return Reading(frozenset(labels), frozenset(heading))


def _anchored(grid: Grid, area: Span, number: int) -> tuple[Cell, ...]:
    return tuple(
        cell
        for cell in grid.row(number)
        if cell.row == number and area.left <= cell.col <= area.right
    )


def _closed_blocks(grid: Grid, area: Span) -> frozenset[int]:
    """Rows of blocks that no cell crosses, with a wide cell divided below beside cells of full height."""
    found: set[int] = set()
    for top in range(area.top, area.bottom):
        cells = _anchored(grid, area, top)
        height = max((cell.rows for cell in cells), default=1)
        if height < 2 or height > 6 or top + height > area.bottom + 1:
            continue
        if sum(cell.cols for cell in cells) != area.right - area.left + 1:
            continue
        bottom = top + height - 1
        inner = [cell for row in range(top, bottom + 1) for cell in _anchored(grid, area, row)]
        closed = all(cell.bottom <= bottom for cell in inner)
        divided = [cell for cell in cells if cell.cols > 1 and cell.rows < height and not cell.blank]
        if closed and divided and all(_is_divided(grid, cell) for cell in divided):
            found.update(range(top, bottom + 1))
    return frozenset(found)


def _is_divided(grid: Grid, cell: Cell) -> bool:
    return grid.at(cell.bottom + 1, cell.col).cols < cell.cols


def _row(
    grid: Grid, area: Span, number: int, looks: Contrast, *, given: bool, block: bool
) -> Row:
    cells = _anchored(grid, area, number)
    bits = tuple(1 << (cell.col - area.left) for cell in cells)
    same = split = kin = turned = 0
    for cell, bit in zip(cells, bits, strict=True):
        if number == area.top:
            break
        up = grid.at(number - 1, cell.col)
        if up.col == cell.col and up.cols == cell.cols:
            same |= bit
            before, here = value_kind(up), value_kind(cell)
            kin |= bit if before == here else 0
            turned |= bit if here == "text" and before in ("number", "measure", "date") else 0
        elif up.cols > cell.cols and not up.blank:
            split |= bit
    width = area.right - area.left + 1
    beside = sum(
        cell.cols
        for cell in grid.row(number)
        if cell.row < number and area.left <= cell.col <= area.right and not cell.blank
    )
    return Row(
        number=number,
        cells=cells,
        weights=tuple(likeness(cell, looks) for cell in cells),
        bits=bits,
        spans=tuple(((1 << cell.cols) - 1) * bit for cell, bit in zip(cells, bits, strict=True)),
        same=same,
        split=split,
        kin=kin,
        turned=turned,
        tall=bool(cells) and cells[0].col != area.left,
        first=number == area.top,
        given=given,
        block=block,
        lone=len(cells) == 1 and cells[0].cols == width,
        blanks=tuple(cell.blank for cell in cells),
        heads=tuple(words.squeezed(cell.text) for cell in cells),
        rest=len(cells) == 2 and cells[1].cols > 2 and cells[0].cols + cells[1].cols == width,
        beside=beside / width,
    )


def _best(rows: list[Row]) -> tuple[int, ...]:
    """The sequence of patterns with the highest sum."""
    beam = [State(0.0, 0, 0, 0, heading=False, path=())]
    for index, row in enumerate(rows):
        last = index == len(rows) - 1 and len(rows) > 1
        like = _alike_before(rows, index)
        grown = [
            _step(row, state, pattern, prior, last=last, repeats=_repeats(like, state, rows))
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


def _alike_before(rows: list[Row], index: int) -> list[int]:
    """Earlier rows with the same words in the same columns: a header that is printed again."""
    row = rows[index]
    mine = {
        (bit, head)
        for bit, head, weight in zip(row.bits, row.heads, row.weights, strict=True)
        if head and weight > -1.0
    }
    if len(mine) < 2:
        return []
    return [
        number
        for number, other in enumerate(rows[:index])
        if len(mine & set(zip(other.bits, other.heads, strict=True))) >= max(2, 0.6 * len(mine))
    ]


def _repeats(like: list[int], state: State, rows: list[Row]) -> bool:
    return any(state.path[number] == rows[number].all for number in like)


def _candidates(row: Row, state: State) -> Iterator[tuple[int, float]]:
    if not row.cells:
        yield 0, 0.0
        return
    every = row.all
    if row.given:
        yield every, 0.0
        return
    found: dict[int, float] = {}

    def offer(pattern: int, prior: float) -> None:
        if prior > found.get(pattern, -99.0):
            found[pattern] = prior

    size = len(row.cells)
    held = bool(state.stub) and not (state.heading and row.split)
    against = ROW["against_heading"] if held else 0.0
    single = ROW["single_label"] if row.lone else ROW["partial_label"]
    offer(every, single if size == 1 else ROW["all_labels"])
    offer(0, ROW["single_value"] if row.tall or size == 1 else ROW["no_label"])
    for lead in range(1, min(_MAX_LEAD, size - 1) + 1):
        offer(sum(row.bits[:lead]), ROW["lead"] + ROW["more_lead"] * (lead - 1) + against)
    if size > 2:
        offer(sum(row.bits[::2]), ROW["alternate"] + against)
    own = sum(bit for bit, weight in zip(row.bits, row.weights, strict=True) if weight > 0)
    offer(own, ROW["own"] + against)
    offer((state.above & row.same) | (own & ~row.same), ROW["like_above"])
    if held:
        offer(state.stub & every, ROW["promised"])
        free = state.free & every
        if free:
            offer((state.stub & every) | (own & free), ROW["promised"])
            inner = [bit for bit in row.bits if bit & free]
            offer((state.stub & every) | sum(inner[::2]), ROW["promised"])
    yield from found.items()


def _step(
    row: Row, state: State, pattern: int, prior: float, *, last: bool, repeats: bool = False
) -> State:
    every = row.all
    whole = pattern == every and bool(row.cells)
    score = state.score + prior + _fit(row, state, pattern, whole=whole)
    stub, free = state.stub, state.free
    if not (state.heading and stub and not whole):
        score += _agreement(row, state, pattern)
    if stub and not whole:
        score += ROW["outside_stub"] * (pattern & ~stub & ~free).bit_count()
        if not state.heading:
            values = row.same & ~pattern & ~stub & ~free
            alike = (values & row.kin).bit_count()
            score += ROW["kin"] * alike + ROW["not_kin"] * (values.bit_count() - alike)
    heading = whole and len(row.cells) > 1 and not (row.rest and bool(stub))
    if heading:
        score += _heading_score(row, state, last=last, repeats=repeats)
        stub, free = _promised(row, state), _free(row, state)
    elif whole and row.rest and stub:
        score += ROW["stub_and_rest"]
    elif stub and row.cells and not _goes_on(row, stub, free):
        stub = free = 0
    return State(score, (state.above & ~every) | pattern, stub, free, heading, (*state.path, pattern))


def _goes_on(row: Row, stub: int, free: int) -> bool:
    """Whether a row still has the columns that the heading gave."""
    if len(row.cells) == 1:
        return True
    if not row.tall and row.spans[0] & ~stub:
        return False
    kept = (row.same | row.split | (row.all & free) | (row.all & stub)).bit_count()
    return kept >= 0.6 * len(row.cells)


def _heading_score(row: Row, state: State, *, last: bool, repeats: bool) -> float:
    score = ROW["first_row"] if row.first else 0.0
    score += ROW["turned"] * row.turned.bit_count()
    if repeats:
        score += ROW["repeats"]
    if row.block:
        score += ROW["closed_block"]
    if row.given:
        return score
    if state.heading and row.split:
        score += ROW["divided"] + ROW["divided_each"] * row.split.bit_count()
    elif state.heading and row.beside >= 0.5:
        score += ROW["beside"]
    elif state.heading:
        score += ROW["stacked"] + ROW["stacked_each"] * row.same.bit_count()
    return score + (ROW["last_heading"] if last else 0.0)


def _agreement(row: Row, state: State, pattern: int) -> float:
    """Cells that have the same cell above mostly read like it; below a heading they may turn."""
    here, up = pattern & row.same, state.above & row.same
    alike = (row.same & ~(here ^ up)).bit_count()
    return (
        ROW["same"] * alike
        + ROW["turn_value"] * (up & ~here).bit_count()
        + ROW["turn_label"] * (here & ~up).bit_count()
    )


def _fit(row: Row, state: State, pattern: int, *, whole: bool) -> float:
    """How well the cells look the part; below a heading their place says more than their words."""
    total = 0.0
    placed = bool(state.stub) and not whole
    for blank, bit, weight in zip(row.blanks, row.bits, row.weights, strict=True):
        if blank:
            total += _blank_fit(weight, labelled=bool(pattern & bit), whole=whole)
            continue
        value = _placed(state, bit, weight) if placed else weight
        total += value if pattern & bit else -value
    return total * ROW["fit"]


def _blank_fit(weight: float, *, labelled: bool, whole: bool) -> float:
    if labelled:
        return ROW["blank_heading"] if whole else weight
    return -weight * ROW["blank_value"]


def _placed(state: State, bit: int, weight: float) -> float:
    """Row labels may be numbers; texts in a column of values say little, unless they are sure labels."""
    if bit & state.stub:
        return max(weight, ROW["stub_text"], -weight * ROW["stub_number"])
    if weight <= 0 or bit & state.free:
        return weight
    return weight * ROW["under_heading"] + max(0.0, weight - 1.2) * ROW["sure_label"]


def _promised(row: Row, state: State) -> int:
    """The columns that a heading row makes row labels: the first, and those headed by the same word."""
    if state.heading and state.stub and row.tall:
        return state.stub
    stub = row.spans[0]
    for head, span in zip(row.heads, row.spans, strict=True):
        if head and head == row.heads[0]:
            stub |= span
    return stub


def _free(row: Row, state: State) -> int:
    """Columns under wide headings that no further heading has divided yet."""
    mine = sum(row.spans)
    before = state.free & ~mine if state.heading else 0
    stub = row.spans[0] if row.cells else 0
    return before | sum(
        span for cell, span in zip(row.cells, row.spans, strict=True) if cell.cols > 1
    ) & ~stub
