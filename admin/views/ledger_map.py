"""A ledger as a map: its rows as points that open, groups that zoom in, an area as a filter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from admin.views import ledger_view, words
from admin.views.ledger_showing import Showing
from admin.views.ledger_view import Query
from admin.web.html import text
from engine.ledgers import spots
from engine.ledgers.filters import Filter
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Column
from engine.ledgers.spots import Box, Mark, Spots
from engine.work import Work
from renderers import point_map
from renderers.point_map import Spot

NAMED = 40
"""Names stand beside points up to so many."""
LISTED = 100
EDGE = 0.00005
"""Degrees around a group, so that those at its edge are inside."""
CLOSE = 0.0002
"""Within so many degrees nothing is gained by zooming in."""


def page(
    work: Work, shown: Showing, here: Ground, query: Query, column: Column
) -> tuple[Spots, dict[str, Any]]:
    """The map of a ledger's rows, and what stands beside it. Raises FilterInvalid."""
    title = ledger_view.title_column(shown.lens)
    found = spots.spots(work, here, query.ask(), column, title)
    rest = without(query, column)
    context: dict[str, Any] = {
        "placed": words.number(found.placed),
        "unplaced": found.unplaced,
        "unplaced_href": _with(rest, Filter(column.name, "blank")).href(after=""),
        "list": query.href(after=""),
        "all": rest.href("/map", at=column.name) if rest.f != query.f else None,
        "drawing": None,
        "named": [],
        "choices": [
            {
                "label": shown.label(one),
                "href": without(query, column).href("/map", at=one.name),
                "current": one.name == column.name,
            }
            for one in spots.columns(shown.lens)
        ],
    }
    if found.box is not None:
        box = found.box
        frame = point_map.frame(box.south, box.west, box.north, box.east)
        marks = _apart(frame, found.marks)
        context["drawing"] = _drawing(shown, rest, column, frame, marks)
        alone = [one for one in marks if one.id]
        context["named"] = [
            {"title": one.title, "href": _row(shown, one)} for one in alone[:LISTED]
        ]
    return found, context


def without(query: Query, column: Column) -> Query:
    """The question without an area."""
    start = f"{column.name}:within:"
    return replace(query, f=tuple(one for one in query.f if not one.startswith(start)), after="")


def _with(query: Query, one: Filter) -> Query:
    return replace(query, f=(*query.f, ledger_view.written(one)))


def _drawing(
    shown: Showing, rest: Query, column: Column, frame: point_map.Frame, marks: Sequence[Mark]
) -> dict[str, Any]:
    drawn = point_map.placed(frame, [Spot(one.latitude, one.longitude, one.rows) for one in marks])
    length, told = point_map.bar(frame)
    return {
        "width": point_map.WIDE,
        "height": point_map.HIGH,
        "north": frame.north,
        "west": frame.west,
        "down": frame.down,
        "right": frame.right,
        "column": column.name,
        "base": rest.href("/map", at=column.name),
        "lines": [{"at": one.at, "flat": one.flat, "text": one.text} for one in point_map.lines(frame)],
        "bar": {"length": length, "text": told},
        "marks": [
            {
                "x": at.x,
                "y": at.y,
                "r": at.r,
                "count": one.rows,
                "title": one.title
                or text(shown.language, "ledger.map_group", n=words.number(one.rows)),
                "named": bool(one.id) and len(marks) <= NAMED,
                "href": _row(shown, one) if one.id else _closer(rest, column, one),
            }
            for one, at in zip(marks, drawn, strict=True)
        ],
    }  # fmt: skip


def _apart(frame: point_map.Frame, marks: Sequence[Mark]) -> list[Mark]:
    """Groups that would be drawn over each other are one, with what lies between them."""
    if all(one.rows == 1 for one in marks):
        return list(marks)
    kept: list[Mark] = []
    for one in sorted(marks, key=lambda each: -each.rows):
        for at, other in enumerate(kept):
            across = frame.x(one.longitude) - frame.x(other.longitude)
            along = frame.y(one.latitude) - frame.y(other.latitude)
            if across**2 + along**2 < (2 * point_map.LARGE) ** 2:
                kept[at] = _joined(other, one)
                break
        else:
            kept.append(one)
    return kept


def _joined(one: Mark, other: Mark) -> Mark:
    rows = one.rows + other.rows
    a, b = one.box, other.box
    return Mark(
        (one.latitude * one.rows + other.latitude * other.rows) / rows,
        (one.longitude * one.rows + other.longitude * other.rows) / rows,
        rows,
        Box(min(a.south, b.south), min(a.west, b.west), max(a.north, b.north), max(a.east, b.east)),
    )


def _row(shown: Showing, one: Mark) -> str:
    return f"/ledgers/{shown.lens.code}/rows/{one.id}"


def _closer(rest: Query, column: Column, one: Mark) -> str:
    """Into the group; to its rows as a list where they all stand at one place."""
    box = one.box
    near = max(box.north - box.south, box.east - box.west) < CLOSE
    inside = _with(rest, area(column, box))
    return inside.href() if near else inside.href("/map", at=column.name)


def area(column: Column, box: Box) -> Filter:
    """An area as a filter of the ledger."""
    south, west = box.south - EDGE, box.west - EDGE
    north, east = box.north + EDGE, box.east + EDGE
    return Filter(column.name, "within", (f"{south:.6f},{west:.6f}", f"{north:.6f},{east:.6f}"))
