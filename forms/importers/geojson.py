"""GeoJSON (RFC 7946) as a sheet: a row a feature, a column a property, the point in a column of its own."""

from decimal import Decimal
from typing import Any

from engine import json_text
from engine.errors import Problem
from engine.json_text import Json
from forms.importers import records
from forms.importers.excel.files.grid import Grid
from forms.importers.excel.files.guard import MAX_FILE

MOST_FEATURES = 200_000
DIGITS = 7
"""Of a degree: a centimetre; what a program writes beyond is noise."""


class GeoJsonUnread(Problem):
    """It is no GeoJSON that a ledger can take; `reason` says why."""

    code, status = "import.geojson-unread", 422
    reason: str


def read(content: bytes) -> Json:
    """What a JSON file says. Raises GeoJsonUnread for one that is cut off or none."""
    try:
        return json_text.loads(content, max_bytes=MAX_FILE)
    except (Problem, ValueError, RecursionError) as error:
        raise GeoJsonUnread(reason="json") from error


def grid(found: Any, position: str) -> Grid:
    """The features as rows below the names of their properties; `position` names the column for points.

    Raises GeoJsonUnread.
    """
    if not position:
        raise GeoJsonUnread(reason="no-position")
    features = _features(found)
    names = list(dict.fromkeys(name for one in features for name in _properties(one)))
    names = [name for name in names if name != position]
    if len(names) >= records.MOST_NAMES:
        raise GeoJsonUnread(reason="too-many-properties")
    rows = (
        [_point(one.get("geometry")), *(_properties(one).get(name) for name in names)]
        for one in features
    )
    return records.laid_out("GeoJSON", [position, *names], rows)


def _features(found: Any) -> list[dict[str, Any]]:
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
