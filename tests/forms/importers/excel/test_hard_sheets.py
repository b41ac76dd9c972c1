"""Each thing that makes a sheet hard, alone on a small sheet: read as a person reads it, whatever file it comes in."""

import csv
import io
from collections.abc import Callable
from html import escape

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from forms.importers.excel.files.grid import Cell, Grid
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.proposal import Proposal
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.books import book, opendocument, word_document
from tests.forms.importers.excel.drawn_score import flat, shown
from tests.forms.importers.excel.hard import Hard
from tests.forms.importers.excel.hard_bodies import BODIES
from tests.forms.importers.excel.hard_changes import CHANGES
from tests.forms.importers.excel.hard_counties import COUNTIES
from tests.forms.importers.excel.hard_heads import HEADS
from tests.forms.importers.excel.hard_offices import OFFICES
from tests.forms.importers.excel.hard_rooms import ROOMS
from tests.forms.importers.excel.hard_spaced import SPACED
from tests.forms.importers.excel.hard_stations import STATIONS
from tests.forms.importers.excel.hard_towns import TOWNS
from tests.forms.importers.excel.hard_villages import VILLAGES
from tests.forms.importers.excel.hard_works import WORKS
from tests.forms.importers.excel.sheets import sheet

SHEETS = (
    *HEADS,
    *BODIES,
    *SPACED,
    *OFFICES,
    *COUNTIES,
    *TOWNS,
    *WORKS,
    *ROOMS,
    *STATIONS,
    *VILLAGES,
)
WHOLE = [one for one in SHEETS if ">>" not in one.drawing and "^^" not in one.drawing]
NAMES = [one.name for one in SHEETS]
Read = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def read_off(found: Proposal) -> Read:
    """Column paths, row names and kinds, table by table."""
    tables = range(len(found.tables))
    return (
        tuple("/".join(flat(i.path)) for n in tables for i in found.columns(n)),
        tuple(flat(i.path)[-1] for n in tables for i in found.rows(n)),
        tuple(table.kind for table in found.tables),
    )


@pytest.mark.parametrize("hard", SHEETS, ids=NAMES)
def test_a_hard_sheet_is_read_as_a_person_reads_it(hard: Hard) -> None:
    """Columns with their headings, printed rows, kinds, the title and what stands around."""
    grid = sheet(hard.drawing)
    found = propose(grid)
    assert read_off(found) == (hard.columns, hard.rows, hard.kinds), shown(grid)
    asked = tuple(flat(item.path)[-1] for item in found.items if item.axis == "cell")
    assert not hard.asked or asked == hard.answers, shown(grid)
    assert not hard.title or found.title == hard.title
    assert set(hard.blocks) <= {block.role for block in found.blocks}


@pytest.mark.parametrize("hard", SHEETS, ids=NAMES)
def test_what_its_rows_and_columns_are_measured_in_and_called(hard: Hard) -> None:
    """Units in headings of any level, columns of figures, codes of rows, and the rules they print."""
    found = propose(sheet(hard.drawing))
    columns = {"/".join(flat(i.path)): i for i in found.items if i.axis == "column"}
    told = [one.split("=") for one in hard.units.split()]
    assert [columns[path].unit for path, _ in told] == [unit for _, unit in told]
    assert {columns[one].type for one in hard.numbers.split()} <= {"number", "integer"}
    codes = [item.code or "-" for item in found.items if item.axis == "row"]
    assert not hard.codes or codes == hard.codes.split()
    assert not hard.rules or "; ".join(one.formula for one in found.checks) == hard.rules
    assert found.warnings == ()


@pytest.mark.parametrize("hard", SHEETS, ids=NAMES)
def test_it_is_read_alike_from_every_kind_of_file(hard: Hard) -> None:
    """The kind of file changes nothing of what is on the sheet."""
    grid = sheet(hard.drawing)
    wanted = read_off(propose(grid))
    assert read_off(propose(open_sheet(written(grid)))) == wanted
    assert read_off(propose(open_sheet(_web_page(grid)))) == wanted
    assert read_off(propose(open_sheet(opendocument(grid)))) == wanted
    assert read_off(propose(open_sheet(word_document(grid)))) == wanted


@pytest.mark.parametrize("hard", SHEETS, ids=NAMES)
def test_a_framed_sheet_is_read_alike_from_an_open_document(hard: Hard) -> None:
    """Frames of empty cells are room for answers there too; helpers that are hidden are passed over."""
    grid = CHANGES["framed"](sheet(hard.drawing))
    wanted = read_off(propose(grid))
    assert read_off(propose(open_sheet(opendocument(grid)))) == wanted
    assert read_off(propose(open_sheet(opendocument(grid, hidden=(2,))))) == wanted


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_says_nothing_changes_nothing(change: Callable[[Grid], Grid]) -> None:
    """A margin, lines around the table, frames, bold heads and spread names: the table stays what it is."""
    for hard in SHEETS:
        grid = sheet(hard.drawing)
        changed = change(grid)
        assert read_off(propose(changed)) == read_off(propose(grid)), shown(changed)


@pytest.mark.parametrize("hard", WHOLE, ids=[one.name for one in WHOLE])
def test_a_sheet_without_merged_cells_is_read_alike_from_text(hard: Hard) -> None:
    """Values between commas, as another program exports them."""
    grid = sheet(hard.drawing)
    target = io.StringIO()
    lines = csv.writer(target)
    lines.writerows([c.text for c in grid.row(row)] for row in range(1, grid.rows + 1))
    found = propose(open_sheet(target.getvalue().encode("utf-8-sig")))
    assert read_off(found) == read_off(propose(grid))


def test_units_below_the_heads_become_the_units_of_the_columns() -> None:
    """`种植面积` over `（亩）` is measured in 亩; where units divide a head they name the columns."""
    drawings = {one.name: one.drawing for one in SHEETS}
    below = propose(sheet(drawings["units in brackets under heads"]))
    assert [item.unit for item in below.columns()] == [None, "亩", "吨", "公斤/亩"]
    under = propose(sheet(drawings["units under merged heads, filled"]))
    assert [item.unit for item in under.columns()] == [None, "亩", "公顷", "公斤", "吨"]


def written(grid: Grid) -> bytes:
    """The sheet as a real workbook."""

    def fill(page: Worksheet) -> None:
        for cell in grid.cells:
            page.cell(cell.row, cell.col, cell.value)
            if cell.rows * cell.cols > 1:
                page.merge_cells(None, cell.row, cell.col, cell.bottom, cell.right)

    return book(fill)


def _web_page(grid: Grid) -> bytes:
    lines = (
        "".join(_data(cell) for cell in grid.row(row) if cell.row == row)
        for row in range(1, grid.rows + 1)
    )
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<html><meta charset="utf-8"><table>{body}</table></html>'.encode()


def _data(cell: Cell) -> str:
    text = escape(cell.text).replace("\n", "<br>")
    return f'<td rowspan="{cell.rows}" colspan="{cell.cols}">{text}</td>'
