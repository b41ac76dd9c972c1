"""Positions in a document: `latitude,longitude` in degrees (CGCS2000; WGS-84 is the same to a decimetre)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.json_text import Json
from forms import document
from forms.compiled import CompiledForm, Item

WIDGET = "position"
PATTERN = (
    r"^-?(90(\.0{1,7})?|[1-8]?[0-9](\.[0-9]{1,7})?),"
    r"-?(180(\.0{1,7})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,7})?)$"
)
_WRITTEN = re.compile(PATTERN)


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the earth, to the digits it was given with."""

    latitude: Decimal
    longitude: Decimal


def read(text: Json) -> Position | None:
    """A position as it is kept; None for what is none."""
    if not isinstance(text, str) or not _WRITTEN.fullmatch(text):
        return None
    latitude, _, longitude = text.partition(",")
    return Position(Decimal(latitude), Decimal(longitude))


def point(value: Json) -> dict[str, Json] | None:
    """A position as a GeoJSON geometry, longitude first; None for what is none."""
    at = read(value)
    if at is None:
        return None
    return {"type": "Point", "coordinates": [at.longitude, at.latitude]}


def items(form: CompiledForm) -> tuple[Item, ...]:
    """The items of a form that are positions."""
    return tuple(item for item in form.items if item.widget == WIDGET)


def geojson(form: CompiledForm, contents: Mapping[str, Json], language: str) -> dict[str, Any]:
    """The positions of a document as GeoJSON (RFC 7946): longitude first, named by item."""
    features = []
    for item in items(form):
        paths = document.expand(contents, item.path)
        for path, value in document.get_all(contents, paths).items():
            geometry = point(value)
            if geometry is not None:
                features.append(
                    {
                        "type": "Feature",
                        "id": path,
                        "geometry": geometry,
                        "properties": {"item": item.full_label(language), "path": path},
                    }
                )
    return {"type": "FeatureCollection", "features": features}
