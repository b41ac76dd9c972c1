"""What is left of a value in public, and what is never public."""

import pytest

from engine.dictionary.field import Field, read_field
from engine.privacy import public_masks
from tests import factories


def field(code: str, sensitivity: str = "L2", **schema: str) -> Field:
    """A field of a kind."""
    return read_field(
        {
            "code": code,
            "labels": {"zh": code},
            "schema": {"type": "string", **schema},
            "sensitivity": sensitivity,
        }
    )


@pytest.mark.parametrize(
    ("code", "shape", "value", "public"),
    [
        ("person.name", "", "张三", "张*"),
        ("person.name", "", "欧阳明月", "欧***"),
        ("person.name", "", "李", "*"),
        ("person.guardian_name", "", "王小二", "王**"),
        ("person.phone", "phone-cn", "13800138000", "138****8000"),
        ("person.birth_date", "date", "1941-03-02", "1941"),
        ("person.address", "", "惠安社区幸福路12号3单元401", "惠安社区***"),
        ("person.address", "", "12号楼401", "***"),
        ("person.employer", "", "机床附件厂", "机****"),
        ("enterprise.name", "", "烟台某某有限公司", "烟台某某有限公司"),
        ("person.name", "", "", ""),
    ],
)
def test_a_value_in_public(code: str, shape: str, value: str, public: str) -> None:
    """By the kind of fact, whatever anybody would like."""
    one = field(code, "L3" if shape == "phone-cn" else "L2", **({"format": shape} if shape else {}))
    mask = public_masks.mask_of(one)
    assert not mask.refused
    assert public_masks.masked(one, mask.rule, value) == public


def test_an_id_number_keeps_six_and_four() -> None:
    """And never its day of birth."""
    number = factories.id_number("1941-03-02")
    one = field("person.id_number", "L3", format="resident-id")
    shown = public_masks.masked(one, public_masks.mask_of(one).rule, number)
    assert shown == f"{number[:6]}********{number[-4:]}"


@pytest.mark.parametrize(
    ("code", "sensitivity", "why"),
    [("person.bank_card", "L4", "l4"), ("person.disability_certificate", "L3", "l3")],
)
def test_what_is_never_public(code: str, sensitivity: str, why: str) -> None:
    """L4, and L3 without a mask of its kind: a disability certificate holds the ID number."""
    assert public_masks.mask_of(field(code, sensitivity)).refused == why
    assert public_masks.mask_of(field("person.note"), local=True).refused == "free-text"
