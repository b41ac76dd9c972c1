"""GeoJSON (RFC 7946) as a sheet: a row a feature, a column a property, the point in a column of its own."""

from decimal import Decimal
from typing import Any

from engine import json_text
from engine.absence import kind_of, shown
from engine.errors import Problem
from engine.json_text import Json
from forms.importers.excel.files.grid import Cell, Grid, Value, make_grid
from forms.importers.excel.files.guard import MAX_FILE

MOST_FEATURES, MOST_PROPERTIES = 200_000, 500
DIGITS = 7
"""Of a degree: a centimetre; what a program writes beyond is noise."""


class GeoJsonUnread(Problem):
    """It is no GeoJSON that a ledger can take; `reason` says why."""

    code, status = "import.geojson-unread", 422
    reason: str


def is_json(content: bytes) -> bool:
    """Whether a file is JSON rather than any kind of sheet."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def grid(content: bytes, position: str) -> Grid:
    """The features as rows below the names of their properties; `position` names the column for points.

    Raises GeoJsonUnread.
    """
    if not position:
        raise GeoJsonUnread(reason="no-position")
    features = _features(content)
    names = list(dict.fromkeys(name for one in features for name in _properties(one)))
    names = [name for name in names if name != position]
    if len(names) > MOST_PROPERTIES:
        raise GeoJsonUnread(reason="too-many-properties")
    heads = [position, *names]
    cells = [Cell(1, col, name, name, "text") for col, name in enumerate(heads, 1)]
    for row, feature in enumerate(features, 2):
        told = _properties(feature)
        values = [_point(feature.get("geometry")), *(told.get(name) for name in names)]
        cells += [
            cell
            for col, value in enumerate(values, 1)
            if (cell := _cell(row, col, value)) is not None
        ]
    return make_grid("GeoJSON", cells)


def _features(content: bytes) -> list[dict[str, Any]]:
    try:
        found = json_text.loads(content, max_bytes=MAX_FILE)
    except (Problem, ValueError, RecursionError) as error:
        raise GeoJsonUnread(reason="json") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") != "FeatureCollection":
        raise GeoJsonUnread(reason="no-collection")
    if not features or not all(isinstance(one, dict) for one in features):
        raise GeoJsonUnread(reason="no-features")
    if len(features) > MOST_FEATURES:
        raise GeoJsonUnread(reason="too-many-features")
    return features


def _properties(feature: dict[str, Any]) -> dict[str, Json]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _point(geometry: Any) -> Json:
    """A point as a position is kept; of what is no point, its kind, for the check to tell."""
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        return "?"
    at = geometry.get("coordinates")
    if geometry.get("type") != "Point" or not isinstance(at, list) or len(at) < 2:
        return str(geometry.get("type", "?"))
    if not all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in at[:2]):
        return "Point ?"
    longitude, latitude = (_degrees(one) for one in at[:2])
    return f"{latitude},{longitude}"


def _degrees(at: int | Decimal) -> str:
    plain = format(round(Decimal(at), DIGITS), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _cell(row: int, col: int, value: Json) -> Cell | None:
    if value is None or value == "":
        return None
    if kind_of(value):
        return Cell(row, col, shown(value, "zh") or "", None, "text")
    if isinstance(value, bool):
        return Cell(row, col, "true" if value else "false", value, "bool")
    if isinstance(value, int | Decimal):
        number: Value = value
        return Cell(
            row, col, format(value, "f" if isinstance(value, Decimal) else "d"), number, "number"
        )
    if isinstance(value, list):
        text = "、".join(str(one) for one in value)
        return Cell(row, col, text, text, "text")
    return Cell(row, col, str(value), str(value), "text")
