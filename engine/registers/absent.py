"""Absences in a register: `{"phone": "unknown"}` in the one column `absent`, beside the typed columns.

Most rows have none, so most hold NULL there; the typed columns stay what they are, and every formula
and filter that asks for values goes on as before.
"""

from collections.abc import Mapping
from typing import Any

from engine import absence
from engine.json_text import Json

COLUMN = "absent"
Absences = Mapping[str, str] | None
"""As a row keeps them, by field name."""


def whole(value: Any, absences: Absences, name: str) -> Json:
    """What a row says of a field: its value, else its absence, else nothing."""
    if value is not None or not absences or name not in absences:
        return value
    return absence.absent(absences[name])


def after(absences: Absences, changed: Mapping[str, Json]) -> Absences:
    """The absences of a row once these values are set."""
    kept = {name: kind for name, kind in (absences or {}).items() if name not in changed}
    said = {name: kind for name, value in changed.items() if (kind := absence.kind_of(value))}
    return {**kept, **said} or None


def typed(value: Json) -> Json:
    """What the typed column keeps of a value: of an absence, nothing."""
    return None if absence.kind_of(value) else value
