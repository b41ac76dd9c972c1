"""Points on a plane: all inside the drawing, in their order, with round lines."""

from hypothesis import given
from hypothesis import strategies as st

from renderers import point_map
from renderers.point_map import EDGE, HIGH, WIDE, Spot

LATITUDES, LONGITUDES = st.floats(-80, 80), st.floats(-179, 179)


@given(st.lists(st.tuples(LATITUDES, LONGITUDES), min_size=1, max_size=20))
def test_everything_is_inside_and_north_is_up(places: list[tuple[float, float]]) -> None:
    """No point lies outside the drawing's edge; of two, the more northern one is not drawn lower."""
    lats, lons = zip(*places, strict=True)
    frame = point_map.frame(min(lats), min(lons), max(lats), max(lons))
    drawn = point_map.placed(frame, [Spot(*one) for one in places])
    for (lat, lon), at in zip(places, drawn, strict=True):
        assert EDGE - 1 <= at.x <= WIDE - EDGE + 1
        assert EDGE - 1 <= at.y <= HIGH - EDGE + 1
        for (other_lat, other_lon), other in zip(places, drawn, strict=True):
            assert not (lat > other_lat and at.y > other.y)
            assert not (lon > other_lon and at.x < other.x)
    assert 1 <= len(point_map.lines(frame)) <= 40


def test_a_bar_is_of_a_round_length() -> None:
    """Over a town some hundreds of metres or kilometres, never wider than a fifth of the drawing."""
    length, text = point_map.bar(point_map.frame(37.49, 121.30, 37.55, 121.46))
    assert text == "2 km"
    assert 0 < length <= WIDE / 5
    assert point_map.bar(point_map.frame(37.5, 121.3, 37.5, 121.3))[1].endswith(" m")
