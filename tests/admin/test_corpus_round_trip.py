"""Departments' real workbooks there and back: every cell that asks is filled and comes back the same."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from admin.views import placing, workbook_view
from admin.views.print_view import Frame
from engine.errors import Problem
from forms import compile as compiler
from forms.compiled import CompiledForm
from forms.importers.excel.draft import to_form
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.labels import words
from forms.importers.excel.propose import propose
from forms.importers.excel.several import recognise
from forms.importers.excel.several.draft import to_one_form
from renderers import workbook
from renderers.legacy_sheet import to_workbook
from tests.admin.test_hard_round_trip import NOTHING, answers, whole
from tests.forms.importers.excel.drawn_score import flat
from tests.forms.importers.excel.test_corpus import CORPUS, pytestmark, report

__all__ = ["pytestmark"]

EVERY = 4
"""One workbook of so many: evenly from every folder, the same ones each time."""


def templates() -> Iterator[tuple[str, bytes]]:
    """Workbooks of departments, old ones brought to the format of today."""
    known = [
        path
        for path in sorted(CORPUS.glob("excel-*/open/*/*"))
        if path.suffix.lower() in (".xlsx", ".xls")
    ]
    for path in known[::EVERY]:
        try:
            yield path.name, to_workbook(path.read_bytes())
        except Problem:
            continue


def wrong(template: bytes) -> str | None:
    """What does not come back, in a word; None where all of it does. Raises Problem: no form at all."""
    grid = open_sheet(template)
    proposal = propose(grid)
    form = compiler.compile_form(to_form(proposal, code="corpus.sheet", owner="370602-tjj"), {}, {})
    reckoned = {cell.ref for cell in grid.cells if cell.formula}
    heads = [
        one.text
        for one in proposal.header.cells
        if one.role in ("title", "column")
        and one.cell not in reckoned  # it asks what was filled in
    ]
    return unlike(form, template, heads)


def unlike(form: CompiledForm, template: bytes, heads: Sequence[str] = ()) -> str | None:
    """What does not come back of a form's workbook, filled in every cell."""
    values = whole(form)
    placed = placing.placed(form, values, NOTHING, Frame("", ""))
    filled = workbook.fill(template, placed, identity=placing.identity(form))
    numbers = iter(count(1))
    found = workbook_view.read(form, template, filled, base={}, dictionary=NOTHING, language="zh", fresh=lambda: f"r{next(numbers)}")  # fmt: skip
    if found.faults:
        return f"{found.faults[0].address} {found.faults[0].text}"
    if Counter(answers(found.contents, form)) != Counter(answers(values, form)):
        return "answers"
    kept = {flat((words.label(cell.text),))[0] for cell in open_sheet(filled).filled()}
    gone = [text for text in heads if flat((text,))[0] not in kept]
    return f"heads {gone[:3]}" if gone else None


@pytest.mark.corpus
def test_real_workbooks_come_back_as_they_were_filled() -> None:
    """Answers of every cell, three rows more in each list than there is room for, and every heading."""
    seen = 0
    lost: dict[str, str] = {}
    for name, template in templates():
        try:
            said = wrong(template)
        except Problem:
            continue
        seen += 1
        if said:
            lost[name] = said
    report(f"{seen - len(lost)} of {seen} real workbooks come back exactly", lost)
    assert seen > 80
    assert lost == {}


@pytest.mark.corpus
def test_real_workbooks_of_several_sheets_come_back_as_one_form() -> None:
    """All that belongs together of every workbook that has more than one sheet to be filled in."""
    told: dict[str, str] = {}
    seen = 0
    for path in sorted(CORPUS.glob("excel-*/open/*/*.xls*")):
        try:
            template = to_workbook(path.read_bytes())
            if len(open_sheet(template).sheets) < 2:
                continue
            sheets = recognise.look(template)
            names = [one.name for one in sheets if one.role in recognise.JOINED]
            found = recognise.recognise(template, names, seen=sheets)
        except Problem:
            continue
        if len(found.proposals) < 2:
            continue
        seen += 1
        form = compiler.compile_form(
            to_one_form(found, code="corpus.sheets", owner="370602-tjj"), {}, {}
        )
        said = unlike(form, template)
        if said:
            told[path.name] = said
    report(f"{seen - len(told)} of {seen} real workbooks of several sheets come back", told)
    assert seen > 3
    assert told == {}
