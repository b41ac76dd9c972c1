"""Taking a person's values out of JSON and texts. Pure: what to look for comes in, a new value goes out.

What is a person's alone (an ID number, a card, a phone nobody else has) is taken out wherever it
stands. What others may have too (a name, a kind of disability) only in a row that is the person's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.json_text import Json

MARK = "（已依法删除）"
"""Stands where a text was."""
ROW = "_id"
SHORTEST = 6
"""A text that is shorter may mean anything."""


@dataclass(frozen=True)
class Sought:
    """What is looked for: texts that are the person's alone, and names of values in rows of theirs."""

    texts: frozenset[str]
    names: frozenset[str]

    def __post_init__(self) -> None:
        longest = sorted(self.texts, key=lambda text: (-len(text), text))
        object.__setattr__(self, "_any", _pattern(longest))

    def within(self, text: str) -> bool:
        """Whether any of the texts stands in this one."""
        found: re.Pattern[str] | None = getattr(self, "_any")  # noqa: B009 - set on a frozen value
        return found is not None and found.search(text) is not None

    def without(self, text: str) -> str:
        """The text with the mark in their place."""
        found: re.Pattern[str] | None = getattr(self, "_any")  # noqa: B009 - as above
        return text if found is None else found.sub(MARK, text)


@dataclass
class Taken:
    """What was taken out of one value: how many, and of which rows."""

    count: int = 0
    rows: set[str] = field(default_factory=set)


def _pattern(texts: Iterable[str]) -> "re.Pattern[str] | None":
    """Whole numbers only: a phone is not looked for in the middle of a longer number."""
    parts = [
        rf"(?<![0-9A-Za-z]){re.escape(one)}(?![0-9A-Za-z])" if one.isascii() else re.escape(one)
        for one in texts
    ]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def redacted(value: Json, sought: Sought, taken: Taken) -> Json:
    """The value without what is the person's; the same object where nothing of it was there."""
    if isinstance(value, str):
        left = sought.without(value)
        taken.count += left != value
        return left if left != value else value
    if isinstance(value, list):
        parts = [redacted(one, sought, taken) for one in value]
        same = all(a is b for a, b in zip(parts, value, strict=True))
        return value if same else parts
    if isinstance(value, dict):
        return _of_object(value, sought, taken)
    return value


def _of_object(value: dict[str, Json], sought: Sought, taken: Taken) -> Json:
    theirs = any(isinstance(one, str) and sought.within(one) for one in value.values())
    if theirs and isinstance(value.get(ROW), str):
        taken.rows.add(value[ROW])
    found: dict[str, Json] = {}
    for name, one in value.items():
        if theirs and name in sought.names:
            found[name] = blanked(one)
            taken.count += found[name] is not one
        else:
            found[sought.without(name)] = redacted(one, sought, taken)
    same = found.keys() == value.keys() and all(found[name] is value[name] for name in value)
    return value if same else found


def blanked(value: Json) -> Json:
    """What is left of a value: a text says that it was deleted, anything else is not there."""
    if value is None or value in ("", MARK):
        return value
    return MARK if isinstance(value, str) else None


def blanked_names(values: Mapping[str, Json] | None, names: frozenset[str]) -> Json:
    """An object's named values blanked."""
    if not isinstance(values, dict):
        return values
    return {name: blanked(one) if name in names else one for name, one in values.items()}
