"""Large tables as sheets: what admin/ui/src/grid needs of a table beside the document's values.

A table of few cells is drawn by the server (components/tables.html); one of many would be a page of
tens of thousands of controls, so the page's script draws only the part that is seen. Without scripts
the same table is filled page by page.
"""

from collections.abc import Collection, Mapping
from typing import Any

from admin.views import cell_view, table_view, words
from admin.views.cell_view import Reading
from admin.web.html import text
from engine.formula.document import Document
from engine.json_text import Json
from forms import defaults, document, headings, live, picking
from forms.compiled import Column, CompiledForm, Item, Table

MOST_CELLS = 400
"""A table with more cells than this is shown as a sheet."""
PAGE_ROWS = 30
LONG_TEXT = 14


def is_large(reading: Reading, table: Table) -> bool:
    """Whether a table has more cells than a page should draw."""
    return bool(table.columns) and _length(reading, table) * len(table.columns) > MOST_CELLS


def page_of(reading: Reading, table: Table, number: int) -> dict[str, Any]:
    """The context of a large table for a visitor without scripts: some of its rows, and the way on."""
    last = max(1, -(-_length(reading, table) // PAGE_ROWS))
    number = max(1, min(number, last))
    part = slice((number - 1) * PAGE_ROWS, number * PAGE_ROWS)
    shown = table_view.table(reading, table, part)
    return {**shown, "first": part.start, "page": number, "last": last}


def needs_controls(reading: Reading, table: Table) -> bool:
    """Whether a table has columns that no sheet can show: photos, files."""
    return any(one.attachment for one in reading.form.items if one.table == table.path)


def _length(reading: Reading, table: Table) -> int:
    if table.kind != "floating":
        return len(table.rows)
    return len(document.get(reading.opened.contents, table.path) or ())


def sheet(reading: Reading, table: Table) -> dict[str, Any]:
    """The context of a table shown as a sheet."""
    floating = table.kind == "floating"
    language = reading.language
    can_add = floating and reading.may_add(table.path)
    return {
        "kind": "sheet",
        "path": table.path,
        "title": table.label(language),
        "data": {
            "path": table.path,
            "title": table.label(language),
            "floating": floating,
            "editable": reading.editable,
            "canAdd": can_add,
            "titledBy": table_view.title_column(reading.form, table) if floating else None,
            "stub": text(language, "table.number" if floating else "table.row"),
            "head": table_view.head(table.columns, language),
            "columns": [_column(reading, table, one) for one in table.columns],
            "rows": [] if floating else list(_rows(reading, table)),
            "states": _states(reading, table),
            "reasons": _reasons(reading, table),
            "explanations": _explanations(reading, table),
            "labels": dict(reading.opened.labels) if reading.editable else {},
            "only": None if reading.only is None else sorted(_own(table, reading.only)),
        },
    }


def reading_data(reading: Reading, tables: Collection[Table]) -> dict[str, Json]:
    """The values of sheets that are only read, as people read them; nothing to compute or check."""
    form = reading.form
    values: dict[str, Json] = {}
    for table in tables:
        values = _shown(reading, table, values)
    plan = {**live.plan(form, reading.language), "checks": [], "computes": [], "conditions": []}
    return {"plan": plan, "around": live.surroundings(form, Document(values))}


def _shown(reading: Reading, table: Table, values: Mapping[str, Json]) -> dict[str, Json]:
    form, contents = reading.form, reading.opened.contents
    if table.kind == "floating":
        shown: Json = [
            {
                "_id": identity,
                **{
                    column.name: reading.shown(_item(form, table, column), row.get(column.name))
                    for column in table.columns
                    if not reading.told.hides(f"{table.path}/{identity}/{column.name}")
                },
            }
            for identity, row in zip(
                document.row_ids(contents, table.path),
                document.get(contents, table.path) or [],
                strict=True,
            )
            if not reading.hides(f"{table.path}/{identity}")
        ]
    else:
        shown = {
            row.name: {
                column.name: reading.shown(item, document.get(contents, item.path))
                for column in table.columns
                if (item := form.by_path.get(f"{table.path}/{row.name}/{column.name}")) is not None
                and not reading.told.hides(item.path)
            }
            for row in table.rows
        }
    return _placed(dict(values), table.path.strip("/").split("/"), shown)


def _placed(values: dict[str, Json], steps: list[str], value: Json) -> dict[str, Json]:
    if len(steps) == 1:
        return {**values, steps[0]: value}
    inner = values.get(steps[0])
    return {**values, steps[0]: _placed(dict(inner or {}), steps[1:], value)}


def _item(form: CompiledForm, table: Table, column: Column) -> Item:
    found = form.by_path.get(f"{table.path}/*/{column.name}")
    if found is not None:
        return found
    return next(one for one in form.items if (one.table, one.column) == (table.path, column.name))


def _column(reading: Reading, table: Table, column: Column) -> dict[str, Any]:
    item = _item(reading.form, table, column)
    *above, _ = table_view.path_of(column, reading.language, with_unit=False)
    kind = cell_view.control_type(item)
    return {
        "name": column.name,
        "heading": words.with_unit(column.label(reading.language), column.unit, reading.language),
        "above": above,
        "type": kind if reading.editable else "computed" if item.numeric else "text",
        "options": reading.options(item) if reading.editable else [],
        "absences": words.absences(item, reading.language) if reading.editable else [],
        "pick": item.widget if reading.editable and item.widget in picking.WIDGETS else "",
        "tree": reading.editable and item.widget == "tree",
        "proposal": defaults.of(item) if reading.editable else None,
        "wide": item.type == "string" and (item.schema.get("maxLength") or 99) > LONG_TEXT,
    }


def _rows(reading: Reading, table: Table) -> list[dict[str, Any]]:
    found = []
    for row in table.rows:
        title = row.label(reading.language)
        items = [
            item
            for column in table.columns
            if (item := reading.form.by_path.get(f"{table.path}/{row.name}/{column.name}"))
        ]
        found.append(
            {
                "id": row.name,
                "code": row.code,
                "title": words.with_unit(title, row.unit, reading.language),
                "above": list(headings.in_language(row.above, reading.language)),
                "indent": min(row.indent, 3),
                "total": bool(items) and all(item.compute for item in items),
            }
        )
    return found


def _own(table: Table, paths: Collection[str]) -> list[str]:
    return [path for path in paths if path.startswith(f"{table.path}/")]


def _states(reading: Reading, table: Table) -> dict[str, str]:
    """States that do not follow from a cell's value alone; the script works out the others."""
    if not reading.editable:
        return {}
    found = {}
    for path in _own(table, reading.opened.cells):
        item = reading.form.item(path)
        if item is None or item.compute:
            continue
        known = reading.opened.cells[path]
        told, confirmed = cell_view.state(known, item, known.value)
        if not confirmed and told not in ("entered", "blank", "todo", "computed"):
            found[path] = told
    return found


def _reasons(reading: Reading, table: Table) -> dict[str, str]:
    return {
        path: text(
            reading.language, "cell.returned", by=reading.returned_by, reason=cell.reason
        )
        for path in _own(table, reading.opened.cells)
        if (cell := reading.opened.cells[path]).state == "returned"
    }  # fmt: skip


def _explanations(reading: Reading, table: Table) -> dict[str, str]:
    given = reading.opened.record.explanations
    return {key: reason for key, reason in given.items() if f":{table.path}/" in key}
