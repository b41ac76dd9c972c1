"""Tables that repeat what stands in code or in the pack are compared with it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from engine import messages
from engine.access.policy import DUTIES
from engine.settings import ROOT, Settings
from tests.docs import pages

PACK = ROOT / "packs" / "yantai"
REACHES = {
    "zh": {"own": "本单位", "within": "本单位及下级", "issued": "本单位发的表", "all": "全部"},
    "en": {
        "own": "own", "within": "own and below", "issued": "issued by the office", "all": "all",
    },
}  # fmt: skip
BETWEEN = {"zh": ("、", "（", "）"), "en": (", ", " (", ")")}
EMPTY = {"zh": "空", "en": "empty"}
each_language = pytest.mark.parametrize("language", pages.LANGUAGES)


def page(language: str, name: str) -> list[list[str]]:
    """The rows of a page's tables."""
    return pages.rows(pages.DOCS / language / f"{name}.md")


def documents(folder: str) -> list[Mapping[str, Any]]:
    """The pack's documents of a kind."""
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((PACK / folder).glob("*.json"))
    ]


def _default(value: object, language: str) -> str:
    if value == "":
        return EMPTY[language]
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


@each_language
def test_every_setting_stands_on_its_page_with_its_default(language: str) -> None:
    """Name, variable and default, in the order of the program; and a meaning."""
    wanted = [
        [f"`{one.name}`", f"`YIBIAO_{one.name.upper()}`", _default(one.default, language)]
        for one in fields(Settings)
    ]
    told = [row for row in page(language, "operations") if len(row) == 4]
    assert [row[:3] for row in told] == wanted
    assert all(len(row[3]) > 1 for row in told)


@each_language
def test_the_access_table_is_the_policy(language: str) -> None:
    """Every verb with everybody who may, and how far."""
    names = messages.read(ROOT / "admin" / "i18n", language)
    comma, opened, closed = BETWEEN[language]
    wanted = {
        verb: comma.join(
            f"{names[f'role.{role}']}{opened}{REACHES[language][reach]}{closed}"
            for role, reach in duties.items()
        )
        for verb, duties in DUTIES.items()
    }
    told = {
        row[0].split("`")[1]: row[1]
        for row in page(language, "security")
        if row[0].startswith("`") and "." in row[0].split("`")[1]
    }
    assert told == wanted


@each_language
def test_fields_are_counted_as_they_stand_in_the_pack(language: str) -> None:
    """By register, with its key."""
    wanted = {
        f"`{one['subject']['code']}`": (str(len(one["fields"])), f"`{one['subject']['keys'][0]}`")
        for one in documents("fields")
    }
    told = {row[1]: (row[2], row[3]) for row in page(language, "data-standards") if len(row) == 4}
    assert {code: told.get(code) for code in wanted} == wanted


@each_language
def test_every_code_list_stands_on_its_page(language: str) -> None:
    """With version, name and the number of its values."""
    wanted = {
        (one["code"], str(one["version"]), one["labels"][language], str(len(one["values"])))
        for one in documents("codelists")
    }
    told = {tuple(row) for row in page(language, "data-standards") if len(row) == 4}
    assert wanted - told == set()


@each_language
def test_every_value_to_be_checked_is_told(language: str) -> None:
    """What was not confirmed by a second source is no secret; what was is off the list."""
    wanted = [
        (one["code"], f"`{value['code']}`", value["labels"][language])
        for one in documents("codelists")
        for value in one["values"]
        if value.get("check")
    ]
    told = {tuple(row) for row in page(language, "data-standards") if len(row) == 3}
    told = {row for row in told if row[1].strip("`").isdigit()}
    assert told == set(wanted)


def test_every_place_the_architecture_page_names_is_there() -> None:
    """Where to look for what: folders and files that exist, the same in both languages."""
    named = [
        [place for row in page(language, "architecture") for place in row[1].split("`")[1::2]]
        for language in pages.LANGUAGES
    ]
    assert named[0] == named[1]
    here = [place for place in named[0] if place != "tables.py"]
    assert [place for place in here if not Path(ROOT, place).exists()] == []
