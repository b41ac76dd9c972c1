"""The division code: GB/T 2260 (six digits), GB/T 10114 (three more), and three for the village.

Ours are cut where they end (37, 3706, 370602, 370602011, 370602011001), so that being within a
division is beginning with its code.
"""

from engine.formats.contract import Format, grouped, half_width, is_digits, starred

LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82".split()  # noqa: SIM905 - a list to be read, not 34 quoted strings
)
TOWN_KINDS = ((1, 99, "street"), (100, 199, "town"), (200, 399, "township"), (400, 599, "special"))
VILLAGE_KINDS = ((1, 199, "residents"), (200, 399, "villagers"), (400, 599, "similar"))


def fault(text: str) -> str | None:
    """Why a text is no division code in normal form; whether the division exists is not asked."""
    if not is_digits(text):
        return "characters"
    if len(text) not in LEVELS:
        return "length"
    if text[:2] not in PROVINCES:
        return "province"
    return "zeros" if normalise(text) != text else None


def normalise(text: str) -> str:
    """Half-width digits; zeros that only fill up a higher division's code are dropped."""
    code = half_width(text).replace("-", "")
    if not is_digits(code) or len(code) not in LEVELS:
        return code
    for shorter in (9, 6, 4, 2):
        if len(code) > shorter and not code[shorter:].strip("0"):
            code = code[:shorter]
    return code


def level(text: str) -> str:
    """`village` of a twelve-digit code, and so on. KeyError for other lengths."""
    return LEVELS[len(text)]


def parent(text: str) -> str | None:
    """The code one level up; None above a province."""
    shorter = [size for size in LEVELS if size < len(text)]
    return text[: shorter[-1]] if shorter else None


def within(text: str, outer: str) -> bool:
    """Whether one division lies in another or is it."""
    return text.startswith(outer)


def kind(text: str) -> str | None:
    """What the last three digits of a town or village say: street, town, residents, villagers …"""
    ranges = {9: TOWN_KINDS, 12: VILLAGE_KINDS}.get(len(text), ())
    number = int(text[-3:]) if ranges else 0
    return next((name for first, last, name in ranges if first <= number <= last), None)


def mask(text: str) -> str:
    """The county stays; town and village do not."""
    return starred(text, 6, 0) if len(text) > len("370602") else text


def spaced(text: str) -> str:
    """`370602 011 001`, by its levels."""
    return grouped(text, 6, 3)


FORMAT = Format("division-code", fault, normalise, mask, spaced)
