"""Where the rows of a ledger are: one by one where they are few, else grouped by squares, in SQL.

A position is kept as `latitude,longitude` in degrees. Where it is sealed nothing can be drawn of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from engine.errors import NotFound
from engine.ledgers import filters, page
from engine.ledgers.degrees import latitude, longitude, square
from engine.ledgers.filters import Ask
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Column, Lens
from engine.work import Work

SINGLE = 60
"""So many rows are drawn one by one; more are grouped."""
SQUARES = 24
"""Squares along the longer side of what is drawn."""
FEW = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the earth in degrees, edges included."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A row, or several that lie close together, in the middle of them."""

    latitude: float
    longitude: float
    rows: int
    box: Box
    id: str = ""
    title: str = ""
    """Of one row alone."""


@dataclass(frozen=True, slots=True)
class Spots:
    """What is drawn, how many rows that is, and how many have no position."""

    marks: tuple[Mark, ...]
    box: Box | None
    placed: int
    unplaced: int


def columns(lens: Lens) -> tuple[Column, ...]:
    """The columns of a ledger that say where a row is, and may be drawn."""
    return tuple(one for one in lens.columns if one.position and not one.masked)


def chosen(lens: Lens, name: str = "") -> Column:
    """The column that is drawn: the named one, or the first. Raises NotFound."""
    found = columns(lens)
    for one in found:
        if name in ("", one.name):
            return one
    raise NotFound


def spots(work: Work, here: Ground, ask: Ask, column: Column, title: str) -> Spots:
    """The rows of an ask on the map; `title` is the column that names a row. Raises FilterInvalid."""
    inner = _placed(work, here, ask, column, title).subquery()
    c = inner.c
    low_high = [bound(one) for one in (c.lat, c.lon) for bound in (func.min, func.max)]
    placed, south, north, west, east = work.connection.execute(
        select(func.count(), *low_high).select_from(inner)
    ).one()
    unplaced = page.count(work, here, ask) - placed
    if not placed:
        return Spots((), None, 0, unplaced)
    box = Box(south, west, north, east)
    marks = _single(work, inner) if placed <= SINGLE else _grouped(work, inner, box)
    return Spots(marks, box, placed, unplaced)


def _placed(work: Work, here: Ground, ask: Ask, column: Column, title: str) -> Select[Any]:
    stored = here.stored(column)
    named = here.lens.by_name.get(title)
    joined = [*filters.columns_of(here.lens, ask), column, *([named] if named else [])]
    name = here.stored(named) if named else here.register.c.id
    return (
        select(
            here.register.c.id.label("id"),
            name.label("title"),
            latitude(stored).label("lat"),
            longitude(stored).label("lon"),
        )
        .select_from(here.joined(joined))
        .where(*page.wanted(work, here, ask), stored.like("%,%"))
    )


def _single(work: Work, inner: Any) -> tuple[Mark, ...]:
    found = work.connection.execute(select(inner).order_by(inner.c.title, inner.c.id))
    return tuple(
        Mark(one.lat, one.lon, 1, Box(one.lat, one.lon, one.lat, one.lon), one.id, str(one.title))
        for one in found
    )


def _grouped(work: Work, inner: Any, box: Box) -> tuple[Mark, ...]:
    side = max(box.north - box.south, box.east - box.west, FEW) / SQUARES
    c = inner.c
    squares = select(
        inner,
        square(c.lat, box.south, side).label("y"),
        square(c.lon, box.west, side).label("x"),
    ).subquery()
    s = squares.c
    found = work.connection.execute(
        select(
            func.count().label("n"), func.avg(s.lat).label("lat"), func.avg(s.lon).label("lon"),
            func.min(s.lat).label("south"), func.min(s.lon).label("west"),
            func.max(s.lat).label("north"), func.max(s.lon).label("east"),
            func.min(s.id).label("id"), func.min(s.title).label("title"),
        )
        .group_by(s.y, s.x)
        .order_by(func.count().desc(), s.y, s.x)
    )  # fmt: skip
    return tuple(_mark(row) for row in found.mappings())


def _mark(row: Mapping[Any, Any]) -> Mark:
    alone = row["n"] == 1
    return Mark(
        row["lat"], row["lon"], row["n"],
        Box(row["south"], row["west"], row["north"], row["east"]),
        row["id"] if alone else "", str(row["title"]) if alone else "",
    )  # fmt: skip
