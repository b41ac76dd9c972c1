"""Resident ID numbers, GB 11643-1999."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formats import resident_id

VALID = ["11010519491231002X", "440524188001010014", "370602199003070013"]
numbers = st.builds(
    lambda place, born, order: (
        first := f"{place:06d}{born:%Y%m%d}{order:03d}",
        first + resident_id.check_digit(first),
    )[1],
    st.integers(110000, 820000),
    st.dates(date(1850, 1, 1), date(2026, 11, 30)),
    st.integers(0, 999),
)


@pytest.mark.parametrize("number", VALID)
def test_published_vectors_are_valid(number):
    """The standard's own numbers pass, one of them of 1880."""
    assert resident_id.fault(number) is None


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("37060219900307001", "length"),
        ("370602900307001", "length"),
        ("37060219900307O013", "characters"),
        ("11010519491231002x", "characters"),
        ("37060219900307００13", "characters"),
        ("370602199002300013", "birth"),
        ("370602199003070031", "check-digit"),
        ("370602199003070012", "check-digit"),
    ],
)
def test_a_wrong_number_tells_what_is_wrong(number, reason):
    """Each way of erring has its reason."""
    assert resident_id.fault(number) == reason


@settings(max_examples=200, deadline=None)
@given(numbers, st.integers(0, 17), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number, place, shift):
    """ISO 7064 MOD 11-2 finds any one wrong digit."""
    if number[place] == "X":
        return
    wrong = str((int(number[place]) + shift) % 10)
    assert resident_id.fault(number) is None
    assert resident_id.fault(number[:place] + wrong + number[place + 1 :]) is not None


@settings(max_examples=200, deadline=None)
@given(numbers, st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(number, place):
    """The commonest slip of the hand never passes."""
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or resident_id.fault(swapped) is not None


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002X",
        "110105-19491231-002x",
        "110105\u00a019491231002X\n",
    ],
)
def test_what_people_type_becomes_one_form(typed):
    """Small x, spaces, full-width and a leading apostrophe are all taken."""
    assert resident_id.normalise(typed) == "11010519491231002X"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_normal_form_is_reached_at_once_and_nothing_fails(text):
    """Normalising twice changes nothing more, whatever the text."""
    once = resident_id.normalise(text)
    assert resident_id.normalise(once) == once
    resident_id.fault(once)
    resident_id.mask(once)
    resident_id.spaced(once)


def test_birth_and_sex_follow_from_the_number():
    """The seventeenth digit is odd for men."""
    assert resident_id.birth("11010519491231002X") == date(1949, 12, 31)
    assert resident_id.sex("11010519491231002X") == "2"
    assert resident_id.sex("370602199003070013") == "1"
    assert resident_id.place("370602199003070013") == "370602"


def test_a_place_that_is_no_division_any_more_is_kept():
    """370684 was 蓬莱市 until 2020 and stays on people's cards."""
    first = "37068419800101001"
    assert resident_id.fault(first + resident_id.check_digit(first)) is None


def test_fifteen_digits_are_upgraded_only_by_assuming_a_century():
    """An old number becomes a new one of the century that is said."""
    assert resident_id.upgraded("370602900307001") == "370602199003070013"
    assert resident_id.upgraded("370602900307001", century=18)[6:8] == "18"
    assert resident_id.upgraded("37060290030700") is None
    assert resident_id.upgraded("370602901307001") is None


def test_three_ways_of_writing():
    """Plain is what is stored; masked hides the date of birth; spaced follows the parts."""
    one = resident_id.FORMAT
    number = "370602199003070013"
    assert one.present(number, "plain") == number
    assert one.present(number, "spaced") == "370602 19900307 0013"
    assert one.present(number, "masked") == "370602********0013"
    assert one.mask("123") == "***"
