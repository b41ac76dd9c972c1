"""A form with its dictionary inside: references to fields become `$defs`, objects are closed.

The result is a plain, self-contained JSON Schema 2020-12 that any validator runs, and that never
changes when the dictionary does: it carries the exact version of every field.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.dictionary.field import Codes, Field
from engine.json_text import Json
from forms import attached, structure
from forms.complaints import Complaint
from forms.structure import DEFS, FIELD, ROW_ID

PLAIN = "https://json-schema.org/draft/2020-12/schema"
_ROW_ID_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"}
_DATA = ("enum", "const", "default", "examples", "form", "field")


def bundle(
    form: Mapping[str, Any], fields: Mapping[str, Field], codelists: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], list[Complaint]]:
    """The form as a self-contained schema, and what it asks for that is not in the dictionary."""
    bundler = _Bundler(fields, codelists)
    result: dict[str, Any] = bundler.copied(form, "")
    result["$schema"] = PLAIN
    result["form"] = {**form["form"], "dialect": form["$schema"]}
    if bundler.definitions:
        result["$defs"] = {**result.get("$defs", {}), **dict(sorted(bundler.definitions.items()))}
    _close_document(result)
    return result, bundler.complaints


class _Bundler:
    """Copies a form, exchanging references to the dictionary for references into `$defs`."""

    def __init__(self, fields: Mapping[str, Field], codelists: Mapping[str, Sequence[str]]) -> None:
        self.fields, self.codelists = fields, codelists
        self.definitions: dict[str, Any] = {}
        self.complaints: list[Complaint] = []

    def copied(self, node: Json, pointer: str, names: bool = False) -> Json:
        """A deep copy; `names` tells that the keys are property names, not keywords."""
        if isinstance(node, list):
            return [self.copied(item, f"{pointer}/{index}") for index, item in enumerate(node)]
        if not isinstance(node, Mapping):
            return node
        copy: dict[str, Any] = {}
        for key, item in node.items():
            if not names and key in _DATA:
                copy[key] = item
                continue
            inner = not names and key in (
                "properties",
                "$defs",
                "patternProperties",
                "dependentSchemas",
            )
            copy[key] = self.copied(item, f"{pointer}/{key}", inner)
        return copy if names else self._bound(copy, pointer)

    def _bound(self, schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(FIELD):
            schema["$ref"] = self._definition(reference[len(FIELD) :], f"{pointer}/$ref")
            field = self.fields.get(reference[len(FIELD) :])
            if schema.get("pick") == "leaf" and field is not None and field.codelist:
                _allow(schema, _leaves(self._codes(field.codelist, f"{pointer}/pick")))
        elif isinstance(schema.get("codelist"), str):
            codes = self._codes(schema["codelist"], f"{pointer}/codelist")
            _allow(schema, _leaves(codes) if schema.get("pick") == "leaf" else codes)
        elif isinstance(schema.get("attachment"), Mapping):
            attached.declared(schema)
        if isinstance(schema.get("bind"), Mapping):
            self._bind_row(schema, pointer)
        return schema

    def _bind_row(self, row: dict[str, Any], pointer: str) -> None:
        """`bind` of a fixed row becomes a reference beside the shared column."""
        own = row.setdefault("properties", {})
        for name, code in row.pop("bind").items():
            target = self._definition(code, f"{pointer}/bind/{name}")
            own[name] = {**own.get(name, {}), "$ref": target}

    def _definition(self, code: str, pointer: str) -> str:
        field = self.fields.get(code)
        if field is None or field.status == "retired":
            reason = "field-unknown" if field is None else "field-retired"
            self.complaints.append(Complaint(pointer, reason, {"field": code}))
        elif FIELD + code not in self.definitions:
            self.definitions[FIELD + code] = self._field_schema(field, pointer)
        return f"{DEFS}{FIELD}{code}"

    def _field_schema(self, field: Field, pointer: str) -> dict[str, Any]:
        """A field's schema as it stands in a bundle: its words, its codes and its exact version."""
        schema: dict[str, Any] = {
            "title": field.label("zh"),
            "titles": {k: v for k, v in field.labels.items() if k != "zh"},
            **field.schema,
            "field": {**field.to_json(), "schema": dict(field.schema)},
        }
        if field.absences:
            schema["absences"] = list(field.absences)
        if field.unit:
            schema["unit"] = field.unit
        if field.codelist:
            schema["codelist"] = field.codelist
            _allow(schema, self._codes(field.codelist, pointer))
        attached.declared(schema)
        return schema

    def _codes(self, codelist: str, pointer: str) -> Sequence[str] | None:
        codes = self.codelists.get(codelist)
        if codes is None:
            self.complaints.append(Complaint(pointer, "codelist-unknown", {"codelist": codelist}))
        return codes


def _leaves(codes: Sequence[str] | None) -> Sequence[str] | None:
    """Of a list's codes those that have none below."""
    return codes.leaves if isinstance(codes, Codes) else codes


def _allow(schema: dict[str, Any], codes: Sequence[str] | None) -> None:
    """Only these codes; for a value of several codes, each of them."""
    if codes is None:
        return
    inner = schema.get("items")
    if structure.kind_of(schema) == "array" and isinstance(inner, dict):
        schema["items"] = {**inner, "enum": list(codes)}
    else:
        schema["enum"] = list(codes)


def _close_document(document: dict[str, Any]) -> None:
    """Refuse what the form does not know, and let floating rows carry their identity."""
    _close(document)
    for node in document["properties"].values():
        _close_inside(node, document, 1)


def _close_inside(node: Json, document: dict[str, Any], depth: int) -> None:
    if not isinstance(node, dict) or depth > structure.MAX_NESTING:
        return
    seen = structure.resolve(node, document)
    rows = seen.get("items")
    if isinstance(rows, Mapping) and "properties" in structure.resolve(rows, document):
        own = node.setdefault("items", dict(rows))
        if "$ref" in own and {"additionalProperties", "unevaluatedProperties"} & set(
            structure.resolve(own, document)
        ):
            own = node["items"] = structure.resolve(own, document)
        identity = {} if "$ref" in own else own["properties"]
        own["properties"] = {ROW_ID: _ROW_ID_SCHEMA, **identity, **own.get("properties", {})}
        _close(own)
        for schema in own["properties"].values():
            _close_inside(schema, document, depth + 1)
    elif isinstance(seen.get("properties"), Mapping):
        if seen.get("closed"):
            node["properties"] = {
                **node.get("properties", {}),
                **dict.fromkeys(seen["closed"], False),
            }
        _close(node)
        for schema in node.get("properties", {}).values():
            _close_inside(schema, document, depth + 1)


def _close(schema: dict[str, Any]) -> None:
    if "additionalProperties" in schema or "unevaluatedProperties" in schema:
        return
    apart = {"$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas", "patternProperties"}
    schema["unevaluatedProperties" if apart & set(schema) else "additionalProperties"] = False
