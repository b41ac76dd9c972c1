"""Division codes, GB/T 2260 and GB/T 10114."""

import pytest

from engine.formats import division


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("37", "province", None),
        ("3706", "city", "37"),
        ("370602", "county", "3706"),
        ("370602011", "town", "370602"),
        ("370602011001", "village", "370602011"),
    ],
)
def test_levels_and_parents_follow_from_the_length(code, level, parent):
    """Codes are prefixes of each other."""
    assert division.fault(code) is None
    assert division.level(code) == level
    assert division.parent(code) == parent


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("370000", "37"),
        ("370600", "3706"),
        ("370602000000", "370602"),
        ("370602011000", "370602011"),
        ("370602000", "370602"),
        ("370000000000", "37"),
        ("370602 011 001", "370602011001"),
        ("３７０６０２", "370602"),
        ("370610", "370610"),
        ("37060", "37060"),
    ],
)
def test_zeros_that_only_fill_up_are_dropped(written, stored):
    """Statistics pad every code to twelve; ours end where they end."""
    assert division.normalise(written) == stored


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("37060", "length"),
        ("", "characters"),
        ("37A602", "characters"),
        ("99", "province"),
        ("370602000000", "zeros"),
    ],
)
def test_a_wrong_code_tells_what_is_wrong(code, reason):
    """Each way of erring has its reason."""
    assert division.fault(code) == reason


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("370602011", "street"),
        ("370614102", "town"),
        ("370614201", "township"),
        ("370681401", "special"),
        ("370602011001", "residents"),
        ("370681001201", "villagers"),
        ("370602", None),
    ],
)
def test_the_last_three_digits_say_what_it_is(code, kind):
    """GB/T 10114: 001-099 streets, 100-199 towns, 200-399 townships; 200-399 villages."""
    assert division.kind(code) == kind


def test_within_is_beginning_with():
    """A community lies in its street, and in itself."""
    assert division.within("370602011001", "370602011")
    assert division.within("370602", "370602")
    assert not division.within("370602", "370602011")


def test_masked_to_the_county():
    """Where somebody lives is not told below the county."""
    assert division.mask("370602011001") == "370602******"
    assert division.mask("370602") == "370602"
