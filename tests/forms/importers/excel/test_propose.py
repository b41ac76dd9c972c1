"""What is recognised on a sheet."""

from dataclasses import replace
from typing import Any

from forms.importers.excel.draft import to_form
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.propose import propose
from tests.forms.importers.excel import books
from tests.forms.importers.excel.sheets import sheet

ROSTER = """
| 高龄老人生活补贴发放花名册 | >> | >> | >> | >> | >> |
| 填报单位：       填报人：    | >> | >> | >> | 2026年10月 | >> |
| 序号 | 基本信息 | >> | >> | 补贴 | >> |
| ^^ | 姓名 | 身份证号 | 住址 | 标准（元/月） | 本月发放金额（元） |
| 1 | | | | | |
| 2 | | | | | |
"""

YEARLY = """
| 渔业生产情况 | >> | >> | >> |
| 表    号：A310表 | >> | >> | >> |
| 指标名称 | 计量单位 | 代码 | 数量 |
| 甲 | 乙 | 丙 | 1 |
| 一、水产品产量 | 吨 | 01 | |
| 其中：捕捞 | 吨 | 02 | |
| ····养殖 | 吨 | 03 | |
| 二、养殖面积 | 公顷 | 04 | |
| 单位负责人：     填报人：     报出日期：  年 月 日 | >> | >> | >> |
| 说明：1.本表由各镇报送。 | >> | >> | >> |
| 2.平衡关系：01=02+03，04≥0，07=08。 | >> | >> | >> |
"""


def test_a_roster_is_floating_with_the_paths_of_its_merged_header() -> None:
    """Header labels from the top down make the path of every column."""
    found = propose(sheet(ROSTER))
    assert found.kind == "floating"
    assert found.title == "高龄老人生活补贴发放花名册"
    assert found.header.rows == (3, 4)
    assert [item.path for item in found.columns()] == [
        ("序号",),
        ("基本信息", "姓名"),
        ("基本信息", "身份证号"),
        ("基本信息", "住址"),
        ("补贴", "标准（元/月）"),
        ("补贴", "本月发放金额（元）"),
    ]
    assert [item.unit for item in found.columns()][-1] == "元"


def test_a_statistics_form_has_rows_with_codes_and_its_printed_rules() -> None:
    """Rows carry code, unit and depth; rules become checks, what cannot be read is shown."""
    found = propose(sheet(YEARLY))
    assert found.kind == "fixed"
    assert [(row.code, row.unit, row.indent) for row in found.rows()] == [
        ("01", "吨", 0),
        ("02", "吨", 1),
        ("03", "吨", 1),
        ("04", "公顷", 0),
    ]
    assert [check.formula for check in found.checks] == ["r01 = r02 + r03", "r04 >= 0"]
    assert [(w.code, w.text) for w in found.warnings] == [("sheet.rule-unknown-code", "07=08")]
    assert {block.role for block in found.blocks} >= {"legal_number", "leader", "preparer", "date"}


def test_rules_over_rows_leave_out_columns_that_do_not_add_up() -> None:
    """Area and output of the parts make up the whole; the yield does not."""
    found = propose(
        sheet(
            """
            | 粮食作物生产情况 | >> | >> | >> | >> |
            | 作物名称 | 代码 | 面积（亩） | 总产量（吨） | 单产（公斤） |
            | 甲 | 乙 | 1 | 2 | 3 |
            | 粮食作物 | 1 | | | |
            | 夏收粮食 | 2 | | | |
            | 秋收粮食 | 3 | | | |
            | 说明：指标关系：1=2+3 | >> | >> | >> | >> |
            """
        )
    )
    assert [(check.formula, check.only) for check in found.checks] == [
        ("r1 = r2 + r3", ("mj", "zcl"))
    ]
    form = to_form(found, code="agri.grain", owner="370602-nyj")
    (table,) = form["properties"]
    assert [check["formula"] for check in form["form"]["checks"]] == [
        f"{table}.r1.mj = {table}.r2.mj + {table}.r3.mj",
        f"{table}.r1.zcl = {table}.r2.zcl + {table}.r3.zcl",
    ]


def test_a_proposal_becomes_a_form_with_everything_where_the_sheet_has_it() -> None:
    """Columns by letter, rows by number, checks over the table."""
    form = to_form(propose(sheet(YEARLY)), code="agri.fishery", owner="370602-nyj")
    (name,) = form["properties"]
    assert form["properties"][name]["properties"]["r02"]["at"] == 6
    assert form["$defs"][f"{name}_row"]["properties"]["sl"]["at"] == "D"
    assert form["form"]["checks"][0]["over"] == f"{name}:columns"


def test_a_column_of_many_rows_is_not_one_fact_of_the_unit() -> None:
    """A column's field would stand in every row of a fixed table with the same value; it stays to be chosen."""
    found = propose(sheet(YEARLY))
    sure = tuple(
        replace(item, field="org.population", confidence=1.0) if item.axis == "column" else item
        for item in found.items
    )
    rows = [item for item in found.rows() if item.type == "object"]
    many = to_form(replace(found, items=sure), code="agri.fishery", owner="370602-nyj")
    only = tuple(item for item in sure if item.axis != "row" or item in rows[:1])
    one = to_form(replace(found, items=only), code="agri.fishery", owner="370602-nyj")
    assert "field:org.population" not in str(many["$defs"])
    assert "field:org.population" in str(one["$defs"])


def totals(unit: str) -> Any:
    """A roster whose last column is the sheet's own sum of the two before it."""

    def fill(sheet: Any) -> None:
        sheet.append(["花名册"])
        sheet.merge_cells("A1:D1")
        sheet.append(["姓名", unit, "奖金（元）", "合计（元）"])
        for row in range(3, 8):
            value = 100 if "元" in unit else "甲组"
            sheet.append(["张三", value, 20, f"=SUM(B{row}:C{row})"])

    return fill


def test_a_sum_of_numbers_comes_along_and_one_of_texts_does_not() -> None:
    """A text in a sum is nothing to Excel and a mistake in our language: the sheet comes in without it."""
    for unit, computed in (("工资（元）", True), ("班组", False)):
        found = propose(open_sheet(books.book(totals(unit))))
        form = to_form(found, code="form.x", owner="37")
        (table,) = [one for one in form["properties"].values() if one["type"] == "array"]
        last = list(table["items"]["properties"].values())[-1]
        assert ("compute" in last) is computed, unit


def test_the_period_in_a_title_or_beside_who_reports_is_a_place_of_its_own() -> None:
    """Filling the report for another quarter changes these words and nothing beside them."""
    table = "| 村名 | 人数 |\n| 甲村 | |\n| 乙村 | |"
    titled = to_form(
        propose(sheet(f"| 2025年第三季度救助情况表 | >> |\n{table}")),
        code="civil.aid",
        owner="370602",
    )
    assert titled["form"]["period"] == "quarter"
    assert titled["form"]["blocks"][1:] == [
        {"role": "period", "cell": "A1", "instead": "2025年第三季度"}
    ]
    shared = propose(sheet(f"| 救助情况表 | >> |\n| 填报单位：········2025年···· | >> |\n{table}"))
    blocks = to_form(shared, code="civil.aid", owner="370602")["form"]["blocks"]
    assert blocks[1:] == [
        {"role": "reporting_unit", "cell": "A2", "prefix": "填报单位"},
        {"role": "period", "cell": "A2", "instead": "2025年"},
    ]


def test_who_reports_is_not_the_period_beside_it_nor_a_character_of_somebodys_font() -> None:
    """`填报单位：　　2025年前三季度` names no unit; what Word left behind is in no label and no rule."""
    found = propose(
        sheet(
            """
            | 收入情况表 | >> | >> |
            | 填报单位：········2025年前三季度 | >> | >> |
            | \ue003指标名称 | 代码 | 数量\ue003 |
            | 收入 | 01 | |
            | 其中：工资 | 02 | |
            | 审核关系：\ue00301≥02 | >> | >> |
            """
        )
    )
    told = {one.role: one.text for one in found.blocks}
    assert (told["reporting_unit"], told["period"]) == ("", "2025年前三季度")
    assert [item.path for item in found.columns()] == [("指标名称",), ("代码",), ("数量",)]
    assert [one.formula for one in found.checks] == ["r01 >= r02"]
