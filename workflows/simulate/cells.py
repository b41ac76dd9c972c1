"""The document of a try-out: cells by path, rows by their `_id` or their number."""

from copy import deepcopy
from typing import Any

from engine.json_text import Json
from workflows.simulate.script import ScriptInvalid


def changed(document: Json, cells: dict[str, Json]) -> Json:
    """The document with other values in these cells. Raises ScriptInvalid for a place it has not."""
    new = deepcopy(document)
    for path, value in cells.items():
        _put(new, path, value)
    return new


def value_at(document: Json, path: str) -> Json:
    """What stands in a cell; None where there is nothing."""
    here: Any = document
    for part in path.split("/")[1:]:
        here = _below(here, part)
    return here


def _put(document: Json, path: str, value: Json) -> None:
    *way, last = path.split("/")[1:]
    here: Any = document
    for part in way:
        found = _below(here, part)
        if found is None and isinstance(here, dict):
            found = here[part] = {}
        here = found
    if isinstance(here, dict):
        here[last] = value
    elif isinstance(here, list) and last.isdigit() and int(last) <= len(here):
        here[int(last) : int(last) + 1] = [value]
    else:
        raise ScriptInvalid(where=path, reason="no-such-cell", detail=path)


def _below(here: Any, part: str) -> Any:
    if isinstance(here, dict):
        return here.get(part)
    if isinstance(here, list):
        for row in here:
            if isinstance(row, dict) and row.get("_id") == part:
                return row
        if part.isdigit() and int(part) < len(here):
            return here[int(part)]
    return None
