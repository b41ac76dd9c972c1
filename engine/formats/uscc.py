"""The unified social credit code, GB 32100-2015: registrar, kind, six of place, nine of body, check.

Village collectives begin with N2 and other bodies with Y1 or A1; only digits in the first two
places would refuse them all.
"""

from engine.formats.contract import Format, grouped, half_width, is_digits, starred

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALUES = {char: value for value, char in enumerate(ALPHABET)}
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CONFUSABLE = frozenset("IOSVZ")


def check_character(first17: str) -> str:
    """The eighteenth character that belongs to seventeen."""
    total = sum(weight * VALUES[char] for weight, char in zip(WEIGHTS, first17, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def body_check(first8: str) -> str:
    """The ninth character of an organisation code, GB 11714 (places 9 to 17 of a credit code)."""
    values = (int(char, 36) for char in first8)
    total = sum(weight * value for weight, value in zip(BODY_WEIGHTS, values, strict=True))
    remainder = 11 - total % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def fault(text: str) -> str | None:
    """Why a text is no credit code in normal form."""
    if len(text) != LENGTH:
        return "length"
    if CONFUSABLE & set(text):
        return "confusable"
    if not set(text) <= VALUES.keys() or not is_digits(text[2:8]):
        return "characters"
    return None if check_character(text[:17]) == text[17] else "check-character"


def normalise(text: str) -> str:
    """Half-width capitals without spaces and dashes; O for 0 is told, not mended."""
    return half_width(text).replace("-", "").upper()


def registrar(text: str) -> str:
    """Who registered it: 1 编办, 5 民政, 9 工商 (市场监管), N 农业 …"""
    return text[0]


def place(text: str) -> str:
    """The six-digit division of the registrar."""
    return text[2:8]


def mask(text: str) -> str:
    """Registrar and place stay, and the last two."""
    return starred(text, 8, 2)


def spaced(text: str) -> str:
    """`91 350100 M000100Y4 3`, by its parts."""
    return grouped(text, 2, 6, 9) if len(text) == LENGTH else text


FORMAT = Format("uscc", fault, normalise, mask, spaced)
