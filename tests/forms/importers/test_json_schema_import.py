"""JSON Schemas as forms: everything with a widget can be filled in, everything else is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.formula.document import Document
from engine.settings import ROOT
from forms import compile as compiler
from forms import conditions, judge
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
    assert ("schema-keyword", "/properties/if") in found
    assert ("schema-list-of-values", "/properties/tags") in found


def problems(form: dict[str, Any], values: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with values on the way to being handed in: place and rule."""
    held = compiler.compile_form(form, {}, {})
    found = judge.problems(held, Document(values), language="zh", draft=False)
    return [(one.path, one.code) for one in found]


def shown(form: dict[str, Any], values: dict[str, Any]) -> set[str]:
    """The items that are hidden."""
    held = compiler.compile_form(form, {}, {})
    return set(conditions.apply(held, Document(values))[0].hidden)


ORDERS = {
    "type": "object",
    "properties": {
        "orders": {"type": "array", "items": {"type": "object", "properties": {
            "day": {"type": "string", "format": "date"},
            "lines": {"type": "array", "items": {"type": "object", "required": ["item"], "properties": {
                "item": {"type": "string"}, "marks": {"type": "array", "items": {"type": "string"}}}}},
        }}},
        "tree": {"$ref": "#/$defs/node"},
    },
    "$defs": {"node": {"type": "object", "properties": {
        "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}},
}  # fmt: skip


def test_a_list_inside_a_list_says_which_row_it_belongs_to() -> None:
    """To any depth; a row that is not there is refused; rows of their own kind stand in one list."""
    found = imported(ORDERS)
    properties = found.form["properties"]
    assert list(properties) == ["orders", "orders_lines", "orders_lines_marks", "tree"]
    assert list(properties["orders_lines"]["items"]["properties"]) == ["parent_row", "item"]
    assert properties["orders_lines"]["title"] == "Orders · Lines"
    children = properties["tree"]["properties"]["children"]["items"]
    assert list(children["properties"]) == ["name", "parent_row"]
    assert "required" not in children
    values = {
        "orders": [{"_id": "a", "day": "2026-11-01"}, {"_id": "b"}],
        "orders_lines": [{"_id": "c", "parent_row": 2, "item": "x"}],
        "orders_lines_marks": [{"_id": "d", "parent_row": 1, "value": "y"}],
    }
    assert problems(found.form, values) == []
    values["orders_lines"][0]["parent_row"] = 3
    assert [code for _, code in problems(found.form, values)] == ["check.s1"]
    told = {(one.code, one.what) for one in found.left}
    assert ("schema-nested-list", "Orders") in told
    assert ("schema-nested-same", "Children") in told
    assert all("{" not in one.text(language) for one in found.left for language in ("zh", "en"))


PAYING = {
    "type": "object",
    "required": ["pay"],
    "properties": {
        "pay": {"oneOf": [
            {"title": "Card", "type": "object", "required": ["way", "number"], "properties": {"way": {"const": "card"}, "number": {"type": "string"}}},
            {"title": "Bank", "type": "object", "properties": {"way": {"const": "bank"}, "holders": {
                "type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}}},
        ]},
        "size": {"anyOf": [{"type": "number"}, {"enum": ["big", "small"]}]},
        "code": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "string", "pattern": "^X"}]},
        "state": {"oneOf": [{"const": "a", "title": "A"}, {"type": "null"}]},
        "phone": {"type": "string"}, "mail": {"type": "string"},
    },
    "oneOf": [{"required": ["phone"]}, {"required": ["mail"]}],
}  # fmt: skip


def test_alternatives_are_asked_for_and_only_the_chosen_one_is_shown() -> None:
    """Named by their own fixed property where they have one; lists inside; a single value keeps its rules."""
    found = imported(PAYING)
    assert found.left == ()
    properties = found.form["properties"]
    way = properties["pay"]["properties"]["way"]
    assert [(one["const"], one["title"]) for one in way["oneOf"]] == [
        ("card", "Card"),
        ("bank", "Bank"),
    ]
    assert properties["state"]["oneOf"] == [{"const": "a", "title": "A"}]
    assert "/pay/option_1" in shown(found.form, {"pay": {"way": "bank"}})
    assert "/pay/option_2" in shown(found.form, {"pay": {"way": "card"}})
    good = {
        "phone": "1",
        "pay": {"way": "bank", "option_2": {"holders": [{"_id": "a", "name": "x"}]}},
    }
    assert problems(found.form, good) == []
    assert problems(found.form, {"phone": "1"}) == [("/pay/way", "required")]
    assert problems(found.form, {"phone": "1", "pay": {"way": "card"}}) == [
        ("/pay/option_1/number", "required")
    ]
    assert [code for _, code in problems(found.form, {**good, "mail": "1"})] == ["check.s2"]
    assert [code for _, code in problems(found.form, {**good, "code": "YYY"})] == ["other"]
    sized = {**good, "size": {"kind": "1", "option_1": 2.5}}
    assert problems(found.form, sized) == []


WHEN = {
    "type": "object",
    "properties": {
        "country": {"enum": ["US", "CN"]},
        "home": {"type": "object", "properties": {"own": {"type": "boolean"}, "rent": {"type": "number"}}},
        "weight": {"type": "number"}, "card": {"type": "string"}, "bill": {"type": "string"},
        "terms": {"const": True}, "kind": {"const": "v1"}, "more": {"type": "object", "additionalProperties": {"type": "integer"}},
        "size": {"type": "array", "prefixItems": [{"type": "number", "title": "Width"}, {"type": "number"}], "minItems": 1},
    },
    "required": ["terms", "kind", "size"],
    "allOf": [
        {"if": {"properties": {"country": {"const": "US"}}},
         "then": {"properties": {"state": {"type": "string"}, "weight": {"maximum": 5}}, "required": ["state"]},
         "else": {"properties": {"province": {"type": "string"}}}},
        {"if": {"properties": {"home": {"properties": {"own": {"const": False}}}}},
         "then": {"properties": {"home": {"required": ["rent"]}}}},
    ],
    "dependentRequired": {"card": ["bill"]},
}  # fmt: skip


def test_conditions_of_a_schema_are_those_of_its_items() -> None:
    """What `then` and `else` add is shown when it holds, what they require is required, limits are checks."""
    found = imported(WHEN)
    assert found.left == ()
    least = {"terms": True, "kind": "v1", "size": {"item_1": 1}}
    assert problems(found.form, least) == []
    assert shown(found.form, least) >= {"/state", "/province"}
    assert shown(found.form, {"country": "CN"}) == {"/state"}
    american = {**least, "country": "US"}
    assert problems(found.form, american) == [("/state", "required")]
    heavy = {**american, "state": "TX", "weight": 6}
    assert [code for _, code in problems(found.form, heavy)] == ["check.s1"]
    assert problems(found.form, {**heavy, "weight": 5}) == []
    assert problems(found.form, {**least, "home": {"own": False}}) == [("/home/rent", "required")]
    assert problems(found.form, {**least, "card": "1"}) == [("/bill", "required")]
    assert [code for _, code in problems(found.form, {**least, "terms": False})] == ["const"]
    named = {"more": [{"_id": "a", "name": "x", "value": 1}]}
    assert problems(found.form, {**least, **named}) == []
    fixed = found.form["properties"]["kind"]
    assert (fixed["default"], fixed["readonly"]) == ("v1", True)


def test_defaults_come_along_and_those_that_do_not_fit_are_named() -> None:
    """Of single values, of an object for what it holds, of several choices."""
    found = imported(
        {
            "type": "object",
            "properties": {
                "done": {"type": "boolean", "default": False},
                "rating": {"type": "integer", "maximum": 5, "default": 9},
                "home": {"type": "object", "default": {"city": "x"}, "properties": {"city": {"type": "string"}}},
                "likes": {"type": "array", "items": {"enum": ["a", "b"]}, "default": ["b"]},
            },
        }
    )  # fmt: skip
    properties = found.form["properties"]
    assert properties["done"]["default"] is False
    assert properties["home"]["properties"]["city"]["default"] == "x"
    assert properties["likes"]["default"] == ["b"]
    assert "default" not in properties["rating"]
    assert [(one.code, one.what) for one in found.left] == [("schema-default", "9")]


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


@pytest.mark.parametrize(
    "more",
    [
        {"required": ["parts"]},
        {"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["parts"]}},
        {"dependentRequired": {"parts": ["kind"]}},
        {"anyOf": [{"required": ["parts"]}, {"required": ["kind"]}]},
    ],
)
def test_a_list_without_columns_is_asked_for_and_is_not_there(more: dict[str, Any]) -> None:
    """It goes, and what the schema says of it goes with it, instead of ending the import."""
    for items in ({"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}, {"type": "object"}):  # fmt: skip
        properties = {"kind": {"enum": ["a", "b"]}, "parts": {"type": "array", "items": items}}
        found = imported({"type": "object", "properties": properties, **more})
        assert list(found.form["properties"]) == ["kind"]
        assert {"schema-free-object"} & {one.code for one in found.left}
