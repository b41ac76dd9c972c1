"""Is it a form of our dialect? The meta-schema, the names that must exist, the sizes that are refused."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import dialect
from tests.forms import samples


def codes(document: Any) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in dialect.problems(document)]


def test_a_form_with_everything_on_it_is_of_the_dialect() -> None:
    """The sample uses every keyword and has no complaint."""
    assert dialect.problems(samples.form()) == []


def test_the_dialect_is_itself_a_valid_meta_schema() -> None:
    """Our three meta-schemas are 2020-12 schemas, and the dialect requires the standard vocabularies."""
    for document in dialect.metaschemas().values():
        jsonschema.Draft202012Validator.check_schema(document)
    vocabulary = dialect.metaschemas()[dialect.DIALECT]["$vocabulary"]
    assert vocabulary[dialect.VOCABULARY] is False
    assert vocabulary["https://json-schema.org/draft/2020-12/vocab/core"] is True


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        (("form", "kind"), "sheet", "enum", "/form/kind"),
        (("form", "owners"), "x", "additionalProperties", "/form"),
        (("form", "period"), "week", "enum", "/form/period"),
        (("properties", "male", "maxLenght"), 3, "keyword", "/properties/male/maxLenght"),
        (("properties", "male", "minimum"), "0", "type", "/properties/male/minimum"),
        (("properties", "Male"), {"type": "string", "title": "男"}, "name", "/properties/Male"),
        (("properties", "male", "at"), "c5", "other", "/properties/male/at"),
        (("properties", "male", "present"), "upside-down", "enum", "/properties/male/present"),
        (("properties", "elders", "table", "kind"), "round", "enum", "/properties/elders/table/kind"),
        (("properties", "crops", "properties", "r02", "closed"), ["x", "x"], "uniqueItems",
         "/properties/crops/properties/r02/closed"),
        (("$id",), "urn:yibiao:form:another", "id", "/$id"),
        (("properties", "male", "$id"), "urn:x", "nested-id", "/properties/male"),
        (("properties", "male", "pattern"), "(?=a)b", "regex", "/properties/male"),
        (("properties", "male", "pattern"), "(a{1000}){1000}", "regex", "/properties/male"),
        (("properties", "male", "$ref"), "#/$defs/nothing", "reference", "/properties/male/$ref"),
        (("properties", "male", "$ref"), "https://example.org/x", "reference", "/properties/male/$ref"),
        (("properties", "male"), {"title": "男"}, "untyped", "/properties/male"),
        (("properties", "male"), {"type": "string"}, "untitled", "/properties/male"),
        (("required",), ["nobody"], "required-unknown", "/required"),
        (("properties", "elders", "table", "key"), "nobody", "no-column", "/properties/elders/table/key"),
        (("properties", "elders", "table", "kind"), "fixed", "not-a-table", "/properties/elders/table"),
        (("properties", "elders", "table", "rows"), [9, 6], "rows", "/properties/elders/table/rows"),
        (("properties", "crops", "properties", "r02", "closed"), ["x"], "no-column",
         "/properties/crops/properties/r02/closed"),
        (("properties", "crops", "properties", "r01", "bind"), {"x": "org.phone"}, "no-column",
         "/properties/crops/properties/r01/bind"),
        (("properties", "crops", "properties", "r02", "required"), ["price"], "closed-required",
         "/properties/crops/properties/r02/closed"),
        (("form", "sections", 0, "items"), ["nobody"], "section-unknown", "/form/sections/0/items"),
        (("form", "sections", 0, "items"), ["male", "male"], "section-twice", "/form/sections/0/items"),
        (("form", "checks", 1, "code"), "c1", "check-twice", "/form/checks/1/code"),
        (("form", "checks", 0, "over"), "nothing:rows", "over-unknown", "/form/checks/0/over"),
        (("form", "sets"), ["org.households"], "sets-unknown", "/form/sets/0"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(
    path: tuple[str | int, ...], value: Any, code: str, pointer: str
) -> None:
    """One thing is spoilt; the complaint names the rule and where, in both languages."""
    document = samples.form()
    here: Any = document
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    assert (code, pointer) in codes(document)
    for complaint in dialect.problems(document):
        assert complaint.text("zh") != complaint.text("en")
        assert not complaint.text("zh").startswith("form.")
        assert "{" not in complaint.text("zh").replace(str(value), "")


def test_what_is_missing_is_named() -> None:
    """A form without its block is told so."""
    document = samples.form()
    del document["form"]
    (complaint,) = dialect.problems(document)
    assert (complaint.code, complaint.details["missing"]) == ("required", "form")


def test_own_content_may_stand_beside_ours() -> None:
    """Keywords that begin with x- belong to whoever wrote them."""
    document = samples.form()
    document["properties"]["male"]["x-note"] = {"anything": [1]}
    assert dialect.problems(document) == []


def test_a_circle_of_references_is_refused() -> None:
    """A schema that unfolds for ever would never be a sheet."""
    document = samples.form()
    document["$defs"] |= {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}
    assert [code for code, _ in codes(document)] == ["endless"]


def test_references_that_double_at_every_step_are_refused() -> None:
    """Thirty definitions could unfold to a thousand million checks."""
    document = samples.form()
    for step in range(30):
        target = {"$ref": f"#/$defs/d{step + 1}"}
        document["$defs"][f"d{step}"] = {"allOf": [target, target]}
    document["$defs"]["d30"] = {"type": "string"}
    assert [code for code, _ in codes(document)] == ["endless"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"properties": {f"p{i}": {"type": "string", "title": "x"} for i in range(2001)}},
         "too-many-properties"),
        ({"enum": list(range(250_000))}, "too-large"),
        ({"title": "长" * 30_000}, "text"),
        ({"title": "\ud800"}, "text"),
        ({"x-a": {"\0": 1}}, "text"),
    ],
)  # fmt: skip
def test_hostile_sizes_are_refused_before_any_validator_sees_them(document: Any, code: str) -> None:
    """Too many properties, too much data, text that no database takes."""
    assert codes({**samples.form(), **document}) == [(code, "")]


def test_hostile_depth_is_refused() -> None:
    """Ten thousand levels exhaust no parser of ours."""
    deep: Any = {"type": "string"}
    for _ in range(10_000):
        deep = {"not": deep}
    assert codes({**samples.form(), "not": deep}) == [("too-deep", "")]


def test_a_form_of_two_thousand_items_is_judged_in_time() -> None:
    """The largest form we take has no complaint; its judge is the fast one."""
    document = samples.form()
    document["properties"] = {
        f"p{i}": {"type": "string", "title": "x", "maxLength": 3} for i in range(1900)
    }
    document["form"] = {"code": "civil.elderly_monthly", "kind": "report"}
    document["required"] = []
    assert dialect.problems(document) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["properties", "items", "type", "form", "$ref", "table", "code", "title", "a", "$defs",
             "checks", "sections", "required", "enum", "closed", "bind"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_no_json_makes_the_judge_stumble(document: Any) -> None:
    """Whatever it is, the answer is a list of complaints."""
    assert dialect.problems(document) != []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_spoilt_form_makes_the_judge_or_the_compiler_stumble(data: st.DataObject) -> None:
    """A form with one part replaced by anything is judged, and compiled if it passes."""
    document = samples.form()
    here: Any = document
    while True:
        key = data.draw(
            st.sampled_from(sorted(here) if isinstance(here, dict) else list(range(len(here))))
        )
        inner = here[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            here[key] = data.draw(JSON)
            break
        here = inner
    found = dialect.problems(document)
    json.dumps([one.to_json() for one in found], default=str)
    if not found:
        try:
            samples.compiled(document)
        except samples.compiler.FormInvalid as refused:
            json.dumps(refused.details(), default=str)
