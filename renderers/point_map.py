"""Points on a plane: where each is drawn, lines of latitude and longitude, a bar of a round length.

Flat around the middle, which is right to a metre over a town and fair over a province. Nothing is fetched.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDE, HIGH, EDGE = 960, 620, 46
METRES = 111_320
"""A degree of latitude."""
LEAST = 120
"""So many metres are shown at least, from top to bottom."""
SMALL, LARGE = 9.0, 30.0
"""Radius of one row, and of the group that has the most."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What is to be drawn: where, and how many it stands for."""

    latitude: float
    longitude: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where it is drawn, and how large."""

    x: float
    y: float
    r: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of latitude (`flat`) or longitude, where it is drawn and what it is called."""

    at: float
    flat: bool
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of the earth the drawing shows: its upper left corner, and degrees by unit."""

    north: float
    west: float
    down: float
    right: float

    def x(self, longitude: float) -> float:
        """How far from the left a longitude is drawn."""
        return (longitude - self.west) / self.right

    def y(self, latitude: float) -> float:
        """How far from the top a latitude is drawn."""
        return (self.north - latitude) / self.down


def frame(south: float, west: float, north: float, east: float) -> Frame:
    """The drawing that shows all of these degrees, the middle in its middle, with room at its edges."""
    middle = (south + north) / 2, (west + east) / 2
    shrink = max(math.cos(math.radians(middle[0])), 0.01)
    down = max(
        (north - south) / (HIGH - 2 * EDGE),
        (east - west) * shrink / (WIDE - 2 * EDGE),
        LEAST / METRES / HIGH,
    )
    right = down / shrink
    return Frame(middle[0] + down * HIGH / 2, middle[1] - right * WIDE / 2, down, right)


def placed(shown: Frame, spots: Sequence[Spot]) -> list[Drawn]:
    """Where spots are drawn; the area of a group goes with what it stands for."""
    most = max((one.count for one in spots), default=1)
    return [
        Drawn(
            round(shown.x(one.longitude), 1), round(shown.y(one.latitude), 1),
            round(_radius(one.count, most), 1),
        )
        for one in spots
    ]  # fmt: skip


def lines(shown: Frame) -> list[Line]:
    """A few lines at round degrees, for who knows where they are."""
    step = _nice(shown.down * HIGH / 2)
    decimals = max(0, -math.floor(math.log10(step)))
    found = [
        Line(round(shown.y(at), 1), True, _degrees(at, decimals, "NS"))
        for at in _multiples(shown.north - shown.down * HIGH, shown.north, step)
    ]
    found += [
        Line(round(shown.x(at), 1), False, _degrees(at, decimals, "EW"))
        for at in _multiples(shown.west, shown.west + shown.right * WIDE, step)
    ]
    return found


def bar(shown: Frame) -> tuple[float, str]:
    """How long a bar of a round length is drawn, and its length in words."""
    metres = _nice(shown.down * METRES * WIDE / 5)
    text = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
    return round(metres / METRES / shown.down, 1), text


def _radius(count: int, most: int) -> float:
    if count == 1:
        return SMALL
    return SMALL + 4 + (LARGE - SMALL - 4) * math.sqrt(count / most)


def _nice(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above."""
    ten = 10.0 ** math.floor(math.log10(most))
    return next(one * ten for one in (5, 2, 1) if one * ten <= most * (1 + 1e-9))


def _multiples(low: float, high: float, step: float) -> Iterator[float]:
    at = math.ceil(low / step)
    while at * step <= high:
        yield at * step
        at += 1


def _degrees(at: float, decimals: int, ends: str) -> str:
    return f"{abs(at):.{decimals}f}°{ends[at < 0]}"
