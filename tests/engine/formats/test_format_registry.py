"""All semantic types together: names, texts, use as JSON Schema formats."""

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import messages
from engine.formats import postcode, registry

EXAMPLES = {
    "resident-id": "370602199003070013",
    "uscc": "91350100M000100Y43",
    "division-code": "370602011001",
    "phone-cn": "13800138000",
    "postcode": "264001",
    "period": "2026-11",
    "time": "09:30",
    "date-time": "2026-11-20T10:30",
}


def test_the_registry_holds_the_types_of_the_contract():
    """Exactly these names may stand behind `format`."""
    assert set(registry.FORMATS) == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_valid_example_passes_and_a_broken_one_does_not(name):
    """As a custom format of jsonschema-rs."""
    validator = jsonschema_rs.Draft202012Validator(
        {"type": "string", "format": name}, formats=registry.checks(), validate_formats=True
    )
    assert validator.is_valid(EXAMPLES[name])
    assert not validator.is_valid(EXAMPLES[name][:-1] + "?")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(EXAMPLES)), st.text(max_size=24))
def test_no_text_breaks_a_type(name, text):
    """Normal form is final, and every operation answers for every text."""
    one = registry.FORMATS[name]
    once = one.normalise(text)
    assert one.normalise(once) == once
    for how in ("plain", "spaced", "masked"):
        assert isinstance(one.present(once, how), str)
    reason = one.fault(text)
    if reason is not None:
        assert registry.why(name, text, "zh") != f"format.{name}.{reason}"
        assert registry.why(name, text, "en") != f"format.{name}.{reason}"
    else:
        assert one.normalise(text) == text


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_valid_stays_in_normal_form(name):
    """A stored value is its own normal form."""
    assert registry.normalised(name, EXAMPLES[name]) == EXAMPLES[name]


def test_texts_stand_in_both_languages():
    """No reason is left without words."""
    zh = {code for code in messages.table("zh") if code.startswith("format.")}
    en = {code for code in messages.table("en") if code.startswith("format.")}
    assert zh == en
    assert "18 位" in registry.why("resident-id", "1")
    assert registry.why("resident-id", EXAMPLES["resident-id"]) is None
    assert registry.why("date", "yesterday") is None


def test_a_text_of_no_type_only_loses_outer_spaces():
    """Names keep the spaces inside."""
    assert registry.normalised(None, " 阿依古丽 买买提 ") == "阿依古丽 买买提"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("264001", None), ("26400", "length"), ("26400A", "characters"), ("001234", "region")],
)
def test_postcodes(text, reason):
    """Six digits that begin somewhere."""
    assert postcode.fault(text) == reason


@pytest.mark.parametrize(
    ("name", "written", "stored"),
    [
        ("time", "9:30", "09:30"),
        ("time", "９：３０", "09:30"),
        ("time", "9时30分", "09:30"),
        ("time", "14点", "14:00"),
        ("time", "09:30:05", "09:30:05"),
        ("time", "09:30:00+08:00", "09:30:00+08:00"),
        ("date-time", "2026-11-20 10:30", "2026-11-20T10:30"),
        ("date-time", "2026/11/20 9:5", "2026-11-20T09:05"),
        ("date-time", "2026年11月20日9时30分", "2026-11-20T09:30"),
        ("date-time", "2026-11-20T10:30:00Z", "2026-11-20T10:30:00Z"),
    ],
)
def test_times_as_people_and_controls_write_them(name, written, stored):
    """By the office's clock, so no offset is asked of anybody; one that is there stays."""
    assert registry.normalised(name, written) == stored
    assert registry.why(name, stored) is None


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("time", "25:00", "shape"),
        ("time", "上午", "shape"),
        ("date-time", "2026-11-20", "shape"),
        ("date-time", "2026-02-30T10:30", "day"),
    ],
)
def test_what_is_no_time_is_said_to_be_none(name, text, reason):
    """Hours that no clock has, days that no calendar has."""
    assert registry.FORMATS[name].fault(registry.normalised(name, text)) == reason


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026年11月", "2026-11"),
        ("2026.1", "2026-01"),
        ("2026/03", "2026-03"),
        ("202611", "2026-11"),
        ("2026年第四季度", "2026-Q4"),
        ("2026年4季度", "2026-Q4"),
        ("2026q1", "2026-Q1"),
        ("2026年下半年", "2026-H2"),
        ("2026年度", "2026"),
        ("２０２６年", "2026"),
        ("2026-11", "2026-11"),
    ],
)
def test_periods_as_people_write_them(written, stored):
    """All of these stand on real sheets."""
    assert registry.normalised("period", written) == stored
    assert registry.why("period", stored) is None
