"""Boxes to tick that are printed in a cell: `□男 □女`, `01 地势 □ 1 平原 2 丘陵`; the words stay."""

import re

_EMPTY = "□☐○◯◎"
_TICKED = "☑■☒√✓●"
_BOX = re.compile(rf"[{_EMPTY}{_TICKED}①-⑳]")
_MARK = {"□": "☑", "☐": "☑", "○": "●", "◯": "●", "◎": "●"}
_LAST = 20


def tick(text: str, label: str, options: tuple[str, ...], value: str) -> str | None:
    """The text with the box of one option ticked and its others empty; None where it has no such boxes."""
    found = _boxes(text, label, options)
    if not found or value not in options:
        return None
    if len(found) == 1:  # one box for the number of the option
        number = _number(text, found[0], value)
        return None if number is None else _put(text, found[0], chr(ord("①") + number - 1))
    for place, option in zip(found, options, strict=True):
        empty = text[place] if text[place] in _EMPTY else "□"
        text = _put(text, place, _MARK.get(empty, "☑") if option == value else empty)
    return text


def ticked(text: str, label: str, options: tuple[str, ...]) -> str | None:
    """What is ticked, several apart by commas; None where nothing is."""
    found = _boxes(text, label, options)
    if len(found) == 1:
        return next((one for one in options if _is_said(text, found[0], one)), None)
    told = [one for place, one in zip(found, options, strict=True) if _is_ticked(text, place)]
    return "、".join(told) or None


def has_boxes(text: str) -> bool:
    """Whether there is anything to tick."""
    return any(char in text for char in _EMPTY + _TICKED) or bool(_BOX.search(text))


def _put(text: str, place: int, char: str) -> str:
    return text[:place] + char + text[place + 1 :]


def _boxes(text: str, label: str, options: tuple[str, ...]) -> list[int]:
    """The boxes of these options behind their label: one each, or one before them all."""
    start = re.search(_loose(label), text) if label else None
    places = [match.start() for match in _BOX.finditer(text, start.end() if start else 0)]
    places = [n for n in places if not (n and text[n - 1] in _EMPTY and text[n] in _TICKED)]
    size = len(options)
    for first in range(len(places) - size + 1):
        run = places[first : first + size]
        if all(re.match(rf".[{_TICKED}\s:：]*{_loose(one)}", text[n:], re.DOTALL) for n, one in zip(run, options, strict=True)):  # fmt: skip
            return run
    for n in places:
        if all(_number(text, n, one) is not None for one in options):
            return [n]
    return []


def _number(text: str, box: int, option: str) -> int | None:
    """The number that stands before an option behind the box."""
    found = re.search(rf"(?<!\d)(\d{{1,2}})\s*[.、]?\s*{_loose(option)}", text[box:])
    number = int(found[1]) if found else 0
    return number if 0 < number <= _LAST else None


def _is_ticked(text: str, box: int) -> bool:
    return text[box] in _TICKED or text[box + 1 : box + 2] in tuple(_TICKED)


def _is_said(text: str, box: int, option: str) -> bool:
    """Whether the box has an option's number in it."""
    number = _number(text, box, option)
    return number is not None and text[box] == chr(ord("①") + number - 1)


def _loose(words: str) -> str:
    """The words with whatever blanks are typed between their characters."""
    return r"\s*".join(re.escape(char) for char in words if not char.isspace())
