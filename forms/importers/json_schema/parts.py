"""Words, names, choices and references of a JSON Schema."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from engine.json_text import Json

LONGEST = 2_000
"""A choice longer than this is no choice."""
KEPT: Mapping[str, tuple[str, ...]] = {
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "format"),
    "boolean": (),
}
"""Kinds of single values, and what of their rules comes along as it is."""
LOGIC = (
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "oneOf",
    "anyOf",
)
"""Keywords that are followed by conditions and choices of the form."""
SILENT = {
    "$schema", "$id", "$ref", "$defs", "definitions", "$comment", "$anchor", "$vocabulary", "type", "title",
    "description", "examples", "properties", "required", "items", "prefixItems", "enum", "enumNames", "const", "allOf",
    "readOnly", "format", "pattern", "patternProperties", "uniqueItems", "minItems", "maxItems", "default",
    "additionalProperties", "unevaluatedProperties", *LOGIC, *(name for names in KEPT.values() for name in names),
}  # fmt: skip
"""Keywords that are used, or that a page keeps by itself."""


@dataclass(frozen=True)
class Place:
    """Where the walk stands in the schema."""

    pointer: str = ""
    depth: int = 1
    above: tuple[str, ...] = ()
    """References that were followed to come here."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """The lists it stands in, by the reference to what their rows are."""

    def at(self, *steps: object) -> "Place":
        """Further down the text."""
        told = "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        return replace(self, pointer=f"{self.pointer}/{told}")

    def over(self, above: tuple[str, ...]) -> "Place":
        """After following references."""
        return replace(self, above=above)

    def deeper(self) -> "Place":
        """Inside an object or a list."""
        return replace(self, depth=self.depth + 1)


@dataclass(frozen=True)
class References:
    """Follows references of one schema; what cannot be followed is told."""

    schema: Mapping[str, Any]
    tell: Callable[[str, str, str], None]

    def resolved(
        self, raw: Json, pointer: str, above: tuple[str, ...]
    ) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        """References followed and `allOf` laid together; one that leads back to itself is told.

        With the references that were followed so far.
        """
        if not isinstance(raw, Mapping):
            return {}, above
        found, seen = dict(raw), list(above)
        while isinstance(found.get("$ref"), str):
            reference = found.pop("$ref")
            target = self.target(reference)
            if reference in seen or target is None:
                self.tell(
                    pointer,
                    "schema-recursive" if target is not None else "schema-reference",
                    reference,
                )
                return None, above
            seen.append(reference)
            both = [*target.get("allOf", ()), *found.get("allOf", ())]
            laid = {**target, **found, **({"allOf": both} if both else {})}
            if "properties" in target and "properties" in found:
                laid["properties"] = {**target["properties"], **found["properties"]}
            found = laid
        apart: list[Mapping[str, Any]] = []
        for number, part in enumerate(found.pop("allOf", ())):
            one, _ = self.resolved(part, f"{pointer}/allOf/{number}", tuple(seen))
            apart += _laid(found, one or {})
        return {**found, **({"allOf": apart} if apart else {})}, tuple(seen)

    def target(self, reference: str) -> Mapping[str, Any] | None:
        """What a reference within the file points to."""
        own = str(self.schema.get("$id", ""))
        plain = reference.removeprefix(own) if own and reference.startswith(own) else reference
        if not plain.startswith("#"):
            return None
        if plain[1:] and not plain.startswith("#/"):
            return _anchored(self.schema, plain[1:])
        here: Json = self.schema
        for step in plain[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            here = (
                here.get(key)
                if isinstance(here, Mapping)
                else here[int(key)]
                if isinstance(here, list) and key.isdecimal() and int(key) < len(here)
                else None
            )
        return here if isinstance(here, Mapping) else None


def _anchored(node: Json, anchor: str) -> Mapping[str, Any] | None:
    """The schema of a file that carries an anchor."""
    waiting: list[Json] = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            if anchor in (here.get("$anchor"), here.get("$dynamicAnchor")):
                return here
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return None


def _laid(found: dict[str, Any], part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Lay a part of `allOf` into what is there; conditions that do not fit in beside others, apart."""
    logic = {key: part[key] for key in LOGIC if key in part}
    meets = any(key in found for key in logic)
    for key, value in part.items():
        if key == "properties":
            found["properties"] = {**found.get("properties", {}), **value}
        elif key == "required":
            found["required"] = [*found.get("required", ()), *value]
        elif key != "allOf" and not (meets and key in logic):
            found.setdefault(key, value)
    return [*([logic] if meets else []), *part.get("allOf", ())]


def kind_of(schema: Mapping[str, Any]) -> str:
    """The kind of value: what it says, or what it says about it; empty where that stays open."""
    told = schema.get("type")
    if isinstance(told, list):
        told = next((one for one in told if one != "null"), None)
    if isinstance(told, str):
        return told
    if "properties" in schema or free(schema):
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else ""


def free(schema: Mapping[str, Any]) -> list[tuple[str, Json]]:
    """What an object may hold under names of one's own: pattern of the name, and what stands there."""
    found = list((schema.get("patternProperties") or {}).items())
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        told = schema.get(keyword)
        if isinstance(told, Mapping) and told:
            found.append(("", told))
    return [(pattern, told) for pattern, told in found if told is not False]


def alternative(schema: Mapping[str, Any]) -> str | None:
    """The keyword under which a schema has alternatives that are more than a list of values."""
    if choices(schema) is not None:
        return None
    return next((key for key in ("oneOf", "anyOf") if schema.get(key)), None)


def choices(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """A closed list of values: an enum, or alternatives that are one value each."""
    if "const" in schema:
        return (
            {"oneOf": [{"const": schema["const"], "title": str(schema["const"])}]}
            if _scalar(schema["const"])
            else None
        )
    values = [one for one in schema.get("enum", ()) if one is not None]
    if values and not (all(map(_scalar, values)) and len(values) <= 5000):
        return None
    if values:
        names = schema.get("enumNames")
        if isinstance(names, list) and len(names) == len(schema["enum"]):
            told = zip(schema["enum"], names, strict=True)
            return {
                "oneOf": [{"const": one, "title": str(n)} for one, n in told if one is not None]
            }
        return {"enum": values}
    for keyword in ("oneOf", "anyOf"):
        parts = [one for one in schema.get(keyword) or () if one != {"type": "null"}]
        if parts and all(isinstance(one, Mapping) and _scalar(one.get("const")) for one in parts):
            return {
                "oneOf": [
                    {"const": one["const"], "title": str(one.get("title") or one["const"])}
                    for one in parts
                ]
            }
    return None


def _scalar(value: Json) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST and "\0" not in value
    return value is not None and not isinstance(value, list | dict)


def whole(value: Json) -> Json:
    """Limits written as 2.0 are whole numbers to JSON Schema."""
    if isinstance(value, dict):
        return {key: whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [whole(one) for one in value]
    plain = (
        isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 10**15
    )
    return int(value) if plain else value


def titled(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A title, made from the name where there is none, and the description as a hint."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+", " ", name).strip() or name
    title = str(schema.get("title") or spaced[:1].upper() + spaced[1:])[:500] or "—"
    hint = str(schema.get("description") or "")[:2000]
    words: dict[str, Any] = {"title": title, **({"hint": hint} if hint else {})}
    return words | ({"titles": schema["x-titles"]} if schema.get("x-titles") else {})


def named(original: str, taken: Mapping[str, Any]) -> str:
    """A name as ours are written, not taken yet."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", original).lower()
    plain = re.sub(r"[^a-z0-9_]+", "_", plain).strip("_")[:40] or "item"
    plain = plain if plain[0].isalpha() else f"p_{plain}"[:40]
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    return name
