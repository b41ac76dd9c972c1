"""One dispatch on a map: areas by how much has come in, and within an area every unit by where it is.

Where the office brought outlines of divisions they are drawn; squares and names stand there in any case.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from admin.views import dispatch_view, progress_view, units_view
from admin.views.progress_view import Asked
from admin.web.html import text
from engine.identity import boundaries
from engine.identity import store as identity
from engine.work import Work
from renderers import area_map
from workflows.dispatch import DispatchRecord
from workflows.dispatching import progress
from workflows.dispatching.progress import Tally, Unit

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

    def below(code: str) -> str:
        return f"{address}{'/map' if deep else ''}{asked.query(below=code)}"

    if deep:
        inside: dict[str, list[str]] = {}
        for one in here:
            code = one.path[len(above) :].partition("/")[0] or one.organisation
            inside.setdefault(code, []).append(_state(one))
        tiles = _areas(work, levels, inside, below, language)
    else:
        tiles = _units(work, here, below, language)
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
        "outlines": outlined(work, tiles, above, {one["code"]: one["class"] for one in tiles}),
    }


def _state(one: Unit) -> str:
    if one.late and one.waiting:
        return "late"
    return one.step if one.step in STATES else "other"


def _areas(
    work: Work,
    levels: Mapping[str, Tally],
    inside: Mapping[str, Sequence[str]],
    link: Callable[[str], str],
    language: str,
) -> list[dict[str, Any]]:
    """Areas, with the states of the units inside each."""
    names = identity.organisation_names(work.connection, list(levels))
    found = []
    for code, counted in levels.items():
        name = names.get(code, code)
        late = text(language, "dispatches.late", n=counted.late) if counted.late else ""
        arrived = f"{counted.done} / {counted.total}"
        found.append(
            {
                "code": code,
                "name": name,
                "href": link(code),
                "arrived": arrived,
                "late": late,
                "told": " ".join((name, arrived, late)).strip(),
                "class": f"band-{_band(counted)}{' has-late' if late else ''}",
                "squares": area_map.squares(inside[code]),
                "wide": len(inside[code]) > area_map.MANY,
            }
        )
    return found


def _band(counted: Tally) -> str:
    in_hand = counted.total - counted.exempt
    if counted.complete:
        return "all"
    if not counted.done:
        return "none"
    return "most" if counted.done * 2 >= in_hand else "some"


def _units(
    work: Work, here: Sequence[Unit], link: Callable[[str], str], language: str
) -> list[dict[str, Any]]:
    names = identity.organisation_names(
        work.connection, sorted({code for one in here for code in (one.organisation, one.place)})
    )
    found = []
    for one in here:
        name, state = names.get(one.organisation, one.organisation), _state(one)
        days = one.overdue(work.now) if state == "late" else 0
        stands = (
            text(language, f"progress.map.{state}")
            if not days
            else text(language, "due.late", n=days)
        )
        found.append(
            {
                "code": one.organisation,
                "name": name,
                "now": names.get(one.place, one.place) if one.place != one.organisation else "",
                "href": link(one.place),
                "stands": stands,
                "told": f"{name} {stands}",
                "state": state,
                "class": f"is-{state}",
            }
        )
    return found


def outlined(
    work: Work, tiles: Sequence[Mapping[str, Any]], above: str, classed: Mapping[str, str]
) -> dict[str, Any] | None:
    """The tiles that have an outline, drawn, each with its class; None if not one has. The outline of the
    area itself would hide what is in it.
    """
    inside = [one for one in tiles if not above.endswith(f"/{one['code']}/")]
    areas = boundaries.of_organisations(work.connection, [one["code"] for one in inside])
    if not areas:
        return None
    drawn = area_map.outlines(areas)
    return {
        "width": drawn.width,
        "height": drawn.height,
        "missing": len(inside) - len(areas),
        "shapes": [
            {
                "name": one["name"],
                "told": one["told"],
                "href": one["href"],
                "class": classed[one["code"]],
                "shape": drawn.shapes[one["code"]],
                "named": drawn.shapes[one["code"]].room >= len(one["name"]) * LETTER,
            }
            for one in inside
            if one["code"] in areas
        ],
    }
