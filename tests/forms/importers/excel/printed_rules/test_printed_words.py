"""Rules as yearly books and notices print them, each alone under one table: the check it becomes, or why not."""

import pytest

from engine.formula.parse import parse
from forms.compile import compile_form
from forms.importers.excel.draft import to_form
from forms.importers.excel.propose import propose
from tests.forms.importers.excel.sheets import sheet

ROWS = [
    "总户数",
    "其中：低保户",
    "特困户",
    "一般户",
    "总人口",
    "男",
    "女",
    "劳动力",
    "外出务工",
    "收入合计",
    "工资性收入",
    "经营性收入",
    "财产性收入",
    "转移性收入",
    "支出合计",
    "生活支出",
    "生产支出",
    "年末结余",
    "年末耕地",
    "人均收入",
]

BECOME = (
    ("审核关系：01≥02+03", "r01 >= r02 + r03"),
    (
        "平衡关系：01=02+03+04，05=06+07，10=11+12+13+14",
        "r01 = r02 + r03 + r04; r05 = r06 + r07; r10 = r11 + r12 + r13 + r14",
    ),
    ("逻辑关系：05≥08≥09", "r05 >= r08 >= r09"),
    ("表内关系：06、07、08≤05", "r06 <= r05; r07 <= r05; r08 <= r05"),
    (
        "审核关系：1.总户数（01）=02+03+04；2.总人口（05）=男（06）+女（07）",
        "r01 = r02 + r03 + r04; r05 = r06 + r07",
    ),
    ("指标关系：18=10-15", "r18 = r10 - r15"),
    ("审核公式：10行=11行+12行+13行+14行", "r10 = r11 + r12 + r13 + r14"),
    ("平衡关系：10=11+…+14", "r10 = r11 + r12 + r13 + r14"),
    ("平衡关系：10=Σ(11:14)", "r10 = r11 + r12 + r13 + r14"),
    ("平衡关系：3列=1列-2列", "zj = bn - sn"),
    ("平衡关系：(3)=(1)-(2)", "zj = bn - sn"),
    ("审核关系：第3栏=第1栏-第2栏", "zj = bn - sn"),
    ("审核关系：09行不得大于08行", "r09 <= r08"),
    ("审核关系：若05>0，则01>0", "not (r05 > 0) or (r01 > 0)"),
    ("审核关系：当08行为0时，09行应为0", "not (r08 = 0) or (r09 = 0)"),
    (
        "审核关系：如02行有数，则01行必须有数",
        "not (COALESCE(r02, 0) <> 0) or (COALESCE(r01, 0) <> 0)",
    ),
    ("审核关系：01≧02，且01≧03", "r01 >= r02; r01 >= r03"),
    ("逻辑审核：20=10÷05", "r20 = r10 / r05"),
    ("审核关系：20=10/05（保留两位小数）", "r20 = r10 / r05"),
    ("平衡关系：01﹥02；05﹥06", "r01 > r02; r05 > r06"),
    (
        "表内平衡：①01=02+03+04 ②05=06+07 ③18=10－15",
        "r01 = r02 + r03 + r04; r05 = r06 + r07; r18 = r10 - r15",
    ),
    (
        "审核关系：19行本年=19行上年+19行增减",
        "nhszqktjb.r19.bn = nhszqktjb.r19.sn + nhszqktjb.r19.zj",
    ),
    (
        "审核关系：01行应大于或等于02行、03行、04行中的任何一项",
        "r01 >= r02; r01 >= r03; r01 >= r04",
    ),
    ("审核关系：09行占08行的比重不超过100%", "r09 <= r08 * (100 / 100)"),
    (
        "审核关系：本年01与上年01相比变动幅度一般不超过30%",
        "ABS(nhszqktjb.r01.bn - nhszqktjb.r01.sn) <= nhszqktjb.r01.sn * (30 / 100)",
    ),
    ("审核关系：05行-06行=07行", "r05 - r06 = r07"),
    ("审核关系：15≥16+17且15≤10", "r15 >= r16 + r17; r15 <= r10"),
    ("审核关系：02+03+04=01", "r02 + r03 + r04 = r01"),
    (
        "审核关系：1≥2+3 ，5=6+7 ，10=11+12+13+14 ，18＝10－15",
        "r01 >= r02 + r03; r05 = r06 + r07; r10 = r11 + r12 + r13 + r14; r18 = r10 - r15",
    ),
    ("审核关系：总户数=低保户+特困户+一般户", "r01 = r02 + r03 + r04"),
    ("审核关系：总人口≥劳动力≥外出务工", "r05 >= r08 >= r09"),
    ("审核关系：01行≥其中02行", "r01 >= r02"),
    ("注：1、01=02+03+04；2、05=06+07", "r01 = r02 + r03 + r04; r05 = r06 + r07"),
    (
        "说明：本表05行“总人口”应等于06行与07行之和，01行应不小于02行。",
        "r01 >= r02; r05 = r06 + r07",
    ),
    ("审核关系：本期01≥上期01", "r01 >= last(r01)"),
    (
        "审核关系：年末结余（18）＝上年年末结余（18）＋收入合计（10）－支出合计（15）",
        "r18 = last(r18) + r10 - r15",
    ),
    ("审核要求：各行1列≥0", "bn >= 0"),
    ("校验公式：05=06+07；08<=05；[20]=[10]/[05]", "r05 = r06 + r07; r08 <= r05; r20 = r10 / r05"),
    ("审核关系：第1列各行≥第2列各行", "bn >= sn"),
    (
        "审核关系：01行第1列=02行第1列+03行第1列+04行第1列",
        "nhszqktjb.r01.bn = nhszqktjb.r02.bn + nhszqktjb.r03.bn + nhszqktjb.r04.bn",
    ),
    ("审核关系：01=（02+03+04）", "r01 = (r02 + r03 + r04)"),
    ("审核关系：01 = 02 + 03 + 04 ; 05 = 06 + 07 .", "r01 = r02 + r03 + r04; r05 = r06 + r07"),
    ("平衡关系：合计01=02+03+04，其中05≥06", "r01 = r02 + r03 + r04; r05 >= r06"),
    ("审核关系：06、07两项之和等于05", "r06 + r07 = r05"),
    ("审核关系：05行等于06行至07行合计", "r05 = r06 + r07"),
    ("审核关系：16行＋17行不超过15行", "r16 + r17 <= r15"),
    ("核实性关系：20>5000需核实", "not (r20 > 5000)"),
    ("审核关系：若18<0，需说明原因；20大于50000的，请核实", "not (r18 < 0); not (r20 > 50000)"),
    ("审核关系：20行≤500000", "r20 <= 500000"),
    ("审核关系：若06行>0且07行>0，则05行≥2", "not ((r06 > 0) and (r07 > 0)) or (r05 >= 2)"),
    ("审核关系：20行在1000至50000之间", "1000 <= r20 <= 50000"),
    ("审核关系：01行与02行、03行、04行之和相等", "r01 = r02 + r03 + r04"),
    ("审核关系：08行小于05行", "r08 < r05"),
    ("审核关系：10行－15行＝18行，误差不超过0.5", "r10 - r15 = r18"),
    ("审核关系：01×2≤05", "r01 * 2 <= r05"),
    ("审核关系：各行均不得为负", "bn >= 0; sn >= 0"),
    ("审核关系：02、03行均应为非负整数", "r02 >= 0; r03 >= 0; INT(r02) = r02; INT(r03) = r03"),
    ("审核关系：所有数据均应为整数", "INT(bn) = bn; INT(sn) = sn"),
    ("审核关系：(02)、(03)不能为负数；10行为100的整数倍", "r02 >= 0; r03 >= 0; MOD(r10, 100) = 0"),
    ("审核关系：当02行大于0时，03行必须填写", "not (r02 > 0) or (r03 <> blank)"),
    ("审核关系：19行不得低于上年同期的90%", "r19 >= same_period_last_year(r19) * (90 / 100)"),
    ("审核关系：15行本期数应大于等于上期数", "r15 >= last(r15)"),
    ("审核关系：01行≥其中项之和", "r01 >= r02"),
    ("审核关系：总人口=男+女；外出务工人数不得大于劳动力人数", "r05 = r06 + r07; r09 <= r08"),
    ("逻辑关系：06＋07＝05（男女之和等于总人口）", "r06 + r07 = r05"),
    (
        "（一）表内关系 1.01=02+03+04 2.05=06+07 3.各行应为整数",
        "r01 = r02 + r03 + r04; r05 = r06 + r07; INT(bn) = bn; INT(sn) = sn",
    ),
    (
        "审核关系：本表各项均为非负数；(2)若04>0，则03>0",
        "bn >= 0; sn >= 0; not (r04 > 0) or (r03 > 0)",
    ),
    ("审核关系：11、12、13、14各行之和等于10行；01大于零", "r11 + r12 + r13 + r14 = r10; r01 > 0"),
    ("平衡关系：01＝02＋03＋04、05＝06＋07", "r01 = r02 + r03 + r04; r05 = r06 + r07"),
    (
        "审核关系：06行或07行大于0时，05行大于0；01行≥02、03行任一项",
        "not ((r06 > 0) or (r07 > 0)) or (r05 > 0); r01 >= r02; r01 >= r03",
    ),
    (
        "审核关系：16行占15行的比重在0-100%之间",
        "r15 * (0 / 100) <= r16 <= r15 * (100 / 100)",
    ),
    (
        "审核关系：一、表内：1行=2行+3行+4行；二、10行≥11行，表中1栏－2栏＝3栏",
        "r01 = r02 + r03 + r04; r10 >= r11; bn - sn = zj",
    ),
    ("审核关系：05行大于0，01行也应大于0", "not (r05 > 0) or (r01 > 0)"),
    (
        "审核关系：当10行>0时20行必填；全部指标不得出现负数",
        "not (r10 > 0) or (r20 <> blank); bn >= 0; sn >= 0",
    ),
    ("审核关系：本期10行/上期10行≤2", "r10 / last(r10) <= 2"),
    ("审核公式：01行＝∑02行～04行", "r01 = r02 + r03 + r04"),
    ("审核关系：06行与07行的合计数应等于05行", "r06 + r07 = r05"),
    ("平衡关系：行次16、17同时小于15行", "r16 < r15; r17 < r15"),
    ("审核关系：05行应为06行、07行两行之和", "r05 = r06 + r07"),
)
SHOWN = (
    ("表间关系：本表01行=《低保户情况表》01行", "sheet.rule-other-table"),
    ("审核关系：5行≥6", "sheet.rule-ambiguous"),
    ("审核关系：05行 / 01行 介于1与10之间", "sheet.rule-grammar"),
    ("审核关系：19行保留一位小数", "sheet.rule-grammar"),
    ("审核关系：有低保户的，总户数不能为空", "sheet.rule-grammar"),
    ("审核关系：本表数据应与上年年报衔接一致", "sheet.rule-grammar"),
)


def under_a_table(line: str) -> str:
    """The table of a household report with this line below it."""
    rows = "\n".join(f"| {name} | {n:02d} | | | |" for n, name in enumerate(ROWS, 1))
    return f"""
        | 农户收支情况统计表 | >> | >> | >> | >> |
        | 指标名称 | 代码 | 本年 | 上年 | 增减 |
        | 甲 | 乙 | 1 | 2 | 3 |
        {rows}
        | {line} | >> | >> | >> | >> |
        """


@pytest.mark.parametrize(("line", "formulas"), BECOME)
def test_a_printed_rule_becomes_the_check_it_means(line: str, formulas: str) -> None:
    """Every formula can be parsed; 增减 is left out where rows are added up."""
    found = propose(sheet(under_a_table(line)))
    assert "; ".join(one.formula for one in found.checks) == formulas
    assert found.warnings == ()
    for one in found.checks:
        parse(one.formula)
        assert one.over != "columns" or one.only == ("bn", "sn")


@pytest.mark.parametrize(("line", "reason"), SHOWN)
def test_a_rule_that_cannot_be_kept_is_shown_with_the_reason(line: str, reason: str) -> None:
    """It is never dropped."""
    found = propose(sheet(under_a_table(line)))
    assert [one.code for one in found.warnings] == [reason]
    assert found.checks == ()


def test_what_wants_an_explanation_asks_for_one() -> None:
    """`20>5000需核实` is no mistake, and neither is what happens mostly."""
    for line in (
        "审核关系：20>5000需核实",
        "审核关系：01一般不小于02",
        "审核关系：若18<0，需说明原因",
    ):
        (check,) = propose(sheet(under_a_table(line))).checks
        assert check.severity == "explain"


def test_a_rule_for_a_row_that_compares_others_is_written_out_for_every_column() -> None:
    """Such rows stand in a table of their own in the form, and the check finds them there."""
    found = propose(
        sheet(
            """
            | 参保情况表 | >> | >> | >> |
            | 项目 | 行次 | 城镇 | 农村 |
            | 应参保人数 | 1 | | |
            | 已参保人数 | 2 | | |
            | 较上年增减 | 3 | | |
            | 审核关系：1≥2；3=2-1 | >> | >> | >> |
            """
        )
    )
    form = to_form(found, code="civil.insured", owner="370602-tjj")
    compile_form(form, {}, {})
    assert [check["formula"] for check in form["form"]["checks"]] == [
        "r1 >= r2",
        "cbqkb_change.r3.cz = cbqkb.r2.cz - cbqkb.r1.cz",
        "cbqkb_change.r3.nc = cbqkb.r2.nc - cbqkb.r1.nc",
    ]
