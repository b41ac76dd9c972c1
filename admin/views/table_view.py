"""Tables of a document as components/tables.html shows them: heads of several lines, rows, cells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from admin.views import words
from admin.views.cell_view import EMPTY, Reading, cell, closed
from admin.web.html import text
from engine.json_text import Json
from forms import defaults, document, headings
from forms.compiled import Column, CompiledForm, Row, Table
from forms.headings import BETWEEN
from renderers import contract

BLANK_ROW = "__row__"
ALL = slice(None)


def head(columns: Sequence[Column], language: str) -> list[list[dict[str, Any]]]:
    """Header lines from the columns' paths: equal neighbours merge, short paths reach down."""
    return merged([path_of(one, language) for one in columns])


def merged(paths: Sequence[tuple[str, ...]]) -> list[list[dict[str, Any]]]:
    """Header lines of any columns that are named by paths."""
    table = contract.Table(tuple(contract.Column(path) for path in paths))
    lines: list[list[dict[str, Any]]] = [[] for _ in range(table.depth)]
    for one in contract.header_cells(table):
        text = {"text": one.text, "colspan": one.columns, "rowspan": one.rows}
        lines[one.row].append(text)
    return lines


def path_of(column: Column, language: str, *, with_unit: bool = True) -> tuple[str, ...]:
    """The header path of a column, its own label last."""
    label = column.label(language)
    above = headings.in_language(column.above, language)
    if column.header and language == "zh":
        label = column.header[-1]
    return (*above, words.with_unit(label, column.unit if with_unit else None, language))


def table(reading: Reading, found: Table, part: slice = ALL) -> dict[str, Any]:
    """The context of one table, or of a part of its rows."""
    floating = found.kind == "floating"
    can_add = floating and reading.may_add(found.path)
    return {
        "kind": found.kind,
        "path": found.path,
        "title": found.label(reading.language),
        "note": None,
        "unit": None,
        "stub": text(reading.language, "table.row"),
        "stubs": stub_depth(found.rows, reading.language),
        "head": _head(reading, found),
        "rows": list(
            _floating(reading, found, can_add, part)
            if floating
            else _fixed(reading, found.rows[part], found)
        ),
        "can_add": can_add,
        "blank": _blank(reading, found) if can_add else [],
    }


def stub_depth(rows: Sequence[Row], language: str) -> int:
    """How many columns the headings of the rows take, their own labels with them."""
    return max((len(row.path(language)) for row in rows), default=1)


def stub_cells(
    rows: Sequence[Row], language: str, depth: int, *, with_units: bool = False
) -> list[list[dict[str, Any]]]:
    """For each row the cells that begin there: equal neighbours merge, short paths reach to the values."""
    paths = [
        (*above, words.with_unit(label, row.unit if with_units else None, language))
        for row in rows
        for *above, label in (row.path(language),)
    ]
    lines: list[list[dict[str, Any]]] = [[] for _ in rows]
    for one in contract.header_cells(contract.Table(tuple(map(contract.Column, paths)))):
        leaf = one.row == len(paths[one.column]) - 1
        lines[one.column].append(
            {
                "text": one.text,
                "level": one.row,
                "rowspan": one.columns,
                "colspan": depth - one.row if leaf else 1,
            }
        )
    return lines


def title_column(form: CompiledForm, found: Table) -> str | None:
    """The column that names a floating row to people: a name, else the first text."""
    texts = []
    for column in found.columns:
        item = form.by_path.get(f"{found.path}/*/{column.name}")
        if item is None:
            continue
        if column.name == "name" or (item.field or "").endswith(".name"):
            return column.name
        if item.type == "string" and not item.codelist and not item.format:
            texts.append(column.name)
    return texts[0] if texts else None


def _head(reading: Reading, found: Table) -> list[list[dict[str, Any]]]:
    if found.columns:
        return head(found.columns, reading.language)
    return [[{"text": text(reading.language, "table.value"), "colspan": 1, "rowspan": 1}]]


def _floating(
    reading: Reading, found: Table, can_add: bool, part: slice
) -> Iterator[dict[str, Any]]:
    rows = (document.get(reading.opened.contents, found.path) or [])[part]
    named_by = title_column(reading.form, found)
    for row_id, row in zip(
        document.row_ids(reading.opened.contents, found.path)[part], rows, strict=True
    ):
        if reading.hides(f"{found.path}/{row_id}"):
            continue
        cells = _cells(reading, found, row_id, row)
        title = next((one["display"] for one in cells if one["path"].endswith(f"/{named_by}")), "")
        yield {
            "id": row_id,
            "code": None,
            "title": title,
            "indent": 0,
            "total": False,
            "fresh": can_add and not any(one["source"] for one in cells),
            "removable": can_add,
            "cells": cells,
        }


def _cells(
    reading: Reading, found: Table, row_id: str, row: Mapping[str, Json]
) -> list[dict[str, Any]]:
    cells = []
    for column in found.columns:
        item = reading.form.by_path[f"{found.path}/*/{column.name}"]
        path = f"{found.path}/{row_id}/{column.name}"
        cells.append(cell(reading, path, item, row.get(column.name)))
    return cells


def _blank(reading: Reading, found: Table) -> list[dict[str, Any]]:
    """A row that is not there yet, with what the form proposes in it."""
    proposed = defaults.of_row(reading.form, found.path)
    cells = []
    for column in found.columns:
        item = reading.form.by_path[f"{found.path}/*/{column.name}"]
        path = f"{found.path}/{BLANK_ROW}/{column.name}"
        fresh = defaults.cell(reading.form, item) if column.name in proposed else EMPTY
        cells.append(cell(reading, path, item, fresh.value, fresh=fresh))
    return cells


def _fixed(reading: Reading, rows: Sequence[Row], found: Table) -> Iterator[dict[str, Any]]:
    depth = stub_depth(found.rows, reading.language)
    stubs = stub_cells(rows, reading.language, depth)
    for row, stub in zip(rows, stubs, strict=True):
        cells = list(_fixed_cells(reading, found, row))
        asked = [one for one in cells if not one["closed"]]
        title = row.label(reading.language)
        yield {
            "id": row.name,
            "code": row.code or None,
            "title": words.with_unit(title, row.unit, reading.language),
            "groups": stub[:-1],
            "above": BETWEEN.join(headings.in_language(row.above, reading.language)),
            "span": stub[-1]["colspan"],
            "indent": min(row.indent, 3),
            "total": bool(asked) and all(one["type"] == "computed" for one in asked),
            "fresh": False,
            "removable": False,
            "cells": cells,
        }


def _fixed_cells(reading: Reading, found: Table, row: Row) -> Iterator[dict[str, Any]]:
    names = [column.name for column in found.columns] or [""]
    for name in names:
        path = f"{found.path}/{row.name}" + (f"/{name}" if name else "")
        item = reading.form.by_path.get(path) or (
            reading.form.by_path.get(f"{found.path}/{row.name}") if name == names[0] else None
        )
        if item is None:
            yield closed(path)
        else:
            yield cell(reading, item.path, item, document.get(reading.opened.contents, item.path))
