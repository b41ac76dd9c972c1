"""A telephone number in China: a mobile phone, a landline with its area code, or a 400 number."""

import re

from engine.formats.contract import Format, half_width, starred

MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})-[2-9][0-9]{6,7}(?:-[0-9]{1,6})?")
SERVICE = re.compile(r"[48]00-[0-9]{7}")
_COUNTRY = re.compile(r"^(?:\+|00)?86-?")
_AREA = re.compile(
    r"\(?(0(?:10|2[0-9]|[3-9][0-9]{2}))\)?-?([2-9][0-9]{6,7})((?:-|转|ext\.?)[0-9]{1,6})?"
)
_SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")


def fault(text: str) -> str | None:
    """Why a text is no telephone number in normal form."""
    if any(kind.fullmatch(text) for kind in (MOBILE, LANDLINE, SERVICE)):
        return None
    if re.fullmatch(r"[2-9][0-9]{6,7}", text):
        return "area-code"
    if re.fullmatch(r"1[0-9]+", text):
        return "mobile"
    return "characters" if re.search(r"[^0-9-]", text) else "form"


def normalise(text: str) -> str:
    """`13800138000`, `0535-6212345-801`, `400-8001234`; anything else only loses its spaces."""
    number = half_width(text)
    for written in (number, _COUNTRY.sub("", number, count=1)):
        if found := _AREA.fullmatch(written.lower()):
            area, line, extension = found.groups()
            inner = re.sub(r"[^0-9]", "", extension or "")
            return f"{area}-{line}" + (f"-{inner}" if inner else "")
        if found := _SERVICE.fullmatch(written):
            return f"{found[1]}-{found[2]}{found[3]}"
        if MOBILE.fullmatch(written.replace("-", "")):
            return written.replace("-", "")
    return number


def is_mobile(text: str) -> bool:
    """Whether a message can be sent to it."""
    return MOBILE.fullmatch(text) is not None


def mask(text: str) -> str:
    """`138****8000`; a landline keeps its area code and the last two."""
    if MOBILE.fullmatch(text):
        return starred(text, 3, 4)
    area, dash, line = text.partition("-")
    return f"{area}-{starred(line, 0, 2)}" if dash else starred(text, 0, 2)


def spaced(text: str) -> str:
    """`138 0013 8000`."""
    return f"{text[:3]} {text[3:7]} {text[7:]}" if MOBILE.fullmatch(text) else text


FORMAT = Format("phone-cn", fault, normalise, mask, spaced)
