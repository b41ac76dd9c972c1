"""Telephone numbers."""

import pytest

from engine.formats import phone


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("０１０－６２３４５６７８", "010-62345678"),
        ("(0535)6212345", "0535-6212345"),
        ("（0535）6212345转801", "0535-6212345-801"),
        ("05356212345", "0535-6212345"),
        ("0535—6212345", "0535-6212345"),
        ("400 800 1234", "400-8001234"),
    ],
)
def test_what_people_write_becomes_one_form(typed, stored):
    """Brackets, spaces, country code and the character 转 are all taken."""
    assert phone.normalise(typed) == stored
    assert phone.fault(stored) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("6212345", "area-code"),
        ("1380013800", "mobile"),
        ("12800138000", "mobile"),
        ("13800138000、13900139000", "characters"),
        ("138 0013 8000", "characters"),
        ("0535-1212345", "form"),
    ],
)
def test_a_wrong_number_tells_what_is_wrong(text, reason):
    """Each way of erring has its reason."""
    assert phone.fault(text) == reason


def test_masks_keep_what_tells_the_kind():
    """A mobile keeps three and four, a landline its area code."""
    assert phone.mask("13800138000") == "138****8000"
    assert phone.mask("0535-6212345") == "0535-*****45"
    assert phone.spaced("13800138000") == "138 0013 8000"
    assert phone.is_mobile("13800138000")
    assert not phone.is_mobile("0535-6212345")
