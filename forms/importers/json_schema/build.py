"""From a JSON Schema to a form: properties to items, objects to groups, lists of objects to tables with rows.

The schema's own names are kept beside ours (`x-name`). Alternatives become a choice and what each of
them asks for, conditions the conditions of items; a list inside a list becomes one of its own. Rules
that no page can follow are told, with the place they stood in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from engine import json_text
from engine.errors import Problem
from engine.json_text import Json
from forms import dialect
from forms.importers.json_schema import standing
from forms.importers.json_schema.parts import Place, whole
from forms.importers.json_schema.walk import Walk
from forms.importers.left import Left


class JsonSchemaInvalid(Problem):
    """The document is no JSON Schema 2020-12."""

    code, status = "json-schema.invalid", 422
    pointer: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """A draft form, and what of the schema did not come along."""

    form: dict[str, Any]
    left: tuple[Left, ...]


def build(content: bytes, *, code: str, owner: str = "") -> Imported:
    """Read a schema as a form. Raises JsonInvalid, JsonSchemaInvalid."""
    schema = whole(json_text.loads(content))
    told = _around(schema)
    schema = schema["schema"] if told else schema
    if not isinstance(schema, dict | bool):
        raise JsonSchemaInvalid(pointer="/", reason=type(schema).__name__)
    judge = jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA)
    error = best_match(judge.iter_errors(schema))
    if error is not None:
        pointer = "/" + "/".join(str(step) for step in error.absolute_path)
        raise JsonSchemaInvalid(pointer=pointer, reason=error.message[:200])
    builder = _Builder(schema if isinstance(schema, dict) else {}, code, owner)
    for name in told:
        builder.walk.tell("/", "schema-around", name)
    return builder.built()


def _around(given: Json) -> list[str]:
    """What stands beside the schema where a tool keeps it with its looks and data; empty for a bare schema."""
    if not isinstance(given, dict) or not isinstance(given.get("schema"), dict):
        return []
    beside = [name for name in given if name != "schema"]
    return [] if {"type", "properties", "$schema", "$ref", "allOf"} & set(beside) else beside


@dataclass
class _Builder:
    """The form around what the walk finds."""

    schema: Mapping[str, Any]
    code: str
    owner: str
    walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(self.schema)

    def built(self) -> Imported:
        """The form and what was left."""
        walk = self.walk
        place = Place(above=("#",))
        root, place = walk.resolved(self.schema, place)
        if root is not None and not walk.asks(root):
            root, place = walk.resolved(
                {"type": "object", "properties": {"value": self.schema}}, Place(above=("#",))
            )
        walk.members(root or {}, walk.root, place)
        properties = walk.root.properties
        if not properties:
            properties["remark"] = {
                "type": "string",
                "maxLength": 2000,
                "title": "说明",
                "titles": {"en": "Remark"},
            }
            walk.tell("", "schema-empty", "")
        form = self._form(properties)
        walk.left += standing.stood(form)
        form["form"] |= _sections(form)
        return Imported(form, tuple(dict.fromkeys(walk.left)))

    def _form(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        title = str(self.schema.get("title") or self.code)[:200]
        form: dict[str, Any] = {
            "$schema": dialect.DIALECT,
            "$id": f"{dialect.PREFIX}{self.code}",
            "title": title,
            "type": "object",
            "form": {
                "code": self.code, "kind": "report", "owner": self.owner, "period": "once", "subject": "org",
                "flow": "fill_verify_approve", "notes": str(self.schema.get("description", ""))[:20_000],
                "x-source": {"format": "json-schema", "id": str(self.schema.get("$id", ""))[:200]},
            },
            "properties": properties,
        }  # fmt: skip
        form["form"] |= {"checks": self.walk.checks} if self.walk.checks else {}
        required = [one for one in self.walk.root.required if one in properties]
        return form | ({"required": required} if required else {})


def _sections(form: Mapping[str, Any]) -> dict[str, Any]:
    """Groups of the form as its sections; what stands alone between them goes under the form's title."""
    properties = form["properties"]
    if not any("properties" in one for one in properties.values()):
        return {}
    return {"sections": list(_parts(properties, str(form["title"])))}


def _parts(properties: Mapping[str, Any], title: str) -> Iterator[dict[str, Any]]:
    loose: list[str] = []
    heads = iter([{"title": title}])
    other = {"title": "其他", "titles": {"en": "Other"}}
    for name, node in (*properties.items(), ("", {"properties": {}})):
        if "properties" not in node:
            loose.append(name)
            continue
        if loose:
            head = next(heads, None)
            alone = {"title": properties[loose[0]]["title"][:200]} if len(loose) == 1 else other
            yield {**(head or alone), "items": loose}
            loose = []
        if name:
            yield {"title": node["title"][:200], "items": [name]}
