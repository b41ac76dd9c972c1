"""Conditions of a schema (`if`, `const`, `required`, limits) as formulas over the items of a form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.json_text import Json
from forms.importers.json_schema.holders import Holder, both

_LIMITS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
_SILENT = {"type", "title", "description", "$comment", "examples", "default"}


def holds(schema: Json, holder: Holder) -> str | None:
    """What must be true of an object for it to fit; None if no formula says it, `true` if nothing need be.

    An item that is blank fits nothing: somebody who has not answered is not asked on.
    """
    if schema is True:
        return "true"
    if not isinstance(schema, Mapping):
        return None
    parts: list[str] = []
    for keyword, told in schema.items():
        part = _keyword(keyword, told, holder)
        if part is None:
            return None
        parts.append(part)
    found = ""
    for part in parts:
        found = both(found, part)
    return found or "true"


def _keyword(keyword: str, told: Any, holder: Holder) -> str | None:
    if keyword in _SILENT:
        return "true"
    if keyword == "properties":
        parts = [_property(name, one, holder) for name, one in told.items()]
    elif keyword == "required":
        parts = [_known(name, holder) for name in told]
    elif keyword == "not":
        inner = holds(told, holder)
        return None if inner is None else f"not ({inner})"
    elif keyword in ("allOf", "anyOf"):
        parts = [holds(one, holder) for one in told]
        if keyword == "anyOf" and None not in parts:
            return " or ".join(f"({part})" for part in parts if part)
    else:
        return None
    if None in parts:
        return None
    found = ""
    for part in parts:
        found = both(found, str(part))
    return found or "true"


def _known(name: str, holder: Holder) -> str | None:
    ours = holder.name(name)
    if ours is None or name in holder.inner:
        return None
    node = holder.properties[holder.names[name]]
    return None if node.get("table") else f"KNOWN({ours})"


def _property(name: str, schema: Json, holder: Holder) -> str | None:
    inner = holder.inner.get(name)
    if inner is not None:
        return holds(schema, inner)
    ours = holder.name(name)
    if ours is None:
        return None
    return value(schema, ours, holder.properties[holder.names[name]])


def value(schema: Json, name: str, node: Mapping[str, Any]) -> str | None:
    """What must be true of one item for its value to fit."""
    if schema is True:
        return "true"
    if not isinstance(schema, Mapping) or node.get("table"):
        return None
    many = node.get("type") == "array"
    parts: list[str] = []
    for keyword, told in schema.items():
        if keyword in _SILENT:
            continue
        if keyword == "contains" and many and isinstance(told, Mapping) and "const" in told:
            parts.append(f'CONTAINS(" " & {name} & " ", {written(" " + str(told["const"]) + " ")})')
        elif many:
            return None
        elif keyword == "const" and _plain(told):
            parts.append(_equal(name, told))
        elif keyword == "enum" and all(map(_plain, told)):
            parts.append(" or ".join(_equal(name, one) for one in told))
        elif keyword in _LIMITS and node.get("type") in ("integer", "number"):
            parts.append(f"{name} {_LIMITS[keyword]} {written(told)}")
        elif keyword == "minLength" and told == 1:
            parts.append(f"KNOWN({name})")
        elif keyword == "not":
            inner = value(told, name, node)
            if inner is None:
                return None
            parts.append(f"not ({inner})")
        else:
            return None
    found = ""
    for part in parts:
        found = both(found, part)
    return found or "true"


def _plain(told: Json) -> bool:
    return isinstance(told, str | int | float | Decimal) and (
        not isinstance(told, str) or (0 < len(told) <= 200 and "\n" not in told)
    )


def _equal(name: str, told: Json) -> str:
    if told is True:
        return name
    return f"not {name}" if told is False else f"{name} = {written(told)}"


def written(told: Json) -> str:
    """A value as a formula writes it."""
    if isinstance(told, str):
        return '"' + told.replace('"', '""') + '"'
    return format(told, "f") if isinstance(told, Decimal) else str(told)


def against(cond: str) -> str:
    """The opposite of a condition; nothing where there is none."""
    return f"not ({cond})" if cond and cond != "true" else ""
