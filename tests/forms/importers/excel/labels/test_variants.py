"""Cards of several sizes, models or persons side by side; labels and values by turns above a header."""

from forms.importers.excel.propose import propose
from tests.forms.importers.excel.sheets import sheet

SIZES = """
| 设备名称 | 移动式抽水泵 | >> | >> |
| 生产单位 | 县农机站修造厂 | >> | >> |
| 口径（mm） | 80 | 100 | 150 |
| 重量（kg） | 21 | 30 | 44 |
| 适用范围 | 排涝和灌溉 | >> | >> |
| 扬程（m） | 12 | 15 | 22 |
"""

PERSONS = """
| 审核机构 | 某某审核所 | >> |
| 审核意见 | 合格 | >> |
| 签字人员及连续签字年限 | 张三 | 李四 |
| ^^ | 1年 | 3年 |
| 机构地址 | 人民路8号 | >> |
"""

CARD = """
| 村名 | 东山村 | >> | >> |
| 地址 | 某某镇东山村 | >> | >> |
| 电话 | 6781234 | 传真 | 6781235 |
| 户数 | 120 | 人口 | 388 |
"""

PAIRS = """
| 村级借款明细表 | >> | >> | >> |
| 填表单位 | 东山村 | 填表日期 | 2026年3月1日 |
| 银行 | 金额（万元） | 借款日期 | 还款日期 |
| 农业银行 | 100 | 2025-01-03 | 2025-12-30 |
| 邮储银行 | 200 | 2025-02-03 | 2025-12-30 |
"""

GROUPED = """
| 填表单位 | >> | 东山村 | >> | 填表日期 | >> | 2026年3月1日 | >> |
| 银行 | 金额 | 期限 | 利率 | 银行 | 金额 | 期限 | 利率 |
| 农业银行 | 100 | 20 | 3 | 邮储银行 | 110 | 20 | 4 |
| 工商银行 | 200 | 20 | 3 | 交通银行 | 210 | 20 | 4 |
"""

AGEING = """
| 项目 | 期末数 | >> | >> | >> |
| ^^ | 账面余额 | 1年以内 | 1-3年 | 3年以上 |
| 应付账款 | 3436 | 3000 | 400 | 36 |
| 其他应付款 | 2338 | 2338 | | |
"""


def columns(drawing: str) -> list[tuple[str, ...]]:
    return [item.path for item in propose(sheet(drawing)).columns()]


def test_sizes_along_the_top_of_a_card_head_its_columns() -> None:
    """What first divides the values names them; the rows above stay labels with one value."""
    found = propose(sheet(SIZES))
    assert [item.path for item in found.columns()] == [("口径（mm）",), ("80",), ("100",), ("150",)]
    assert [row.path[-1] for row in found.rows()] == ["重量（kg）", "适用范围", "扬程（m）"]
    assert {item.path: item.value_cell for item in found.items if item.axis == "cell"} == {
        ("设备名称",): "B1",
        ("生产单位",): "B2",
    }


def test_names_beside_a_tall_label_head_the_figures_under_them() -> None:
    """Words need a tall label and figures below, or they are answers."""
    assert [path[-1] for path in columns(PERSONS)] == ["签字人员及连续签字年限", "张三", "李四"]


def test_a_card_with_two_labels_in_a_row_stays_a_card() -> None:
    """Label, value, label, value is no row of sizes."""
    found = propose(sheet(CARD))
    assert not found.columns()
    assert ("传真",) in {item.path for item in found.items}


def test_labels_and_values_by_turns_are_no_groups_of_a_header() -> None:
    """Who filled it and when stand above the columns without naming them."""
    assert columns(PAIRS) == [("银行",), ("金额（万元）",), ("借款日期",), ("还款日期",)]
    assert set(columns(GROUPED)) == {("银行",), ("金额",), ("期限",), ("利率",)}


def test_spans_of_time_name_columns() -> None:
    """`1-3年` under a heading is how old a debt is, not a value."""
    assert [path[-1] for path in columns(AGEING)] == [
        "项目", "账面余额", "1年以内", "1-3年", "3年以上",
    ]  # fmt: skip
