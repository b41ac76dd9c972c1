"""Our two font files, and whether they can show a text. A missing glyph is told, never a box."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from engine.errors import Problem

FOLDER = Path(__file__).parent / "fonts"
REGULAR = FOLDER / "NotoSansSC-Regular.ttf"
BOLD = FOLDER / "NotoSansSC-Bold.ttf"
_SHOWN = 20
_PLACES = 3


class FontsMissing(Problem):
    """The build did not put the font files in place."""

    code, status = "render.fonts-missing", 500
    file: str


class GlyphsMissing(Problem):
    """Characters that our font cannot print, and the places they stand in."""

    code, status = "render.glyphs-missing", 422
    characters: str
    where: str


def check(texts: Iterable[tuple[str, str]]) -> None:
    """Refuse (place, text) pairs with a character that either font lacks."""
    known = _characters()
    missing: dict[str, None] = {}
    places: dict[str, None] = {}
    for place, text in texts:
        found = set(printable(text)) - known
        if found:
            missing.update(dict.fromkeys(sorted(found)))
            places[place] = None
    if missing:
        raise GlyphsMissing(
            characters=" ".join(
                f"{_safe(char)}(U+{ord(char):04X})" for char in [*missing][:_SHOWN]
            ),
            where="、".join([*places][:_PLACES]) + (" …" if len(places) > _PLACES else ""),
        )


def shown(text: str) -> str:
    """A text that may not be refused, such as a file's name: a box for what our font lacks."""
    known = _characters()
    return "".join(char if char in known else "□" for char in printable(text))


def printable(text: str) -> str:
    """The text without what has no shape: control and direction marks, variation selectors."""
    return "".join(_kept(text))


def _kept(text: str) -> Iterator[str]:
    for char in text:
        if char in "\n\t":
            yield char
        elif unicodedata.category(char) in {"Cc", "Cf"} or _selects_variant(char):
            continue
        else:
            yield char


def _selects_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _safe(char: str) -> str:
    return "?" if unicodedata.category(char) == "Cs" else char


@cache
def _characters() -> frozenset[str]:
    """What both fonts can show; read once a process (0.2 s)."""
    from fontTools.ttLib import TTFont  # heavy, and only printing needs it

    found: set[str] | None = None
    for path in (REGULAR, BOLD):
        if not path.is_file():
            raise FontsMissing(file=path.name)
        with TTFont(path, lazy=True) as font:
            here = {chr(code) for code in font.getBestCmap()}
        found = here if found is None else found & here
    return frozenset((found or set()) | {"\n", "\t", " ", "\u00a0", "\u3000"})
