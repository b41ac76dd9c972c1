"""What a designer can put on a form without the dictionary: kinds of items with their schemas, and names.

A kind is a word for people ("金额", "手机号") over a plain schema; what stands on a form is the schema.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from engine.dictionary.match import initials
from engine.errors import Problem
from engine.formula.parse import WORDS
from engine.json_text import Json
from forms.positions import PATTERN


class KindUnknown(Problem):
    """There is no such kind of item."""

    code, status = "design.unknown-kind", 422
    kind: str


KINDS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string", "maxLength": 60},
    "long_text": {"type": "string", "maxLength": 1000, "widget": "long_text"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "money": {"type": "number", "multipleOf": 0.01, "unit": "元", "widget": "money"},
    "percent": {"type": "number", "minimum": 0, "maximum": 100, "unit": "%"},
    "date": {"type": "string", "format": "date"},
    "period": {"type": "string", "format": "period"},
    "yes_no": {"type": "boolean"},
    "choice": {"type": "string"},
    "choices": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
    "codelist": {"type": "string"},
    "resident_id": {"type": "string", "format": "resident-id"},
    "uscc": {"type": "string", "format": "uscc"},
    "phone": {"type": "string", "format": "phone-cn"},
    "postcode": {"type": "string", "format": "postcode"},
    "division": {"type": "string", "format": "division-code"},
    "organisation": {"type": "string", "maxLength": 60, "widget": "organisation"},
    "person": {"type": "string", "maxLength": 60, "widget": "person", "fills": True},
    "account": {"type": "string", "maxLength": 60, "widget": "account"},
    "photo": {"type": "array", "attachment": {"kind": "photo"}, "maxItems": 3},
    "file": {"type": "array", "attachment": {"kind": "file"}, "maxItems": 3},
    "signature": {"type": "array", "attachment": {"kind": "signature"}, "maxItems": 1},
    "position": {
        "type": "string",
        "widget": "position",
        "pattern": PATTERN,
    },
}
"""The schema that each kind begins with."""

TABLES = ("floating", "fixed")
MARKS = ("type", "format", "widget", "multipleOf", "minimum", "maximum", "uniqueItems", "items",
         "maxLength", "pattern", "oneOf", "enum", "codelist", "pick", "scope", "fills", "attachment",
         "minItems", "maxItems")  # fmt: skip
"""What belongs to a kind, and goes when an item becomes one of another."""
_DROPPED = re.compile(r"[^a-z0-9]")


def schema(kind: str, title: str, *, choices: Json = None, codelist: str = "") -> dict[str, Any]:
    """What an item of a kind begins with; a choice needs its choices, a coded one its list.

    Raises KindUnknown.
    """
    if kind not in KINDS:
        raise KindUnknown(kind=kind)
    made = {**KINDS[kind], "title": title}
    if kind == "choice":
        made["oneOf"] = options(choices)
    elif kind == "choices":
        made["items"] = {"type": "string", "oneOf": options(choices)}
    elif kind == "codelist":
        made["codelist"] = codelist
    return made


def options(choices: Json) -> list[dict[str, Any]]:
    """Choices as they stand in a schema; new ones get the next free number as their value."""
    taken = {str(one.get("value")) for one in choices or () if one.get("value")}
    found: list[dict[str, Any]] = []
    number = 0
    for one in choices or ():
        value = str(one.get("value") or "")
        while not value:
            number += 1
            value = "" if str(number) in taken else str(number)
        taken.add(value)
        english = str(one.get("label_en") or "").strip()
        condition = one.get("show_when")
        found.append(
            {
                "const": value,
                "title": str(one.get("label", "")).strip() or value,
                **({"titles": {"en": english}} if english else {}),
                **({"show_when": condition} if condition else {}),
            }
        )
    return found


def chosen(node: Mapping[str, Any], choices: Json) -> dict[str, Json]:
    """The keywords of an item that has these choices now."""
    found = options(choices)
    if node.get("type") == "array":
        return {"items": {"type": "string", "oneOf": found}}
    return {"oneOf": found, "enum": None}


def kind_of(node: Mapping[str, Any]) -> str:
    """The kind that a schema is of, the nearest one where it is none exactly."""
    if node.get("codelist"):
        return "codelist"
    held = node.get("attachment")
    if isinstance(held, Mapping):
        return str(held.get("kind"))
    if node.get("type") == "array":
        return "choices"
    if node.get("oneOf") or node.get("enum"):
        return "choice"
    for kind, model in KINDS.items():
        told = {name: model[name] for name in ("type", "format", "widget") if name in model}
        if len(told) > 1 and all(node.get(name) == value for name, value in told.items()):
            return kind
    if node.get("unit") == "%" and node.get("type") == "number":
        return "percent"
    plain = {"integer": "integer", "number": "number", "boolean": "yes_no"}
    return plain.get(str(node.get("type")), "text")


def fresh_name(label: str, taken: Collection[str]) -> str:
    """A property's name for a label: its pinyin initials, numbered where they are taken."""
    stem = _DROPPED.sub("", initials(label).lower())[:24]
    if not stem or not stem[0].isalpha():
        stem = f"x{stem}"
    if stem not in taken and stem not in WORDS:
        return stem
    return next(name for n in range(2, 100_000) if (name := f"{stem}_{n}") not in taken)
