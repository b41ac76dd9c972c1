"""What a meta-schema cannot say of a form: names that must exist, references that must end.

Everything here also bounds what a hostile form can cost: a pattern must be linear, a chain of
references short, and what it unfolds to finite.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from engine.formats.validator import PATTERNS
from engine.json_text import Json
from forms import pointers, structure
from forms.complaints import Complaint
from forms.structure import DEFS, FIELD, Spot

MAX_ITEMS = 20_000
MAX_UNFOLDED = 200_000
NOT_WITH_FILES = (
    "compute",
    "carry",
    "codelist",
    "oneOf",
    "enum",
    "items",
    "prefixItems",
    "present",
)
_DATA = ("enum", "const", "default", "examples", "form", "field")
"""Keywords whose content is data, not schema."""


def problems(document: Mapping[str, Any]) -> Iterator[Complaint]:
    """Complaints about a document that the meta-schema accepts."""
    expected = f"urn:yibiao:form:{document['form']['code']}"
    if document["$id"] != expected:
        yield Complaint("/$id", "id", {"expected": expected})
    broken = [*_references(document)]
    yield from broken
    if broken:
        return
    found: list[Spot] = []
    for spot in structure.spots(document):
        found.append(spot)
        if len(found) > MAX_ITEMS:
            yield Complaint("/properties", "too-many-items", {"limit": MAX_ITEMS})
            return
    for spot in found:
        yield from _spot(spot, document)
    yield from _required(document, document, "")
    yield from _block(document, found)


def _schemas(
    node: Json, pointer: str, names: bool = False
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema object of a document; what is data is left out."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _schemas(item, f"{pointer}/{index}")
    if not isinstance(node, Mapping):
        return
    if not names:
        yield pointer, node
    for key, item in node.items():
        if names or key not in _DATA:
            inner = not names and key in (
                "properties",
                "$defs",
                "patternProperties",
                "dependentSchemas",
            )
            yield from _schemas(item, f"{pointer}/{pointers.escape(key)}", inner)


def _references(document: Mapping[str, Any]) -> Iterator[Complaint]:
    edges: dict[str, list[str]] = {name: [] for name in document.get("$defs", {})}
    edges[""] = []
    for pointer, schema in _schemas(document, ""):
        owner = pointers.split(pointer)[1] if pointer.startswith("/$defs/") else ""
        if pointer and ("$id" in schema or "$schema" in schema):
            yield Complaint(pointer, "nested-id")
        for pattern in (schema.get("pattern"), *schema.get("patternProperties", ())):
            if pattern is not None and not linear(pattern):
                yield Complaint(pointer, "regex", {"pattern": pattern})
        reference = schema.get("$ref")
        if reference is None or reference.startswith(FIELD):
            continue
        if structure.definition(reference, document) is None or not reference.startswith(DEFS):
            yield Complaint(f"{pointer}/$ref", "reference", {"ref": reference})
        else:
            edges.setdefault(owner, []).append(pointers.split("/" + reference[len(DEFS) :])[0])
    yield from _endless(edges)


def linear(pattern: str) -> bool:
    """Whether a pattern can be matched in linear time, whatever the text."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=PATTERNS)
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


def _endless(edges: Mapping[str, list[str]]) -> Iterator[Complaint]:
    """References that go in a circle, too deep, or unfold to more than anyone can check."""
    known: dict[str, tuple[int, int]] = {}

    def measure(name: str, depth: int) -> tuple[int, int]:
        if name in known:
            return known[name]
        if depth > structure.MAX_HEIGHT:
            return MAX_UNFOLDED + 1, depth
        size, height = 1, 1
        for target in edges.get(name, ()):
            inner, above = measure(target, depth + 1)
            size, height = size + inner, max(height, above + 1)
            if size > MAX_UNFOLDED:
                break
        known[name] = (size, height)
        return known[name]

    for name in edges:
        size, height = measure(name, 0)
        if size > MAX_UNFOLDED or height > structure.MAX_HEIGHT:
            yield Complaint(
                f"/$defs/{pointers.escape(name)}" if name else "", "endless", {"name": name}
            )
            return


def _spot(spot: Spot, document: Mapping[str, Any]) -> Iterator[Complaint]:
    node = spot.node
    if spot.kind == "item":
        yield from _item(spot)
    elif spot.kind in ("floating", "fixed"):
        yield from _table(spot, document)
    elif spot.kind == "row":
        columns = node["properties"]
        for keyword in ("closed", "bind"):
            for name in node.get(keyword, ()):
                if name not in columns:
                    yield Complaint(f"{spot.pointer}/{keyword}", "no-column", {"name": name})
        for name in set(node.get("closed", ())) & set(node.get("required", ())):
            yield Complaint(f"{spot.pointer}/closed", "closed-required", {"name": name})
    if spot.kind != "closed":
        inner = node if "properties" in node else structure.resolve(node.get("items", {}), document)
        yield from _required(inner, document, spot.pointer)


def _item(spot: Spot) -> Iterator[Complaint]:
    node = spot.node
    bound = str(node.get("$ref", "")).startswith(FIELD)
    if not bound and not {"type", "enum", "const", "oneOf", "anyOf", "allOf", "field"} & set(node):
        yield Complaint(spot.pointer, "untyped")
    if not bound and not node.get("title") and "field" not in node:
        yield Complaint(spot.pointer, "untitled")
    table = node.get("table", {}).get("kind")
    if table:
        yield Complaint(f"{spot.pointer}/table", "not-a-table", {"kind": table})
    if "attachment" in node:
        yield from _attachment(spot)


def _attachment(spot: Spot) -> Iterator[Complaint]:
    """Files are a list, are uploaded anew each time, and their schema follows from what is declared."""
    if structure.kind_of(spot.node) != "array":
        yield Complaint(f"{spot.pointer}/attachment", "attachment-type")
    for keyword in NOT_WITH_FILES:
        if keyword in spot.node:
            details = {"keyword": keyword}
            yield Complaint(f"{spot.pointer}/{keyword}", "attachment-with", details)


def _table(spot: Spot, document: Mapping[str, Any]) -> Iterator[Complaint]:
    table = spot.node.get("table", {})
    if table.get("kind", spot.kind) != spot.kind:
        yield Complaint(f"{spot.pointer}/table", "not-a-table", {"kind": table["kind"]})
    if spot.kind == "floating":
        columns = structure.resolve(spot.node["items"], document)["properties"]
        if table.get("key") and table["key"] not in columns:
            yield Complaint(f"{spot.pointer}/table/key", "no-column", {"name": table["key"]})
    first, last = (*table.get("rows", ()), 1, 1)[:2]
    if first > last:
        yield Complaint(f"{spot.pointer}/table/rows", "rows")


def _required(
    node: Mapping[str, Any], document: Mapping[str, Any], pointer: str
) -> Iterator[Complaint]:
    known = structure.resolve(node, document).get("properties", {})
    for name in node.get("required", ()):
        if name not in known:
            yield Complaint(f"{pointer}/required", "required-unknown", {"name": name})


def _block(document: Mapping[str, Any], found: list[Spot]) -> Iterator[Complaint]:
    """Sections, checks and write-back name things that exist."""
    form = document["form"]
    seen: set[str] = set()
    for index, section in enumerate(form.get("sections", ())):
        for name in section["items"]:
            where = f"/form/sections/{index}/items"
            if name not in document["properties"]:
                yield Complaint(where, "section-unknown", {"name": name})
            elif name in seen:
                yield Complaint(where, "section-twice", {"name": name})
            seen.add(name)
    codes: set[str] = set()
    tables = {spot.path for spot in found if spot.kind in ("floating", "fixed")}
    for index, check in enumerate(form.get("checks", ())):
        if check["code"] in codes:
            yield Complaint(f"/form/checks/{index}/code", "check-twice", {"name": check["code"]})
        codes.add(check["code"])
        over = (check.get("over") or "").partition(":")[0]
        if over and f"/{over}" not in tables:
            yield Complaint(f"/form/checks/{index}/over", "over-unknown", {"name": over})
    bound = {spot.node["$ref"][len(FIELD) :] for spot in found if _bound(spot)}
    for index, code in enumerate(form.get("sets", ())):
        if code not in bound:
            yield Complaint(f"/form/sets/{index}", "sets-unknown", {"name": code})


def _bound(spot: Spot) -> bool:
    return spot.kind == "item" and str(spot.node.get("$ref", "")).startswith(FIELD)
