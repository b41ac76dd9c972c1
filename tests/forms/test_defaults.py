"""What a form proposes for a blank cell: below everything that is known, and never a value it would refuse."""

from typing import Any

import pytest

from engine.dictionary.field import Field
from forms import compile as compiler
from forms import defaults
from forms.compiled import CompiledForm
from forms.prefill.offer import Ask, Offer, Offers
from forms.prefill.resolve import best
from forms.prefill.sources import default
from tests.forms import samples


def form(**properties: Any) -> dict[str, Any]:
    """A form of these items."""
    return {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": "urn:yibiao:form:test.defaults",
        "title": "默认值",
        "type": "object",
        "form": {"code": "test.defaults", "kind": "report"},
        "properties": properties,
    }


TOWN = {"type": "string", "title": "镇", "default": "世回尧"}
ROWS = {
    "type": "array", "title": "名册", "table": {"kind": "floating"},
    "items": {"type": "object", "properties": {"name": {"type": "string", "title": "姓名"}, "nation": {**TOWN, "default": "汉族"}}},
}  # fmt: skip


def compiled(**properties: Any) -> CompiledForm:
    """The same, compiled."""
    return samples.compiled(form(**properties))


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"type": "integer", "title": "数", "minimum": 3, "default": 2}, "default-unfit"),
        ({"type": "integer", "title": "数", "default": "2"}, "default-unfit"),
        ({"type": "string", "title": "日期", "format": "date", "default": "2026-02-30"}, "default-unfit"),
        ({"title": "类型", "oneOf": [{"const": "a", "title": "甲"}], "default": "b"}, "default-unfit"),
        ({"type": "string", "title": "作物", "codelist": "crop", "default": "oats"}, "default-unfit"),
        ({"$ref": "field:org.households", "default": -1}, "default-unfit"),
        ({"type": "integer", "title": "数", "compute": "1 + 1", "default": 2}, "default-place"),
        ({**ROWS, "default": [{"name": "a"}]}, "default-place"),
        ({"type": "array", "title": "照片", "attachment": {"kind": "photo"}, "default": ["x/y.jpg"]}, "default-place"),
        ({"type": "string", "title": "作物", "codelist": "crop", "default": "rice"}, None),
        ({"type": "array", "title": "作物", "items": {"enum": ["a", "b"]}, "default": ["b"]}, None),
        ({"$ref": "field:org.households", "default": 3}, None),
        ({"type": "string", "title": "空", "minLength": 2, "default": ""}, None),
    ],
)  # fmt: skip
def test_a_default_that_could_not_be_handed_in_is_told(item: Any, code: str | None) -> None:
    """By the item's own rules, its codes and its field's, when the form is written."""
    found = compiler.problems(form(one=item), samples.FIELDS, samples.CODELISTS)
    assert [one.code for one in found] == ([code] if code else [])
    assert all("{" not in one.text("en") and "「" not in one.text("en") for one in found)


def test_a_default_stands_below_every_source_and_disagrees_with_none() -> None:
    """It is offered only where nothing else is, and is no other opinion beside a known value."""
    held = compiled(town=TOWN, roster=ROWS)
    ask = Ask(None, None, held, (), None)  # type: ignore[arg-type]  # asks nobody
    last = Offer("宁海", "carried", "上期")
    offers: Offers = {
        "one": {"/roster/r1/name": [Offer("张三", "entered", "")]},
        "other": {"/town": [last], "/roster/r1/nation": [Offer("回族", "verified", "")]},
    }
    found = default.beneath(ask, offers)
    assert found["one"]["/town"][0].source == defaults.SOURCE
    assert found["one"]["/roster/r1/nation"][0].value == "汉族"
    assert found["other"]["/town"] == [last]
    assert [one.value for one in found["other"]["/roster/r1/nation"]] == ["回族"]
    mine = Offer("世回尧", defaults.SOURCE, "")
    for source in ("steward", "connector:x", "computed", "carried", "context"):
        winner, _ = best(Field("person.town", {}, {}), [mine, Offer("宁海", source, "")])
        assert winner.source == source


def test_a_new_row_holds_what_the_form_proposes() -> None:
    """To be confirmed, unless nobody may type there: then it is the form's fixed text."""
    fixed = {**TOWN, "readonly": True}
    inner = {"name": {"type": "string", "title": "姓名"}, "nation": {**TOWN, "default": "汉族"}, "town": fixed}  # fmt: skip
    held = compiled(roster={**ROWS, "items": {"type": "object", "properties": inner}})
    values, cells = defaults.in_rows(held, {}, "/roster", ["a", "b"])
    assert values == {
        "roster": [
            {"_id": "a", "nation": "汉族", "town": "世回尧"},
            {"_id": "b", "nation": "汉族", "town": "世回尧"},
        ]
    }
    assert {path: cell.state for path, cell in cells.items()} == {
        "/roster/a/nation": "carried", "/roster/a/town": "known",
        "/roster/b/nation": "carried", "/roster/b/town": "known",
    }  # fmt: skip
