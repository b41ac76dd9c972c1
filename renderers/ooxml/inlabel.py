"""A value behind its label in the same cell: `填报单位（盖章）：____  填报人：____`."""

import re
from dataclasses import dataclass

from renderers.placements import CellWrite, Value

_BLANK = " \u3000\u00a0_＿"
_GAP = f"[{_BLANK}]*"
_DATE = rf"(?:(?:20)?{_GAP}年{_GAP}月(?:{_GAP}日)?{_GAP})?"
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_COLON = "[:：]"
_PERIOD = re.compile(
    rf"(?:19|20)\d\d{_GAP}年度?(?:{_GAP}(?:\d{{1,2}}{_GAP}月份?|第?[一二三四1-4]季度|[上下]半年))?"
)
_OF_TIME = re.compile("[年月日期]|时间")
_END = re.compile(r"[ \u3000\u00a0]{2,}|\n|$")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the blank behind a label begins, and where a value in it begins and ends."""

    start: int
    value: int
    end: int


def insert(text: str, label: str, item: CellWrite) -> str:
    """The cell's text with the value put in, in place of a value there; what follows keeps away."""
    said = "" if item.value is None else str(item.value)
    place = _find(text, label)
    if not said:
        return text
    if place is None:
        return f"{text} {label}：{said}".strip()
    day = _DAY.fullmatch(said)
    if (
        day and "年" in text[place.start : place.end]
    ):  # `____年__月__日` asks for a day in these words
        said = f"{day[1]}年{int(day[2])}月{int(day[3])}日"
    rest = text[place.end :]
    apart = rest.strip() and rest[:1] != "\n"
    gap = max(2, place.end - place.start - len(said)) if apart else 0
    if rest[:1] in {"", "\n", " ", "\u3000"}:
        gap = 0 if place.end > place.value else gap
    return text[: place.start] + said + " " * gap + rest


def replaced(text: str, item: CellWrite) -> str:
    """The cell's text with the value in place of the words that it stands for; as it is without them."""
    words = [re.escape(char) for char in item.instead or "" if char not in _BLANK]
    if item.value is None or not words:
        return text
    return re.sub(_GAP.join(words), lambda _: str(item.value), text, count=1)


def extract(text: str, label: str) -> Value:
    """What stands behind the label, up to a wide gap or the next label."""
    place = _find(text, label)
    return text[place.value : place.end].strip(_BLANK) or None if place else None


def _find(text: str, label: str) -> _Place | None:
    if not label:
        colon = re.search(_COLON + _GAP, text)
        end = len(text.rstrip(_BLANK))
        at = min(colon.end(), len(text)) if colon else end
        return _Place(min(at, len(text)), at, max(at, end))
    told = re.escape(label.strip().rstrip(":："))
    found = re.search(rf"{told}[^:：\n]*?{_COLON}({_GAP}{_DATE})", text)
    boxed = None if found else re.fullmatch(rf"{_GAP}{told}{_GAP}(?P<boxes>[□{_BLANK}]*)(.*)", text)
    if boxed and boxed[1] + boxed[2]:  # a box a character; what was written stands in their place
        return _Place(boxed.start(1), boxed.start(2), boxed.end(2))
    if found is None:
        return None
    start, value = found.span(1)
    stop = _END.search(text, value)
    end = stop.start() if stop else len(text)
    if re.search(rf"{_COLON}", text[value:end]):
        end = value  # the next label follows at once: nothing stands behind this one
    if value - start > 1 and not _OF_TIME.search(told) and _PERIOD.fullmatch(text[value:end]):
        end = value  # `单位名称：          2016年`: the sheet's period, not somebody's name
    return _Place(start, value, end)
