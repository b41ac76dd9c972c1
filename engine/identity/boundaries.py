"""Outlines of divisions for maps, as an office brings them in a GeoJSON file (RFC 7946).

None are shipped: maps of the country are reviewed by law, and each office has its own approved ones.
An outline is kept in whole hundred-thousandths of a degree (about a metre), a point a ring has twice in
a row once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, delete, func, insert, select

from engine import json_text
from engine.errors import Problem
from engine.identity.reform import LEVELS, OFFICE
from engine.identity.tables import Boundary, Organisation
from engine.json_text import Json
from engine.storage.database import advisory_lock

Ring: TypeAlias = tuple[tuple[int, int], ...]
"""Longitude and latitude in hundred-thousandths of a degree, first point last again."""
Polygon: TypeAlias = tuple[Ring, ...]
"""The outer ring, then its holes."""

BOUNDARY = Boundary.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
ORGANISATION = Organisation.__table__  # type: ignore[attr-defined]  # as above
CODE_NAMES = ("code", "adcode", "division_code", "区划代码", "行政区划代码", "代码")
"""How files call the code of a division, in this order."""
SCALE = 100_000
MOST_BYTES = 64 * 1024 * 1024
MOST_OUTLINES = 20_000
MOST_POINTS = 2_000_000


class BoundariesWrong(Problem):
    """The file is no collection of outlines with codes; `number` counts its features from 1."""

    code, status = "boundaries.wrong", 422
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a division lies."""

    code: str
    polygons: tuple[Polygon, ...]


def read(content: bytes) -> list[Outline]:
    """The outlines of a GeoJSON file. Raises JsonInvalid, JsonTooLarge, BoundariesWrong."""
    given = json_text.loads(content, max_bytes=MOST_BYTES)
    features = given.get("features") if isinstance(given, dict) else None
    if not isinstance(features, list) or not features or len(features) > MOST_OUTLINES:
        raise BoundariesWrong(number=0, reason="collection")
    found: dict[str, Outline] = {}
    points = 0
    for number, feature in enumerate(features, 1):
        one = _outline(number, feature)
        points += sum(len(ring) for polygon in one.polygons for ring in polygon)
        if one.code in found:
            raise BoundariesWrong(number=number, reason="twice")
        if points > MOST_POINTS:
            raise BoundariesWrong(number=number, reason="points")
        found[one.code] = one
    return list(found.values())


def keep(connection: Connection, outlines: Iterable[Outline], *, at: str) -> None:
    """Keep outlines; one that is there already is replaced, others stay. Two at once follow each other."""
    advisory_lock(connection, "boundaries")
    rows = [{"division_code": one.code, "outline": one.polygons, "kept_at": at} for one in outlines]
    codes = [row["division_code"] for row in rows]
    for begin in range(0, len(codes), 500):
        part = codes[begin : begin + 500]
        connection.execute(delete(BOUNDARY).where(BOUNDARY.c.division_code.in_(part)))
    connection.execute(insert(BOUNDARY), rows)


def forget(connection: Connection) -> int:
    """Take all outlines away; gives how many there were."""
    return connection.execute(delete(BOUNDARY)).rowcount


def count(connection: Connection) -> int:
    """How many outlines are kept."""
    return int(connection.execute(select(func.count()).select_from(BOUNDARY)).scalar() or 0)


def coverage(connection: Connection) -> tuple[int, list[dict[str, Any]]]:
    """How many outlines are kept, and by kind of organisation how many of those there are have one."""
    o = ORGANISATION.c
    query = (
        select(o.kind, func.count(), func.count(BOUNDARY.c.division_code))
        .select_from(ORGANISATION)
        .outerjoin(BOUNDARY, BOUNDARY.c.division_code == o.division_code)
        .where(o.kind != OFFICE, o.valid_to.is_(None))
        .group_by(o.kind)
    )
    rows = {kind: (every, known) for kind, every, known in connection.execute(query)}
    return count(connection), [
        {"kind": kind, "known": rows[kind][1], "all": rows[kind][0]}
        for kind in LEVELS
        if kind in rows
    ]


def codes(connection: Connection) -> list[str]:
    """The divisions that have an outline."""
    query = select(BOUNDARY.c.division_code).order_by(BOUNDARY.c.division_code)
    return list(connection.execute(query).scalars())


def feature(connection: Connection, code: str) -> dict[str, Json] | None:
    """The outline of a division as a Feature of GeoJSON that `read` takes again; None without one."""
    wanted = division_code(code)
    query = select(BOUNDARY.c.outline).where(BOUNDARY.c.division_code == wanted)
    found = connection.execute(query).scalar()
    if found is None or wanted is None:
        return None
    polygons = [
        [[[x / SCALE, y / SCALE] for x, y in ring] for ring in polygon] for polygon in found
    ]
    return {
        "type": "Feature",
        "properties": {"code": wanted},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def of_organisations(
    connection: Connection, codes: Collection[str]
) -> dict[str, tuple[Polygon, ...]]:
    """By organisation, the outline there is of its division; an office of a government has its own none."""
    wanted = sorted(set(codes))
    found: dict[str, tuple[Polygon, ...]] = {}
    for begin in range(0, len(wanted), 500):
        query = (
            select(ORGANISATION.c.code, BOUNDARY.c.outline)
            .join(BOUNDARY, BOUNDARY.c.division_code == ORGANISATION.c.division_code)
            .where(
                ORGANISATION.c.code.in_(wanted[begin : begin + 500]),
                ORGANISATION.c.kind != OFFICE,
            )
        )
        found.update((code, outline) for code, outline in connection.execute(query))
    return found


def division_code(text: str) -> str | None:
    """A division's code without the zeros that pad it: `370600` and `370600000000` are `3706`. None for
    what is no code (GB/T 2260, GB/T 10114: 2, 4, 6, 9 or 12 digits).
    """
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12)):
        return None
    for whole, padding in ((12, 3), (9, 3), (6, 2), (4, 2)):
        if len(text) == whole and text.endswith("0" * padding):
            text = text[:-padding]
    return text


def _outline(number: int, feature: Json) -> Outline:
    if not isinstance(feature, dict):
        raise BoundariesWrong(number=number, reason="collection")
    code = _code(feature)
    if code is None:
        raise BoundariesWrong(number=number, reason="code")
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise BoundariesWrong(number=number, reason="kind")
    given = geometry.get("coordinates")
    polygons = [given] if geometry["type"] == "Polygon" else given
    try:
        return Outline(code, tuple(_polygon(one) for one in _listed(polygons)))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise BoundariesWrong(number=number, reason="coordinates") from error


def _code(feature: Mapping[str, Json]) -> str | None:
    properties = feature.get("properties")
    named = properties if isinstance(properties, dict) else {}
    for value in (*(named.get(name) for name in CODE_NAMES), feature.get("id")):
        if isinstance(value, str | int) and not isinstance(value, bool):
            return division_code(str(value).strip())
    return None


def _polygon(given: Json) -> Polygon:
    return tuple(_ring(one) for one in _listed(given))


def _ring(given: Json) -> Ring:
    points: list[tuple[int, int]] = []
    for longitude, latitude, *_height in _listed(given):
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise ValueError("not on the earth")
        point = (round(longitude * SCALE), round(latitude * SCALE))
        if not points or points[-1] != point:
            points.append(point)
    if len(given) < 4 or points[0] != points[-1]:
        raise ValueError("not closed")
    return tuple(points)


def _listed(given: Any) -> Sequence[Any]:
    if not isinstance(given, list) or not given:
        raise TypeError("not a list")
    return given
