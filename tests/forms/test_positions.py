"""Positions: what is one, and what leaves as GeoJSON."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import positions
from tests.forms import samples

SEVEN = Decimal("0.0000001")


@given(
    st.decimals(-90, 90, places=7, allow_nan=False),
    st.decimals(-180, 180, places=7, allow_nan=False),
)
def test_every_place_on_earth_is_one(latitude: Decimal, longitude: Decimal) -> None:
    """As the page writes it; nothing is rounded."""
    found = positions.read(f"{latitude:f},{longitude:f}")
    assert found == positions.Position(latitude, longitude)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "37.5",
        "121.391,37.538",
        "90.1,0",
        "0,180.5",
        "37,5,1",
        "37.538 121.391",
        "-0x1,2",
        "1e1,2",
        "03,121",
        37,
    ],
)
def test_what_is_none_is_refused(text: object) -> None:
    """Swapped, out of range, of another form."""
    assert positions.read(text) is None


def test_the_positions_of_a_document_leave_as_geojson() -> None:
    """Longitude first, to the digit; rows too; what is none is left out."""
    at = {"type": "string", "title": "位置", "widget": "position", "pattern": positions.PATTERN}
    form = samples.compiled(
        {
            "$schema": "urn:yibiao:dialect:form:1",
            "$id": "urn:yibiao:form:test.places",
            "title": "点位",
            "type": "object",
            "form": {"code": "test.places", "kind": "report", "period": "once"},
            "properties": {
                "at": at,
                "wells": {
                    "type": "array",
                    "title": "水井",
                    "table": {"kind": "floating"},
                    "items": {"type": "object", "properties": {"at": at}},
                },
            },
        }
    )
    contents = {
        "at": "37.5380001,121.391",
        "wells": [{"_id": "w1", "at": "-0.5,-180"}, {"_id": "w2", "at": "91,0"}],
    }
    told = positions.geojson(form, contents, "zh")
    assert [(one["id"], one["geometry"]["coordinates"]) for one in told["features"]] == [
        ("/at", [Decimal("121.391"), Decimal("37.5380001")]),
        ("/wells/w1/at", [Decimal(-180), Decimal("-0.5")]),
    ]
    assert form.validator.is_valid({"at": "37.5,121.4"})
    assert not form.validator.is_valid({"at": "121.4,37.5"})
