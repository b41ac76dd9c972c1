"""A time of day by the office's clock: 09:30, with seconds where they matter."""

import re

from engine.formats.contract import Format, half_width

_WRITTEN = re.compile(r"(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2})?)?秒?分?")
_TIME = re.compile(
    r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?(?:Z|[+-][0-2]\d:[0-5]\d)?)?"
)


def fault(text: str) -> str | None:
    """Why a text is no time; an offset from UTC may stand behind the seconds, as RFC 3339 has it."""
    return None if _TIME.fullmatch(text) else "shape"


def normalise(text: str) -> str:
    """9:5, ９：３０ and 9时30分 in two digits each; what is no time only without spaces."""
    plain = half_width(text)
    found = _WRITTEN.fullmatch(plain)
    if found is None or fault(plain) is None:
        return plain
    hour, minute, second = (int(part or 0) for part in found.groups())
    whole = f"{hour:02d}:{minute:02d}" + (f":{second:02d}" if found[3] else "")
    return whole if fault(whole) is None else plain


def mask(_text: str) -> str:
    """Nothing of it."""
    return "**:**"


def spaced(text: str) -> str:
    """As it is."""
    return text


FORMAT = Format("time", fault, normalise, mask, spaced)
