"""What is already filled in on a sheet, as a document of the form that was made from it."""

import re
from collections.abc import Mapping
from typing import Any

from engine.formats.registry import normalised
from engine.json_text import Json
from forms.importers.excel.files.grid import Cell, Grid, column_number, parse_address
from forms.importers.excel.labels import words

_LOCAL = "#/$defs/"


def filled_document(form: Mapping[str, Any], grid: Grid) -> dict[str, Json]:
    """The values on the sheet by the form's own paths; empty and closed cells are left out."""
    found: dict[str, Json] = {}
    for name, node in form.get("properties", {}).items():
        kind = node.get("table", {}).get("kind")
        if kind == "floating":
            found[name] = _floating(node, grid)
        elif kind == "fixed":
            found[name] = _fixed(form, node, grid)
        else:
            place = parse_address(str(node.get("at", "")))
            value = _value(grid.at(*place), node) if place else None
            if value is not None:
                found[name] = value
    return {name: value for name, value in found.items() if value not in ([], {})}


def _fixed(form: Mapping[str, Any], node: Mapping[str, Any], grid: Grid) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, row in node["properties"].items():
        columns = form["$defs"][row["$ref"].removeprefix(_LOCAL)]["properties"]
        values = _row(columns, row["at"], grid, closed=row.get("closed", ()))
        if values:
            found[name] = values
    return found


def _floating(node: Mapping[str, Any], grid: Grid) -> list[Json]:
    first, last = node["table"]["rows"]
    columns = node["items"]["properties"]
    rows = []
    for number in range(first, min(last, grid.rows) + 1):
        values = _row(columns, number, grid)
        if values:
            rows.append({"_id": f"r{number}", **values})
    return rows


def _row(
    columns: Mapping[str, Any], number: int, grid: Grid, closed: tuple[str, ...] = ()
) -> dict[str, Json]:
    found = {}
    for name, column in columns.items():
        letters = re.sub(r"\d", "", str(column.get("at", "")))
        value = _value(grid.at(number, column_number(letters)), column) if letters else None
        if value is not None and name not in closed:
            found[name] = value
    return found


def _value(cell: Cell, node: Mapping[str, Any]) -> Json:
    """A cell's value in the type the form asks for; what is not of that type stays text."""
    if cell.blank or words.is_closed(cell.text) or cell.kind == "error":
        return None
    if cell.kind == "number" and node.get("type") != "string":
        return cell.value
    text = words.label(cell.text)
    return normalised(node.get("format"), text)
