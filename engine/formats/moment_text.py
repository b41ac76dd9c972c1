"""A day and a time by the office's clock: 2026-11-20T10:30."""

import re
from datetime import date

from engine.formats import time_text
from engine.formats.contract import DASHES, WIDE, Format

_WRITTEN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[\sTt]*(\S.*)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def fault(text: str) -> str | None:
    """Why a text is no moment; an offset from UTC may stand behind the seconds, as RFC 3339 has it."""
    day, _, time = text.partition("T")
    if not _DAY.fullmatch(day) or time_text.fault(time):
        return "shape"
    try:
        date.fromisoformat(day)
    except ValueError:
        return "day"
    return None


def normalise(text: str) -> str:
    """2026/11/20 9:30 and 2026年11月20日9时30分 as a calendar's control gives them."""
    plain = text.translate(WIDE).translate(DASHES).strip()
    found = _WRITTEN.fullmatch(plain)
    if found is None:
        return plain
    year, month, day = (int(part) for part in found.groups()[:3])
    whole = f"{year:04d}-{month:02d}-{day:02d}T{time_text.normalise(found[4])}"
    return whole if fault(whole) is None else plain


def mask(_text: str) -> str:
    """Nothing of it."""
    return "****-**-** **:**"


def spaced(text: str) -> str:
    """As people read it."""
    return text.replace("T", " ")


FORMAT = Format("date-time", fault, normalise, mask, spaced)
