"""Where a reader's areas and the place they ask about meet."""

import pytest

from engine.ledgers.quality import narrowed

TOWN, ONE, OTHER = "370602011", "370602011001", "370602012"


@pytest.mark.parametrize(
    ("codes", "place", "met"),
    [
        ([""], "", [""]),
        ([""], TOWN, [TOWN]),
        ([ONE], "", [ONE]),
        ([TOWN], ONE, [ONE]),
        ([ONE], TOWN, [ONE]),
        ([TOWN], OTHER, []),
        ([ONE, OTHER], "370602", [ONE, OTHER]),
        (["370602011000"], ONE, [ONE]),
        (["370602-mzj"], TOWN, [TOWN]),
    ],
)
def test_the_smaller_of_the_two_is_read(codes: list[str], place: str, met: list[str]) -> None:
    """Never more than the areas hold, never more than was asked for."""
    assert narrowed(codes, place) == met
