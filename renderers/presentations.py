"""How a column wants an ID number written. Stored is one form; every department asks for another."""

from typing import Literal

Presentation = Literal["plain", "spaced", "masked", "boxes", "upper"]


def present(value: str, how: str) -> str:
    """The text for one cell; `boxes` takes one cell a character and is cut by the caller."""
    text = value.strip()
    if not text.isascii():  # an answer in place of a number: 不详, 拒答
        return text
    if how == "upper":
        return text.upper()
    if how == "spaced":
        return _spaced(text)
    if how == "masked":
        return _masked(text)
    return text


def restore(text: str, how: str) -> str | None:
    """The stored form of what a person typed; a masked number cannot be restored."""
    if how == "masked":
        return None
    return "".join(text.split()).upper() if how in {"spaced", "boxes", "upper"} else text.strip()


def _spaced(text: str) -> str:
    """18 digits as place, birth date and rest; anything else in fours, as bank cards are."""
    if len(text) == 18:
        return f"{text[:6]} {text[6:14]} {text[14:]}"
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _masked(text: str) -> str:
    """What a public list may show: the place and the end, never the birth date."""
    if len(text) >= 15:
        return text[:6] + "*" * (len(text) - 10) + text[-4:]
    if len(text) >= 7:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    return text[:1] + "*" * (len(text) - 1)
