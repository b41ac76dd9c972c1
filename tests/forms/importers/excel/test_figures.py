"""Rows of an official form that are facts of the unit: each finds its field, its figure fills itself."""

import pytest

from engine.dictionary.field import Field
from forms.compile import compile_form
from forms.importers.excel.draft import to_form
from forms.importers.excel.proposal import Proposal
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.sheets import sheet


def _field(code: str, zh: str, unit: str, *synonyms: str) -> Field:
    return Field(
        code, {"zh": zh, "en": code}, {"type": "number"}, unit=unit, synonyms=synonyms
    )  # fmt: skip


FIELDS = [
    _field("org.population", "常住人口", "人"),
    _field("org.female", "常住人口（女）", "人", "女"),
    _field("org.households", "常住户数", "户"),
    _field("org.workers", "从业人员", "人", "从业人员数"),
    _field("org.farmland", "耕地面积", "亩"),
    _field("org.income", "集体收入", "万元"),
    _field("org.orchards", "果园面积", "亩"),
    Field("person.name", {"zh": "姓名", "en": "name"}, {"type": "string"}),
]

FORM = """
| 村基本情况 | >> | >> | >> | >> |
| 指标名称 | 计量单位 | 代码 | {now} | {before} |
| 甲 | 乙 | 丙 | 1 | 2 |
| 一、常住人口 | 人 | 01 | | |
| 其中：女 | 人 | 02 | | |
| 二、常住户数 | 户 | 03 | | |
| 三、从业人员 | 人 | 04 | | |
| 其中：女 | 人 | 05 | | |
| 四、外来从业人员数 | 人 | 06 | | |
| 五、耕地面积 | 公顷 | 07 | | |
| 六、姓名 | - | 08 | | |
"""


def taken(found: Proposal) -> dict[str, str]:
    """The bindings of the drafted rows, by the row's number on the form and its column."""
    form = to_form(found, code="agri.village", owner="37")
    (table,) = form["properties"].values()
    return {
        f"{row['row_code']}/{form['$defs'][row['$ref'].rpartition('/')[2]]['properties'][name]['title']}": field
        for row in table["properties"].values()
        for name, field in row.get("bind", {}).items()
    }


@pytest.mark.parametrize(
    ("now", "before"), [("数量", "上年同期"), ("本年", "上年"), ("合计", "其中：城镇")]
)
def test_a_row_that_is_a_fact_is_bound_in_the_column_of_its_figure(now: str, before: str) -> None:
    """The column of now, not last year's, nor a part; 其中：女 is of whom it is set in. What is narrower or in another unit is only offered."""
    found = propose(sheet(FORM.format(now=now, before=before)), FIELDS)
    assert taken(found) == {
        f"01/{now}": "org.population",
        f"02/{now}": "org.female",
        f"03/{now}": "org.households",
        f"04/{now}": "org.workers",
    }
    rows = {row.code: row for row in found.rows()}
    assert [one.field for one in rows["07"].candidates][:1] == ["org.farmland"]
    assert rows["08"].field is None
    compile_form(to_form(found, code="agri.village", owner="37"), {f.code: f for f in FIELDS}, {})


def test_a_row_with_several_figures_of_now_is_not_one_fact() -> None:
    """户数 and 人数 of the same row are two facts: which field is which is for the designer."""
    found = propose(sheet(FORM.format(now="户数", before="人数")), FIELDS)
    assert taken(found) == {}


def test_a_list_of_hundreds_is_not_asked_of_the_dictionary_row_by_row() -> None:
    """Hundreds of printed rows are a list, no facts of one unit: they stay the form's own."""
    lines = "".join(f"| 常住人口 | 人 | {n} | |\n" for n in range(1, 451))
    drawn = f"| 村庄名录 | >> | >> | >> |\n| 指标名称 | 计量单位 | 代码 | 数量 |\n{lines}"
    found = propose(sheet(drawn), FIELDS)
    assert not any(row.field for row in found.rows())


def test_a_closed_cell_of_a_row_is_never_bound() -> None:
    """Where the total is closed with a dash, nothing fills it."""
    drawn = FORM.format(now="合计", before="其中：城镇").replace(
        "| 二、常住户数 | 户 | 03 | |", "| 二、常住户数 | 户 | 03 | — |"
    )
    assert "03/合计" not in taken(propose(sheet(drawn), FIELDS))


def test_money_in_another_unit_than_the_field_has_is_never_taken_by_itself() -> None:
    """单位：元 over the whole sheet: 集体收入 of the dictionary is in 万元, ten thousand times less."""
    for unit, field in (("万元", "org.income"), ("元", None)):
        found = propose(
            sheet(f"""
            | 村集体收支表 | >> | >> |
            | 单位：{unit} | >> | >> |
            | 村名 | 集体收入 | 果园面积 |
            | | | |
            | | | |"""),
            FIELDS,
        )
        form = str(to_form(found, code="agri.money", owner="37"))
        assert ("field:org.income" in form) == (field is not None), unit
        assert "field:org.orchards" in form, unit


def test_heads_that_nobody_merged_beside_heads_that_are() -> None:
    """`检验结论` and `压力` over `(MPa)` are read as deep as the heads beside them, in their own cells."""
    found = propose(
        sheet("""
        | 压力管道汇总表 | >> | >> | >> | >> | >> |
        | 序号 | 管道名称 | 操作条件 | >> | 检验结论 | 备注 |
        | ^^ | ^^ | 压力 | 温度(℃) | | ^^ |
        | ^^ | ^^ | (MPa) | ^^ | | ^^ |
        | | | / | / | | |
        | | | / | / | | |""")
    )
    assert [(item.path, item.unit) for item in found.columns()] == [
        (("序号",), None),
        (("管道名称",), None),
        (("操作条件", "压力(MPa)"), "MPa"),
        (("操作条件", "温度(℃)"), "°C"),
        (("检验结论",), None),
        (("备注",), None),
    ]
    assert found.columns()[4].cell == "E2"
    assert "压力" in {one.text for one in found.header.cells}


def test_a_label_over_one_cell_of_room_asks_for_what_goes_below() -> None:
    """`失业原因` over the whole width, and an empty cell as wide below it; over a table it is a heading."""
    card = """
        | 失业人员登记表 | >> | >> | >> |
        | 姓名 | | 性别 | |
        | 失业原因 | >> | >> | >> |
        | | >> | >> | >> |
        | 求职要求 | >> | >> | >> |
        | 工种 | | 工资 | |"""
    found = {item.path[-1]: item.value_cell for item in propose(sheet(card)).items}
    assert found == {"姓名": "B2", "性别": "D2", "失业原因": "A4", "工种": "B6", "工资": "D6"}


def test_columns_stand_as_on_the_sheet_though_the_first_row_closes_some() -> None:
    """The first row has no parts: its parts stand between 合计 and 上年同期 all the same."""
    drawn = """
        | 民生实事投入表 | >> | >> | >> | >> |
        | 指标名称 | 代码 | 合计 | 其中：财政 | 上年同期 |
        | 甲 | 乙 | 1 | 2 | 3 |
        | 志愿者人数 | 01 | | — | |
        | 道路硬化 | 02 | | | |
        | 路灯改造 | 03 | | | |"""
    form = compile_form(to_form(propose(sheet(drawn)), code="civil.works", owner="37"), {}, {})
    (table,) = form.tables
    assert [one.titles["zh"] for one in table.columns] == ["合计", "其中：财政", "上年同期"]
