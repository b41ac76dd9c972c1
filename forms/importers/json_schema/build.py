"""From a JSON Schema to a form: properties to items, objects to groups, lists of objects to tables with rows.

The schema's own names are kept beside ours (`x-name`). Rules that no cell can show (alternatives of
whole objects, conditions, free properties) are told, with the place they stood in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from engine import json_text
from engine.errors import Problem
from engine.json_text import Json
from forms import coherence, dialect
from forms import compile as compiler
from forms.importers.json_schema.parts import References, choices, named, titled, whole
from forms.importers.left import Left

MAX_DEPTH = 6
"""Deeper objects are not unfolded."""
MAX_ITEMS = 1_500
KEPT = {
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "format"),
    "boolean": (),
}
SILENT = {
    "$schema", "$id", "$ref", "$defs", "definitions", "$comment", "$anchor", "$vocabulary", "type", "title",
    "description", "examples", "properties", "required", "items", "enum", "const", "oneOf", "anyOf", "allOf",
    "readOnly", "format", "pattern", "uniqueItems", "minItems", "maxItems", "default", "additionalProperties",
    "unevaluatedProperties", *(name for names in KEPT.values() for name in names),
}  # fmt: skip


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
        builder.tell("/", "schema-around", name)
    return builder.built()


def _around(given: Json) -> list[str]:
    """What stands beside the schema where a tool keeps it with its looks and data; empty for a bare schema."""
    if not isinstance(given, dict) or not isinstance(given.get("schema"), dict):
        return []
    beside = [name for name in given if name != "schema"]
    return [] if {"type", "properties", "$schema", "$ref", "allOf"} & set(beside) else beside


@dataclass
class _Builder:
    """Copies what cells can hold."""

    schema: Mapping[str, Any]
    code: str
    owner: str
    left: list[Left] = field(default_factory=list)
    _count: int = 0

    @property
    def _references(self) -> References:
        return References(self.schema, self.tell)

    def built(self) -> Imported:
        """The form and what was left."""
        root, above = self._references.resolved(self.schema, "", ("#",))
        if root is not None and (self._kind(root) != "object" or not root.get("properties")):
            wrapped = {"type": "object", "properties": {"value": self.schema}}
            root, above = self._references.resolved(wrapped, "", ("#",))
        properties, required = self._members(root or {}, "", 1, above)
        if not properties:
            properties = {
                "remark": {
                    "type": "string",
                    "maxLength": 2000,
                    "title": "说明",
                    "titles": {"en": "Remark"},
                }
            }
            self.tell("", "schema-empty", "")
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
        form |= {"required": required} if required else {}
        return Imported(self._standing(form), tuple(dict.fromkeys(self.left)))

    def tell(self, pointer: str, code: str, what: str) -> None:
        """Keep what does not come along."""
        self.left.append(Left(0, code, pointer or "/", what[:200]))

    def _members(
        self, holder: Mapping[str, Any], pointer: str, depth: int, above: tuple[str, ...]
    ) -> tuple[dict[str, Any], list[str]]:
        """The properties of an object as items, and which of them are required."""
        found: dict[str, Any] = {}
        required = []
        for original, raw in (holder.get("properties") or {}).items():
            where = f"{pointer}/properties/{original}"
            schema, inside = self._references.resolved(raw, where, above)
            made = (
                None if schema is None else self._item(schema, str(original), where, depth, inside)
            )
            if made is None:
                continue
            name = named(str(original), found)
            found[name] = made if name == original else {**made, "x-name": original}
            if original in (holder.get("required") or ()) and not self._group(made):
                required.append(name)
        self._unused(holder, pointer)
        return found, required

    @staticmethod
    def _group(made: Mapping[str, Any]) -> bool:
        return "properties" in made

    def _item(
        self, schema: Mapping[str, Any], name: str, pointer: str, depth: int, above: tuple[str, ...]
    ) -> dict[str, Any] | None:
        self._count += 1
        if self._count > MAX_ITEMS:
            self.tell(pointer, "schema-too-many", name)
            return None
        words = titled(schema, name)
        kind = self._kind(schema)
        closed = choices(schema)
        if closed is not None:
            self._unused(schema, pointer)
            return {**words, **closed}
        if kind == "object":
            return self._object(schema, words, pointer, depth, above)
        if kind == "array":
            return self._array(schema, words, pointer, depth, above)
        if kind not in KEPT:
            self.tell(pointer, "schema-untyped", name)
            kind = "string"
        made: dict[str, Any] = {"type": kind, **words}
        made |= {key: schema[key] for key in KEPT[kind] if key in schema}
        pattern = schema.get("pattern")
        if kind == "string" and isinstance(pattern, str):
            if len(pattern) <= 500 and coherence.linear(pattern):  # as the dialect takes it
                made["pattern"] = pattern
            else:
                self.tell(pointer, "schema-keyword", f"pattern: {pattern}")
        made |= {"readonly": True} if schema.get("readOnly") else {}
        self._unused(schema, pointer)
        return made

    def _object(
        self,
        schema: Mapping[str, Any],
        words: dict[str, Any],
        pointer: str,
        depth: int,
        above: tuple[str, ...],
    ) -> dict[str, Any] | None:
        if not schema.get("properties"):
            self.tell(pointer, "schema-free-object", words["title"])
            return None
        if depth >= MAX_DEPTH:
            self.tell(pointer, "schema-too-deep", words["title"])
            return None
        properties, required = self._members(schema, pointer, depth + 1, above)
        if not properties:
            return None
        return {
            "type": "object",
            **words,
            "properties": properties,
            **({"required": required} if required else {}),
        }

    def _array(
        self,
        schema: Mapping[str, Any],
        words: dict[str, Any],
        pointer: str,
        depth: int,
        above: tuple[str, ...],
    ) -> dict[str, Any] | None:
        limits = {key: schema[key] for key in ("minItems", "maxItems") if key in schema}
        inner, above = self._references.resolved(schema.get("items", {}), f"{pointer}/items", above)
        if inner is None or depth >= MAX_DEPTH:
            self.tell(pointer, "schema-too-deep", words["title"])
            return None
        closed = choices(inner)
        if closed is not None:
            plain = {
                key: value for key, value in closed.items() if key in ("type", "enum", "oneOf")
            }
            return {"type": "array", **words, **limits, "uniqueItems": True, "items": plain}
        self._unused(schema, pointer)
        if self._kind(inner) == "object" and inner.get("properties"):
            columns, required = self._columns(inner, f"{pointer}/items", above)
        else:
            self.tell(pointer, "schema-list-of-values", words["title"])
            one = self._item(
                {**inner, "title": inner.get("title") or words["title"]},
                "value",
                f"{pointer}/items",
                MAX_DEPTH,
                above,
            )
            columns, required = ({"value": one} if one and not self._group(one) else {}), []
        if not columns:
            self.tell(pointer, "schema-free-object", words["title"])
            return None
        rows = {
            "type": "object",
            "properties": columns,
            **({"required": required} if required else {}),
        }
        return {"type": "array", **words, **limits, "table": {"kind": "floating"}, "items": rows}

    def _columns(
        self, inner: Mapping[str, Any], pointer: str, above: tuple[str, ...]
    ) -> tuple[dict[str, Any], list[str]]:
        """Rows are flat: objects in a row become columns under a heading, lists in a row are told."""
        members, required = self._members(inner, pointer, MAX_DEPTH - 1, above)
        flat: dict[str, Any] = {}
        for name, made in members.items():
            if made.get("table"):
                self.tell(f"{pointer}/properties/{name}", "schema-nested-list", made["title"])
            elif self._group(made):
                for below, column in made["properties"].items():
                    if not self._group(column) and not column.get("table"):
                        header = [made["title"], column["title"]]
                        flat[named(f"{name}_{below}", flat)] = {**column, "header": header}
                    else:
                        self.tell(
                            f"{pointer}/properties/{name}", "schema-too-deep", column["title"]
                        )
            else:
                flat[named(name, flat) if name in flat else name] = made
        return flat, [name for name in required if name in flat]

    def _kind(self, schema: Mapping[str, Any]) -> str:
        told = schema.get("type")
        if isinstance(told, list):
            told = next((one for one in told if one != "null"), None)
        if isinstance(told, str):
            return told
        return "object" if "properties" in schema else "array" if "items" in schema else ""

    def _unused(self, schema: Mapping[str, Any], pointer: str) -> None:
        """Keywords that mean something to a validator and nothing to a page."""
        for keyword in schema:
            free = keyword in ("additionalProperties", "unevaluatedProperties") and schema[
                keyword
            ] not in (True, False)
            alternatives = keyword in ("oneOf", "anyOf") and choices(schema) is None
            if (keyword not in SILENT and not keyword.startswith("x-")) or free or alternatives:
                self.tell(pointer, "schema-keyword", keyword)
        if "default" in schema:
            self.tell(pointer, "schema-default", str(schema["default"]))

    def _standing(self, form: dict[str, Any]) -> dict[str, Any]:
        """The form as it compiles; a keyword that the dialect refuses is taken out and told."""
        for _ in range(6):
            faults = compiler.problems(form, {}, {})
            if not faults:
                break
            for one in faults:
                holder: Json = form
                steps = [
                    step.replace("~1", "/").replace("~0", "~")
                    for step in one.pointer.split("/")[1:]
                ]
                for step in steps[:-1]:
                    holder = holder.get(step, {}) if isinstance(holder, Mapping) else {}
                if steps and isinstance(holder, dict) and steps[-1] in holder:
                    self.tell(one.pointer, "schema-keyword", str(holder.pop(steps[-1]))[:100])
        return form
