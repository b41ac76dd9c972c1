"""Ranges of codes that are read together."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine.formula.divisions import code_range
from engine.registers.areas import covering

CODE = st.lists(st.sampled_from("0123"), min_size=1, max_size=4).map("".join)


@given(codes=st.lists(CODE, min_size=1, max_size=12), most=st.integers(1, 5))
def test_every_place_is_covered_by_few_ranges_in_order(codes: list[str], most: int) -> None:
    """Whatever lies in a place lies in exactly one range."""
    ranges = covering([code_range(code) for code in codes], most)
    assert len(ranges) <= most
    assert all(high < low for (_, high), (low, _) in itertools.pairwise(ranges))
    for code in codes:
        for inside in (code, code + "0", code + "3333"):
            assert sum(low <= inside < high for low, high in ranges) == 1


def test_as_many_ranges_as_allowed_read_nothing_else() -> None:
    """Three places apart in three ranges; a place within another adds none."""
    places = ["370602011001", "370602011003", "3706020110031", "370602012"]
    assert covering([code_range(code) for code in places], 3) == [
        code_range("370602011001"),
        code_range("370602011003"),
        code_range("370602012"),
    ]
