"""Printed rules about one cell, and between tables: checks on the right items, or shown with the reason."""

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from engine.formula.document import Document
from forms.checks.run import failures
from forms.compile import compile_form
from forms.importers.excel.draft import to_form
from forms.importers.excel.files.grid import Grid
from forms.importers.excel.files.read import open_sheet
from forms.importers.excel.filled import filled_document
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.books import book
from tests.forms.importers.excel.sheets import sheet

ONE = """
    | 农业统计表 | >> | >> | >> | >> |
    | 指标 | 代码 | 上年 | 本年 | 其中：合作社 |
    | 甲 | 乙 | 1 | 2 | 3 |
    | 粮食 | 01 | 10 | 12 | 3 |
    | 小麦 | 02 | 4 | 5 | 1 |
    | 玉米 | 03 | 6 | 7 | × |
    | 大豆 | 04 | 1 | 2 | 1 |
    | {rule} | >> | >> | >> | >> |
    """
TWO = """
    | 民政统计表 | >> | >> | >> |
    | 一、A表 城镇低保 | >> | >> | >> |
    | 指标 | 代码 | 上年 | 本年 |
    | 户数 | 01 | 3 | 4 |
    | 人数 | 02 | 5 | 9 |
    | 合计 | 03 | 8 | 13 |
    | 二、B表 农村低保 | >> | >> | >> |
    | 指标 | 代码 | 上年 | 本年 |
    | 户数 | 01 | 3 | 5 |
    | 人数 | 02 | 6 | 8 |
    | 合计 | 03 | 8 | 14 |
    | {rule} | >> | >> | >> |
    """
ANNEX = """
    | 住房安全情况 | >> | >> | >> | >> |
    | 主表 总体情况 | >> | >> | >> | >> |
    | 指标 | 代码 | 数量 | | |
    | 户数 | 1 | 9 | | |
    | 危房 | 2 | 3 | | |
    | 补助资金 | 3 | 70 | | |
    | 附表一 分村明细 | >> | >> | >> | >> |
    | 村别 | 户数 | 危房 | 已改 | 补助资金 |
    | 甲 | 1 | 2 | 3 | 4 |
    | 东山村 | 4 | 1 | 1 | 30 |
    | 西山村 | 5 | 2 | 1 | 50 |
    | 合计 | 9 | 3 | 2 | 80 |
    | {rule} | >> | >> | >> | >> |
    """
ROSTER = """
    | 帮扶情况 | >> | >> | >> |
    | 一、汇总表 | >> | >> | >> |
    | 指标 | 代码 | 数量 | |
    | 户数 | 01 | 2 | |
    | 金额 | 02 | 500 | |
    | 二、名单表 | >> | >> | >> |
    | 序号 | 姓名 | 金额 | 备注 |
    | 1 | 张三 | 300 | 无 |
    | 2 | 李四 | 300 | 无 |
    | 3 | | | |
    | {rule} | >> | >> | >> |
    """


def drawn(drawing: str, rule: str) -> Grid:
    return sheet(drawing.replace("{rule}", f"审核关系：{rule}"))


def broken(grid: Grid) -> list[str]:
    """Both sides of every check that the figures on the sheet break."""
    found = propose(grid)
    assert [one.code for one in found.warnings if one.code != "sheet.rule-counted"] == []
    form = to_form(found, code="drawn.rules", owner="370602-tjj")
    failed = failures(compile_form(form, {}, {}), Document(values=filled_document(form, grid)))
    return [
        f"{side.left} {side.operator} {side.right}"
        for one in failed
        for side in one.relations
        if side.holds is False
    ]


@pytest.mark.parametrize(
    ("drawing", "rule", "wrong"),
    [
        (ONE, "第3行第2列≥第4行第2列", []),
        (ONE, "第3行第2列≤第4行第2列", ["7 <= 2"]),
        (ONE, "第三行第二列不大于第四行第二列", ["7 <= 2"]),
        (ONE, "2行3栏=4行3栏", []),
        (ONE, "2栏1行=3栏1行", ["12 = 3"]),
        (ONE, "（1行，2栏）=（2行，2栏）+（4行，2栏）", ["12 = 7"]),
        (ONE, "第1行第2列=第2行第2列与第3行第2列之和", []),
        (ONE, "第1行第2列≥第1行第1列+第3列", ["12 >= 13"]),
        (ONE, "若第1行第1列>0，则第4行第2列>第1行第3栏", ["2 > 3"]),
        (ONE, "第1行本年=第2行本年+第4行本年", ["12 = 7"]),
        (ONE, "01=02+03；第4行第2列>第1行第3列", ["2 > 3"]),
        (TWO, "A表第3行=B表合计", ["13 = 14"]),
        (TWO, "A表01行≥B表01行", ["4 >= 5"]),
        (TWO, "A表02行上年不小于B表02行上年", ["5 >= 6"]),
        (TWO, "上表03=下表03", ["13 = 14"]),
        (TWO, "A表户数=B表户数", ["4 = 5"]),
        (TWO, "A表第3行=01+02。B表03=B表01+02", ["8 = 9", "14 = 13"]),
        (ANNEX, "（附表一）第4栏合计=主表第3行", ["80 = 70"]),
        (ANNEX, "附表一第1栏合计等于主表第1行", []),
        (ANNEX, "本表第2行≥附表一危房合计", []),
        (ANNEX, "附表一第3栏≤第2栏", []),
        (ANNEX, "《总体情况》第1行第1列=附表一第1行第1列", ["9 = 4"]),
        (ROSTER, "名单表金额合计=汇总表第2行", ["600 = 500"]),
    ],
)  # fmt: skip
def test_a_placed_rule_finds_what_breaks_it(drawing: str, rule: str, wrong: list[str]) -> None:
    """Through the sheet, its rule, the form and the figures: exactly the broken comparisons."""
    assert broken(drawn(drawing, rule)) == wrong


@pytest.mark.parametrize(
    ("drawing", "rule", "reason"),
    [
        (ONE, "第9行第2列=第1行第2列", "unknown-code"),
        (ONE, "第3行第9列=第1行第2列", "unknown-code"),
        (ONE, "（3行，甲栏）=第1行第2列", "not-filled"),
        (ONE, "第3行第3列=第1行第3列", "not-filled"),
        (ONE, "本表01行=农业综合表12行", "other-table"),
        (ONE, "（附表一）第1栏合计=主表第3行", "other-table"),
        (TWO, "本表第3行第2列=第1行第2列", "which-table"),
        (ANNEX, "主表第1行=附表一第1行", "not-alike"),
        (TWO, "上表03=左表03", "which-table"),
    ],
)
def test_what_the_form_cannot_hold_is_shown_with_the_reason(
    drawing: str, rule: str, reason: str
) -> None:
    """The words, the cell and why; no check is guessed."""
    found = propose(drawn(drawing, rule))
    assert found.checks == ()
    [told] = [one for one in found.warnings if one.code != "sheet.rule-counted"]
    assert told.code == f"sheet.rule-{reason}"
    assert told.text == rule.replace("（", "(").replace("）", ")").replace("，", ",")
    assert told.cell == f"A{propose(drawn(drawing, rule)).tables[-1].rows[1] + 1}"


def test_a_rule_about_another_worksheet_says_so() -> None:
    """A form holds one worksheet; nothing checks one form against another."""

    def fill(page: Worksheet) -> None:
        page.title = "表1"
        lines = [["情况表"], ["指标", "代码", "数量"], ["户数", "01", 3], ["人数", "02", 4], ["审核关系：01≤02；02=农业综合表12行"]]  # fmt: skip
        for line in lines:
            page.append(line)
        page.parent.create_sheet("农业综合表").append(["农业综合表"])

    found = propose(open_sheet(book(fill)))
    assert [one.formula for one in found.checks] == ["r01 <= r02"]
    assert [(one.code, one.text) for one in found.warnings] == [("sheet.rule-other-sheet", "02=农业综合表12行")]  # fmt: skip


def test_without_printed_numbers_rows_and_columns_are_counted_and_that_is_said() -> None:
    """`第2行第1列` of a sheet that numbers nothing: counted from the first to be filled, to be looked at."""
    found = propose(
        sheet("""
        | 村别 | 户数 | 人口 |
        | 东山村 | | |
        | 西山村 | | |
        | 审核关系：第2行第1列≤第2行第2列 | >> | >> |
        """)
    )
    assert [one.formula for one in found.checks] == ["sheet1.r_xsc.hs <= sheet1.r_xsc.rk"]
    assert [one.code for one in found.warnings] == ["sheet.rule-counted"]


def test_rules_go_on_behind_a_full_stop_and_remarks_do_not() -> None:
    """Nothing that is printed as a rule is dropped; a remark with an equals sign is none."""
    found = propose(
        drawn(
            ONE,
            "01≥02。第3行第2列≥第4行第2列。\\n2.1亩=667平方米，按实填报。\\n3.报送时间为12月25日。",
        )
    )
    assert [one.text for one in found.checks] == ["01≥02", "第3行第2列≥第4行第2列"]
    assert found.warnings == ()


def test_a_note_without_a_heading_that_names_cells_is_a_rule() -> None:
    """`注：本表02行=…`: what it compares is shown like any printed rule."""
    grid = sheet(ONE.replace("{rule}", "注：第3行第2列≥第4行第2列"))
    assert [one.formula for one in propose(grid).checks] == ["nytjb.r03.bn >= nytjb.r04.bn"]
