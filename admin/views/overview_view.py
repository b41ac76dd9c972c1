"""The progress of many reports: organisations down, reports and periods across; as tiles; as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from admin.views import dispatch_view, words
from admin.web.html import text
from engine.identity import store as identity
from engine.work import Work
from forms import store as forms
from renderers import contract
from workflows.dispatch import DispatchRecord
from workflows.dispatching import overview, reach
from workflows.dispatching.overview import Count
from workflows.dispatching.progress import Unit

UNITS = 150
"""Up to so many units they are shown one by one; above that the next level, counted."""
SORTS = ("name", "late", "done")
KINDS = {
    "done": "ok", "zero": "ok", "exempt": "none", "late": "late", "missing": "late",
    "returned": "soon", "verify": "info", "approve": "info", "fill": "open",
}  # fmt: skip
"""The colour of each state; anything else is grey."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part: of a period or a form, below an organisation, sorted how, as a table or tiles."""

    period: str = ""
    form: str = ""
    below: str = ""
    sort: str = "name"
    view: str = "table"

    def query(self, **changed: str) -> str:
        """The address's question with some of it changed."""
        values = {
            "period": self.period, "form": self.form, "below": self.below,
            "sort": "" if self.sort == "name" else self.sort,
            "view": "" if self.view == "table" else self.view, **changed,
        }  # fmt: skip
        told = urlencode({name: value for name, value in values.items() if value})
        return f"?{told}" if told else ""


@dataclass(frozen=True)
class Found:
    """What is shown: the dispatches across, and below a path either levels or single units."""

    columns: Sequence[DispatchRecord]
    top: str
    above: str
    levels: Mapping[str, Mapping[str, Count]]
    units: Mapping[str, Mapping[str, Unit]]


def found(work: Work, asked: Asked) -> Found:
    """Read what a page shows: three or four statements, whatever their size."""
    columns = overview.dispatches(work, period=asked.period, form=asked.form)
    ids = [one.id for one in columns]
    top = overview.top(work, ids) if ids else ""
    above = _path(work, top, asked.below)
    levels = overview.levels(work, ids, above) if top else {}
    largest = max((_largest(levels, one) for one in ids), default=0)
    units = overview.units(work, columns, above) if 0 < largest <= UNITS else {}
    return Found(columns, top, above, levels, units)


def _largest(levels: Mapping[str, Mapping[str, Count]], dispatch: str) -> int:
    return sum(row[dispatch].total for row in levels.values() if dispatch in row)


def _path(work: Work, top: str, below: str) -> str:
    """The path of the organisation asked for; the top for one that lies elsewhere."""
    if not below or not top:
        return top
    known = identity.organisation(work.connection, below)
    return known.path if known.path.startswith(top) else top


def page(work: Work, asked: Asked, language: str) -> dict[str, Any]:
    """The context of overview.html."""
    here = found(work, asked)
    rows = _unit_rows(work, here, language) if here.units else _level_rows(work, here, asked)
    key = {"late": lambda row: (-row["late"], -row["days"]), "done": lambda row: row["share"]}
    if asked.sort in key:
        rows.sort(key=key[asked.sort])
    whole = _sum([count for row in here.levels.values() for count in row.values()])
    return {
        "columns": [_column(work, one, language) for one in here.columns],
        "rows": rows,
        "single": bool(here.units),
        "totals": _totals(here),
        "whole": {
            "late": whole.late,
            "done": whole.done,
            "total": whole.total,
            "share": whole.share,
        },
        "crumbs": _crumbs(work, here, asked),
        "periods": _periods(work, language),
        "forms": _forms(work, language),
        "asked": asked,
        "sorts": [{"code": one, "href": asked.query(sort=one)} for one in SORTS],
        "views": [{"code": one, "href": asked.query(view=one)} for one in ("table", "tiles")],
        "file": f"/progress/csv{asked.query(view='', sort='')}",
    }


def _column(work: Work, one: DispatchRecord, language: str) -> dict[str, Any]:
    readable = reach.whole(work, one) or reach.in_part(work)
    return {
        "id": one.id,
        "title": dispatch_view.title(work, one, language),
        "period": words.period(one.period, language),
        "due": words.due(one.due_at, work.now),
        "href": f"/dispatches/{one.id}" if readable else None,
    }


def _level_rows(work: Work, here: Found, asked: Asked) -> list[dict[str, Any]]:
    names = identity.organisation_names(work.connection, list(here.levels))
    rows = []
    for code in sorted(here.levels):
        counts = here.levels[code]
        whole = _sum(list(counts.values()))
        own = here.above.endswith(f"/{code}/")
        rows.append(
            {
                "name": names.get(code, code),
                "href": None if own else asked.query(below=code),
                "late": whole.late,
                "days": _days(work, whole.oldest),
                "share": whole.share,
                "tint": _tint(whole),
                "done": whole.done,
                "total": whole.total,
                "cells": [_level_cell(one, counts.get(one.id), code) for one in here.columns],
            }
        )
    return rows


def _level_cell(one: DispatchRecord, count: Count | None, code: str) -> dict[str, Any] | None:
    if count is None:
        return None
    return {
        "done": count.done,
        "total": count.total,
        "late": count.late,
        "zero": count.zero,
        "exempt": count.exempt,
        "share": count.share,
        "tint": _tint(count),
        "href": f"/dispatches/{one.id}?below={code}",
    }


def _tint(count: Count) -> str:
    """How a part of the tree looks: somebody late is red, all done green, else by quarters."""
    if count.late:
        return "late"
    if count.share >= 100:
        return "ok"
    return f"q{count.share // 25}"


def _unit_rows(work: Work, here: Found, language: str) -> list[dict[str, Any]]:
    names = identity.organisation_names(work.connection, list(here.units))
    rows = []
    for code, standing in here.units.items():
        late = [one for one in standing.values() if one.missing]
        done = sum(1 for one in standing.values() if one.step in ("done", "exempt"))
        share = done * 100 // len(standing)
        rows.append(
            {
                "name": names.get(code, code),
                "href": None,
                "late": len(late),
                "days": max((one.overdue(work.now) for one in late), default=0),
                "share": share,
                "tint": "late" if late else "ok" if share >= 100 else f"q{share // 25}",
                "done": done,
                "total": len(standing),
                "cells": [_unit_cell(work, standing.get(one.id), language) for one in here.columns],
            }
        )
    return rows


def _unit_cell(work: Work, one: Unit | None, language: str) -> dict[str, Any] | None:
    if one is None:
        return None
    code, days = state(one), one.overdue(work.now)
    return {
        "state": code,
        "kind": KINDS.get(code, "none"),
        "text": told(one, days, language),
        "came_late": days if one.late and one.submitted_at else 0,
        "href": f"/records/{one.document_id}" if one.submitted_at else None,
    }


def state(one: Unit) -> str:
    """A unit's state as it is shown: what it is late with stands before where it lies."""
    if one.mark in ("zero", "exempt") and not one.waiting:
        return one.mark
    if one.missing and one.step != "missing":
        return "late"
    if one.returned and one.waiting:
        return "returned"
    return one.step


def told(one: Unit, days: int, language: str) -> str:
    """The state in words: 迟报 3 天."""
    code = state(one)
    if code == "late":
        return text(language, "due.late", n=days)
    return text(language, f"overview.state.{code}")


def _totals(here: Found) -> list[Count]:
    return [
        _sum([row[one.id] for row in here.levels.values() if one.id in row]) for one in here.columns
    ]


def _sum(counts: Sequence[Count]) -> Count:
    whole = Count()
    for one in counts:
        whole = whole.and_(one)
    return whole


def _days(work: Work, since: str | None) -> int:
    return max((work.now - datetime.fromisoformat(since)).days + 1, 1) if since else 0


def _crumbs(work: Work, here: Found, asked: Asked) -> list[dict[str, Any]]:
    codes = [code for code in here.above[len(here.top) :].split("/") if code]
    names = identity.organisation_names(work.connection, codes)
    return [
        {"name": names.get(code, code), "href": asked.query(below=code), "here": code == codes[-1]}
        for code in codes
    ]


def _periods(work: Work, language: str) -> list[dict[str, str]]:
    seen = dict.fromkeys(one.period for one in reversed(overview.dispatches(work, limit=200)))
    return [{"value": one, "text": words.period(one, language)} for one in seen]


def _forms(work: Work, language: str) -> list[dict[str, str]]:
    codes = dict.fromkeys(one.form_code for one in overview.dispatches(work, limit=200))
    return [
        {"value": code, "text": forms.published(work.connection, code).title(language)}
        for code in codes
    ]


def table(work: Work, asked: Asked, language: str) -> contract.Table:
    """Every unit below the place, one by one, as a plain table for a file."""
    columns = overview.dispatches(work, period=asked.period, form=asked.form)
    ids = [one.id for one in columns]
    top = overview.top(work, ids) if ids else ""
    units = overview.units(work, columns, _path(work, top, asked.below)) if top else {}
    names = identity.organisation_names(work.connection, list(units))
    heads = [contract.Column((text(language, "col.organisation"),)), contract.Column((text(language, "overview.code"),))]  # fmt: skip
    heads += [contract.Column((dispatch_view.title(work, one, language), words.period(one.period, language))) for one in columns]  # fmt: skip
    rows = [
        contract.Row(
            (
                contract.Cell(names.get(code, code)),
                contract.Cell(code),
                *(
                    contract.Cell(told(one, one.overdue(work.now), language) if one else "")
                    for one in (standing.get(column.id) for column in columns)
                ),
            )
        )
        for code, standing in units.items()
    ]
    return contract.Table(tuple(heads), tuple(rows), title=text(language, "overview.title"))
