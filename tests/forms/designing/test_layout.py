"""Where items stand: sections, order, tables made from nothing."""

from typing import Any

import pytest

from forms import compile as compiler
from forms.complaints import FormInvalid
from forms.designing import design, layout, palette
from tests.forms import samples

Form = dict[str, Any]


def sections(form: Form) -> list[tuple[str, list[str]]]:
    return [(one["code"], one["items"]) for one in layout.sections(form)]


def bare() -> Form:
    return design.empty("civil.new", "新表", owner="370602-mzj")


def small() -> Form:
    return grown(bare())


def grown(form: Form) -> Form:
    for name in ("a", "b", "c"):
        form = design.add(form, name, {"type": "string", "title": name})
    return form


def test_items_move_between_sections() -> None:
    """Before a neighbour, to the end, and out of every section."""
    form = layout.add_section(bare(), "甲")
    form = grown(layout.add_section(form, "乙", before="s1"))
    assert sections(form) == [("s2", []), ("s1", [])]
    form = layout.place(form, "a", "s1")
    form = layout.place(form, "b", "s1", before="a")
    assert sections(form) == [("s2", []), ("s1", ["b", "a"])]
    form = layout.place(form, "b", "s2")
    form = layout.place(form, "a", "", before="c")
    assert sections(form) == [("s2", ["b"]), ("s1", [])]
    assert list(form["properties"]) == ["b", "a", "c"]
    assert compiler.problems(form, {}, {}) == []


def test_the_first_section_leaves_what_is_there_above_it() -> None:
    """In a section whose title is still to be given."""
    form = layout.add_section(small(), "乙")
    assert sections(form) == [("s1", ["a", "b", "c"]), ("s2", [])]
    assert layout.sections(form)[0]["title"] == ""


def test_sections_are_renamed_moved_and_removed() -> None:
    """What stood in a removed one goes to its neighbour; the last takes the sections away."""
    form = grown(layout.add_section(layout.add_section(bare(), "甲"), "乙"))
    form = layout.rename_section(form, "s1", "Part A", "en")
    form = layout.rename_section(form, "s2", "丙")
    form = layout.move_section(form, "s2", before="s1")
    form = layout.place(form, "a", "s1")
    assert [one["title"] for one in layout.sections(form)] == ["丙", "甲"]
    assert sections(layout.remove_section(form, "s1")) == [("s2", ["a"])]
    left = layout.remove_section(layout.remove_section(form, "s1"), "s2")
    assert "sections" not in left["form"]
    with pytest.raises(FormInvalid):
        layout.rename_section(form, "s9", "x")


def test_an_item_becomes_a_column_and_comes_back() -> None:
    """With its being required, and under a free name."""
    form = design.set_required(samples.form(), "/note", True)
    form = layout.move(form, "/note", into="/elders/*", before="name")
    columns = form["properties"]["elders"]["items"]
    assert list(columns["properties"])[:3] == ["id_number", "note", "name"]
    assert columns["required"] == ["name", "note"]
    back = layout.move(form, "/elders/*/note", into="", section="")
    assert "note" in back["properties"]
    assert "note" in back["required"]


def test_tables_are_made_from_nothing() -> None:
    """Fixed rows share their columns; rows and columns are added later, and moved."""
    form = layout.add_table(small(), "fixed", "农作物", ["面积", "产量"], ["小麦", "玉米"])
    form = layout.add_table(form, "floating", "名册", ["姓名", "电话"], [])
    form = layout.add_row(form, "/nzw", "水稻", before="r02")
    form = layout.add_item(form, palette.schema("money", "产值"), name="value", into="/nzw/*")
    form = layout.reorder(form, "/nzw/*/value", before="mj")
    compiled = compiler.compile_form(form, {}, {})
    fixed, floating = compiled.tables
    assert [(one.label(), one.code) for one in fixed.rows] == [
        ("小麦", "1"),
        ("水稻", "3"),
        ("玉米", "2"),
    ]
    assert [one.label() for one in fixed.columns] == ["产值", "面积", "产量"]
    assert [one.label() for one in floating.columns] == ["姓名", "电话"]


@pytest.mark.parametrize("kind", palette.KINDS)
def test_every_kind_makes_an_item_that_is_known_again(kind: str) -> None:
    """What the palette puts on a form is a form, and the page shows the kind that was chosen."""
    choices = [{"label": "甲"}, {"label": "乙", "label_en": "B"}]
    schema = palette.schema(kind, "一项", choices=choices, codelist="crop")
    form = design.add(small(), "x", schema)
    compiled = compiler.compile_form(form, {}, samples.CODELISTS)
    assert palette.kind_of(compiled.by_path["/x"].schema) == kind


def test_choices_keep_their_values() -> None:
    """New ones get a value that no other has or had in the same list."""
    made = palette.options([{"label": "新"}, {"label": "旧", "value": "1"}, {"label": "又"}])
    assert [one["const"] for one in made] == ["2", "1", "3"]


@pytest.mark.parametrize(
    ("label", "taken", "name"),
    [
        ("姓名", (), "xm"),
        ("姓名", ("xm", "xm_2"), "xm_3"),
        ("in", (), "in_2"),
        ("2026", (), "x2026"),
    ],
)
def test_names_come_from_labels(label: str, taken: tuple[str, ...], name: str) -> None:
    """Pinyin initials; no word of the formula language, no number first."""
    assert palette.fresh_name(label, taken) == name
