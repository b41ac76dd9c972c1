"""The resident ID number, GB 11643-1999: six of place, eight of birth, three in order, one to check.

The place is where somebody was first registered, by the list of that year, so it is never refused:
people born in 蓬莱市 keep 370684 although the city is a district now.
"""

from datetime import date

from engine.formats.contract import Format, grouped, half_width, is_digits, starred

LENGTH = 18
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def check_digit(first17: str) -> str:
    """The eighteenth character that belongs to seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first17, strict=True))
    return CHECKS[total % 11]


def fault(text: str) -> str | None:
    """Why a text is no ID number in normal form; the reasons are in the order people err."""
    if len(text) != LENGTH:
        return "length"
    if not is_digits(text[:17]) or text[17] not in "0123456789X":
        return "characters"
    if _date(text) is None:
        return "birth"
    return None if check_digit(text[:17]) == text[17] else "check-digit"


def normalise(text: str) -> str:
    """Half-width, without spaces and dashes, with a large X."""
    return half_width(text).replace("-", "").upper()


def birth(text: str) -> date:
    """The date of birth that a valid number tells."""
    found = _date(text)
    if found is None:
        raise ValueError("no date of birth in this number")
    return found


def sex(text: str) -> str:
    """The sex that a valid number tells, by GB/T 2261.1: "1" male (odd), "2" female (even)."""
    return "1" if int(text[16]) % 2 else "2"


def place(text: str) -> str:
    """The six-digit division of first registration."""
    return text[:6]


def upgraded(text: str, century: int = 19) -> str | None:
    """The number that an old one of fifteen digits became; its century is an assumption."""
    if len(text) != 15 or not is_digits(text):
        return None
    first17 = f"{text[:6]}{century}{text[6:]}"
    number = first17 + check_digit(first17)
    return None if fault(number) else number


def mask(text: str) -> str:
    """Place and the last four stay; the date of birth does not."""
    return starred(text, 6, 4)


def spaced(text: str) -> str:
    """`370602 19900307 0013`, as on the card's reverse."""
    return grouped(text, 6, 8) if len(text) == LENGTH else text


def _date(text: str) -> date | None:
    digits = text[6:14]
    if not is_digits(digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


FORMAT = Format(
    "resident-id", fault, normalise, mask, spaced,
    {"birth_date": lambda text: birth(text).isoformat(), "sex": sex},
)  # fmt: skip
