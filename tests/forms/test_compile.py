"""From a form and the dictionary to items, tables, bindings and a schema that any validator runs."""

from dataclasses import replace

import jsonschema
import pytest

from engine import json_text
from forms import compile as compiler
from forms.complaints import FormInvalid
from forms.diff import diff
from forms.printing import PrintLayout
from tests.forms import samples

FORM = samples.compiled()


def complaints(document: object) -> list[tuple[str, str]]:
    with pytest.raises(FormInvalid) as refused:
        samples.compiled(document)
    return [(one.code, one.pointer) for one in refused.value.complaints]


def test_the_bundle_is_a_plain_schema_that_another_validator_runs() -> None:
    """No reference leaves it, and python-jsonschema gives the same verdict."""
    bundle = FORM.bundle
    jsonschema.Draft202012Validator.check_schema(bundle)
    assert '"field:' not in json_text.dumps(bundle).replace('"$defs":{"field:', "").replace(
        ',"field:', ""
    )
    other = jsonschema.Draft202012Validator(bundle)
    good, bad = samples.values(), samples.values()
    bad["elders"][0]["sex"] = "9"
    assert other.is_valid(good)
    assert FORM.validator.is_valid(good)
    assert not other.is_valid(bad)
    assert not FORM.validator.is_valid(bad)


def test_the_bundle_carries_the_exact_version_of_each_field() -> None:
    """A field that changes later does not change what was published."""
    newer = {**samples.FIELDS, "person.name": replace(samples.FIELDS["person.name"], version=7)}
    compiled = samples.compiled(fields=newer)
    assert compiled.fields["person.name"].version == 7
    assert compiled.bundle["$defs"]["field:person.name"]["field"]["version"] == 7
    assert compiled.content_hash != FORM.content_hash


def test_a_stored_bundle_gives_the_same_form_again() -> None:
    """Publishing stores the bundle as text; no dictionary is needed to use it."""
    again = compiler.load(json_text.trusted(json_text.dumps(FORM.bundle)), version=1)
    assert again == FORM
    assert again.items == FORM.items
    assert again.plan == FORM.plan
    assert again.fields == FORM.fields


def test_compiling_does_not_touch_the_form() -> None:
    """What the designer holds stays as it is."""
    document = samples.form()
    samples.compiled(document)
    assert document == samples.form()


def test_items_are_found_with_their_words_and_places() -> None:
    """Root, floating and fixed cells, each with label, field, unit and cell of the template."""
    item = FORM.by_path["/population"]
    assert (item.label(), item.label("en"), item.field) == (
        "户籍人口",
        "Population",
        "org.population",
    )
    assert (item.unit, item.at, item.type, item.required) == ("人", "C5", "integer", True)
    name = FORM.by_path["/elders/*/name"]
    assert (name.header, name.at, name.required) == (("基本信息", "姓名"), "B", True)
    wheat = FORM.by_path["/crops/r02/area"]
    assert (wheat.field, wheat.at) == ("org.wheat_area", "D18")
    assert wheat.full_label() == "其中：小麦 · 播种面积"
    assert wheat.full_label("en") == "of which wheat · Sown area"
    assert FORM.by_path["/phone"].label() == "值班电话"
    assert FORM.by_path["/total"].readonly
    assert "/crops/r02/price" not in FORM.by_path


def test_choices_come_from_code_lists_and_from_the_form() -> None:
    """A code list gives codes; the form's own choices give words too."""
    assert [one.value for one in FORM.by_path["/elders/*/sex"].options] == ["1", "2"]
    assert [one.value for one in FORM.by_path["/crop_codes"].options] == ["wheat", "maize", "rice"]
    assert FORM.by_path["/kind"].options[0].label("en") == "Town"


def test_a_cell_finds_its_item_by_the_identity_of_its_row() -> None:
    """Whatever a row is called, even like a column."""
    item = FORM.item("/elders/name/name")
    assert item is not None
    assert item.path == "/elders/*/name"
    assert FORM.item("/elders/k1") is None
    assert FORM.item("/elders/k1/nothing") is None
    assert FORM.item("/nothing") is None


def test_a_column_has_a_unit_only_where_all_of_its_cells_have_it() -> None:
    """Tonnes of fish and hectares of ponds stand in one column: its heading says neither."""
    document = samples.form()
    rows = document["properties"]["crops"]["properties"]
    rows["r01"]["unit"], rows["r02"]["unit"] = "吨", "公顷"

    def unit_of(name: str) -> str | None:
        table = next(one for one in samples.compiled(document).tables if one.path == "/crops")
        return next(one.unit for one in table.columns if one.name == name)

    assert (unit_of("area"), unit_of("output")) == ("亩", None)
    rows["r02"]["unit"] = "吨"
    assert unit_of("output") == "吨"


def test_tables_tell_rows_columns_and_members() -> None:
    """Closed cells, codes and indents of fixed rows; subject and members of floating ones."""
    elders, crops = FORM.tables
    assert (elders.kind, elders.subject, elders.key, elders.region) == (
        "floating",
        "person",
        "id_number",
        (6, 15),
    )
    assert [one.name for one in crops.columns] == ["area", "yield", "output", "price"]
    assert [(one.code, one.indent, one.closed) for one in crops.rows] == [
        ("01", 0, frozenset()),
        ("02", 1, frozenset({"price"})),
    ]


def test_bindings_are_grouped_so_that_each_group_is_one_query() -> None:
    """Root facts by subject, floating tables each with theirs."""
    assert [one.path for one in FORM.plan.root["org"]] == [
        "/population",
        "/phone",
        "/crops/r02/area",
    ]
    (elders,) = FORM.plan.tables
    assert set(elders.bindings) == {"person", "household"}
    assert elders.members == "person where age >= 80 and residence within this"


def test_a_form_writes_back_what_people_may_set() -> None:
    """All bound fields, unless the form names them."""
    assert "org.population" in FORM.sets
    document = samples.form()
    document["form"]["sets"] = ["org.phone"]
    assert samples.compiled(document).sets == ("org.phone",)


def test_what_no_section_names_stands_in_the_last_one() -> None:
    """An item that nobody placed must not be invisible."""
    assert FORM.sections[-1].items == ("phone", "kind", "crop_codes", "note", "crops")


@pytest.mark.parametrize(
    ("reference", "code"),
    [("field:person.nobody", "field-unknown"), ("field:person.old_number", "field-retired")],
)
def test_an_unknown_or_retired_field_is_told_at_its_place(reference: str, code: str) -> None:
    """The designer is led to the item that asks for it."""
    document = samples.form()
    document["properties"]["note"]["$ref"] = reference
    assert complaints(document) == [(code, "/properties/note/$ref")]


def test_a_bound_cell_of_a_row_is_held_to_the_dictionary_too() -> None:
    """`bind` names its field at its place."""
    document = samples.form()
    document["properties"]["crops"]["properties"]["r02"]["bind"] = {"area": "org.nothing"}
    assert complaints(document) == [("field-unknown", "/properties/crops/properties/r02/bind/area")]


def test_an_unknown_code_list_is_told() -> None:
    """Nobody could choose from it."""
    document = samples.form()
    document["properties"]["note"]["codelist"] = "GB 0"
    assert complaints(document) == [("codelist-unknown", "/properties/note/codelist")]


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("total = male +", "formula"),
        ("total = male + femal", "formula"),
        ("total + 1", "formula"),
        ("total = note", "formula"),
        ("count(person where nothing > 1) = total", "formula"),
    ],
)
def test_a_formula_that_does_not_fit_is_told_with_its_position(formula: str, told: str) -> None:
    """Syntax, unknown names, wrong types; the check is named by its place."""
    document = samples.form()
    document["form"]["checks"][0]["formula"] = formula
    assert complaints(document) == [(told, "/form/checks/0/formula")]


def test_computed_items_that_need_each_other_are_refused() -> None:
    """The circle is told by name."""
    document = samples.form()
    document["properties"]["male"]["compute"] = "total - female"
    with pytest.raises(FormInvalid) as refused:
        samples.compiled(document)
    (complaint,) = refused.value.complaints
    assert complaint.code == "formula-cycle"
    assert "total" in complaint.text("zh")


def test_adding_persons_to_households_is_doubtful_but_allowed() -> None:
    """Units are a warning of the designer, not a wall: 人数 ≥ 户数 is a check people write."""
    document = samples.form()
    document["properties"]["households"] = {"$ref": "field:org.households"}
    document["form"]["checks"][0]["formula"] = "population >= households"
    assert compiler.problems(document, samples.FIELDS, samples.CODELISTS) == []
    found = compiler.problems(document, samples.FIELDS, samples.CODELISTS, units=True)
    assert [one.pointer for one in found] == ["/form/checks/0/formula"]


def test_a_problem_tells_the_first_complaint_in_words() -> None:
    """For the line on the command line and the page's banner."""
    document = samples.form()
    document["properties"]["note"]["$ref"] = "field:person.nobody"
    with pytest.raises(FormInvalid) as refused:
        samples.compiled(document)
    assert "数据字典里没有「person.nobody」" in refused.value.text("zh")
    assert refused.value.details()["complaints"][0]["pointer"] == "/properties/note/$ref"


def test_the_print_layout_is_compiled_and_what_is_not_one_is_told() -> None:
    """Silence means as ever; each wrong value is told at its place with what may stand there."""
    assert FORM.printing == PrintLayout("A4", "auto", "normal", repeat_headers=True)
    document = samples.form()
    document["form"]["print"] = {"paper": "A3", "repeat_headers": False}
    document["form"]["sections"][0]["page_break"] = True
    made = samples.compiled(document)
    assert made.printing == PrintLayout("A3", "auto", "normal", repeat_headers=False)
    assert [one.page_break for one in made.sections] == [True, False]
    assert [one.kind for one in diff(FORM, made)] == ["form.print"]
    for wrong, pointer, told in (
        ({"paper": "A5"}, "/form/print/paper", "A4, A3"),
        ({"orientation": "sideways"}, "/form/print/orientation", "auto, portrait, landscape"),
        ({"font": 9}, "/form/print/font", "small, normal, large"),
        ({"repeat_headers": "yes"}, "/form/print/repeat_headers", "boolean"),
        ({"margin": 3}, "/form/print", "margin"),
        ("A3", "/form/print", "object"),
    ):
        document["form"]["print"] = wrong
        (found,) = compiler.problems(document, samples.FIELDS, samples.CODELISTS)
        assert found.pointer == pointer
        assert told in found.text("zh")
