"""Texts by language: one JSON file a subject, `zh/<subject>.json` and `en/<subject>.json`.

A code owned by two files, or missing in one language, fails `tests/architecture/test_messages.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent


@cache
def table(language: str) -> dict[str, str]:
    """All texts of one language by code."""
    return read(_FOLDER, language)


def read(folder: Path, language: str) -> dict[str, str]:
    """All texts of one language below a folder of texts."""
    found: dict[str, str] = {}
    for path in sorted((folder / language).glob("*.json")):
        found.update(json.loads(path.read_text(encoding="utf-8")))
    return found


def known(code: str) -> bool:
    """Whether there is such a message."""
    return code in table(LANGUAGES[0])


def text(code: str, language: str, details: Mapping[str, Any] | None = None) -> str:
    """The text of a code with its details filled in; an unknown code shows itself."""
    known = table(language if language in LANGUAGES else "zh")
    template = known.get(code)
    if template is None:
        return code
    translated = {
        key: known.get(f"{code}.{value}", value) if isinstance(value, str) else value
        for key, value in (details or {}).items()
    }
    return template.format_map(Places(translated))


class Places(dict[str, Any]):
    """What fills the places of a text: `{n}`, and `{n:day|days}` for a word that goes with a number.

    A place that nobody fills shows nothing.
    """

    def __getitem__(self, key: str) -> "Place":
        return Place(self.get(key, ""))


@dataclass(frozen=True, slots=True)
class Place:
    """One value in a text."""

    value: Any

    def __format__(self, form: str) -> str:
        if "|" not in form:
            return format(self.value, form)
        one, many = form.split("|")
        return one if str(self.value) == "1" else many
