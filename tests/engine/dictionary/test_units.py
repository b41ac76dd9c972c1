"""Units in English: every one the pack uses, and none that is told wrongly."""

import json
from pathlib import Path
from typing import Any

from admin.views import words
from engine.dictionary import units
from engine.settings import ROOT


def _units(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["unit"]} if isinstance(value.get("unit"), str) else set()
        return own.union(*(_units(one) for one in value.values()))
    return set().union(*(_units(one) for one in value)) if isinstance(value, list) else set()


def test_every_unit_of_the_pack_has_an_english_name() -> None:
    """No page is half translated."""
    used: set[str] = set()
    for file in Path(ROOT / "packs" / "yantai").rglob("*.json"):
        used |= _units(json.loads(file.read_text()))
    assert {"人", "户", "亩"} <= used
    english = {units.in_language(one, "en") for one in used}
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in "".join(english))
    assert units.in_language("平方米", "en") == "m²"


def test_what_has_no_english_name_stays() -> None:
    """And in Chinese everything does."""
    assert units.in_language("挂", "en") == "挂"
    assert units.in_language("户", "zh") == "户"
    assert units.in_language(None, "en") == ""


def test_a_heading_does_not_say_its_unit_twice() -> None:
    """In neither language."""
    assert words.with_unit("户数", "户", "zh") == "户数（户）"
    assert words.with_unit("户数（户）", "户", "zh") == "户数（户）"
    assert words.with_unit("Households", "户", "en") == "Households"
    assert words.with_unit("Total", "吨", "en") == "Total (t)"
