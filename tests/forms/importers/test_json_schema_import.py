"""JSON Schemas as forms: everything with a widget can be filled in, everything else is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.settings import ROOT
from forms import compile as compiler
from forms.importers.json_schema.build import Imported, JsonSchemaInvalid, build

SHARED = ROOT.parent / "shared" / "corpus"
SCHEMAS = sorted((SHARED / "form-schemas" / "jsonforms").glob("*.json"))
SUITE = sorted((SHARED / "json-schema-suite" / "tests" / "draft2020-12").glob("*.json"))


def imported(schema: Any) -> Imported:
    """The form of a schema."""
    return build(json.dumps(schema).encode(), code="test.schema")


PERSON = {
    "title": "Person",
    "type": "object",
    "required": ["firstName", "address"],
    "properties": {
        "firstName": {"type": "string", "minLength": 1, "description": "As on the card"},
        "age": {"type": ["integer", "null"], "minimum": 0},
        "sex": {"enum": ["m", "f"]},
        "pet": {"oneOf": [{"const": "c", "title": "Cat"}, {"const": "d", "title": "Dog"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "likes": {"type": "array", "items": {"enum": ["a", "b"]}},
        "address": {"$ref": "#/$defs/address"},
        "children": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "home": {"$ref": "#/$defs/address"}}}},
        "self": {"$ref": "#"},
        "any": {"type": "object"},
        "if": {"type": "string", "pattern": "(?=x)y"},
    },
    "if": {"properties": {"age": {"const": 1}}},
    "then": {"required": ["sex"]},
    "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]+$"}}}},
}  # fmt: skip


def test_properties_become_items() -> None:
    """Scalars, choices, groups, lists of rows and of values; names as ours are written, the old one kept."""
    found = imported(PERSON)
    properties = found.form["properties"]
    assert properties["first_name"] == {
        "type": "string", "title": "First Name", "hint": "As on the card", "minLength": 1, "x-name": "firstName",
    }  # fmt: skip
    assert found.form["required"] == ["first_name"]
    assert properties["age"]["type"] == "integer"
    assert properties["sex"]["enum"] == ["m", "f"]
    assert properties["pet"]["oneOf"][1] == {"const": "d", "title": "Dog"}
    assert properties["likes"]["items"] == {"enum": ["a", "b"]}
    assert properties["address"]["properties"]["zip"]["pattern"] == "^[0-9]+$"
    rows = properties["children"]["items"]
    assert list(rows["properties"]) == ["name", "home_street", "home_zip"]
    assert rows["properties"]["home_zip"]["header"] == ["Home", "Zip"]
    assert list(properties["tags"]["items"]["properties"]) == ["value"]
    assert compiler.problems(found.form, {}, {}) == []


def test_a_schema_kept_with_its_looks_is_found() -> None:
    """As form tools save it, beside a layout and sample data, which are named as left."""
    found = imported({"label": "x", "schema": PERSON, "uischema": {"type": "Group"}})
    assert found.form["properties"] == imported(PERSON).form["properties"]
    assert {one.what for one in found.left if one.code == "schema-around"} == {"label", "uischema"}


def test_what_has_no_widget_is_named() -> None:
    """With its place and the reason, in both languages."""
    found = {(one.code, one.name) for one in imported(PERSON).left}
    assert ("schema-recursive", "/properties/self") in found
    assert ("schema-free-object", "/properties/any") in found
    assert ("schema-keyword", "/") in found
    assert ("schema-keyword", "/properties/if") in found
    assert ("schema-list-of-values", "/properties/tags") in found


@pytest.mark.parametrize(
    "schema",
    [True, {}, {"type": "integer"}, {"type": "array", "items": {"type": "string"}}, {"$ref": "#"}],
)
def test_a_schema_of_no_object_is_still_a_form(schema: Any) -> None:
    """One item, or a remark where there is nothing to ask."""
    assert compiler.problems(imported(schema).form, {}, {}) == []


@pytest.mark.parametrize(
    "schema", [[], 5, {"type": "nonsense"}, {"properties": []}, {"minimum": "low"}]
)
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    """With the place in the file."""
    with pytest.raises(JsonSchemaInvalid):
        imported(schema)


@pytest.mark.skipif(not SUITE, reason="the corpus is not beside the project")
def test_any_schema_is_imported() -> None:
    """Every schema of the test suite gives a form that compiles."""
    for path in SUITE:
        for group in json.loads(path.read_text(encoding="utf-8")):
            found = imported(group["schema"])
            assert compiler.problems(found.form, {}, {}) == [], (path.name, group["description"])


@pytest.mark.skipif(not SCHEMAS, reason="the corpus is not beside the project")
def test_schemas_of_forms_are_imported() -> None:
    """Those that people draw forms from: each has items, and each item a widget."""
    known: list[Path] = [p for p in SCHEMAS if "schema" in json.loads(p.read_text("utf-8"))]
    assert len(known) > 60
    for path in known:
        found = imported(json.loads(path.read_text(encoding="utf-8"))["schema"])
        assert compiler.problems(found.form, {}, {}) == [], path.name
        assert found.form["properties"], path.name
