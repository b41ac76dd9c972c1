"""Remakes the workbooks of a pack's forms, as a department would have sent them, from declarations.

A form says which cell holds which item; its layout (`layouts/<form>.json`) says what else is printed.
Labels, units and codes are taken from the form and the dictionary, so sheet and form cannot drift.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from admin.demo import sheet_styles
from admin.demo.sheet_styles import STYLES, dress, frame, underline
from engine import json_text

FIELD = "field:"
DEFS = "#/$defs/"
CLOSED = "—"
INDENT = "　"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form, what is printed around its cells, and the dictionary it binds to."""

    form: Mapping[str, Any]
    layout: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]]
    codelists: Mapping[str, Mapping[str, Any]]

    def item(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """What a property says together with the field it binds to, or the definition it uses."""
        reference = str(schema.get("$ref", ""))
        if reference.startswith(DEFS):
            return {**self.form["$defs"][reference[len(DEFS) :]], **schema}
        if not reference.startswith(FIELD):
            return dict(schema)
        field = self.fields[reference[len(FIELD) :]]
        found = {"title": field["labels"]["zh"], **field["schema"], **schema}
        for name in ("unit", "codelist"):
            if field.get(name):
                found.setdefault(name, field[name])
        return found

    def choices(self, item: Mapping[str, Any]) -> str:
        """The codes to choose from as they are printed: `1 平原  2 丘陵`."""
        values = self.codelists[item["codelist"]]["values"]
        return "  ".join(f"{value['code']} {value['labels']['zh']}" for value in values)


def sheets(pack: Path) -> Iterator[Sheet]:
    """Every form of the pack that has a layout, and the sheets that departments send: no forms yet,
    they are there to be uploaded.
    """
    fields = dict(_fields(pack))
    codelists = {one["code"]: one for one in _documents(pack / "codelists")}
    for path in sorted((pack / "layouts").glob("*.json")):
        form = json_text.loads((pack / "forms" / path.name).read_bytes())
        yield Sheet(form, json_text.loads(path.read_bytes()), fields, codelists)
    for sent in _documents(pack / "uploads"):
        yield Sheet(sent["form"], sent["layout"], fields, codelists)


def workbook(sheet: Sheet) -> bytes:
    """The empty workbook of a form; the same bytes whenever it is made."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = sheet.form["form"]["template"]["sheet"]
    _grid(page, sheet.layout)
    for span, text, style in sheet.layout["cells"]:
        _put(page, span, text, style)
    for block in sheet.layout["lists"]:
        _list(page, sheet, block)
    for block in sheet.layout.get("rows", ()):
        _row(page, sheet, block)
    for table in sheet.layout["tables"]:
        if sheet.item(sheet.form["properties"][table["item"]])["table"]["kind"] == "fixed":
            _fixed(page, sheet, table)
        else:
            _floating(page, sheet, table)
    for span in sheet.layout["grids"]:
        frame(page, span)
    sheet_styles.print_setup(page, sheet.layout["page"])
    return sheet_styles.saved(book, sheet.form["title"])


def write(pack: Path) -> list[Path]:
    """Make the templates of a pack again; gives the files."""
    written = []
    for sheet in sheets(pack):
        path = pack / sheet.form["form"]["template"]["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(workbook(sheet))
        written.append(path)
    return written


def _documents(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        yield json_text.loads(path.read_bytes())


def _fields(pack: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for document in _documents(pack / "fields"):
        for field in document["fields"]:
            yield f"{document['subject']['code']}.{field['code']}", field


def _grid(page: Worksheet, layout: Mapping[str, Any]) -> None:
    for letter, width in layout["widths"].items():
        page.column_dimensions[letter].width = float(width)
    for row, height in layout["heights"].items():
        page.row_dimensions[int(row)].height = float(height)


def _put(page: Worksheet, span: str, text: Any, style: str, number_format: str = "") -> None:
    """Text into the first cell of a span; a span of several cells is merged."""
    left, top, right, bottom = range_boundaries(span)
    assert left is not None
    assert top is not None
    if (left, top) != (right, bottom):
        page.merge_cells(span)
    cell = page.cell(top, left)
    assert isinstance(cell, Cell)
    dress(cell, style)
    if STYLES[style].line:
        underline(page, span)
    if text != "":
        cell.value = text
    if number_format:
        cell.number_format = number_format


def _list(page: Worksheet, sheet: Sheet, block: Mapping[str, Any]) -> None:
    """Indicators one below another: label, unit, code and the cell to fill."""
    for name in block["items"]:
        item = sheet.item(sheet.form["properties"][name])
        row = int(item["at"].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        label = INDENT * item.get("indent", 0) + item["title"]
        if block.get("options"):
            label = f"{item['row_code']} {label}    {sheet.choices(item)}"
        _put(page, _span(block["label"], row), label, "label")
        if "unit" in block:
            _put(page, _span(block["unit"], row), item.get("unit", CLOSED), "center")
        if "code" in block:
            _put(page, _span(block["code"], row), item.get("row_code", ""), "center")
        style = "text" if _is_text(item) else "value"
        _put(page, _span(block["value"], row), "", style, _number_format(item))


def _row(page: Worksheet, sheet: Sheet, block: Mapping[str, Any]) -> None:
    """Indicators side by side: a header of several levels, unit, code and the cell to fill."""
    items = {name: sheet.item(sheet.form["properties"][name]) for name in block["items"]}
    letters = {name: item["at"].rstrip("0123456789") for name, item in items.items()}
    _headers(page, block["header"], {n: {**item, "at": letters[n]} for n, item in items.items()})
    for name, item in items.items():
        _put(page, f"{letters[name]}{block['unit']}", item.get("unit", CLOSED), "center")
        _put(page, f"{letters[name]}{block['code']}", item.get("row_code", ""), "center")
        _put(page, f"{letters[name]}{block['value']}", "", "value", _number_format(item))


def _fixed(page: Worksheet, sheet: Sheet, table: Mapping[str, Any]) -> None:
    """A table whose rows are printed: the stub, closed cells as a dash, open cells to fill."""
    rows = sheet.form["properties"][table["item"]]["properties"]
    columns = _columns(sheet, sheet.item(next(iter(rows.values())))["properties"])
    _headers(page, table["header"], columns)
    stub = table["stub"]
    for raw in rows.values():
        row = sheet.item(raw)
        at, closed = int(row["at"]), row.get("closed", ())
        heading = len(closed) == len(columns)
        label = INDENT * row.get("indent", 0) + row["title"]
        _put(page, _span(stub["label"], at), label, "heading" if heading else "label")
        for part, value in (
            ("unit", row.get("unit", CLOSED)),
            ("code", row.get("row_code", CLOSED)),
        ):
            if part in stub:
                _put(page, _span(stub[part], at), CLOSED if heading else value, "center")
        for name, column in columns.items():
            place = f"{column['at']}{at}"
            if name in closed:
                _put(page, place, CLOSED, "center")
            else:
                style = "computed" if "compute" in column else "value"
                _put(page, place, "", style, _number_format(column))


def _floating(page: Worksheet, sheet: Sheet, table: Mapping[str, Any]) -> None:
    """A table whose rows come with the report: numbered empty rows under a header."""
    item = sheet.form["properties"][table["item"]]
    columns = _columns(sheet, item["items"]["properties"])
    top, bottom = table["header"]
    if "number" in table:
        _put(page, f"{table['number']}{top}:{table['number']}{bottom}", "序号", "header")
    _headers(page, table["header"], columns)
    first, last = item["table"]["rows"]
    for row in range(first, last + 1):
        if "number" in table:
            _put(page, f"{table['number']}{row}", row - first + 1, "center", "0")
        for column in columns.values():
            style = "text" if _is_text(column) else "value"
            _put(page, f"{column['at']}{row}", "", style, _number_format(column))


def _columns(sheet: Sheet, properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: sheet.item(schema) for name, schema in properties.items()}


def _headers(page: Worksheet, rows: list[int], columns: Mapping[str, Mapping[str, Any]]) -> None:
    """A header of several levels: labels alike side by side are one cell, a short path reaches down."""
    top, bottom = rows
    depth = bottom - top + 1
    paths = {c["at"]: tuple(c.get("header") or [c["title"]]) for c in columns.values()}
    letters = sorted(paths, key=lambda letter: (len(letter), letter))
    done: set[tuple[str, ...]] = set()
    for letter in letters:
        path = paths[letter]
        for level in range(len(path)):
            prefix = path[: level + 1]
            if prefix in done and level < len(path) - 1:
                continue
            done.add(prefix)
            below = [other for other in letters if paths[other][: level + 1] == prefix]
            end = bottom if level == len(path) - 1 else top + level
            last = below[-1] if level < len(path) - 1 else letter
            assert level < depth
            _put(page, f"{letter}{top + level}:{last}{end}", path[level], "header")


def _span(columns: list[str] | str, row: int) -> str:
    first, last = (columns, columns) if isinstance(columns, str) else columns
    return f"{first}{row}" if first == last else f"{first}{row}:{last}{row}"


def _is_text(item: Mapping[str, Any]) -> bool:
    return item.get("type") == "string" and "codelist" not in item and item.get("format") != "date"


def _number_format(item: Mapping[str, Any]) -> str:
    """Text stays text in Excel (an ID number would lose its last digits); dates are written out."""
    if item.get("format") == "date":
        return "yyyy-mm-dd"
    if item.get("type") == "string":
        return "@"
    return "0" if item.get("type") == "integer" else "General"


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
