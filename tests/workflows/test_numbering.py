"""Number templates: read, told with the place when wrong, and never the same text twice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.case import Case, three
from workflows import flow, numbering
from workflows.core import decision
from workflows.flow import FlowInvalid
from workflows.numbering import Given, Number, TemplateWrong

DAY = Given(
    date(2026, 3, 5), "2026-Q1", "370602011", "毓璜顶街道", "370602-tj", "统计局", "a.b", "月报"
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("烟民统〔{year}〕{seq:04}号", "烟民统〔2026〕0007号"),
        ("{单位}{报表}{期别}-{序号4}", "毓璜顶街道月报2026-Q1-0007"),
        ("{owner_name} {year}{month}{day}-{seq}", "统计局 20260305-7"),
        ("{序号:3}/{单位代码}/{form}", "007/370602011/a.b"),
    ],
)
def test_a_template_makes_a_number(template: str, text: str) -> None:
    """In either language, with digits or without."""
    assert numbering.counted(template, DAY).text(7) == text


@pytest.mark.parametrize(
    ("template", "position", "reason"),
    [
        ("烟〔{year}〕号", 11, "seq"),
        ("{seq}-{seq}", 12, "seq"),
        ("{yaer}{seq}", 1, "unknown"),
        ("烟{}{seq}", 2, "unknown"),
        ("烟{year}{seq", 8, "brace"),
        ("烟}{seq}", 2, "brace"),
        ("{seq:4x}", 1, "format"),
        ("{seq:00}", 1, "format"),
        ("{year:2}{seq}", 1, "format"),
    ],
)
def test_a_wrong_template_is_told_with_its_place(template: str, position: int, reason: str) -> None:
    """By letter, and as a fault of the flow in both languages."""
    with pytest.raises(TemplateWrong) as wrong:
        numbering.parse(template)
    assert (wrong.value.position, wrong.value.reason) == (position, reason)
    with pytest.raises(FlowInvalid) as invalid:
        flow.load(three(number={"template": template}))
    assert invalid.value.reason == f"number-{reason}"
    for language in ("zh", "en"):
        told = invalid.value.text(language)
        assert str(position) in told
        assert "flow.invalid" not in told


@given(st.text(max_size=60))
def test_any_text_is_read_or_told(template: str) -> None:
    """Nothing else happens, and what is read keeps its counter apart from its running number."""
    place, made = 1, None
    try:
        made = numbering.counted(template, DAY)
    except TemplateWrong as wrong:
        place = wrong.position
    assert 1 <= place <= len(template) + 1
    if made is not None:
        assert made.text(1) != made.text(2)
        assert len(made.text(999_999_999)) <= numbering.LONGEST


def test_a_number_is_given_once_where_the_flow_says() -> None:
    """At the start, at a step, at the end; a return and a second round do not give another."""
    asked = lambda case: case.seen(decision.GiveNumber)  # noqa: E731 - a look
    rule = {"template": "{seq}"}
    case = Case(three(number=rule)).do("started")
    assert asked(case) == [decision.GiveNumber(Number("{seq}"))]
    case.do("numbered", number="7")
    assert case.state.number == "7"
    case.do("numbered", number="8").do("submitted", "ann", "fill")
    assert (case.state.number, asked(case)) == ("7", [])
    case = Case(three(number={**rule, "at": "verify"})).do("started")
    assert asked(case) == []
    assert asked(case.do("submitted", "ann", "fill"))
    case.do("numbered", number="1").do("returned", "bob", "verify", to="fill", comment="改")
    assert asked(case.do("submitted", "ann", "fill")) == []
    case = Case(three(number={**rule, "at": "end"})).do("started").do("submitted", "ann", "fill")
    assert asked(case.do("passed", "bob", "verify")) == []
    assert asked(case.copied().do("rejected", "cat", "approve", comment="不")) == []
    assert asked(case.do("passed", "cat", "approve"))
    with pytest.raises(FlowInvalid):
        flow.load(three(number={**rule, "at": "nowhere"}))
    loaded = flow.load(three(number={**rule, "first": 12}))
    assert flow.load(flow.dump(loaded)) == loaded
