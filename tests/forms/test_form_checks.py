"""Checks and computed cells: over the document, over rows and over columns."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.formula.document import Document
from engine.json_text import Json
from forms import document
from forms.checks import compute, run
from forms.checks.run import CheckResult
from tests.forms import samples

FORM = samples.compiled()


def failures(values: Json, **around: Any) -> list[CheckResult]:
    return run.failures(FORM, Document(values, **around))


def with_check(formula: str, **more: Any) -> Any:
    document_ = samples.form()
    document_["form"]["checks"] = [{"code": "c", "formula": formula, **more}]
    return samples.compiled(document_)


def test_a_right_document_holds_every_check() -> None:
    """What cannot be told for want of a value is open, not broken."""
    results = run.run(FORM, Document(samples.values()))
    assert [one.code for one in results if one.holds is None] == ["c6"]
    assert [one.code for one in results if one.holds is False] == []


def test_a_broken_check_shows_both_sides_and_the_difference() -> None:
    """In the labels that people know, in both languages, at the cells concerned."""
    (broken,) = failures({**samples.values(), "male": 61})
    assert broken.text("zh") == (
        "合计等于男女之和。应有 合计 = 男 + 女，现在左边是 120，右边是 121，相差 -1。"
    )
    assert broken.text("en") == (
        "The total is men and women. Expected Total = Men + Women; "
        "the left side is 120, the right side 121, the difference -1."
    )
    assert broken.paths == ("/total", "/male", "/female")
    assert broken.relations[0].difference == Decimal(-1)


def test_a_broken_check_is_shown_at_a_cell_that_can_be_changed() -> None:
    """Not at the total that computes itself."""
    (problem,) = run.told(FORM, failures({**samples.values(), "total": 1}), "zh")
    assert (problem.path, problem.severity, problem.code) == ("/male", "error", "check.c1")
    assert problem.paths == ("/total", "/male", "/female")


def test_a_broken_check_is_shown_at_the_cell_that_it_names_first() -> None:
    """The sum, not the part whose name comes first in the alphabet (`r10` before `r9`)."""
    form = with_check("total = male + female")
    item = form.by_path["/total"]
    open_ = replace(
        form,
        items=tuple(replace(one, readonly=False) if one is item else one for one in form.items),
    )
    (problem,) = run.told(
        open_, run.failures(open_, Document({**samples.values(), "male": 61})), "zh"
    )
    assert problem.path == "/total"


def test_a_check_over_rows_is_told_for_the_row() -> None:
    """Names are the row's columns first; the row is named as people count."""
    values = document.put(FORM, samples.values(), "/elders/k2/amount", 501)
    (broken,) = failures(values)
    assert (broken.code, broken.severity, broken.paths) == ("c3", "explain", ("/elders/k2/amount",))
    assert broken.text("zh").startswith("名册第 2 行：发放金额偏高。")


def test_a_check_over_columns_compares_rows_of_each_column() -> None:
    """Names are rows; a column in which one of them is closed is not asked."""
    values = document.put(FORM, samples.values(), "/crops/r02/area", Decimal("10.6"))
    values = document.put(FORM, values, "/crops/r02/output", 4240)
    values = document.put(FORM, values, "/crops/r01/price", 1)
    found = failures(values)
    assert [one.code for one in found] == ["c4", "c4"]
    assert found[0].paths == ("/crops/r01/area", "/crops/r02/area")
    assert "粮食作物 ≥ 其中：小麦" in found[0].text("zh")
    assert [one for one in run.run(FORM, Document(values)) if "单价" in one.place.values()] == []


def test_rows_may_be_named_by_their_code() -> None:
    """A01 as the sheet prints it."""
    form = samples.form()
    form["properties"]["crops"]["properties"]["r01"]["row_code"] = "A01"
    form["form"]["checks"] = [{"code": "c", "formula": "A01 >= r02", "over": "crops:columns"}]
    compiled = samples.compiled(form)
    values = document.put(FORM, samples.values(), "/crops/r02/area", 99)
    assert next(one.holds for one in run.run(compiled, Document(values))) is False


def test_signs_and_today_are_told_as_people_write_them() -> None:
    """Not `<>` and not `TODAY()`, which only whoever writes formulas knows."""
    form = with_check("IF(male <> female, population > 200, DAYS(TODAY(), DATE(2026, 1, 1)) < 0)")
    (broken,) = run.failures(
        form, Document({**samples.values(), "male": 60}, today=date(2026, 11, 1))
    )
    assert "今天" in broken.text("zh")
    assert "today" in broken.text("en")
    assert "TODAY" not in broken.text("zh")


def test_a_tolerance_lets_rounding_pass() -> None:
    """Half a unit, as the check says; not more."""
    values = document.put(FORM, samples.values(), "/crops/r01/output", Decimal("4200.5"))
    assert failures(values) == []
    values = document.put(FORM, samples.values(), "/crops/r01/output", Decimal("4200.51"))
    assert [one.code for one in failures(values)] == ["c5"]


def test_last_period_is_looked_at_when_it_is_given() -> None:
    """The whole document of the period before."""
    before = {**samples.values(), "population": 140}
    (broken,) = failures(samples.values(), last_period=before)
    assert broken.code == "c6"
    assert "上期 户籍人口" in broken.text("zh")


def test_a_row_looks_at_the_same_row_of_last_period() -> None:
    """The same person by natural key, whatever the identity of the row; the same fixed row."""
    form = with_check("amount <= last(amount)", over="elders:rows")
    before = samples.values()
    before["elders"][0]["_id"] = "other"
    before["elders"].reverse()
    now = document.put(FORM, samples.values(), "/elders/k1/amount", 101)
    results = run.run(form, Document(now, last_period=before))
    assert [one.holds for one in results] == [False, True]
    fixed = with_check("area = last(area)", over="crops:rows")
    now = document.put(FORM, samples.values(), "/crops/r02/area", 9)
    results = run.run(fixed, Document(now, last_period=before))
    assert [one.holds for one in results] == [True, False]


def test_registers_that_nobody_asked_leave_a_check_open() -> None:
    """An unanswered question is not the answer zero."""
    form = with_check("population = count(person where residence within this)")
    assert [one.holds for one in run.run(form, Document(samples.values()))] == [None]
    asked = compute.asked(form)
    assert [one.source for one in asked] == ["person"]
    answered = Document(samples.values(), registers=lambda _question: Decimal(120))
    assert [one.holds for one in run.run(form, answered)] == [True]


def test_a_table_of_the_form_is_not_a_question_to_a_register() -> None:
    """COUNT(elders) counts rows."""
    assert compute.asked(FORM) == ()


def test_cells_compute_themselves_in_the_order_of_their_inputs() -> None:
    """Rows first, then the sum over them, whatever the order of writing."""
    form = samples.form()
    form["properties"] = {
        "share": {"type": "number", "title": "比例", "compute": "ROUND(paid / total * 100, 1)"},
        "paid": {"type": "number", "title": "总额", "compute": "SUM(elders.amount)"},
        **form["properties"],
    }
    compiled = samples.compiled(form)
    assert compute.compute(compiled, Document(samples.values())) == {
        "/total": 120,
        "/elders/k1/amount": Decimal("100.5"),
        "/elders/k2/amount": 200,
        "/paid": Decimal("300.5"),
        "/share": Decimal("250.4"),
    }


def test_what_cannot_be_computed_is_blank() -> None:
    """Blank in, blank out; what stood there goes."""
    values = document.remove(samples.values(), "/male")
    assert compute.compute(FORM, Document(values))["/total"] is None
    assert "total" not in compute.computed(FORM, Document(values))


def test_a_computed_value_is_rounded_to_what_its_item_takes() -> None:
    """Half up, as people round; the item says how many decimals."""
    values = document.put(FORM, samples.values(), "/elders/k2/rate", Decimal("0.125"))
    assert compute.compute(FORM, Document(values))["/elders/k2/amount"] == Decimal("0.25")
    values = document.put(FORM, samples.values(), "/elders/k1/rate", Decimal("0.125"))
    assert compute.compute(FORM, Document(values))["/elders/k1/amount"] == Decimal("0.13")


def test_a_computed_date_is_written_as_dates_are() -> None:
    """JSON has no dates."""
    form = samples.form()
    form["properties"]["day"] = {
        "type": "string",
        "format": "date",
        "title": "日",
        "compute": "today()",
    }
    found = compute.compute(samples.compiled(form), Document({}, today=date(2026, 11, 5)))
    assert found["/day"] == "2026-11-05"


def test_fixed_rows_compute_by_their_shared_column() -> None:
    """One formula in $defs, one value per row."""
    form = samples.form()
    form["$defs"]["crops_row"]["properties"]["output"]["compute"] = "area * yield"
    found = compute.compute(samples.compiled(form), Document(samples.values()))
    assert (found["/crops/r01/output"], found["/crops/r02/output"]) == (4200, 3200)


def test_ten_thousand_rows_compute_and_check_in_one_pass() -> None:
    """Each row once, not each row for each row."""
    values = samples.values()
    values["elders"] = [
        {"_id": f"k{i}", "name": "张", "months": 2, "rate": 3} for i in range(10_000)
    ]
    start = time.process_time()
    values = compute.computed(FORM, Document(values))
    results = run.run(FORM, Document(values))
    assert time.process_time() - start < 8
    assert values["elders"][-1]["amount"] == 6
    assert len([one for one in results if one.code == "c3" and one.holds]) == 10_000
