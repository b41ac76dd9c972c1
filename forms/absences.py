"""Answers that may stand in place of a value: which cells take them, and the schema that lets them pass.

A form (or the field it binds) says `"absences": ["unknown", "refused"]`. The published bundle keeps the
keyword as it was written; what judges documents is the bundle with each such cell widened, so that a
cell which takes none costs nothing and its complaints stay the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine import absence
from engine.json_text import Json
from forms import structure
from forms.compiled import Item

SHAPE: Mapping[str, Json] = {
    "type": "object",
    "properties": {absence.KEY: {"type": "string"}},
    "required": [absence.KEY],
    "maxProperties": 1,
}


def judging(bundle: Mapping[str, Any], items: Iterable[Item]) -> Mapping[str, Any]:
    """The schema that documents are judged by; the bundle itself where no cell takes an absence."""
    taking = [item for item in items if item.absences]
    if not taking:
        return bundle
    schema: dict[str, Any] = _copied(bundle)
    wanted: dict[tuple[int, str], tuple[dict[str, Any], str, set[str]]] = {}
    for item in taking:
        for holder, name in _declared(schema, item.path):
            known = wanted.setdefault((id(holder), name), (holder, name, set()))
            known[2].update(item.absences)
    for holder, name, kinds in wanted.values():
        holder[name] = _widened(holder[name], kinds)
    return schema


def _widened(schema: Json, kinds: Iterable[str]) -> Json:
    allowed = [kind for kind in absence.KINDS if kind in set(kinds)]
    told = {**SHAPE, "properties": {absence.KEY: {"enum": allowed}}}
    return {"if": SHAPE, "then": told, "else": schema}


def _declared(document: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every place where a cell's schema stands: a row may lay its own over a shared column's."""
    holders = [document]
    *steps, last = path.strip("/").split("/")
    for step in steps:
        inner: list[dict[str, Any]] = []
        for holder in holders:
            for one in _chain(holder, document):
                found = one.get("items") if step == "*" else one.get("properties", {}).get(step)
                if isinstance(found, dict):
                    inner.append(found)
        holders = inner
    seen: set[int] = set()
    for holder in holders:
        for one in _chain(holder, document):
            own = one.get("properties")
            if isinstance(own, dict) and last in own and id(own) not in seen:
                seen.add(id(own))
                yield own, last


def _chain(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and what it refers to, one after the other."""
    here: Any = schema
    for _ in range(structure.MAX_HEIGHT):
        if not isinstance(here, dict):
            return
        yield here
        reference = here.get("$ref")
        if not isinstance(reference, str) or not reference.startswith(structure.DEFS):
            return
        here = structure.definition(reference, document)


def _copied(node: Json) -> Any:
    if isinstance(node, Mapping):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(one) for one in node] if isinstance(node, list) else node
