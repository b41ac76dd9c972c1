"""Unified social credit codes, GB 32100-2015."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formats import uscc

VALID = [
    "91350100M000100Y43",
    "113706000042603877",
    "11370682004276012B",
    "11371083004227827M",
]


@pytest.mark.parametrize("code", VALID)
def test_published_vectors_are_valid(code):
    """The standard's example and codes printed by public offices pass."""
    assert uscc.fault(code) is None


@pytest.mark.parametrize("code", VALID)
def test_their_bodies_are_organisation_codes(code):
    """Places 9 to 17 satisfy GB 11714 too."""
    assert uscc.body_check(code[8:16]) == code[16]


def test_remainder_thirty_one_is_zero():
    """31 minus nothing is written 0."""
    zeros = "0" * 17
    assert uscc.check_character(zeros) == "0"


@pytest.mark.parametrize("head", ["N2370602", "Y1370602", "A1000000", "51370602"])
def test_bodies_that_do_not_begin_with_digits_are_valid(head):
    """A village collective's code is as good as a company's."""
    first = head + "MF1234567"
    assert uscc.fault(first + uscc.check_character(first)) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91350100M000100Y4", "length"),
        ("91350100M000100Y4Z", "confusable"),
        ("9135O100M000100Y43", "confusable"),
        ("91350100m000100Y43", "characters"),
        ("913501A0M000100Y43", "characters"),
        ("91350100M000100Y34", "check-character"),
    ],
)
def test_a_wrong_code_tells_what_is_wrong(code, reason):
    """Each way of erring has its reason."""
    assert uscc.fault(code) == reason


@settings(max_examples=200, deadline=None)
@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
    st.integers(8, 17),
    st.integers(1, 30),
)
def test_every_single_wrong_character_is_found(body, place, shift):
    """The modulus is a prime larger than any value."""
    first = "91370602" + body
    code = first + uscc.check_character(first)
    value = (uscc.VALUES[code[place]] + shift) % 31
    assert uscc.fault(code) is None
    wrong = code[:place] + uscc.ALPHABET[value] + code[place + 1 :]
    assert uscc.fault(wrong) == "check-character"


def test_normal_form_and_presentations():
    """Capitals, half-width, no spaces; the parts are told apart."""
    assert uscc.normalise(" 91350100 m000100y4-3") == "91350100M000100Y43"
    assert uscc.normalise("９１３５０１００Ｍ０００１００Ｙ４３") == "91350100M000100Y43"
    assert uscc.FORMAT.present("91350100M000100Y43", "spaced") == "91 350100 M000100Y4 3"
    assert uscc.FORMAT.present("91350100M000100Y43", "masked") == "91350100********43"
    assert (uscc.registrar("91350100M000100Y43"), uscc.place("91350100M000100Y43")) == (
        "9",
        "350100",
    )
