"""The shape of a form: every item, table and row with its path, found by one walk.

Works on a form as written and on a bundled one alike; the compiler, the coherence checks and the
designer's operations all see a form through this walk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.json_text import Json

FIELD = "field:"
DEFS = "#/$defs/"
ROW_ID = "_id"
"""Identity of a floating row; a property of every row that is no item."""
MAX_HEIGHT = 32
"""How long a chain of `$ref` may be."""
MAX_NESTING = 8
"""How deep groups and tables may stand in each other; deeper ones are one opaque item."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a form: an item, a table, a row of a fixed table, a group or a closed cell."""

    kind: str
    """item | floating | fixed | row | group | closed"""
    path: str
    """Path pattern of its cells: `/elders/*/name`."""
    pointer: str
    """Where it is declared."""
    node: Mapping[str, Any]
    """Its schema with local references followed."""
    table: str | None = None
    row: str | None = None
    column: str | None = None
    required: bool = False


def resolve(node: Json, document: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with its references into `$defs` followed; what stands beside a `$ref` wins."""
    found = dict(node) if isinstance(node, Mapping) else {}
    for _ in range(MAX_HEIGHT):
        reference = found.get("$ref")
        if not isinstance(reference, str) or not reference.startswith(DEFS):
            break
        del found["$ref"]
        target = definition(reference, document)
        if target is None:
            break
        found = _laid_over(target, found)
    return found


def definition(reference: str, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What `#/$defs/name` points to, or nothing."""
    name = reference[len(DEFS) :].replace("~1", "/").replace("~0", "~")
    target = document.get("$defs", {}).get(name)
    return target if isinstance(target, Mapping) else None


def kind_of(node: Mapping[str, Any]) -> str:
    """The main type of a value: the first that is not null, or what an enum shows, or `string`."""
    types = node.get("type")
    if isinstance(types, list):
        types = next((one for one in types if one != "null"), None)
    if isinstance(types, str):
        return types
    values = node["enum"] if node.get("enum") else [node.get("const")]
    if isinstance(values[0], bool):
        return "boolean"
    if values[0] is not None and not isinstance(values[0], str | list | dict):
        return "number"
    return "object" if "properties" in node else "string"


def spots(document: Mapping[str, Any]) -> Iterator[Spot]:
    """Every place of the form, in the order of writing."""
    yield from _Walk(document).children(document, _Place())


@dataclass(frozen=True, slots=True)
class Said:
    """A condition as it is written: on an item, group, table or row, or on one of its choices."""

    kind: str
    """show | required | readonly | choice"""
    path: str
    pointer: str
    formula: str
    table: str | None = None
    row: str | None = None
    value: Json = None


CONDITIONS = {"show_when": "show", "required_when": "required", "readonly_when": "readonly"}


def conditions(document: Mapping[str, Any]) -> Iterator[Said]:
    """Every condition of the form, in the order of writing."""
    for spot in spots(document):
        at = (spot.table, spot.row) if spot.kind not in ("floating", "fixed") else (None, None)
        for keyword, kind in CONDITIONS.items():
            if isinstance(spot.node.get(keyword), str):
                pointer = f"{spot.pointer}/{keyword}"
                yield Said(kind, spot.path, pointer, spot.node[keyword], *at)
        for number, choice in enumerate(_choices(spot) if spot.kind == "item" else ()):
            if isinstance(choice, Mapping) and "const" in choice and "show_when" in choice:
                pointer = f"{spot.pointer}/oneOf/{number}/show_when"
                yield Said("choice", spot.path, pointer, choice["show_when"], *at, choice["const"])


def _choices(spot: Spot) -> Any:
    inner = spot.node.get("items") if kind_of(spot.node) == "array" else None
    holder = inner if isinstance(inner, Mapping) else spot.node
    return holder.get("oneOf", ())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands."""

    path: str = ""
    pointer: str = ""
    table: str | None = None
    row: str | None = None
    depth: int = 1

    def at(self, name: str) -> "_Place":
        """The property of this name, one level down the text, not the nesting."""
        return replace(
            self, path=f"{self.path}/{name}", pointer=f"{self.pointer}/properties/{name}"
        )

    def into(self, table: str, row: str | None) -> "_Place":
        """The cells of a table or of one of its rows."""
        return replace(self, table=table, row=row, depth=self.depth + 1)


class _Walk:
    """Visits what a form consists of, following its own `$defs`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def children(self, holder: Mapping[str, Any], here: _Place) -> Iterator[Spot]:
        """The properties of a group, row or document."""
        bound = holder.get("bind", {})
        for name, raw in holder.get("properties", {}).items():
            if name == ROW_ID:
                continue
            there = here.at(name)
            if name in holder.get("closed", ()) or not isinstance(raw, Mapping):
                yield self._spot("closed", {}, there, False)
                continue
            node = resolve(raw, self.document)
            if name in bound:
                node["$ref"] = FIELD + bound[name]
            yield from self._visit(node, there, name in holder.get("required", ()))

    def _visit(self, node: Mapping[str, Any], here: _Place, required: bool) -> Iterator[Spot]:
        kind = self._shape(node) if here.depth < MAX_NESTING else "item"
        yield self._spot(kind, node, here, required)
        if kind == "floating":
            rows = resolve(node["items"], self.document)
            inside = replace(here.into(here.path, None), path=f"{here.path}/*")
            yield from self.children(rows, replace(inside, pointer=f"{here.pointer}/items"))
        elif kind == "fixed":
            yield from self._rows(node, here)
        elif kind == "group":
            yield from self.children(node, replace(here, depth=here.depth + 1))

    def _rows(self, table: Mapping[str, Any], here: _Place) -> Iterator[Spot]:
        """Rows of a fixed table; a row that is one value is an item without a column."""
        for name, raw in table["properties"].items():
            node = resolve(raw, self.document)
            there = here.at(name).into(here.path, name)
            kind = "row" if "properties" in node else "item"
            required = kind == "item" and name in table.get("required", ())
            yield Spot(kind, there.path, there.pointer, node, here.path, name, None, required)
            if kind == "row":
                yield from self.children(node, there)

    def _spot(self, kind: str, node: Mapping[str, Any], here: _Place, required: bool) -> Spot:
        column = here.path.rpartition("/")[2] if here.table else None
        return Spot(kind, here.path, here.pointer, node, here.table, here.row, column, required)

    def _shape(self, node: Mapping[str, Any]) -> str:
        if isinstance(node.get("items"), Mapping) and "properties" in resolve(
            node["items"], self.document
        ):
            return "floating"
        if isinstance(node.get("properties"), Mapping):
            return "fixed" if node.get("table", {}).get("kind") == "fixed" else "group"
        return "item"


def _laid_over(target: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """What a reference points to, with what stands beside it laid over; properties meet by name."""
    merged = {**target, **beside}
    theirs, ours = target.get("properties"), beside.get("properties")
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        merged["properties"] = dict(theirs)
        for name, schema in ours.items():
            under = theirs.get(name)
            if isinstance(under, Mapping) and isinstance(schema, Mapping):
                merged["properties"][name] = {**under, **schema}
            else:
                merged["properties"][name] = schema
    if target.get("required") and beside.get("required"):
        merged["required"] = [*target["required"], *beside["required"]]
    return merged
