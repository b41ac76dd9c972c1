"""Shown, required, locked and offered when: conditions over a document, and what they take out of it."""

from typing import Any

import pytest

from engine.formula.document import Document
from engine.json_text import Json
from forms import compile as compiler
from forms import conditions, judge
from forms.compiled import CompiledForm
from forms.conditions import Applied


def form(properties: dict[str, Any], **head: Any) -> dict[str, Any]:
    """A form with these items."""
    return {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": "urn:yibiao:form:test.conditions",
        "title": "条件",
        "type": "object",
        "form": {"code": "test.conditions", "kind": "application", **head},
        "properties": properties,
    }


FARM = form(
    {
        "farms": {"type": "boolean", "title": "是否种地"},
        "area": {
            "type": "number", "minimum": 0, "title": "面积",
            "show_when": "farms", "required_when": "true",
        },
        "double": {"type": "number", "title": "两倍", "compute": "area * 2"},
        "why": {"type": "string", "title": "说明", "show_when": "area > 100"},
        "city": {"title": "市", "oneOf": [{"const": "yt", "title": "烟台"}, {"const": "qd", "title": "青岛"}]},
        "town": {
            "title": "区",
            "oneOf": [
                {"const": "zf", "title": "芝罘", "show_when": 'city = "yt"'},
                {"const": "ls", "title": "莱山", "show_when": 'city = "yt"'},
                {"const": "sn", "title": "市南", "show_when": 'city = "qd"'},
            ],
        },
        "done": {"type": "boolean", "title": "已核"},
        "note": {"type": "string", "title": "备注", "readonly_when": "done"},
        "people": {
            "type": "array", "title": "人", "show_when": "farms",
            "items": {"type": "object", "properties": {
                "name": {"type": "string", "title": "姓名"},
                "age": {"type": "integer", "title": "年龄"},
                "school": {"type": "string", "title": "学校", "show_when": "age < 18", "required_when": "true"},
            }},
        },
    }
)  # fmt: skip


def compiled(document: dict[str, Any] = FARM) -> CompiledForm:
    """The form, ready."""
    return compiler.compile_form(document, {}, {})


def told(
    values: dict[str, Json], document: dict[str, Any] = FARM
) -> tuple[Applied, dict[str, Json]]:
    """What the conditions say, and the values they leave."""
    applied, seen = conditions.apply(compiled(document), Document(values))
    return applied, dict(seen.values)


def codes(values: dict[str, Json], *, draft: bool = False) -> set[tuple[str, str]]:
    """What is wrong, by cell."""
    found = judge.problems(compiled(), Document(values), language="zh", draft=draft)
    return {(one.path, one.code) for one in found}


def test_what_is_not_shown_counts_as_blank() -> None:
    """A hidden area is computed with by nobody, and hides in turn what asks for it."""
    shown, values = told({"farms": True, "area": 200, "why": "大"})
    assert not shown.hides("/why")
    assert values["double"] == 400
    hidden, values = told({"farms": False, "area": 200, "why": "大", "double": 400})
    assert hidden.hides("/area")
    assert hidden.hides("/why")
    assert values == {"farms": False}


def test_required_only_while_shown() -> None:
    """Nothing is missing while it is hidden; a draft is never blamed."""
    assert codes({"farms": True}) == {("/area", "required")}
    assert codes({"farms": False}) == codes({}) == codes({"farms": True}, draft=True) == set()


def test_a_value_behind_a_condition_is_not_judged() -> None:
    """What nobody sees cannot be wrong."""
    assert codes({"farms": False, "area": -5}) == set()
    assert ("/area", "minimum") in codes({"farms": True, "area": -5})


def test_choices_follow_what_was_chosen_before() -> None:
    """A town of another city is told, and so is one without any city."""
    assert told({"city": "yt"})[0].refused == {"/town": frozenset({"sn"})}
    assert codes({"city": "yt", "town": "zf"}) == set()
    assert codes({"city": "qd", "town": "zf"}) == {("/town", "not-offered")}


def test_conditions_are_asked_in_each_row() -> None:
    """The school of a child, not of a grown-up; a hidden list is not there at all."""
    rows = [{"_id": "a", "age": 8}, {"_id": "b", "age": 40, "school": "x"}]
    found, values = told({"farms": True, "area": 1, "people": rows})
    assert found.hides("/people/b/school")
    assert not found.hides("/people/a/school")
    assert values["people"][1] == {"_id": "b", "age": 40}
    assert codes({"farms": True, "area": 1, "people": rows}) == {("/people/a/school", "required")}
    assert told({"people": rows})[1] == {}


def test_locked_when() -> None:
    """A condition locks a cell, and no other."""
    assert told({"done": True})[0].locks("/note")
    assert not told({"done": False})[0].locks("/note")
    assert not told({"done": True})[0].locks("/city")


@pytest.mark.parametrize(
    ("properties", "required", "code"),
    [
        ({"a": {"type": "string", "title": "甲", "show_when": "nobody = 1"}}, [], "formula"),
        ({"a": {"type": "string", "title": "甲", "show_when": "1 +"}}, [], "formula"),
        (
            {
                "a": {"type": "boolean", "title": "甲", "show_when": "b"},
                "b": {"type": "boolean", "title": "乙", "show_when": "a"},
            },
            [],
            "formula-cycle",
        ),
        (
            {
                "a": {"type": "boolean", "title": "甲"},
                "b": {"type": "string", "title": "乙", "show_when": "a"},
            },
            ["b"],
            "hidden-required",
        ),
    ],
)
def test_a_condition_that_cannot_work_is_told(
    properties: dict[str, Any], required: list[str], code: str
) -> None:
    """An unknown name, bad grammar, a circle, and what must be filled in though it may be hidden."""
    document = {**form(properties), "required": required}
    assert {one.code for one in compiler.problems(document, {}, {})} == {code}
