"""Hard sheets there and back: every cell that asks for an answer is filled and read back."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count

import pytest

from admin.views import placing, workbook_view
from admin.views.print_view import Frame
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from forms import compile as compiler
from forms import document
from forms.compiled import CompiledForm, Item
from forms.importers.excel.draft import to_form
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.propose import propose
from renderers import workbook
from tests.forms.importers.excel.drawn_score import flat
from tests.forms.importers.excel.hard import Hard
from tests.forms.importers.excel.sheets import sheet
from tests.forms.importers.excel.test_hard_sheets import NAMES, SHEETS, written

NOTHING = Dictionary({}, {}, {}, "")
MORE = 3
"""Rows that a list gets beyond those of the sheet."""


def answer(item: Item, number: int) -> Json:
    """Something else for every cell, of the type that it takes."""
    if item.options:
        return item.options[number % len(item.options)].value
    if item.schema.get("type") == "boolean":
        return number % 2 == 0
    if item.numeric:
        return number
    if item.format == "date":
        return f"20{10 + number % 20}-03-{10 + number % 18}"
    if item.format == "resident-id":
        return "370602194103020045"
    if item.format == "phone-cn":
        return f"138{number:08d}"
    return f"答{number}"


def whole(form: CompiledForm) -> dict[str, Json]:
    """A document in which every cell on the sheet has an answer."""
    numbers = count(1)
    made: dict[str, Json] = {}
    for table in placing.floating(form):
        first, last = table.region or (1, 1)
        columns = [(n, i) for n, i in placing.column_items(form, table).items() if not i.readonly]
        made[table.path[1:]] = [
            {"_id": f"r{n}", **{name: answer(item, next(numbers)) for name, item in columns}}
            for n in range(last - first + 1 + MORE)
        ]
    cells = {
        item.path: answer(item, next(numbers))
        for item in form.items
        if "*" not in item.path and item.at and item.at[-1].isdigit() and not item.readonly
    }
    return document.put_all(form, made, cells)


def answers(values: Mapping[str, Json], form: CompiledForm) -> Iterator[str]:
    """All answers with where they belong; the rows of a list by their order."""
    for path, value in document.flatten(values, form).items():
        yield f"{path.rpartition('/')[2]} {value}"


@pytest.mark.parametrize("hard", SHEETS, ids=NAMES)
def test_a_hard_sheet_is_filled_and_read_back_cell_for_cell(hard: Hard) -> None:
    """As many answers come back as were written, each in its cell; every heading stands there still."""
    template = written(sheet(hard.drawing))
    grid = open_sheet(template)
    proposal = propose(grid)
    form = compiler.compile_form(to_form(proposal, code="hard.sheet", owner="370602-tjj"), {}, {})
    values = whole(form)
    assert values
    placed = placing.placed(form, values, NOTHING, Frame("", ""))
    filled = workbook.fill(template, placed, identity=placing.identity(form))
    numbers = iter(count(1))
    found = workbook_view.read(form, template, filled, base={}, dictionary=NOTHING, language="zh", fresh=lambda: f"r{next(numbers)}")  # fmt: skip
    assert [(one.address, one.text) for one in found.faults] == []
    assert Counter(answers(found.contents, form)) == Counter(answers(values, form))
    kept = Counter(flat((cell.text,))[0] for cell in open_sheet(filled).filled())
    heads = [
        one.text for one in proposal.header.cells if one.role in ("title", "column", "section")
    ]
    names = [item.path[-1] for item in proposal.items if item.axis == "row" and not item.total]
    assert [text for text in (*heads, *names) if not kept[flat((text,))[0]]] == []
