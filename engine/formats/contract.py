"""What a semantic type of text can do. A new one is a file here and a line in registry.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Presentation: TypeAlias = Literal["plain", "spaced", "masked"]

SPACES = str.maketrans("", "", " \t\r\n\u00a0\u200b\u200c\u200d\ufeff'’‘`·")
WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: " "}
DASHES = str.maketrans(dict.fromkeys("—–−‐‑―~～", "-"))


@dataclass(frozen=True, slots=True)
class Format:
    """A semantic type. Values are stored in normal form; only that form passes `check`."""

    name: str
    """The JSON Schema `format`: `resident-id`."""
    fault: Callable[[str], str | None]
    """Why a text is not of this type: a reason with a text `format.<name>.<reason>`; None if it is."""
    normalise: Callable[[str], str]
    """The stored form of what a person typed or a sheet holds; never fails, never guesses."""
    mask: Callable[[str], str]
    """What somebody without a purpose may see."""
    spaced: Callable[[str], str]
    """In groups, for reading aloud and for print."""
    tells: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """What a valid value tells of its subject besides itself, by the name of the field."""

    def check(self, text: str) -> bool:
        """Whether a text is a value of this type in normal form."""
        return self.fault(text) is None

    def present(self, text: str, how: Presentation) -> str:
        """A stored value as a report wants it written."""
        if how == "masked":
            return self.mask(text)
        return self.spaced(text) if how == "spaced" else text


def half_width(text: str) -> str:
    """Full-width letters and digits made half-width, all kinds of dashes one, no spaces or quotes."""
    return text.translate(WIDE).translate(DASHES).translate(SPACES)


def grouped(text: str, *sizes: int) -> str:
    """A text in groups of the given sizes; what is left over is the last group."""
    groups, start = [], 0
    for size in sizes:
        groups.append(text[start : start + size])
        start += size
    groups.append(text[start:])
    return " ".join(group for group in groups if group)


def starred(text: str, head: int, tail: int) -> str:
    """A text with stars for all but its first and last characters; a short one is all stars."""
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + (text[-tail:] if tail else "")


def is_digits(text: str) -> bool:
    """Whether a text is ASCII digits only (`str.isdigit` also takes `²` and `٣`)."""
    return text.isascii() and text.isdigit()
