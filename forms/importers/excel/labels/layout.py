"""Which cells of a table are labels: the most likely reading of all rows together.

Each row gets a pattern (all labels; labels at the left; label, value, label, value; …). A pattern is
good when the cells look the part, when the row above reads alike where it has the same cells, and
when it is what the column headings above lead to. The best sequence of patterns is found row by row
(a beam over Viterbi states), so one odd cell does not tip a table.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from forms.importers.excel.files.grid import Grid, Span
from forms.importers.excel.labels import words
from forms.importers.excel.labels.layout_rows import Row, read_rows
from forms.importers.excel.labels.reading import Reading
from forms.importers.excel.labels.stubs import panel_stubs
from forms.importers.excel.labels.weights import ROW

_BEAM = 12
_MAX_LEAD = 3
_OFTEN = 8
_NEAR = 400


@dataclass(frozen=True, slots=True)
class State:
    """A reading of the rows so far: its score, what stands above each column, what headings promise."""

    score: float
    above: int
    stub: int  # columns under which a heading promises row labels; 0 when no heading holds
    free: int  # columns under one wide heading, where anything may stand
    heading: bool
    inner: bool  # the row before heads a table within the table
    heads: int  # the rows read as headings so far, as bits
    pattern: int
    before: "State | None"

    def path(self) -> list[int]:
        """The patterns from the first row to this."""
        found: list[int] = []
        state: State | None = self
        while state is not None and state.before is not None:
            found.append(state.pattern)
            state = state.before
        return found[::-1]


def read_layout(
    grid: Grid,
    area: Span,
    given: frozenset[int] = frozenset(),
    plain: frozenset[int] = frozenset(),
) -> Reading:
    """Tell the labels of an area from its values; rows in `given` are known to be headings.

    Those in `plain` are known to be one label and its value.
    """
    rows = read_rows(grid, area, given, plain)
    labels: set[tuple[int, int]] = set()
    heading: set[int] = set()
    for row, pattern in zip(rows, _best(rows), strict=True):
        chosen = [c for c, bit in zip(row.cells, row.bits, strict=True) if pattern & bit]
        written = [cell for cell in chosen if not cell.blank]
        lone = len(written) == 1 and len(row.cells) > 1 and row.number - 1 not in heading
        if chosen and pattern == row.all != row.asks and not row.rest and not lone:
            heading.add(row.number)
        labels.update((cell.row, cell.col) for cell in chosen if not cell.blank)
    return Reading(frozenset(labels), frozenset(heading))


def _best(rows: list[Row]) -> list[int]:
    """The sequence of patterns with the highest sum."""
    printed: dict[tuple[int, str], int] = {}
    beam = [State(0.0, 0, 0, 0, heading=False, inner=False, heads=0, pattern=0, before=None)]
    for index, row in enumerate(rows):
        last = index == len(rows) - 1 and len(rows) > 1
        like = _alike_before(row, printed)
        grown = [
            _step(row, state, pattern, prior, last=last, repeats=bool(like & state.heads))
            for state in beam
            for pattern, prior in (*_candidates(row, state), *_again(row, state, like))
        ]
        grown.sort(key=lambda state: -state.score)
        seen: set[tuple[int, int]] = set()
        beam = []
        for state in grown:
            key = (state.pattern, state.stub)
            if key not in seen:
                seen.add(key)
                beam.append(state)
            if len(beam) >= _BEAM:
                break
    return beam[0].path()


def _alike_before(row: Row, printed: dict[tuple[int, str], int]) -> int:
    """Earlier rows with the same words in the same columns, as bits: a header that is printed again.

    `printed` knows for every word and column the rows that have it, and learns this row.
    """
    mine = [
        (bit, head)
        for bit, head, weight in zip(row.bits, row.heads, row.weights, strict=True)
        if head and weight > -1.0
    ]
    counts: Counter[int] = Counter()
    for key in mine:
        rows = printed.get(key, 0)
        if rows.bit_count() < _OFTEN:
            printed[key] = rows | (1 << row.place)
        while rows and len(mine) > 1:
            counts[rows & -rows] += 1
            rows &= rows - 1
    return sum(bit for bit, count in counts.items() if count >= max(2, 0.6 * len(mine)))


def _again(row: Row, state: State, like: int) -> Iterator[tuple[int, float]]:
    """The reading of the first row with the same words, if it heads the columns inside a record."""
    back = row.place - (like & -like).bit_length()
    found: State | None = state if like and back < _NEAR else None
    while found is not None and back > 0:
        found, back = found.before, back - 1
    if found is not None and found.inner:
        yield found.pattern & row.all, ROW["promised"] + ROW["repeats"]


def _candidates(row: Row, state: State) -> Iterator[tuple[int, float]]:
    if not row.cells:
        yield 0, 0.0
        return
    every = row.all
    if row.given or row.plain:
        yield (every if row.given else row.bits[0]), 0.0
        return
    if row.asks or row.signed:
        yield row.asks, 0.0
        return
    found: dict[int, float] = {}

    def offer(pattern: int, prior: float) -> None:
        if prior > found.get(pattern, -99.0):
            found[pattern] = prior

    size = len(row.cells)
    held = bool(state.stub) and not (state.heading and row.split)
    against = ROW["against_heading"] if held else 0.0
    single = ROW["single_label"] if row.lone else ROW["partial_label"]
    if size == 1:
        offer(every, single)
    elif row.lone:
        only = next(bit for bit, blank in zip(row.bits, row.blanks, strict=True) if not blank)
        offer(only, ROW["single_label"])
    elif _may_head(row, state):
        offer(every, ROW["all_labels"])
    offer(0, ROW["single_value"] if row.tall or size == 1 else ROW["no_label"])
    for lead in range(1, min(_MAX_LEAD, size - 1) + 1):
        offer(sum(row.bits[:lead]), ROW["lead"] + ROW["more_lead"] * (lead - 1) + against)
    if size > 2:
        offer(sum(row.bits[::2]), ROW["alternate"] + against)
    own = sum(bit for bit, weight in zip(row.bits, row.weights, strict=True) if weight > 0)
    offer(row.bits[0] if _goes_on_in_pairs(row, state) else own, ROW["own"] + against)
    empty = sum(bit for bit, blank in zip(row.bits, row.blanks, strict=True) if blank)
    offer(((state.above & row.same) | (own & ~row.same)) & ~empty, ROW["like_above"])
    if held:
        offer(state.stub & every, ROW["promised"])
    for pattern, prior in _inside(row, state, own):
        offer(pattern, prior)
    yield from found.items()


def _inside(row: Row, state: State, own: int) -> Iterator[tuple[int, float]]:
    """Row labels where the heading promised them, and under a wide heading a card or a further heading."""
    stub, free = state.stub & row.all, state.free & row.all
    if not state.stub or not free:
        return
    inner = [bit for bit in row.bits if bit & free]
    yield stub | (own & free), ROW["promised"]
    yield stub | sum(inner[::2]), ROW["promised"]
    if len(inner) > 1:
        yield stub | sum(inner), ROW["promised"] + ROW["inner_heading"]


def _step(
    row: Row, state: State, pattern: int, prior: float, *, last: bool, repeats: bool = False
) -> State:
    every = row.all
    whole = pattern == every and bool(row.cells)
    score = state.score + prior + _fit(row, state, pattern, whole=whole)
    stub, free = state.stub, state.free
    if not ((state.heading or state.inner) and stub and not whole):
        score += _agreement(row, state, pattern)
    if stub and not whole:
        score += ROW["outside_stub"] * (pattern & ~stub & ~free).bit_count()
        if not (state.heading or state.inner):
            values = row.same & ~pattern & ~stub & ~free
            alike = (values & row.kin).bit_count()
            score += ROW["kin"] * alike + ROW["not_kin"] * (values.bit_count() - alike)
    heading = whole and _may_head(row, state) and not (row.rest and bool(stub))
    inner = _heads_inner(row, state, pattern) and (_deeper(row, state) or not heading)
    heading = heading and not inner
    if heading:
        score += _heading_score(row, state, last=last, repeats=repeats)
        stub, free = _promised(row, state), _free(row, state)
    elif inner:
        score += _inner_score(row, state)
        stub, free = _inner(row, state)
    elif whole and row.rest and stub:
        score += ROW["stub_and_rest"]
    elif stub and row.cells and not _goes_on(row, stub, free):
        stub = free = 0
    return State(
        score,
        (state.above & ~every) | pattern,
        stub,
        free,
        heading=heading,
        inner=inner,
        heads=state.heads | (1 << row.place if heading else 0),
        pattern=pattern,
        before=state,
    )


def _may_head(row: Row, state: State) -> bool:
    """A heading names several columns, or goes on below a heading that does."""
    if len(row.cells) < 2:
        return False
    written = len(row.cells) - sum(row.blanks)
    if row.given:
        return True
    if _goes_on_in_pairs(row, state):
        return False
    if written == 0 or row.hollow >= 0.34 * len(row.cells):
        return False
    return written > 1 or (state.heading and (row.split > 0 or row.beside >= 0.5))


def _goes_on_in_pairs(row: Row, state: State) -> bool:
    """One more label with one wide value, as in the row above."""
    return row.paired and row.same == row.all and state.pattern == row.bits[0]


def _heads_inner(row: Row, state: State, pattern: int) -> bool:
    """A heading inside the columns under a wide heading: a table within the table begins."""
    inner = state.free & row.all
    if not (state.stub and inner.bit_count() > 1):
        return False
    return pattern == (state.stub & row.all) | inner


def _deeper(row: Row, state: State) -> bool:
    """A heading inside has wide cells of its own, which this row divides."""
    return state.inner and bool(row.split) and not row.all & ~state.free


def _inner_score(row: Row, state: State) -> float:
    """Headings that begin again side by side, or that divide those right above."""
    if _deeper(row, state):
        boxed = row.boxed.bit_count() if row.boxed == row.all else 0
        each = ROW["divided_each"] * row.split.bit_count() + ROW["boxed_each"] * boxed
        return ROW["divided"] + each + (ROW["closed_block"] if boxed else 0.0)
    again = (_inner(row, state)[0] & ~state.stub & row.all).bit_count()
    record = not row.tall and row.cells[0].rows > 2
    inside = (row.all & state.free).bit_count() if record else 0
    return ROW["repeats"] + ROW["repeats_each"] * inside if again > 1 else 0.0


def _inner(row: Row, state: State) -> tuple[int, int]:
    inside = [
        (head, span, cell)
        for head, span, bit, cell in zip(row.heads, row.spans, row.bits, row.cells, strict=True)
        if bit & state.free
    ]
    stubs = panel_stubs([one[0] for one in inside], [one[1] for one in inside], row.wordy)
    if _deeper(row, state):
        stubs = 0
    mine = sum(one[1] for one in inside)
    wide = sum(one[1] for one in inside if one[2].cols > 1) & ~stubs
    return state.stub | stubs, (state.free & ~mine) | wide


def _goes_on(row: Row, stub: int, free: int) -> bool:
    """Whether a row still has the columns that the heading gave."""
    if len(row.cells) == 1:
        return True
    if not row.tall and row.spans[0] & ~stub:
        return False
    kept = (row.same | row.split | (row.all & free) | (row.all & stub)).bit_count()
    return kept >= 0.6 * len(row.cells)


def _heading_score(row: Row, state: State, *, last: bool, repeats: bool) -> float:
    after = row.after_line and state.pattern > 0
    score = ROW["first_row"] * row.first + ROW["after_line"] * after
    score += ROW["turned"] * row.turned.bit_count() + ROW["lift"] * row.lift
    score += ROW["overhang"] * row.overhang + ROW["hollow"] * row.hollow
    if repeats:
        score += ROW["repeats"]
    if row.divides:
        score += ROW["divides"]
    if row.over_blank and not row.figures:
        score += ROW["over_blank"]
    score += ROW["paired"] * row.paired + ROW["pairs"] * row.pairs
    score += ROW["broken"] * row.broken
    score += ROW["figure"] * row.figures
    if row.block:
        score += ROW["closed_block"]
    if row.given:
        return score
    if state.heading and row.split:
        score += ROW["divided"] + ROW["divided_each"] * row.split.bit_count()
    elif state.heading and row.beside >= 0.5:
        score += ROW["beside"]
    elif state.heading:
        score += ROW["joins"] * row.joins
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
    """The columns that a heading row makes row labels: the first one of each panel."""
    if state.heading and state.stub and (row.tall or row.given):
        return state.stub
    if row.divides:
        return 0
    stub, start = 0, 0
    if _begins_unnamed(row):
        stub, start = row.spans[0], 1
    for n, (bit, span) in enumerate(zip(row.bits, row.spans, strict=True)):
        if bit & row.groups and n + 1 < len(row.bits):
            stub |= span | panel_stubs(row.heads[start:n], row.spans[start:n], row.wordy)
            start = n + 1
    return stub | row.nested | panel_stubs(row.heads[start:], row.spans[start:], row.wordy)


def _begins_unnamed(row: Row) -> bool:
    """Numbers without a heading stand first, then the names."""
    if len(row.heads) < 2 or row.heads[0] or not row.bits[1] & row.wordy:
        return False
    return not row.bits[0] & row.wordy or words.is_stub_head(row.heads[1])


def _free(row: Row, state: State) -> int:
    """Columns under wide headings that no further heading has divided yet."""
    mine = sum(row.spans)
    before = state.free & ~mine if state.heading else 0
    stub = row.spans[0] if row.cells else 0
    return (
        before
        | sum(span for cell, span in zip(row.cells, row.spans, strict=True) if cell.cols > 1)
        & ~stub
    )
