"""A value that a written rule would take: `^\\d{6}$` is shown to people as 123456.

Only simple rules are understood, as most are; of others nobody makes an example up.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import cycle

import jsonschema_rs

from engine.formats.validator import PATTERNS
from engine.json_text import Json

LONGEST = 30
_MOST_TIMES = 100
_MOST_STEPS = 2000
_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}|[*+?]")
_CLASSES = {"d": "0-9", "w": "A-Z", "s": " "}


def example_of(schema: Json) -> str | None:
    """What the schema itself gives as an example, else one made from its pattern."""
    given = schema.get("examples") if isinstance(schema, dict) else None
    if isinstance(given, list) and given and isinstance(given[0], str):
        return given[0]
    pattern = schema.get("pattern") if isinstance(schema, dict) else None
    return fitting(pattern) if isinstance(pattern, str) else None


@lru_cache(maxsize=1024)
def fitting(pattern: str) -> str | None:
    """The shortest value that fits a simple pattern, its digits counting up; none where it is not simple."""
    try:
        made = _Maker(pattern).made()
    except (_NotSimpleError, RecursionError):
        return None
    return made if 0 < len(made) <= LONGEST and _fits(pattern, made) else None


def _fits(pattern: str, made: str) -> bool:
    """Judged as values are, in linear time: Python's own patterns may take for ever over thirty letters."""
    try:
        rule = jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=PATTERNS)
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return rule.is_valid(made)


class _NotSimpleError(Exception):
    """A rule that says more than is understood here."""


class _Maker:
    """Reads a pattern from the left: branches, parts, how often each."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._place, self._steps = pattern, 0, 0
        self._digits: Iterator[str] = cycle("1234567890")
        self._letters: Iterator[str] = cycle("ABCDEFGHJK")

    def made(self) -> str:
        """The value; the whole pattern must have been understood."""
        found = self._branch()
        if self._place < len(self._pattern):
            raise _NotSimpleError
        return found

    def _branch(self) -> str:
        """The first of several branches; the others only have to be understood."""
        first = self._parts()
        while self._next() == "|":
            self._place += 1
            self._parts()
        return first

    def _parts(self) -> str:
        found: list[str] = []
        while self._next() and self._next() not in "|)":
            start = self._place
            text = self._part()
            times = self._times()
            if len(text) * times > LONGEST or times > _MOST_TIMES:
                raise _NotSimpleError
            found.append(text if times else "")
            for _ in range(times - 1):
                end, self._place = self._place, start
                found.append(self._part())
                self._place = end
            if sum(map(len, found)) > LONGEST:
                raise _NotSimpleError
        return "".join(found)

    def _part(self) -> str:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _NotSimpleError
        char = self._take()
        if char in "^$":
            return ""
        if char == "(":
            if self._pattern[self._place : self._place + 2] == "?:":
                self._place += 2
            elif self._next() == "?":
                raise _NotSimpleError
            found = self._branch()
            if self._next() != ")":
                raise _NotSimpleError
            self._place += 1
            return found
        if char == "[":
            return self._of_class()
        if char == "\\":
            return self._escaped(self._take())
        if char in "*+?{":
            raise _NotSimpleError
        return next(self._letters) if char == "." else char

    def _of_class(self) -> str:
        end = self._pattern.find("]", self._place + 1)
        inner = self._pattern[self._place : end] if end > 0 else "^"
        if inner.startswith("^"):
            raise _NotSimpleError
        self._place = end + 1
        inner = re.sub(r"\\([dws])", lambda match: _CLASSES[match[1]], inner)
        return self._one_of(inner)

    def _one_of(self, inner: str) -> str:
        if "0-9" in inner or "1-9" in inner:
            return next(self._digits)
        if "A-Z" in inner:
            return next(self._letters)
        if "a-z" in inner:
            return next(self._letters).lower()
        return inner[1] if inner.startswith("\\") else inner[0]

    def _escaped(self, char: str) -> str:
        if char in _CLASSES:
            return self._one_of(_CLASSES[char])
        if char.isalnum():
            raise _NotSimpleError
        return char

    def _times(self) -> int:
        """How often at least; what may be left out is left out, but what may repeat stands once."""
        match = _COUNT.match(self._pattern, self._place)
        if match is None:
            return 1
        self._place = match.end()
        if match[1] is None:
            return 0 if match[0] == "?" else 1
        return int(match[1])

    def _next(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _take(self) -> str:
        char = self._next()
        if not char:
            raise _NotSimpleError
        self._place += 1
        return char
