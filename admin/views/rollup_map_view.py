"""One column of a roll-up on a map: every area or unit by its value."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from admin.views import dispatch_view, map_view, rollup_view, units_view, words
from admin.views.rollup_view import Asked, Shown
from engine.json_text import Json
from engine.work import Work
from forms.rollup import Line, RollupColumn
from renderers import area_map


def page(work: Work, shown: Shown, asked: Asked) -> dict[str, Any]:
    """The context of rollup_map.html; the first column with numbers if none is asked for. Raises
    RollupCellUnknown.
    """
    rolled, language = shown.rollup, shown.language
    columns = [one for one in rolled.columns if one.numeric]
    place = rolled.place(asked.cell or columns[0].path) if columns or asked.cell else None
    column = rolled.columns[place] if place is not None else None
    above, lines, deep = rollup_view.area(work, shown, asked.below, map_view.MOST_NAMED)
    address = f"{shown.address}/map"
    kept = {"cell": column.path if column else "", "units": asked.units}
    tiles = []
    if place is not None and column is not None:
        tiles = _tiles(shown, lines, place, kept if deep else None)
    ranges = area_map.classes([one["value"] for one in tiles if one["value"] is not None])
    classed = {one["code"]: _class(one["value"], ranges) for one in tiles}
    return {
        "dispatch": {
            "id": shown.progress.dispatch.id,
            "title": dispatch_view.title(work, shown.progress.dispatch, language),
            "period": words.period(shown.progress.dispatch.period, language),
        },
        "table": shown.part,
        "units": asked.units,
        "below": asked.below,
        "columns": [
            {"path": one.path, "text": _label(shown, one), "chosen": one is column}
            for one in columns
        ],
        "label": _label(shown, column) if column else "",
        "crumbs": rollup_view.crumbs(work, shown, asked.below, address, **kept),
        "whole": f"{address}?{urlencode({'table': shown.part, **kept})}",
        "list": f"{shown.address}?{urlencode({'table': shown.part, 'below': asked.below, 'units': asked.units})}",
        "switch": units_view.switch(
            address, asked.units, language, table=shown.part, cell=kept["cell"]
        )
        if shown.spans
        else [],
        "legend": [
            {"class": f"shade-{number}", "text": _range(low, high)}
            for number, (low, high) in enumerate(ranges)
        ],
        "unknown": sum(one["value"] is None for one in tiles),
        "tiles": [{**one, "class": classed[one["code"]]} for one in tiles],
        "outlines": map_view.outlined(work, tiles, above, classed),
        "coverage": rollup_view.coverage(shown),
    }


def _tiles(
    shown: Shown, lines: Sequence[Line], place: int, deeper: dict[str, str] | None
) -> list[dict[str, Any]]:
    """Of levels, each leads further down; of units, to what the number is made of."""
    column = shown.rollup.columns[place]
    found = []
    for line in lines:
        code, value = line.organisation.code, line.values[place]
        told = shown.value(column, value) or "—"
        if deeper is not None:
            asked = {"table": shown.part, **deeper, "below": code}
            href = f"{shown.address}/map?{urlencode(asked)}"
        else:
            href = shown.behind(column, code)
        found.append(
            {
                "code": code,
                "name": line.organisation.name,
                "value": _number(value),
                "shown": told,
                "told": f"{line.organisation.name} {told}",
                "href": href,
            }
        )
    return found


def _number(value: Json) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _class(value: Decimal | None, ranges: Sequence[tuple[Decimal, Decimal]]) -> str:
    for number, (low, high) in enumerate(ranges):
        if value is not None and low <= value <= high:
            return f"shade-{number}"
    return "shade-none"


def _range(low: Decimal, high: Decimal) -> str:
    return words.number(low) if low == high else f"{words.number(low)} – {words.number(high)}"


def _label(shown: Shown, column: RollupColumn) -> str:
    return " › ".join(rollup_view.header(shown, column))
