"""What is behind a number of a roll-up: its summands, its rows, or its way back to its first entry."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from admin.views import rollup_view, table_view, veils, words
from admin.views.rollup_view import Asked, Shown, record_address
from admin.web.html import text
from engine.identity import store as identity
from engine.work import Work
from forms import rollup
from forms.documents import DocumentRecord
from forms.masking import Veil
from forms.rollup import Link, RollupCellUnknown, RollupColumn, RowBehind


def drill(work: Work, shown: Shown, asked: Asked) -> dict[str, Any]:
    """The `drill` part of rollup.html. Raises RollupCellUnknown."""
    column = shown.rollup.columns[shown.rollup.place(asked.cell)]
    lines = [one for one in shown.rollup.lines if one.organisation.code == asked.organisation]
    if asked.organisation and not lines:
        raise RollupCellUnknown(path=asked.cell)
    label = "/".join(rollup_view.header(shown, column, with_units=False)[-2:])
    place = shown.rollup.columns.index(column)
    value = lines[0].values[place] if lines else shown.rollup.totals[place]
    where = (
        lines[0].organisation.name
        if lines
        else text(shown.language, "rollup.total", n=shown.rollup.counted)
    )
    found: dict[str, Any] = {
        "title": f"{where}　{label}",
        "value": shown.value(column, value),
        "back": f"{shown.address}?{urlencode({'table': shown.part})}",
        "more": None,
    }
    if shown.rollup.table is not None and shown.rollup.table.kind == "floating":
        return {**found, **_rows_behind(work, shown, column, asked)}
    if lines:
        return {**found, **_way(work, shown, column, lines[0].record)}
    return {**found, **_summands(work, shown, column)}


def _summands(work: Work, shown: Shown, column: RollupColumn) -> dict[str, Any]:
    """What a total is the sum of: each organisation's cell with its source."""
    language, place = shown.language, shown.rollup.columns.index(column)
    rows = []
    for line in sorted(shown.rollup.lines, key=lambda line: not line.values[place]):  # noughts last
        if line.record is None or line.values[place] is None:
            continue
        kept: Mapping[str, Any] = line.record.cells.get(column.path) or {}
        rows.append(
            {
                "cells": [
                    line.organisation.name,
                    shown.value(column, line.values[place]),
                    _cell_source(kept, language),
                ],
                "href": record_address(work, line.record, column.path),
            }
        )
    key = "rollup.drill.rate" if column.is_rate else "rollup.drill.sum"
    return {
        "sentence": text(language, key, n=len(rows)),
        "columns": [
            text(language, "col.organisation"),
            text(language, "table.value"),
            text(language, "source.title"),
        ],
        "rows": rows,
    }


def _way(
    work: Work, shown: Shown, column: RollupColumn, record: DocumentRecord | None
) -> dict[str, Any]:
    """The value's way back to where it was first entered."""
    language = shown.language
    links = rollup.chain(work, record, column.path) if record else []
    return {
        "sentence": text(language, "rollup.drill.cell", path=column.path),
        "columns": [
            text(language, key)
            for key in (
                "col.form",
                "col.organisation",
                "col.period",
                "table.value",
                "source.title",
                "source.by",
                "source.verified_by",
                "source.at",
            )
        ],
        "rows": [_link(work, shown, one) for one in links],
    }


def _link(work: Work, shown: Shown, one: Link) -> dict[str, Any]:
    language = shown.language
    item = one.form.item(one.path)
    value = veils.over(work, one.form, one.record).value(one.path, one.value)
    source = words.source(one.source or None, language, now=work.now)
    if one.state == "typed" or source is None:
        source = {
            "text": text(language, "cell.state.entered"),
            "by": "",
            "verified_by": "",
            "at": "",
        }
    place = identity.organisation(work.connection, one.record.organisation_code).name
    return {
        "cells": [
            one.form.title(language),
            place,
            words.period(one.record.period, language),
            words.shown(item, value, shown.dictionary, language) if item else "",
            source["text"],
            source["by"],
            source["verified_by"],
            (source["at"] or "").replace("T", " "),
        ],
        "href": record_address(work, one.record, one.path),
    }


def _rows_behind(work: Work, shown: Shown, column: RollupColumn, asked: Asked) -> dict[str, Any]:
    """The rows of the organisations' tables that a number counts or adds up."""
    language, table_ = shown.language, shown.rollup.table
    found = list(rollup.rows_behind(shown.rollup, asked.organisation or None))
    records = {one.record.id: one.record for one in found[: asked.rows]}
    over = {own: veils.over(work, shown.rollup.form, one) for own, one in records.items()}
    columns = table_.columns if table_ else ()
    key = "rollup.drill.rows" if column.item is None else "rollup.drill.rows_sum"
    more = None
    if len(found) > asked.rows:
        more = shown.behind(column, asked.organisation, rows=asked.rows * 5)
    return {
        "sentence": text(language, key, n=len(found)),
        "columns": [
            text(language, "col.organisation"),
            *(table_view.path_of(one, language)[-1] for one in columns),
        ],
        "rows": [
            _row_behind(work, shown, one, over[one.record.id])
            for one in found[: asked.rows]
            if not over[one.record.id].hides(f"{shown.part}/{one.row_id}")
        ],
        "more": more,
    }


def _row_behind(work: Work, shown: Shown, one: RowBehind, veil: Veil) -> dict[str, Any]:
    form, table_ = shown.rollup.form, shown.rollup.table
    row = veil.row(table_.path if table_ else "", one.row)
    cells = [one.organisation.name]
    for column in table_.columns if table_ else ():
        item = form.by_path[f"{table_.path}/*/{column.name}" if table_ else ""]
        cells.append(words.shown(item, row.get(column.name), shown.dictionary, shown.language))
    path = f"{table_.path}/{one.row_id}/{table_.columns[0].name}" if table_ else ""
    return {"cells": cells, "href": record_address(work, one.record, path)}


def _cell_source(kept: Mapping[str, Any], language: str) -> str:
    source = kept.get("source")
    if kept.get("state") == "typed" or not source:
        return text(language, "cell.state.entered")
    return words.source_text(source, language)
