"""What is wrong in a document, cell by cell, in words that a clerk understands."""

import time
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.json_text import Json
from forms import document as cells
from forms import validate
from tests.forms import samples

FORM = samples.compiled()


def told(values: Json, language: str = "zh", *, draft: bool = False) -> dict[str, str]:
    return {
        one.path: one.text
        for one in validate.problems(FORM, values, language=language, draft=draft)
    }


def test_a_document_in_which_nothing_is_wrong_has_no_problem() -> None:
    """Neither as a draft nor in the end."""
    assert told(samples.values()) == told(samples.values(), draft=True) == {}


@pytest.mark.parametrize(
    ("path", "value", "chinese", "english"),
    [
        ("/male", 9001, "「男」应在 0 到 9000 之间，现在是 9001。", "“Men” must be between 0 and 9000; it is 9001."),
        ("/female", -1, "「女」不能小于 0，现在是 -1。", "“Women” must not be less than 0; it is -1."),
        ("/male", "六十", "「男」应填整数，例如 12；现在是“六十”。请去掉小数、单位和文字。",
         "“Men” takes a whole number such as 12; it is “六十”. Leave out decimals, unit and text."),
        ("/male", Decimal("1.5"), "「男」应填整数，例如 12；现在是“1.5”。请去掉小数、单位和文字。",
         "“Men” takes a whole number such as 12; it is “1.5”. Leave out decimals, unit and text."),
        ("/note", "字" * 21, "「备注」太长，最多 20 个字，现在是 21 个字。", "“Remark” is too long, at most 20 characters; it has 21."),
        ("/elders/k1/sex", "3", "「性别」里没有“3”这一项（代码表 GB/T 2261.1）。请点开这一格，从列表中选。",
         "“Sex” has no choice “3” (code list GB/T 2261.1). Open the cell and choose from the list."),
        ("/kind", "c", "「类型」只能选：城市、农村。现在是“c”。", "“类型” must be one of: Town, 农村. It is “c”."),
        ("/elders/k2/rate", Decimal("0.075"), "「标准」最多保留 2 位小数，现在是 0.075。",
         "“标准” takes at most 2 decimal places; it is 0.075."),
        ("/crops/r02/area", -2, "「其中：小麦 · 播种面积」不能小于 0，现在是 -2。",
         "“of which wheat · Sown area” must not be less than 0; it is -2."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_beside_its_cell(
    path: str, value: Json, chinese: str, english: str
) -> None:
    """The path has the row's identity; the words name the item as the form does."""
    values = cells.put(FORM, samples.values(), path, value)
    assert told(values) == {path: chinese}
    assert told(values, "en") == {path: english}
    assert told(values, draft=True) == {path: chinese}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "const": 5}, 4),
        ({"type": "integer", "oneOf": [{"minimum": 1}, {"minimum": 2}]}, 5),
        ({"type": "integer", "anyOf": [{"minimum": 9}, {"multipleOf": 2}]}, 5),
        ({"type": "integer", "not": {"minimum": 3}}, 5),
        ({"type": "integer", "exclusiveMinimum": 5}, 5),
        ({"type": "integer", "exclusiveMaximum": 5}, 5),
        ({"type": "integer", "multipleOf": 5}, 4),
        ({"type": "string", "enum": [str(n) for n in range(20)]}, "x"),
        ({"type": "string", "minLength": 2}, "x"),
        ({"type": "string", "minLength": 2, "maxLength": 2}, "x"),
        ({"type": "string", "pattern": "^a$"}, "x"),
        ({"type": "string", "format": "date"}, "2026-02-30"),
        ({"type": "string", "format": "email"}, "x"),
        ({"type": "string", "format": "ipv4"}, "x"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, ["a", "b"]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 3}, ["a", "b"]),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, ["a", "a"]),
        ({"type": "array", "contains": {"const": "b"}}, ["a"]),
        ({"type": "boolean"}, "x"),
        ({"type": "object", "minProperties": 2}, {"a": 1}),
        ({"type": "object", "propertyNames": {"maxLength": 1}}, {"ab": 1}),
    ],
)
def test_every_kind_of_rule_has_words(schema: Json, value: Json) -> None:
    """At the cell, naming it, in both languages, without a bare code."""
    document = samples.form()
    document["properties"]["x"] = {"title": "甲项", **schema}
    form = samples.compiled(document)
    for language in ("zh", "en"):
        (found,) = validate.problems(form, {**samples.values(), "x": value}, language=language)
        assert found.path == "/x"
        assert "甲项" in found.text
        assert "{" not in found.text


def test_a_written_rule_is_told_with_an_example() -> None:
    """Nobody reads `^\\d{6}$`; what is no simple rule sends to the notes."""
    document = samples.form()
    document["properties"]["x"] = {"type": "string", "title": "门牌号", "pattern": "^[A-Z]-\\d{4}$"}
    form = samples.compiled(document)
    (found,) = validate.problems(form, {**samples.values(), "x": "12"})
    assert "应像“A-1234”这样，现在是“12”" in found.text
    document["properties"]["x"]["pattern"] = "^[^a-z]+$"
    (found,) = validate.problems(samples.compiled(document), {**samples.values(), "x": "abc"})
    assert "填报说明" in found.text


def test_a_wrong_choice_among_several_is_told_at_their_cell() -> None:
    """The list is the cell; its entries have no places of their own."""
    assert told({**samples.values(), "crop_codes": ["wheat", "tea"]}) == {
        "/crop_codes": "「作物」里没有“tea”这一项（代码表 crop）。请点开这一格，从列表中选。"
    }


def test_a_wrong_id_number_is_told_with_the_reason() -> None:
    """Which of its places is wrong is the engine's knowledge; the cell's name is ours."""
    number = samples.values()["elders"][0]["id_number"]
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    values = cells.put(FORM, samples.values(), "/elders/k1/id_number", wrong)
    (text,) = told(values).values()
    assert text.startswith("「公民身份号码」：")
    assert "校验" in text


def test_what_is_missing_is_asked_for_only_in_the_end() -> None:
    """A draft may lack anything; a submitted document may not."""
    values = {"elders": [{"_id": "k1", "months": 1}]}
    assert told(values, draft=True) == {}
    assert told(values) == {
        "/population": "请填写「户籍人口」。",
        "/elders/k1/name": "请填写「姓名」。",
    }


def test_null_is_a_blank_cell_and_not_a_wrong_type() -> None:
    """Programs send null for what a person left out."""
    values = {**samples.values(), "population": None}
    assert told(values) == {"/population": "请填写「户籍人口」。"}
    assert told(values, draft=True) == {}


def test_a_closed_cell_must_stay_empty() -> None:
    """The — cells of the sheet."""
    values = samples.values()
    values["crops"]["r02"]["price"] = 3
    assert told(values) == {
        "/crops/r02/price": "「其中：小麦 · 单价」这一格不用填，现在是“3”。请清空。"
    }


def test_what_the_form_does_not_know_is_refused_everywhere() -> None:
    """At the root, in a floating row, in a fixed row and as a row."""
    values = samples.values()
    values["more"] = 1
    values["elders"][1]["more"] = 1
    values["crops"]["r01"]["more"] = 1
    values["crops"]["r03"] = {}
    assert set(told(values)) == {"/more", "/elders/k2/more", "/crops/r01/more", "/crops/r03"}


def test_rows_without_identity_are_named_by_number() -> None:
    """A document from outside need not have ours."""
    values = samples.values()
    values["elders"] = [{"name": ""}]
    assert set(told(values)) == {"/elders/0/name"}


@pytest.mark.parametrize("identity", ["", "a/b", "x" * 65, 7])
def test_an_identity_is_short_and_plain(identity: Json) -> None:
    """It becomes part of paths and of addresses."""
    values = samples.values()
    values["elders"][0]["_id"] = identity
    assert not FORM.validator.is_valid(values)


def test_decimals_are_exact() -> None:
    """Binary fractions would refuse 0.07 at a step of 0.01 and lose the last digit of a large sum."""
    for text, right in (("0.07", True), ("1.10", True), ("123456789012345678.01", True), ("0.001", False)):  # fmt: skip
        values = cells.put(FORM, samples.values(), "/elders/k2/rate", Decimal(text))
        assert FORM.validator.is_valid(values) is right


def test_a_whole_number_may_be_written_with_decimals() -> None:
    """Excel gives 120.00 where a person typed 120."""
    assert FORM.validator.is_valid({**samples.values(), "population": Decimal("120.00")})
    assert not FORM.validator.is_valid({**samples.values(), "population": Decimal("120.01")})


def test_full_width_digits_and_line_ends_do_not_pass_a_pattern() -> None:
    """What Python's own patterns let through."""
    document = samples.form()
    document["properties"]["note"]["pattern"] = r"^\d{3}$"
    form = samples.compiled(document)
    for text, right in (("123", True), ("１２３", False), ("123\n", False)):
        assert form.validator.is_valid({**samples.values(), "note": text}) is right


def test_a_thousand_mistakes_are_enough() -> None:
    """A document with a wrong row ten thousand times is answered, not drowned in."""
    values = samples.values()
    values["elders"] = [{"_id": f"k{i}", "name": ""} for i in range(10_000)]
    assert len(validate.problems(FORM, values)) == validate.MAX_PROBLEMS


def _cell_values() -> st.SearchStrategy[Any]:
    # the oracle takes no Decimal for an integer, though 2.00 is one
    broken = st.decimals(-3, 9, places=2).filter(lambda number: number % 1 != 0)
    numbers = st.integers(-3, 9100) | broken
    return st.none() | st.booleans() | numbers | st.text(max_size=3) | st.sampled_from(["1", "a"])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_verdict_is_that_of_another_validator(data: st.DataObject) -> None:
    """Random cells; python-jsonschema is the oracle, formats and patterns apart."""
    values = samples.values()
    for path, item in cells.cells(FORM, values):
        if item.format is None and data.draw(st.integers(0, 9)) == 0:
            value = data.draw(_cell_values())
            values = cells.put(FORM, values, path, value)
    found = validate.problems(FORM, values)
    oracle = jsonschema.Draft202012Validator(FORM.bundle)
    assert (found == []) == oracle.is_valid(values) == FORM.validator.is_valid(values)
    for one in found:
        assert FORM.item(one.path) is not None
        assert not one.text.startswith("form.")


def test_validation_costs_at_most_twice_the_bare_validator() -> None:
    """Forty items, nothing wrong: the words cost nothing until somebody needs them."""
    document = samples.form()
    document["form"] = {"code": "civil.elderly_monthly", "kind": "report"}
    document["required"] = []
    document["properties"] = {
        f"p{i}": {"type": "string", "title": "项", "maxLength": 20}
        if i % 2
        else {"type": "integer", "title": "数", "minimum": 0}
        for i in range(40)
    }
    form = samples.compiled(document)
    values = {f"p{i}": "文字内容" if i % 2 else i for i in range(40)}
    bare, ours = form.validator, validate.problems

    def seconds(call: Any) -> float:
        best = 1.0
        for _ in range(7):
            start = time.process_time()
            for _ in range(400):
                call()
            best = min(best, time.process_time() - start)
        return best

    ratio = seconds(lambda: bare.is_valid(values)) / seconds(lambda: ours(form, values))
    assert ratio >= 0.5
