"""JSON text: strict coming in, exact going out, one byte string for equal values."""

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import json_text
from engine.json_text import JsonInvalid, JsonMalformed, JsonTooLarge

SUITE = Path(__file__).resolve().parents[3] / "shared/corpus/attacks/json-parsing-suite.json"
STRICTER = {
    "y_number.json": "number-too-long",
    "y_number_double_close_to_zero.json": "number-too-long",
    "y_number_real_fraction_exponent.json": "number-too-long",
    "y_object_duplicated_key.json": "duplicate-key",
    "y_object_duplicated_key_and_value.json": "duplicate-key",
}
"""What the standard allows and we do not: exponents beyond any figure, and one key twice."""
NUMBERS = st.integers(-(10**30), 10**30) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=Decimal("-1e20"), max_value=Decimal("1e20"), places=8
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=12,
)


def _suite(section: str) -> list[dict[str, str]]:
    if not SUITE.exists():
        return []
    return json.loads(SUITE.read_text(encoding="utf-8"))[section]


def _told(text: str | bytes) -> str:
    try:
        json_text.loads(text)
    except JsonInvalid as problem:
        return problem.reason
    return "accepted"


@pytest.mark.corpus
@pytest.mark.skipif(not SUITE.exists(), reason="the JSON parsing suite is not beside this tree")
def test_the_parsing_suite_is_accepted_and_refused_as_it_says() -> None:
    """`y_` is read, `n_` is refused, and we are stricter in five named cases only."""
    cases = [case for case in _suite("parsing") if case["name"][0] in "yn"]
    assert len(cases) > 280
    told = {case["name"]: _told(case["input"]) for case in cases}
    refused = {name: why for name, why in told.items() if name[0] == "y" and why != "accepted"}
    assert refused == STRICTER
    assert [name for name, why in told.items() if name[0] == "n" and why == "accepted"] == []


@pytest.mark.corpus
@pytest.mark.skipif(not SUITE.exists(), reason="the JSON parsing suite is not beside this tree")
def test_what_the_standard_leaves_open_is_read_so_that_it_can_be_written_again() -> None:
    """Half a surrogate pair, numbers beyond all bounds and deep nesting are refused, never half-read."""
    read = 0
    for case in [c for c in _suite("parsing") if c["name"][0] == "i"] + _suite("transform"):
        if _told(case["input"]) == "accepted":
            value = json_text.loads(case["input"])
            assert json_text.loads(json_text.dumps(value)) == value, case["name"]
            read += 1
    assert read > 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 1}', "duplicate-key"),
        ('[{"\\u0061": 1, "a": 1}]', "duplicate-key"),
        ("[NaN]", "not-a-number"),
        ("[-Infinity]", "infinity"),
        ("[" * 65 + "]" * 65, "too-deep"),
        ('{"a":' * 65 + "1" + "}" * 65, "too-deep"),
        ("[" + "9" * 61 + "]", "number-too-long"),
        ("[1e61]", "number-too-long"),
        ("[1e-999999999]", "number-too-long"),
        ('["\\ud800"]', "half-character"),
        ('{"\\udfff": 1}', "half-character"),
        ("[\ud800]", "not-utf8"),
        (b'["\xff"]', "not-utf8"),
        ('["\xe9"]'.encode("gbk", "replace") + b"\x81", "not-utf8"),
        ("{'a': 1}", "syntax"),
        ("[1,]", "syntax"),
        ("", "syntax"),
        ("[1] [2]", "syntax"),
        ("[１]", "syntax"),
    ],
)
def test_a_text_that_is_not_ours_is_refused_with_the_reason(text: str | bytes, reason: str) -> None:
    """Nothing is guessed and nothing is dropped in silence."""
    assert _told(text) == reason


def test_a_malformed_text_is_told_by_its_line() -> None:
    """The person sees where to look."""
    with pytest.raises(JsonMalformed) as told:
        json_text.loads('{\n"a": 1,\n"b": \n}')
    assert told.value.line == 4
    assert "第 4 行" in told.value.text()


def test_brackets_in_strings_are_no_nesting() -> None:
    """Depth is counted outside strings only, whatever is escaped in them."""
    value = ["[" * 100, '\\"' + "{" * 100, "\\" * 3, {"[[" * 40: "]"}]
    assert json_text.loads(json_text.dumps(value)) == value


def test_sixty_four_levels_are_read() -> None:
    """The bound itself is allowed, however many siblings there are."""
    deepest = "[" * 63 + "]" * 63
    assert json_text.loads(f"[{deepest},{deepest},{deepest}]")


def test_a_text_that_is_too_large_is_refused_before_it_is_read() -> None:
    """By its bytes, not its characters."""
    with pytest.raises(JsonTooLarge) as told:
        json_text.loads('["王"]', max_bytes=6)
    assert told.value.limit == 6
    assert json_text.loads('["王"]', max_bytes=7) == ["王"]


def test_hostile_texts_are_refused_at_once() -> None:
    """Unclosed strings and brackets by the million cost less than a second."""
    began = time.process_time()
    for text in ('"' + '\\"' * 1_000_000, "[" * 1_000_000, '["' * 500_000, "[" * 65 + '"\\'):
        assert _told(text) != "accepted"
    assert time.process_time() - began < 5


@given(VALUES)
def test_what_is_written_is_read_again(value) -> None:
    """Strict and trusted reading give the value that was written, to the last digit."""
    written = json_text.dumps(value)
    assert json_text.loads(written) == value
    assert json_text.trusted(written) == value
    assert json_text.loads(json_text.dumps(value, indent=2)) == value
    assert json.loads(written, parse_float=Decimal) == value  # any other program reads it too


def test_decimals_keep_their_last_digit() -> None:
    """No figure passes through a binary fraction."""
    value = json_text.loads("[0.1, 1.50, 123456789012345678901234567890.123456789]")
    assert [str(number) for number in value] == ["0.1", "1.50", "123456789012345678901234567890.123456789"]  # fmt: skip
    assert json_text.dumps(value) == "[0.1,1.50,123456789012345678901234567890.123456789]"


@pytest.mark.parametrize("wrong", [Decimal("NaN"), Decimal("-Infinity"), [{"a": Decimal("sNaN")}]])
def test_what_is_no_number_is_not_written(wrong) -> None:
    """It could not be read again; the words may stand in a text."""
    with pytest.raises(JsonInvalid):
        json_text.dumps(wrong)
    assert json_text.loads(json_text.dumps(["NaN", "Infinity"])) == ["NaN", "Infinity"]


@given(VALUES)
def test_canonical_is_the_same_for_what_is_read_again(value) -> None:
    """A digest made before storing holds after reading."""
    assert json_text.canonical(json_text.trusted(json_text.dumps(value))) == json_text.canonical(
        value
    )


@given(NUMBERS, st.integers(0, 5))
def test_canonical_is_the_same_for_equal_numbers(number, zeros: int) -> None:
    """1.5, 1.50 and 15E-1 are one value, and so are 2 and 2.0."""
    text = format(Decimal(number), "f")
    longer = Decimal((text if "." in text else text + ".") + "0" * zeros)
    assert longer == number
    assert json_text.canonical({"a": [longer]}) == json_text.canonical({"a": [number]})


@given(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1]))
def test_canonical_differs_for_different_numbers(pair) -> None:
    """However many digits they share."""
    assert json_text.canonical(pair[0]) != json_text.canonical(pair[1])


def test_canonical_sees_the_fortieth_digit() -> None:
    """Forty digits, of which the last differs."""
    first, second = (Decimal("0." + "1" * 39 + last) for last in "12")
    assert json_text.canonical(first) != json_text.canonical(second)


def test_canonical_knows_no_order_of_keys_and_no_kind_of_list() -> None:
    """Equal values, equal bytes; true is not 1."""
    assert json_text.canonical({"b": 1, "a": (1, 2)}) == json_text.canonical({"a": [1, 2], "b": 1})
    assert json_text.canonical(True) != json_text.canonical(1)
    assert json_text.canonical(Decimal("-0.0")) == json_text.canonical(0)
