"""A number as people write it: digits, a point, a sign, thousands apart, in full width or not; nothing else.

`1e5` is a house number or a slip of the hand, never a hundred thousand; what is no number stays as it
was typed, so that the check can tell why.
"""

import re
from decimal import Decimal

LARGEST = 30
"""Digits before the point; nobody counts further."""
_WIDE = str.maketrans("０１２３４５６７８９．－＋，−—", "0123456789.-+,--")
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})", re.ASCII)
_APART = re.compile(r"[,\s]")


def read(text: str) -> int | Decimal | None:
    """The exact number that a text writes; None where it writes none."""
    plain = _APART.sub("", text.translate(_WIDE))
    if _NUMBER.fullmatch(plain) is None:
        return None
    number = Decimal(plain)
    if number.adjusted() > LARGEST:
        return None
    return int(number) if number == number.to_integral_value() else number
