"""One dispatch on a map: areas by how much has come in, and within an area every unit by where it is.

Where the office brought outlines of divisions they are drawn; squares and names stand there in any case.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from admin.views import dispatch_view, progress_view, units_view
from admin.views.progress_view import Asked
from engine.identity import boundaries
from engine.identity import store as identity
from engine.work import Work
from renderers import maps
from workflows import progress
from workflows.dispatch import DispatchRecord
from workflows.progress import Tally, Unit

MOST_NAMED = 150
"""Units that are shown one by one with their names."""
STATES = ("done", "approve", "verify", "fill", "late", "exempt", "other")
"""How a unit is coloured."""
BANDS = ("all", "most", "some", "none")
"""How an area is coloured: all in, half or more, less, nothing."""
LETTER = 22
"""How wide a character of a name is on a map; a name that does not fit stands in the title only."""


def page(work: Work, dispatch: DispatchRecord, asked: Asked, language: str) -> dict[str, Any]:
    """The context of progress_map.html."""
    everybody = progress.units(work, dispatch)
    now = progress.by_today(work, everybody)
    everybody = now if now is not None and asked.units == units_view.TODAY else everybody
    top = progress.common_path(everybody)
    above = progress_view.above_of(everybody, top, asked.below)
    here = [one for one in everybody if one.path.startswith(above)]
    levels = progress.by_child(here, above)
    while len(levels) == 1 and len(here) > MOST_NAMED:
        above += f"{next(iter(levels))}/"
        levels = progress.by_child(here, above)
    deep = len(here) > MOST_NAMED and len(levels) < len(here)
    address = f"/dispatches/{dispatch.id}"
    tiles = (
        _areas(work, here, levels, above, lambda code: f"{address}/map{asked.query(below=code)}")
        if deep
        else _units(work, here, address, asked)
    )
    counted = Counter(_state(one) for one in here)
    return {
        "dispatch": {
            "id": dispatch.id,
            "title": dispatch_view.title(work, dispatch, language),
            "done": counted["done"],
            "total": len(here),
        },
        "tabs": {"list": f"{address}{asked.query()}", "map": f"{address}/map{asked.query()}"},
        "switch": units_view.switch(f"{address}/map", asked.units or units_view.THEN, language)
        if now is not None
        else [],
        "crumbs": progress_view.crumbs(work, top, above, asked),
        "legend": [{"state": one, "count": counted[one]} for one in STATES if counted[one]],
        "bands": BANDS if deep else (),
        "deep": deep,
        "tiles": tiles,
        "outlines": _outlines(
            work, [one for one in tiles if not above.endswith(f"/{one['code']}/")]
        ),
    }


def _state(one: Unit) -> str:
    if one.late and one.waiting:
        return "late"
    return one.step if one.step in STATES else "other"


def _areas(
    work: Work,
    here: Sequence[Unit],
    levels: Mapping[str, Tally],
    above: str,
    link: Callable[[str], str],
) -> list[dict[str, Any]]:
    names = identity.organisation_names(work.connection, list(levels))
    inside: dict[str, list[str]] = {}
    for one in here:
        code = one.path[len(above) :].partition("/")[0] or one.organisation
        inside.setdefault(code, []).append(_state(one))
    return [
        {
            "code": code,
            "name": names.get(code, code),
            "href": link(code),
            "done": counted.done,
            "total": counted.total,
            "late": counted.late,
            "state": _band(counted),
            "squares": maps.squares(inside[code]),
            "wide": len(inside[code]) > maps.MANY,
        }
        for code, counted in levels.items()
    ]


def _band(counted: Tally) -> str:
    in_hand = counted.total - counted.exempt
    if counted.complete:
        return "all"
    if not counted.done:
        return "none"
    return "most" if counted.done * 2 >= in_hand else "some"


def _units(work: Work, here: Sequence[Unit], address: str, asked: Asked) -> list[dict[str, Any]]:
    names = identity.organisation_names(work.connection, [one.organisation for one in here])
    return [
        {
            "code": one.organisation,
            "name": names.get(one.organisation, one.organisation),
            "href": f"{address}{asked.query(below=one.organisation)}",
            "late": one.overdue(work.now) if one.late and one.waiting else 0,
            "state": _state(one),
        }
        for one in here
    ]


def _outlines(work: Work, tiles: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The tiles that have an outline, drawn; None if not one has. The area itself would hide what is in it."""
    areas = boundaries.of_organisations(work.connection, [one["code"] for one in tiles])
    if not areas:
        return None
    drawn = maps.outlines(areas)
    return {
        "width": drawn.width,
        "height": drawn.height,
        "missing": len(tiles) - len(areas),
        "shapes": [
            {
                **one,
                "shape": drawn.shapes[one["code"]],
                "named": drawn.shapes[one["code"]].room >= len(one["name"]) * LETTER,
            }
            for one in tiles
            if one["code"] in areas
        ],
    }
