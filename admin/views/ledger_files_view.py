"""Photos and files in the cells of a ledger: what they are called, where each opens, what a cell takes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from admin.views import cell_view
from admin.views.ledger_showing import Showing, file_names
from engine.json_text import Json
from engine.ledgers.lens import Column
from engine.ledgers.rows import Row
from engine.work import Work
from forms import attached
from forms.kinds import ledger


def told_of(work: Work, shown: Showing, values: Iterable[Json]) -> Showing:
    """The same showing, which knows what more files are called: those of a history."""
    return replace(shown, files={**shown.files, **file_names(work, values)})


def listed(shown: Showing, column: Column, row: Row) -> list[dict[str, Any]]:
    """The files of a cell with where each opens; none where the column is masked."""
    if not column.files or column.masked:
        return []
    found = cell_view.files_of(address(shown.lens.code, row.id), row.cell(column.name).value)
    for one in found:
        mark = str(one["href"]).rpartition("/")[2]
        one["name"] = shown.files.get(mark) or one["name"]
        one["remove"] = f"{address(shown.lens.code, row.id, column.name)}/{mark}/remove"
    return found


def cell(shown: Showing, column: Column, row: Row) -> dict[str, Any] | None:
    """The files of a cell, and what more it takes: as components/attachments.html shows them."""
    schema = ledger.item(shown.form, column.name).schema
    rule = attached.rule(schema) if column.files else None
    if rule is None:
        return None
    return {
        "kind": rule.kind,
        "address": address(shown.lens.code, row.id, column.name),
        "most": attached.most(schema),
        "max_mb": rule.max_mb,
        "accept": cell_view.PHONE_PICTURES
        if rule.kind == "photo"
        else ",".join(f".{one}" for one in rule.accept),
        "kinds": ", ".join(rule.accept),
        "list": listed(shown, column, row),
    }


def address(code: str, row: str, column: str = "") -> str:
    """Where files of a row open, or those of one of its cells are put."""
    base = f"/ledgers/{code}/rows/{row}"
    return f"{base}/cells/{column}/files" if column else f"{base}/files"
