"""Sheets that nobody has seen: drawn from seeds, with their own truth; figures are printed with `-s`."""

import time
from collections import Counter

import openpyxl
import pytest
from openpyxl.styles import Border, Side

from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.books import book
from tests.forms.importers.excel.drawn_cells import Drawn
from tests.forms.importers.excel.drawn_score import f1, score, shown
from tests.forms.importers.excel.drawn_sheets import drawn, large
from tests.forms.importers.excel.test_corpus import report

SEEDS = range(400)
_SIDE = Side(style="thin")
_FRAME = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)


def test_drawn_sheets_are_read_as_a_person_would() -> None:
    """Header cells, leaf paths, printed rows with codes, answers of cards, blocks and titles."""
    tally: Counter[str] = Counter()
    worst: tuple[int, str] = (0, "")
    for seed in SEEDS:
        sheet = drawn(seed)
        wrong = score(sheet, propose(sheet.grid()), tally)
        if len(wrong) > worst[0]:
            worst = (len(wrong), f"seed {seed}\n{shown(sheet.grid())}\n" + "\n".join(wrong[:20]))
    shares = {
        part: tally[f"{part} right"] / tally[part]
        for part in ("leaves", "rows", "answers", "blocks", "titles")
    }
    report(f"{len(SEEDS)} drawn sheets: header cells F1 {f1(tally):.4f}", shares)
    assert f1(tally) >= 0.985, worst[1]
    assert shares["leaves"] >= 0.985, worst[1]
    assert shares["rows"] >= 0.985, worst[1]
    assert shares["answers"] == shares["blocks"] == shares["titles"] == 1, worst[1]


def _written(sheet: Drawn) -> bytes:
    """The drawn sheet as a real workbook."""

    def fill(page: openpyxl.worksheet.worksheet.Worksheet) -> None:
        for cell in sheet.cells:
            one = page.cell(cell.row, cell.col, cell.value)
            if cell.look.bordered:
                one.border = _FRAME
            if cell.rows * cell.cols > 1:
                page.merge_cells(
                    start_row=cell.row,
                    start_column=cell.col,
                    end_row=cell.bottom,
                    end_column=cell.right,
                )

    return book(fill)


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_a_drawn_workbook_is_read_as_its_drawing(seed: int) -> None:
    """Through the file and its reader the paths of columns and the labels stay the same."""
    sheet = drawn(seed)
    direct, read = propose(sheet.grid()), propose(open_sheet(_written(sheet)))
    assert [(i.path, i.cell, i.axis) for i in read.items] == [
        (i.path, i.cell, i.axis) for i in direct.items
    ]
    assert {c.cell for c in read.header.cells} == {c.cell for c in direct.header.cells}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_large_sheet_takes_less_than_two_seconds_of_work(seed: int) -> None:
    """200 rows and 60 columns; processor time, so that a busy machine does not matter."""
    sheet = large(seed, 200, 60)
    started = time.process_time()
    found = propose(sheet.grid())
    spent = time.process_time() - started
    report(f"200 x {sheet.right}: {spent:.2f} s")
    tally: Counter[str] = Counter()
    assert score(sheet, found, tally) == []
    assert spent < 2
