"""Maps as paths: every unit drawn once, every area in its place."""

import re
from collections import Counter
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from renderers import area_map

STATES = st.lists(st.sampled_from(["done", "fill", "late"]), max_size=1500)


@given(STATES)
def test_every_unit_is_one_square_and_no_two_lie_on_each_other(states: list[str]) -> None:
    """Inside the drawing, in the order given."""
    drawn = area_map.squares(states)
    found = {
        state: [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h8v8h-8z", path)]
        for state, path in drawn.paths
    }
    assert {state: len(places) for state, places in found.items()} == Counter(states)
    places = [place for one in found.values() for place in one]
    assert len(set(places)) == len(states)
    assert all(x + 8 <= drawn.width and y + 8 <= drawn.height for x, y in places)
    by_place = {place: state for state, one in found.items() for place in one}
    assert [by_place[place] for place in sorted(by_place, key=lambda at: (at[1], at[0]))] == states


def square(west: int, south: int, side: int = 10_000) -> tuple:
    """An area of a tenth of a degree."""
    ring = (
        (west, south), (west + side, south), (west + side, south + side), (west, south + side),
        (west, south),
    )  # fmt: skip
    return ((ring,),)


def test_north_is_above_and_neighbours_touch() -> None:
    """East of one begins where it ends; a degree of longitude is shorter than one of latitude."""
    drawn = area_map.outlines(
        {
            "a": square(12_100_000, 3_700_000),
            "east": square(12_110_000, 3_700_000),
            "north": square(12_100_000, 3_710_000),
        }
    )
    a, east, north = (drawn.shapes[code] for code in ("a", "east", "north"))
    assert a.x < east.x
    assert north.x == a.x
    assert north.y < a.y
    assert abs((east.x - a.x) - a.room) <= 1
    assert 0.78 < (east.x - a.x) / (a.y - north.y) < 0.82  # cos 37°
    assert drawn.width <= area_map.WIDTH
    for shape in drawn.shapes.values():
        x, y = map(int, re.match(r"M(\d+) (\d+)", shape.path).groups())
        assert 0 <= x <= drawn.width
        assert 0 <= y <= drawn.height


def test_detail_finer_than_the_drawing_is_left_out() -> None:
    """A coast of a hundred thousand points is no longer than what can be seen of it."""
    coast = [(12_100_000 + n, 3_700_000) for n in range(100_000)]
    ring = (*coast, (12_200_000, 3_800_000), (12_100_000, 3_800_000), coast[0])
    assert area_map.outlines({"a": ((ring,),)}).shapes["a"].path.count("l") <= area_map.WIDTH + 3


def test_nothing_to_draw() -> None:
    """No areas, a point of one, no units: a drawing all the same."""
    assert area_map.outlines({}).shapes == {}
    assert area_map.squares([]).paths == ()
    point = (((5, 5), (5, 5), (5, 5), (5, 5)),)
    assert area_map.outlines({"a": (point,)}).shapes["a"].path.startswith("M")


@given(st.lists(st.decimals(-1000, 1000, places=1), max_size=60))
def test_every_value_lies_in_one_range(values: list[Decimal]) -> None:
    """Ranges in order, none over another, each with its lowest and highest value as its ends."""
    found = area_map.classes(values)
    assert len(found) <= 5
    assert all(high < low for (_, high), (low, _) in pairwise(found))
    for value in values:
        assert sum(low <= value <= high for low, high in found) == 1
    assert {end for one in found for end in one} <= set(values)
