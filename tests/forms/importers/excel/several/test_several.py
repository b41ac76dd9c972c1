"""Several worksheets recognised as what they are, and put together as one form."""

import io
import time
from dataclasses import replace
from typing import Any

from openpyxl import Workbook

from forms import compile as compiler
from forms import worksheets
from forms.compiled import CompiledForm
from forms.importers.excel.proposal import SheetFormula
from forms.importers.excel.several import recognise
from forms.importers.excel.several.draft import to_one_form, unresolved, warnings, without_faulty
from forms.importers.excel.several.recognise import Several
from tests import several_sheets as made


def found() -> Several:
    """The made workbook, all that belongs together."""
    content = made.workbook()
    seen = recognise.look(content)
    names = [one.name for one in seen if one.role in recognise.JOINED]
    return recognise.recognise(content, names, seen=seen)


def compiled() -> CompiledForm:
    """The form of it."""
    return compiler.compile_form(to_one_form(found(), code="demo.several", owner=""), {}, {})


def test_every_worksheet_is_told_for_what_it_is() -> None:
    """Cover, tables, instructions, and the list of codes that nobody sees."""
    seen = recognise.look(made.workbook())
    assert [(one.name, one.role) for one in seen] == [
        (made.COVER, "cover"),
        (made.VILLAGES, "form"),
        (made.PEOPLE, "form"),
        (made.SUMMARY, "form"),
        (made.NOTES, "notes"),
        (made.CODES, "hidden"),
    ]
    assert seen[1].title == made.TITLES[made.VILLAGES]


def test_items_tables_and_blocks_know_their_worksheet() -> None:
    """The first sheet that is no cover is the template's own, which goes without saying."""
    form = compiled()
    assert form.template["sheet"] == made.VILLAGES
    assert worksheets.of(form) == ("", made.PEOPLE, made.SUMMARY, made.COVER)
    assert [(one.name, one.sheet) for one in form.tables] == [
        ("ncjczzqk", ""),
        ("zzdhmc", made.PEOPLE),
        ("hzqk", made.SUMMARY),
    ]
    assert {one.role: one.sheet for one in form.blocks if one.role != "title"} == {
        "preparer": made.COVER,
        "date": made.COVER,
        "reporting_unit": made.COVER,
    }


def test_each_worksheet_is_a_section_that_begins_a_page_and_the_cover_names_the_form() -> None:
    """The sections in the order of the workbook; the instructions are the form's notes."""
    form = compiled()
    assert form.titles["zh"] == made.TITLES[made.COVER]
    assert [(one.label(), one.page_break) for one in form.sections] == [
        ("表一 农村基层组织情况", False),
        ("表二 种植大户名册", True),
        ("表三 汇总情况", True),
    ]
    assert "五十亩以上" in form.notes


def test_a_printed_rule_about_another_worksheet_becomes_a_check() -> None:
    """`第1行第1列≤表三第1行第1列` on 表一; read alone, it says that it speaks of another sheet."""
    form = compiled()
    assert [(one.formula, one.over) for one in form.checks] == [
        ("r01 = r02 + r03", "ncjczzqk:columns"),
        ("ncjczzqk.r01.hs <= hzqk.r01.sl", None),
    ]
    alone = recognise.recognise(made.workbook(), [made.VILLAGES])
    assert [one.code for one in alone.proposals[0].warnings] == ["sheet.rule-other-sheet"]


def test_a_formula_over_another_worksheet_asks_its_items() -> None:
    """A cell, a list that grows, the total below it; what is no item of the form is shown."""
    form = compiled()
    computed = {one.path: one.compute for one in form.items if one.compute}
    assert computed == {
        "/hzqk/r01/sl": "ncjczzqk.r01.hs",
        "/hzqk/r02/sl": "SUM(zzdhmc.gdmj)",
        "/hzqk/r03/sl": "SUM(zzdhmc.gdmj)/ncjczzqk.r01.hs",
    }
    [left] = unresolved(found())
    assert (left.cell, left.text) == ("表三!C7", "=表二!D99")
    assert {one["code"] for one in warnings(found())} == {
        "sheet.rule-counted",
        "sheet.formula-other-sheet",
    }


def test_names_are_one_of_a_kind_though_sheets_are_alike() -> None:
    """The same worksheet twice, as for two quarters: two tables, told apart."""
    content = made.workbook()
    twice = recognise.recognise(content, [made.VILLAGES, made.VILLAGES])
    document = to_one_form(twice, code="demo.twice", owner="")
    assert list(document["properties"]) == ["ncjczzqk", "table_1"]


def test_formulas_that_ask_in_a_circle_do_not_keep_the_workbook_out() -> None:
    """The faulty ones are left out, the rest of the form stands."""
    several = found()
    circle = SheetFormula("C4", "=表三!C4")
    proposals = tuple(
        replace(one, formulas=(circle,)) if one.sheet == made.VILLAGES else one
        for one in several.proposals
    )
    document = to_one_form(replace(several, proposals=proposals), code="demo.circle", owner="")
    complaints = compiler.problems(document, {}, {})
    assert {one.code for one in complaints} == {"formula-cycle"}
    mended = without_faulty(document, complaints)
    assert compiler.problems(mended, {}, {}) == []
    assert "/hzqk/r02/sl" in {one.path for one in compiler.compile_form(mended, {}, {}).items}


def test_one_worksheet_with_instructions_is_a_form_of_one() -> None:
    """Nothing in it speaks of worksheets."""
    content = made.workbook()
    seen = recognise.look(content)
    kept = [one for one in seen if one.name in (made.PEOPLE, made.NOTES)]
    one = recognise.recognise(content, [made.PEOPLE, made.NOTES], seen=kept)
    form = compiler.compile_form(to_one_form(one, code="demo.one", owner=""), {}, {})
    assert worksheets.of(form) == ("",)
    assert "填报说明" in form.notes


def test_what_is_moved_into_a_group_stays_on_its_worksheet() -> None:
    """The designer may put items of several worksheets together: each is filled where it was printed."""
    document: Any = to_one_form(found(), code="demo.several", owner="")
    inner = {
        "a": {"type": "integer", "title": "甲", "at": "C9"},
        "b": {"type": "integer", "title": "乙", "at": "C9", "sheet": made.SUMMARY},
        "c": {"type": "integer", "title": "丙", "at": "C8", "sheet": made.VILLAGES},
    }
    group = {"type": "object", "title": "组", "sheet": made.PEOPLE, "properties": inner}
    document["properties"]["g"] = group
    form = compiler.compile_form(document, {}, {})
    told = {one.name: one.sheet for one in form.items if one.path.startswith("/g/")}
    assert told == {"a": made.PEOPLE, "b": made.SUMMARY, "c": ""}


def test_a_workbook_of_many_large_sheets_is_looked_at_as_far_as_it_is_quick() -> None:
    """Those behind are told to be tables unless their names say otherwise; nothing is left out."""
    book = Workbook()
    for number in range(1, 9):
        page = book.create_sheet(f"表{number}")
        page.append(["指标", *(f"第{n}列" for n in range(1, 60))])
        for row in range(100):
            page.append([f"行{row}", *range(59)])
    book.create_sheet("封面").append(["年报"])
    del book["Sheet"]
    target = io.BytesIO()
    book.save(target)
    start = time.process_time()
    seen = recognise.look(target.getvalue())
    assert time.process_time() - start < 20
    assert [one.role for one in seen] == [*["form"] * 8, "cover"]
    assert (seen[0].title, seen[7].title, seen[7].rows) == ("表1", "", 101)
