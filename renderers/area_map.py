"""Maps as paths of an SVG: a square for each unit, or the outlines of divisions.

Drawn on the server with nothing from outside: no tiles, no script, no style of their own. The page gives
each path its class and its link.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, cos, radians

WIDTH = 1000
"""Of a map of outlines, in its own units; its points lie on whole ones."""
TALLEST = 1200
SQUARE, STEP = 8, 10
"""The side of a square, and from one to the next."""
MANY, FEW_COLUMNS, MANY_COLUMNS = 600, 25, 100
"""More squares than this are drawn in wider rows."""
EDGE = 4


@dataclass(frozen=True, slots=True)
class Squares:
    """Squares in rows, one path for each state."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]
    """(state, what `d` of a path says), in the order the states come."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An area as it is drawn, and where its name may stand."""

    path: str
    x: int
    y: int
    room: int
    """How wide it is."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """Areas drawn to one scale, north above."""

    width: int
    height: int
    shapes: Mapping[str, Shape]


def squares(states: Sequence[str]) -> Squares:
    """A square for each unit, row by row in the order given, so that a unit stays where it is."""
    columns = FEW_COLUMNS if len(states) <= MANY else MANY_COLUMNS
    paths: dict[str, list[str]] = {}
    for number, state in enumerate(states):
        row, column = divmod(number, columns)
        paths.setdefault(state, []).append(f"M{column * STEP} {row * STEP}h8v8h-8z")
    across = min(len(states), columns)
    return Squares(
        max(across * STEP - STEP + SQUARE, SQUARE),
        max(ceil(len(states) / columns) * STEP - STEP + SQUARE, SQUARE),
        tuple((state, "".join(drawn)) for state, drawn in paths.items()),
    )


def outlines(areas: Mapping[str, Sequence[Sequence[Sequence[Sequence[int]]]]]) -> Outlines:
    """Areas given as polygons of rings of (longitude, latitude) in 1/100,000 of a degree.

    A degree of longitude is drawn as long as it is in the middle of the map. Detail finer than a unit of
    the drawing is left out.
    """
    longitudes = [point[0] for ring in _rings(areas) for point in ring]
    latitudes = [point[1] for ring in _rings(areas) for point in ring]
    if not longitudes:
        return Outlines(WIDTH, SQUARE, {})
    west, north = min(longitudes), max(latitudes)
    shrink = max(cos(radians((min(latitudes) + north) / 2 / 100_000)), 0.01)
    wide, tall = max((max(longitudes) - west) * shrink, 1), max(north - min(latitudes), 1)
    scale = min((WIDTH - 2 * EDGE) / wide, (TALLEST - 2 * EDGE) / tall)
    across = round(wide * scale) + 2 * EDGE

    def place(point: Sequence[int]) -> tuple[int, int]:
        return (
            round((point[0] - west) * shrink * scale) + EDGE,
            round((north - point[1]) * scale) + EDGE,
        )

    shapes = {}
    for code, polygons in areas.items():
        rings = [_placed(ring, place) for polygon in polygons for ring in polygon]
        largest = max(rings, key=_extent)
        xs, ys = [x for x, _ in largest], [y for _, y in largest]
        shapes[code] = Shape(
            "".join(_path(ring) for ring in rings),
            (min(xs) + max(xs)) // 2,
            (min(ys) + max(ys)) // 2,
            max(xs) - min(xs),
        )
    return Outlines(across, round(tall * scale) + 2 * EDGE, shapes)


def classes(values: Iterable[Decimal], most: int = 5) -> list[tuple[Decimal, Decimal]]:
    """Values cut into ranges that hold about as many each, from the lowest: (lowest in it, highest in it)."""
    known = sorted(values)
    cuts = sorted({known[len(known) * n // most] for n in range(most)}) if known else []
    return [
        (low, max(one for one in known if one >= low and (not above or one < above[0])))
        for n, low in enumerate(cuts)
        for above in [cuts[n + 1 : n + 2]]
    ]


def _rings(
    areas: Mapping[str, Sequence[Sequence[Sequence[Sequence[int]]]]],
) -> Iterable[Sequence[Sequence[int]]]:
    return (ring for polygons in areas.values() for polygon in polygons for ring in polygon)


def _placed(
    ring: Sequence[Sequence[int]], place: Callable[[Sequence[int]], tuple[int, int]]
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for point in ring:
        at = place(point)
        if not found or found[-1] != at:
            found.append(at)
    return found


def _extent(ring: Sequence[tuple[int, int]]) -> int:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def _path(ring: Sequence[tuple[int, int]]) -> str:
    """From the first point by steps, which are short numbers."""
    (x, y), *others = ring
    drawn = [f"M{x} {y}"]
    for to_x, to_y in others:
        drawn.append(f"l{to_x - x} {to_y - y}")
        x, y = to_x, to_y
    return "".join(drawn) + "z"
