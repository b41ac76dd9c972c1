"""Rules as departments print them."""

import pytest

from forms.importers.excel.printed_rules.rules import looks_like_rules, read_rules, rule_texts

KNOWN = {str(n) for n in range(1, 41)}


def lookup(code: str, hint: str) -> str | None:
    number = code.lstrip("0") or "0"
    return f"r{number}" if number in KNOWN and hint in ("", "row") else None


@pytest.mark.parametrize(
    ("printed", "formulas"),
    [
        ("12=13+14", ["r12 = r13 + r14"]),
        ("07、09、10 ≤05", ["r7 <= r5", "r9 <= r5", "r10 <= r5"]),
        ("11=01+02-05=12+16", ["r11 = r1 + r2 - r5 = r12 + r16"]),
        ("23＞24,24=25+26", ["r23 > r24", "r24 = r25 + r26"]),
        ("02﹤01，04+05﹤03", ["r2 < r1", "r4 + r5 < r3"]),
        ("10=11+15 11=12+13", ["r10 = r11 + r15", "r11 = r12 + r13"]),
        ("01=02+…+05", ["r1 = r2 + r3 + r4 + r5"]),
        ("01=02至05之和", ["r1 = r2 + r3 + r4 + r5"]),
        ("06＝03×04÷100", ["r6 = r3 * r4 / 100"]),
        ("(1)≥(2)+(3)", ["r1 >= r2 + r3"]),
        ("01行=02行+03行", ["r1 = r2 + r3"]),
        ("01≥上期01", ["r1 >= last(r1)"]),
        ("05≤上年同期05", ["r5 <= same_period_last_year(r5)"]),
        ("20+21+22≥23；28≥29", ["r20 + r21 + r22 >= r23", "r28 >= r29"]),
        ("08 = 09 + 10、11", ["r8 = r9 + r10", "r8 = r11"]),
        ("01≥0", ["r1 >= 0"]),
        ("3至5行≤2行", ["r3 <= r2", "r4 <= r2", "r5 <= r2"]),
        ("02≥03至04各项", ["r2 >= r3", "r2 >= r4"]),
        ("02=3至5行之和", ["r2 = r3 + r4 + r5"]),
        ("06=1—3行合计", ["r6 = r1 + r2 + r3"]),
        ("01=02-03至04之和", ["r1 = r2 - (r3 + r4)"]),
        ("01=SUM(02:04)", ["r1 = r2 + r3 + r4"]),
        ("①1=2+3 ②4=5+6", ["r1 = r2 + r3", "r4 = r5 + r6"]),
        ("1、2≤3", ["r1 <= r3", "r2 <= r3"]),
        ("1、2≤3；2、4≤5", ["r2 <= r3", "r4 <= r5"]),
        ("01应大于等于02加03", ["r1 >= r2 + r3"]),
        ("01不超过02，且03不小于04", ["r1 <= r2", "r3 >= r4"]),
        ("若01>0，则02>0", ["not (r1 > 0) or (r2 > 0)"]),
        ("01>0时，02≥03", ["not (r1 > 0) or (r2 >= r3)"]),
        ("本期01≥上期01的80%", ["r1 >= last(r1) * (80 / 100)"]),
        ("各列：01=02+03", ["r1 = r2 + r3"]),
        ("02-04行均小于等于01行", ["r2 <= r1", "r3 <= r1", "r4 <= r1"]),
        ("一、01=02+03；二、04>05", ["r1 = r2 + r3", "r4 > r5"]),
        ("（一）01=02+03；（二）04>05", ["r1 = r2 + r3", "r4 > r5"]),
        ("01＝02,03,04三项之和", ["r1 = r2 + r3 + r4"]),
        ("01行数值应等于02行与03行之和", ["r1 = r2 + r3"]),
        ("01与02之和等于03", ["r1 + r2 = r3"]),
        ("01和02均不超过03", ["r1 <= r3", "r2 <= r3"]),
        ("02不能超过01，03不应低于04", ["r2 <= r1", "r3 >= r4"]),
        ("01>=02*0.5", ["r1 >= r2 * 0.5"]),
        ("02/01≤1", ["r2 / r1 <= 1"]),
        ("合计（01）=男（02）+女（03）", ["r1 = r2 + r3"]),
        ("01行：02行＋03行＝01行", ["r2 + r3 = r1"]),
        ("01=max(02,03)", ["r1 = MAX(r2, r3)"]),
        ("01等于02、03、04中的最大值", ["r1 = MAX(r2, r3, r4)"]),
        ("|01-02|≤03", ["ABS(r1 - r2) <= r3"]),
        ("01与02之差的绝对值不超过03", ["ABS(r1 - r2) <= r3"]),
        ("01=ROUND(02÷03×100，2)", ["r1 = ROUND(r2 / r3 * 100, 2)"]),
        ("01在0至100之间", ["0 <= r1 <= 100"]),
        ("02占01的比重不超过50%", ["r2 <= r1 * (50 / 100)"]),
        ("01=02×03/10000", ["r1 = r2 * r3 / 10000"]),
        ("01≥其中02、03之和", ["r1 >= r2 + r3"]),
        ("其中：02、03之和≤01", ["r2 + r3 <= r1"]),
        ("01为02、03、04之和", ["r1 = r2 + r3 + r4"]),
        ("若01>0且02>0，则03>0", ["not ((r1 > 0) and (r2 > 0)) or (r3 > 0)"]),
        ("01>0或02>0时，03>0", ["not ((r1 > 0) or (r2 > 0)) or (r3 > 0)"]),
        ("若01>0，则02>0且03>0", ["not (r1 > 0) or (r2 > 0)", "not (r1 > 0) or (r3 > 0)"]),
        ("若01>0，则02>0或03>0", ["not (r1 > 0) or ((r2 > 0) or (r3 > 0))"]),
        ("01>0，则02>0", ["not (r1 > 0) or (r2 > 0)"]),
        ("若01有数则02必须有数", ["not (COALESCE(r1, 0) <> 0) or (COALESCE(r2, 0) <> 0)"]),
        ("01为0时，02应为0", ["not (r1 = 0) or (r2 = 0)"]),
        ("01不能为空", ["r1 <> blank"]),
        (
            "01与上年同期相比增减不超过20%",
            ["ABS(r1 - same_period_last_year(r1)) <= same_period_last_year(r1) * (20 / 100)"],
        ),
        ("第1行各列均等于第2行与第3行对应列之和", ["r1 = r2 + r3"]),
    ],
)
def test_printed_rules_become_formulas(printed: str, formulas: list[str]) -> None:
    """Lists, chains, ranges, runs without a comma, full-width signs, other periods."""
    rules, unread = read_rules(printed, lookup)
    assert [rule.formula for rule in rules] == formulas
    assert unread == []


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("01=02+99", "unknown-code"),
        ("合计数应与年报一致=01", "grammar"),
        ("01=02+", "grammar"),
        ("=02", "grammar"),
        ("01=(02+03", "grammar"),
        ("1列=2列+3列", "unknown-code"),
        ("5至99行≤2", "unknown-code"),
        ("若01>0且02>99，则03>0", "unknown-code"),
        ("01=round(02/03)", "grammar"),
        ("abs(01,02)≤03", "grammar"),
        ("01≈02+03", "grammar"),
    ],
)
def test_what_cannot_be_read_is_kept_with_its_words(printed: str, reason: str) -> None:
    """Nothing printed as a rule is dropped."""
    rules, unread = read_rules(printed, lookup)
    assert rules == []
    assert [(one.text, one.reason) for one in unread] == [(printed, reason)]


def test_a_bracket_behind_a_code_limits_the_rule_to_columns() -> None:
    """`01（面积、产量）=…` holds for two of the columns."""
    rules, _ = read_rules("01（面积、产量）=02+06", lookup)
    assert [(rule.formula, rule.only) for rule in rules] == [("r1 = r2 + r6", ("面积", "产量"))]


@pytest.mark.parametrize("printed", ["01=02+03(万元)", "01行＝02行＋03行（各列均适用）"])
def test_a_unit_or_every_column_in_brackets_limits_nothing(printed: str) -> None:
    """Such a bracket must not make a rule of no column at all."""
    rules, unread = read_rules(printed, lookup)
    assert [(rule.formula, rule.only) for rule in rules] == [("r1 = r2 + r3", ())]
    assert unread == []


def test_the_passage_ends_where_the_next_remark_begins() -> None:
    """Rules stand among other numbered remarks, after words like 平衡关系."""
    note = "说明：1.本表由各镇报送。\n2.平衡关系：1=2+7，2=3+4。\n3.报送时间为12月25日。"
    assert list(rule_texts(note)) == ["1=2+7，2=3+4"]
    assert list(rule_texts("本表平衡关系：19≤18，22≤21      第01页")) == ["19≤18，22≤21"]


def test_words_are_not_taken_for_rules() -> None:
    """A note with a number and an equals sign is no rule; a line of codes and signs is."""
    assert not looks_like_rules("注：1亩=666.67平方米，按实际丈量面积填写")
    assert looks_like_rules("1=2+10；2=3+4+5+9")


def test_what_is_divided_or_said_to_differ_may_differ_so_far() -> None:
    """`允许误差1` is the rule's tolerance; a quotient is printed rounded."""
    rules, _ = read_rules("01=02+03（允许误差1），04=05÷06", lookup)
    assert [(rule.formula, str(rule.tolerance)) for rule in rules] == [
        ("r1 = r2 + r3", "1"),
        ("r4 = r5 / r6", "0.05"),
    ]
