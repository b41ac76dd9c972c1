"""One table in the styles in which offices draw it: the same columns are read from each, whatever file it is."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.importers.excel.files.grid import Cell, Grid, make_grid
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.books import opendocument
from tests.forms.importers.excel.test_generated_headers import (
    LABELS,
    LEAVES,
    Tree,
    drawn,
    height,
    paths,
    width,
)

DRAWINGS = 60
ROWS = 4


@st.composite
def groups(draw: st.DrawFn) -> list[Tree]:
    """Headings of one or two levels, at least one of them a group."""
    group = st.tuples(
        st.sampled_from(LABELS),
        st.lists(st.sampled_from(LEAVES), min_size=2, max_size=3, unique=True),
    )
    single: st.SearchStrategy[tuple[str, list[str]]] = st.sampled_from(LABELS).map(lambda one: (one, []))  # fmt: skip
    found = draw(st.lists(st.one_of(group, single), min_size=1, max_size=3, unique_by=lambda one: one[0]))  # fmt: skip
    found.append(draw(group.filter(lambda one: one[0] not in [other for other, _ in found])))
    return [(label, tuple((leaf, ()) for leaf in below)) for label, below in found]


def spread(header: list[Tree], *, spacers: bool, filled: bool) -> Grid:
    """Nobody merged anything: a group's words stand over its first column; empty columns keep groups apart."""
    cells: list[Cell] = []
    columns: list[int] = []
    col = 1
    for label, below in header:
        cells.append(Cell(1, col, label, label, "text"))
        cells += [Cell(2, col + n, leaf, leaf, "text") for n, (leaf, _) in enumerate(below)]
        columns += range(col, col + width((label, below)))
        col += width((label, below)) + spacers
    for row in range(3, 3 + ROWS):
        cells.append(Cell(row, 1, f"第{row}村", f"第{row}村", "text"))
        cells += [Cell(row, c, str(row * c), row * c, "number") for c in columns[1:] if filled]
    return make_grid("Sheet1", cells)


def with_helpers(grid: Grid, at: int) -> Grid:
    """A hidden column of keys and a hidden row of codes before this place."""

    def moved(cell: Cell) -> Cell:
        row, col = cell.row + (cell.row >= at), cell.col + (cell.col >= at)
        return replace(
            cell,
            row=row,
            col=col,
            rows=cell.rows + (cell.row < at <= cell.bottom),
            cols=cell.cols + (cell.col < at <= cell.right),
        )

    return replace(make_grid("Sheet1", [*map(moved, grid.cells), *helpers(grid, at)]), hidden_rows=frozenset({at}), hidden_cols=frozenset({at}))  # fmt: skip


def helpers(grid: Grid, at: int) -> Iterator[Cell]:
    for row in range(1, grid.rows + 2):
        if row != at and not _covered(grid, row - (row > at), at):
            yield Cell(row, at, f"K{row}", f"K{row}", "text")
    for col in range(1, grid.cols + 2):
        if col != at and not _covered(grid, at, col - (col > at)):
            yield Cell(at, col, f"F{col}", f"F{col}", "text")


def _covered(grid: Grid, row: int, col: int) -> bool:
    """Whether a helper here would stand in a merged cell."""
    cell = grid.at(row, col)
    return cell.rows * cell.cols > 1


def wanted(header: list[Tree]) -> list[tuple[str, ...]]:
    return [path for tree in header for path in paths(tree)]


SLOW = settings(max_examples=DRAWINGS, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("spacers", [False, True], ids=["close", "spaced"])
@SLOW
@given(header=groups(), filled=st.booleans())
def test_groups_that_nobody_merged_head_their_columns(
    spacers: bool, header: list[Tree], filled: bool
) -> None:
    """With and without narrow empty columns between, filled and empty."""
    header = [("村别", ()), *header]
    found = propose(spread(header, spacers=spacers, filled=filled))
    assert [item.path for item in found.columns()] == wanted(header)
    assert [item.path[-1] for item in found.rows()] == [f"第{row}村" for row in range(3, 3 + ROWS)]


@SLOW
@given(header=groups(), at=st.integers(2, 4), filled=st.booleans())
def test_helpers_that_are_hidden_change_nothing(header: list[Tree], at: int, filled: bool) -> None:
    """Wherever a hidden row and column stand, the items are those of the sheet without them."""
    header = [("村别", ()), *header]
    grid = drawn(header, title="", rows=ROWS, filled=filled)
    plain, found = propose(grid), propose(with_helpers(grid, at))
    assert [item.path for item in found.columns()] == [item.path for item in plain.columns()]
    assert [item.path for item in found.rows()] == [item.path for item in plain.rows()]
    assert all(_letter(at) not in item.columns for item in found.columns())


@SLOW
@given(header=groups(), at=st.sampled_from([(), (2,), (3,)]))
def test_an_open_document_is_read_as_the_drawing(header: list[Tree], at: tuple[int, ...]) -> None:
    """As .ods, with and without hidden helpers."""
    header = [("村别", ()), *header]
    grid = drawn(header, title="", rows=ROWS, filled=True)
    found = propose(open_sheet(opendocument(grid, hidden=at)))
    assert [item.path for item in found.columns()] == wanted(header)
    assert max(map(height, header)) == 2


def _letter(number: int) -> str:
    return "ABCDEFGH"[number - 1]
