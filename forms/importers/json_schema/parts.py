"""Words, names, choices and references of a JSON Schema."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.json_text import Json

LONGEST = 2_000
"""A choice longer than this is no choice."""


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
            found = {**target, **found}
        for number, part in enumerate(found.pop("allOf", ())):
            one, _ = self.resolved(part, f"{pointer}/allOf/{number}", tuple(seen))
            for key, value in (one or {}).items():
                if key == "properties":
                    found["properties"] = {**found.get("properties", {}), **value}
                elif key == "required":
                    found["required"] = [*found.get("required", ()), *value]
                else:
                    found.setdefault(key, value)
        return found, tuple(seen)

    def target(self, reference: str) -> Mapping[str, Any] | None:
        """What a reference within the file points to."""
        own = str(self.schema.get("$id", ""))
        plain = reference.removeprefix(own) if own and reference.startswith(own) else reference
        if not plain.startswith("#"):
            return None
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


def choices(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """A closed list of values: an enum, or alternatives that are one value each."""
    if "const" in schema:
        return (
            {"oneOf": [{"const": schema["const"], "title": str(schema["const"])}]}
            if _scalar(schema["const"])
            else None
        )
    values = [one for one in schema.get("enum", ()) if one is not None]
    if values:
        return {"enum": values} if all(map(_scalar, values)) and len(values) <= 5000 else None
    for keyword in ("oneOf", "anyOf"):
        parts = schema.get(keyword) or ()
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
    return {"title": title, **({"hint": hint} if hint else {})}


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
