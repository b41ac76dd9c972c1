"""A workbook that was filled from a form is read back as the same document, and faults are told by cell."""

import copy
import io
import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from openpyxl import load_workbook

from admin.cli import _known
from admin.views import placing, workbook_view
from admin.views.print_view import Frame
from admin.views.workbook_view import Filled, matched
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from forms import compile as compiler
from forms import document
from forms.compiled import CompiledForm, Item
from renderers import workbook

FORMS = sorted(
    path.stem
    for path in (_known.PACK / "forms").glob("*.json")
    if _known.form(path.stem).template is not None
)
ROSTER, MONTHLY = "civil.elderly_allowance_roster", "civil.community_monthly"


@cache
def known() -> Dictionary:
    """The pack's dictionary."""
    return _known.dictionary()


@cache
def form(code: str) -> tuple[CompiledForm, bytes]:
    """A form of the pack with its empty workbook."""
    given = _known.form(code)
    assert given.template is not None
    return compiler.compile_form(given.document, known().fields, known().codes()), given.template


def filled(code: str, values: Mapping[str, Json]) -> bytes:
    """The workbook of a form with values in."""
    compiled, template = form(code)
    placed = placing.placed(compiled, values, known(), Frame("惠安社区", "2026年11月"))
    return workbook.fill(template, placed, identity=placing.identity(compiled))


def read(code: str, content: bytes, base: Mapping[str, Json] | None = None) -> Filled:
    """The workbook read back; new rows are named n1, n2 …"""
    compiled, template = form(code)
    numbers = iter(range(1, 20_000))
    return workbook_view.read(
        compiled,
        template,
        content,
        base=base or {},
        dictionary=known(),
        language="zh",
        fresh=lambda: f"n{next(numbers)}",
    )


def edited(content: bytes, **cells: Any) -> bytes:
    """The workbook after somebody typed into it with another program and saved it there."""
    book = load_workbook(io.BytesIO(content))
    for address, value in cells.items():
        book.worksheets[0][address] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def anything(item: Item, chance: random.Random) -> Json:
    """A value that an item may have."""
    if item.options:
        found = chance.choice(item.options).value
        return [found] if item.type == "array" else found
    match item.type, item.format:
        case "integer", _:
            return chance.randint(0, 5_000)
        case "number", _:
            return Decimal(chance.randint(0, 500_000)) / 100
        case "boolean", _:
            return chance.random() < 0.5
        case _, "date":
            return (date(2020, 1, 1) + timedelta(chance.randint(0, 2_000))).isoformat()
        case _, "resident-id":
            return "37060219410302004" + "0123456789X"[chance.randint(0, 10)]
        case _, "phone-cn":
            return f"138{chance.randint(0, 99_999_999):08d}"
        case _, "period":
            return chance.choice(["2026-11", "2026-Q4", "2026", "说不清"])
        case _, str():
            return "370602011001"
    return chance.choice(
        ["王秀英", "007", "=1+1", "-5", "1e5", "  两端 ", "多\n行", "3.10"]
    ).strip()


def drawn(compiled: CompiledForm, seed: int) -> dict[str, Json]:
    """A document with something in every cell that a person may write and the sheet shows."""
    chance = random.Random(seed)
    values: dict[str, Json] = {}
    for table in placing.floating(compiled):
        ids = [f"r{number}" for number in range(1, chance.randint(0, 25) + 1)]
        values = document.add_rows(values, table.path, ids) if ids else values
    for path, item in document.cells(compiled, values):
        shown = item.at and (item.at[-1].isdigit() or "*" in item.path)
        if shown and not item.readonly and item.present != "masked" and chance.random() < 0.9:
            values = document.put(compiled, values, path, anything(item, chance))
    return values


def normal(compiled: CompiledForm, values: Mapping[str, Json]) -> dict[str, Json]:
    """Values by cell, with the rows of lists by number: an empty row is none."""
    found: dict[str, Json] = {}
    for table in placing.floating(compiled):
        rows = [row for row in document.get(values, table.path) or [] if set(row) - {"_id"}]
        for number, row in enumerate(rows):
            found |= {
                f"{table.path}/{number}/{name}": v for name, v in row.items() if name != "_id"
            }
    for path, item in document.cells(compiled, values):
        if "*" not in item.path and not document.blank(document.get(values, path)):
            found[path] = document.get(values, path)
    return found


@pytest.mark.parametrize("code", FORMS)
def test_what_was_filled_in_is_read_back(code: str) -> None:
    """Every form of the pack, documents drawn at random: the same values, after another program saved it too."""
    compiled, _ = form(code)
    for seed in range(3):
        values = drawn(compiled, seed)
        content = filled(code, values)
        for again in (content, edited(content)):
            found = read(code, again)
            unread = [one for one in found.faults if one.code.startswith(("render", "workbook"))]
            assert unread == []
            assert normal(compiled, found.contents) == normal(compiled, values)


def test_rows_keep_their_identity() -> None:
    """A row is known again by its key, in whatever order it comes back; a new one gets a new name."""
    before = [
        {"_id": "a", "key": "1", "n": 5},
        {"_id": "b", "key": "2", "n": 6},
        {"_id": "c", "key": "3"},
    ]
    after = [{"key": "3", "n": 1}, {"key": "9", "n": 2}, {"key": "1", "n": 5}]
    assert [row and row["_id"] for row in matched("key", before, after)] == ["c", None, "a"]
    assert [row and row["_id"] for row in matched(None, before, after)] == ["b", "c", "a"]


def test_a_cell_that_cannot_be_read_is_named() -> None:
    """Text for a number, a word that is no choice, a formula that failed: place, item, what to do."""
    compiled, _ = form(MONTHLY)
    numbers = [
        item for item in compiled.items if item.at and item.type == "integer" and not item.readonly
    ]
    first, second = numbers[0], numbers[1]
    assert first.at is not None
    assert second.at is not None
    content = edited(filled(MONTHLY, {}), **{first.at: "十二", second.at: "#REF!"})
    found = read(MONTHLY, content)
    told = {one.address: (one.path, one.code) for one in found.faults}
    assert told[first.at] == (first.path, "render.fault.not-a-number")
    assert told[second.at] == (second.path, "render.fault.formula-error")
    assert "十二" in next(one.text for one in found.faults if one.address == first.at)


def test_a_value_that_does_not_fit_is_named_by_its_cell() -> None:
    """Below zero, or a wrong number of a person: the form's own sentence, at the cell of the workbook."""
    compiled, _ = form(ROSTER)
    table = placing.floating(compiled)[0]
    items = placing.column_items(compiled, table)
    at = next(item.at for item in items.values() if item.format == "resident-id")
    content = filled(ROSTER, {table.path[1:]: [{"_id": "a", "name": "王秀英"}]})
    first = (table.region or (1, 1))[0]
    found = read(ROSTER, edited(content, **{f"{at}{first}": "370602194103020"}))
    assert [one.address for one in found.faults] == [f"{at}{first}"]
    assert "身份" in found.faults[0].text


def test_a_sheet_with_a_column_moved_is_refused() -> None:
    """Values are read by address: with the headings elsewhere they would land in their neighbours."""
    content = filled(MONTHLY, {})
    book = load_workbook(io.BytesIO(content))
    book.worksheets[0].insert_cols(2)
    target = io.BytesIO()
    book.save(target)
    found = read(MONTHLY, target.getvalue())
    assert {one.code for one in found.faults} == {"render.fault.layout-changed"}
    assert found.contents == {}


def test_what_the_sheet_does_not_show_stays() -> None:
    """Computed cells and those without a place on the sheet are as they were in the document."""
    compiled, _ = form(ROSTER)
    base = {"zz_unknown_to_the_sheet": 1}
    found = read(ROSTER, filled(ROSTER, {}), base)
    assert found.contents["zz_unknown_to_the_sheet"] == 1
    assert compiled.code == ROSTER


def test_what_was_picked_goes_out_and_comes_back_by_name() -> None:
    """Codes are for programs; a name that nobody has, or two have, is told at its cell."""
    given = _known.form(ROSTER)
    made = copy.deepcopy(given.document)
    column = made["properties"]["roster"]["items"]["properties"]
    column["note"] = {"type": "string", "title": "转办单位", "widget": "organisation", "at": "N"}
    compiled = compiler.compile_form(made, known().fields, known().codes())
    assert given.template is not None
    base = {"roster": [{"_id": "k1", "name": "王秀英", "note": "370602011"}]}
    frame, labels = Frame("惠安社区", "2026年11月"), {"370602011": "惠安社区"}
    placed = placing.placed(compiled, base, known(), frame, labels)
    content = workbook.fill(given.template, placed, identity=placing.identity(compiled))
    line = next(
        row for row in range(1, 30)
        if load_workbook(io.BytesIO(content)).worksheets[0][f"N{row}"].value == "惠安社区"
    )  # fmt: skip

    def back(name: str) -> Filled:
        called = {"惠安社区": ("370602011",), "东街": ("1", "2")}
        return workbook_view.read(
            compiled,
            given.template or b"",
            edited(content, **{f"N{line}": name}),
            base=base,
            dictionary=known(),
            language="zh",
            fresh=lambda: "n1",
            named=lambda item, words: called.get(words, ()),
        )

    assert back("惠安社区").contents == base
    for name, code in (("东街", "workbook.picked-several"), ("无此社区", "workbook.picked-nobody")):
        (fault,) = back(name).faults
        assert (fault.code, fault.address) == (code, f"N{line}")
        assert name in fault.text
