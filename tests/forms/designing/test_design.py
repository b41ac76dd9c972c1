"""The designer's operations: a form in, another form out."""

from collections.abc import Callable
from typing import Any

import pytest

from forms import compile as compiler
from forms import dialect
from forms.complaints import FormInvalid
from forms.designing import design
from tests.forms import samples


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(FormInvalid) as refused:
        call()
    return refused.value.complaints[0].code


def test_an_empty_form_is_a_form() -> None:
    """It can be compiled at once and grown from there."""
    form = design.empty("civil.new", "新表", owner="370602-mzj", period="month")
    assert dialect.problems(form) == []
    form = design.add(form, "name", {"type": "string", "title": "姓名"})
    assert [item.path for item in samples.compiled(form).items] == ["/name"]


def test_binding_keeps_what_the_item_is_called_and_where_it_stands() -> None:
    """The schema comes from the dictionary from now on."""
    form = design.bind(samples.form(), "/note", "household.address")
    assert form["properties"]["note"] == {
        "$ref": "field:household.address",
        "title": "备注",
        "titles": {"en": "Remark"},
        "hint": "没有可不填",
        "at": "C9",
    }


def test_binding_one_cell_of_a_fixed_row_leaves_the_shared_column() -> None:
    """The row remembers the binding; other rows stay as they are."""
    form = design.bind(samples.form(), "/crops/r01/area", "org.wheat_area")
    compiled = samples.compiled(form)
    assert compiled.by_path["/crops/r01/area"].field == "org.wheat_area"
    assert compiled.by_path["/crops/r01/yield"].field is None
    loose = design.unbind(form, "/crops/r01/area", samples.FIELDS["org.wheat_area"])
    assert loose == samples.form()


def test_a_column_of_a_floating_table_is_bound_as_a_whole() -> None:
    """There is one declaration for all its rows."""
    form = design.bind(samples.form(), "/elders/*/months", "person.age")
    assert (
        form["properties"]["elders"]["items"]["properties"]["months"]["$ref"] == "field:person.age"
    )


def test_unbinding_keeps_the_rules_and_the_words_of_the_field() -> None:
    """It can be filled in as before, by hand."""
    form = design.unbind(samples.form(), "/population", samples.FIELDS["org.population"])
    assert form["properties"]["population"] == {
        "type": "integer",
        "minimum": 0,
        "title": "户籍人口",
        "titles": {"en": "Population"},
        "unit": "人",
        "at": "C5",
    }


def test_renaming_changes_one_language() -> None:
    """Of an item, a row or the whole form."""
    form = design.rename(samples.form(), "/note", "说明")
    form = design.rename(form, "/note", "Note", "en")
    form = design.rename(form, "/crops/r01", "粮食")
    form = design.rename(form, "", "新表名")
    form = design.rename(form, "", "New title", "en")
    compiled = samples.compiled(form)
    note = compiled.by_path["/note"]
    assert (note.label(), note.label("en")) == ("说明", "Note")
    assert compiled.table_by_path["/crops"].rows[0].label() == "粮食"
    assert (compiled.title(), compiled.title("en")) == ("新表名", "New title")


def test_a_shared_column_is_changed_as_a_column_not_by_one_cell() -> None:
    """Else renaming a cell would rename its neighbours unasked."""
    form = samples.form()
    assert complaint(lambda: design.rename(form, "/crops/r01/area", "面积")) == "shared-column"
    renamed = samples.compiled(design.rename(form, "/crops/*/area", "面积"))
    assert renamed.by_path["/crops/r02/area"].label() == "面积"


def test_keywords_are_set_and_removed() -> None:
    """None takes one away."""
    form = design.configure(samples.form(), "/note", {"maxLength": None, "carry": True})
    assert "maxLength" not in form["properties"]["note"]
    assert samples.compiled(form).by_path["/note"].carry


def test_items_columns_and_rows_are_added_where_they_belong() -> None:
    """At a position, in a floating table, in all rows of a fixed one."""
    form = design.add(samples.form(), "first", {"type": "string", "title": "一"}, position=0)
    form = design.add(form, "phone", {"type": "string", "title": "电话"}, into="/elders")
    form = design.add(form, "loss", {"type": "number", "title": "损失"}, into="/crops/*")
    form = design.add(form, "r03", {"$ref": "#/$defs/crops_row", "title": "玉米"}, into="/crops")
    compiled = samples.compiled(form)
    assert compiled.items[0].path == "/first"
    assert {"/elders/*/phone", "/crops/r02/loss", "/crops/r03/loss"} <= set(compiled.by_path)


def test_a_name_is_used_once() -> None:
    """The second is refused, the first stays."""
    assert complaint(lambda: design.add(samples.form(), "note", {"type": "string"})) == "exists"


def test_removing_takes_every_mention_along() -> None:
    """Required, sections; checks that named it are told when the form is judged."""
    form = design.remove(samples.form(), "/population")
    assert form["required"] == ["elders"]
    assert "population" not in form["form"]["sections"][0]["items"]
    found = compiler.problems(form, samples.FIELDS, samples.CODELISTS)
    assert {one.pointer for one in found} == {"/form/checks/1/formula", "/form/checks/5/formula"}
    column = design.remove(samples.form(), "/crops/*/price")
    assert "price" not in column["$defs"]["crops_row"]["properties"]


def test_items_and_rows_are_put_in_order() -> None:
    """Position counts among neighbours, from 0."""
    form = design.move(samples.form(), "/note", 0)
    assert next(iter(form["properties"])) == "note"
    form = design.move(form, "/crops/r02", 0)
    assert [row.name for row in samples.compiled(form).table_by_path["/crops"].rows] == [
        "r02",
        "r01",
    ]
    form = design.move(form, "/elders/*/sex", 0)
    assert samples.compiled(form).table_by_path["/elders"].columns[0].name == "sex"
    assert complaint(lambda: design.move(samples.form(), "/note", 99)) == "position"


def test_required_is_set_and_taken_back() -> None:
    """At the root, in a floating row, in one fixed row."""
    form = samples.form()
    for path in ("/note", "/elders/*/sex", "/crops/r01/area"):
        form = design.set_required(form, path, True)
        assert samples.compiled(form).by_path[path].required
    assert not samples.compiled(form).by_path["/crops/r02/area"].required
    for path in ("/note", "/elders/*/sex", "/crops/r01/area"):
        form = design.set_required(form, path, False)
    assert form == samples.form()


def test_a_check_is_added_only_if_its_formula_fits() -> None:
    """A wrong one is told with the place in the formula."""
    form = samples.form()
    good = {"code": "c9", "formula": "male <= population", "text": "男不多于总人口"}
    added = design.add_check(form, good, samples.FIELDS, samples.CODELISTS)
    assert samples.compiled(added).checks[-1].text() == "男不多于总人口"
    for formula in ("male <=", "male <= nobody", "male + 1"):
        bad = {"code": "c9", "formula": formula}
        assert complaint(
            lambda bad=bad: design.add_check(form, bad, samples.FIELDS, samples.CODELISTS)
        ) == "formula"  # fmt: skip
    replaced = design.add_check(added, {**good, "severity": "gated"}, samples.FIELDS, samples.CODELISTS)  # fmt: skip
    assert [one["severity"] for one in replaced["form"]["checks"] if one["code"] == "c9"] == [
        "gated"
    ]
    assert design.remove_check(added, "c9") == form


def test_sections_are_arranged() -> None:
    """As given; what is left out comes last."""
    form = design.arrange(samples.form(), [{"title": "甲", "items": ["note"]}])
    assert samples.compiled(form).sections[0].items == ("note",)


@pytest.mark.parametrize(
    "operation",
    [
        lambda f: design.bind(f, "/nothing", "org.phone"),
        lambda f: design.rename(f, "/elders/*/nothing", "x"),
        lambda f: design.remove(f, "/crops/r09"),
        lambda f: design.move(f, "/nothing", 0),
        lambda f: design.set_required(f, "/nothing", True),
        lambda f: design.add(f, "x", {"type": "string"}, into="/nothing"),
    ],
)
def test_what_is_not_there_is_told(operation: Callable[[dict[str, Any]], object]) -> None:
    """Somebody else may have removed it."""
    assert complaint(lambda: operation(samples.form())) == "no-item"


def test_no_operation_changes_the_form_it_was_given() -> None:
    """Undo is keeping the old one."""
    form = samples.form()
    design.bind(form, "/note", "household.address")
    design.rename(form, "/crops/*/area", "x")
    design.add(form, "x", {"type": "string", "title": "x"}, into="/elders")
    design.remove(form, "/population")
    design.move(form, "/note", 0)
    design.set_required(form, "/note", True)
    assert form == samples.form()
