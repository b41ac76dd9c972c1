"""The template workbooks of the pack are what its declarations make, and fit their forms."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from admin.demo import sheets
from admin.demo.sheet_styles import A4
from engine import json_text

PACK = Path(__file__).parents[3] / "packs" / "yantai"
SHEETS = {sheet.form["form"]["code"]: sheet for sheet in sheets.sheets(PACK)}


def _members(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _page(sheet):
    return openpyxl.load_workbook(io.BytesIO(sheets.workbook(sheet))).active


def test_every_form_has_a_layout():
    """And no layout is without its form."""
    forms = {path.stem for path in (PACK / "forms").glob("*.json")}
    sent = {path.stem for path in (PACK / "uploads").glob("*.json")}
    assert forms | sent == set(SHEETS)
    assert not forms & sent


@pytest.mark.parametrize("code", SHEETS)
def test_templates_are_what_the_declarations_make(code):
    """The committed workbook has the same parts, byte for byte, as one made now."""
    sheet = SHEETS[code]
    committed = (PACK / sheet.form["form"]["template"]["file"]).read_bytes()
    made = sheets.workbook(sheet)
    assert made == sheets.workbook(sheet)
    assert _members(committed) == _members(made)


@pytest.mark.parametrize("code", SHEETS)
def test_nothing_is_printed_over_anything(code):
    """Merged ranges do not overlap, and no text is declared in a cell that another merge hides."""
    spans = [range_boundaries(str(span)) for span in _page(SHEETS[code]).merged_cells.ranges]
    for index, (left, top, right, bottom) in enumerate(spans):
        for other in spans[index + 1 :]:
            assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
    anchors = [range_boundaries(span)[:2] for span, text, _ in SHEETS[code].layout["cells"] if text]
    hidden = {
        (column, row)
        for left, top, right, bottom in spans
        for column in range(left, right + 1)
        for row in range(top, bottom + 1)
        if (column, row) != (left, top)
    }
    assert not hidden & set(anchors)


@pytest.mark.parametrize("code", SHEETS)
def test_labels_stand_beside_the_cells_of_a_form(code):
    """Left of an item's cell (or above it) its title is printed, and the cell itself is empty."""
    sheet, page = SHEETS[code], _page(SHEETS[code])
    for name, schema in sheet.form["properties"].items():
        item = sheet.item(schema)
        if "table" in item:
            continue
        cell = page[item["at"]]
        assert cell.value is None, name
        left = [page.cell(cell.row, column).value for column in range(1, cell.column)]
        above = [page.cell(row, cell.column).value for row in range(1, cell.row)]
        printed = [str(text) for text in left + above if text]
        wanted = item.get("header", [item["title"]])[-1]
        assert any(wanted in text or text.strip("：") in wanted for text in printed), (
            name,
            printed,
        )


@pytest.mark.parametrize("code", SHEETS)
def test_headers_stand_above_the_columns_of_a_table(code):
    """The last label of a column's header path is the first text above its first cell."""
    sheet, page = SHEETS[code], _page(SHEETS[code])
    for name, schema in sheet.form["properties"].items():
        table = schema.get("table", {})
        if not table:
            continue
        if table["kind"] == "floating":
            columns, first = schema["items"]["properties"], table["rows"][0]
        else:
            rows = [sheet.item(row) for row in schema["properties"].values()]
            columns, first = rows[0]["properties"], min(int(row["at"]) for row in rows)
            for row in rows:
                assert any(
                    row["title"] == str(page.cell(int(row["at"]), column).value or "").strip("　")
                    for column in (1, 2)
                ), row["title"]
        for raw in columns.values():
            column = sheet.item(raw)
            above = [page[f"{column['at']}{row}"].value for row in range(1, first)]
            for label in column.get("header", [column["title"]])[-1:]:
                assert label in above, (name, label, above)


@pytest.mark.parametrize("code", SHEETS)
def test_cells_that_say_who_and_when_are_empty_beside_their_label(code):
    """Unit, period and sign-off cells are there to be written."""
    sheet, page = SHEETS[code], _page(SHEETS[code])
    roles = {block["role"] for block in sheet.form["form"]["blocks"]}
    assert {"reporting_unit", "period", "leader", "preparer", "date"} <= roles
    for block in sheet.form["form"]["blocks"]:
        value = page[block["cell"]].value
        printed = block["role"] in ("title", "unit", "notes") or block["role"].startswith("legal")
        assert bool(value) == printed, block


@pytest.mark.parametrize("code", SHEETS)
def test_sheets_print_on_a4_and_keep_id_numbers_as_text(code):
    """As wide as the page, numbered, with text cells for ID numbers, accounts and phones."""
    sheet, page = SHEETS[code], _page(SHEETS[code])
    assert int(page.page_setup.paperSize) == A4
    assert page.page_setup.fitToWidth == 1
    assert "&P" in page.oddFooter.center.text
    for schema in sheet.form["properties"].values():
        if schema.get("table", {}).get("kind") != "floating":
            continue
        first = schema["table"]["rows"][0]
        for name, raw in schema["items"]["properties"].items():
            if name in ("id_number", "bank_card", "phone", "uscc", "guardian_phone"):
                assert page[f"{raw['at']}{first}"].number_format == "@"


def test_one_roster_has_a_header_of_three_levels():
    """The kind of sheet that form products fail on."""
    roster = json_text.loads((PACK / "forms/civil.elderly_allowance_roster.json").read_bytes())
    columns = roster["properties"]["roster"]["items"]["properties"]
    assert max(len(column["header"]) for column in columns.values()) == 3
