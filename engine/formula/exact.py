"""Values and exact decimal arithmetic. Blank (None) in, blank out; what has no answer is blank.

Every operation is total: a wrong type, a division by zero or a number beyond 34 digits' reach
gives blank, never an error, so that a half-filled document can always be computed.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import TypeAlias

Value: TypeAlias = Decimal | str | bool | date | None

PRECISION = 34
DIVISION_DECIMALS = 12
MOST_DECIMALS = 12

_CONTEXT = Context(
    prec=PRECISION, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, flags=[], traps=[]
)
_STEP = Decimal(1).scaleb(-DIVISION_DECIMALS)
ZERO, ONE = Decimal(0), Decimal(1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def value_of(raw: object) -> Value:
    """What a document or a database gave, as a value: int to Decimal, empty text to blank, choices to a text."""
    kind = type(raw)
    if kind is Decimal:
        return raw if raw.is_finite() else None  # type: ignore[attr-defined,return-value]  # `kind is` does not narrow; this is the hot path
    if kind is int:
        return Decimal(raw)  # type: ignore[arg-type]  # as above
    if kind is bool or raw is None:
        return raw  # type: ignore[return-value]  # as above
    if isinstance(raw, str):
        return raw or None
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, float):
        number = Decimal(repr(raw))
        return number if number.is_finite() else None
    if isinstance(raw, list) and raw and all(isinstance(one, str) for one in raw):
        return " ".join(raw)  # several choices of one item: their codes, apart by spaces
    return None


def number(value: Value) -> Decimal | None:
    """The value if it is a number; true and "12" are none."""
    return value if isinstance(value, Decimal) else None


def day(value: Value) -> date | None:
    """The value if it is a date, or a text that writes one as 2026-11-05."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def finite(value: Decimal) -> Decimal | None:
    """The number, or blank where the arithmetic ran out of range."""
    return value if value.is_finite() else None


def add(left: Decimal, right: Decimal) -> Decimal | None:
    """The sum, to 34 significant digits."""
    return finite(_CONTEXT.add(left, right))


def subtract(left: Decimal, right: Decimal) -> Decimal | None:
    """The difference, to 34 significant digits."""
    return finite(_CONTEXT.subtract(left, right))


def multiply(left: Decimal, right: Decimal) -> Decimal | None:
    """The product, to 34 significant digits."""
    return finite(_CONTEXT.multiply(left, right))


def divide(left: Decimal, right: Decimal) -> Decimal | None:
    """The quotient rounded half up to 12 decimals; by zero is blank."""
    if not right:
        return None
    quotient = _CONTEXT.divide(left, right)
    if not quotient.is_finite():
        return None
    if -int(quotient.as_tuple().exponent) <= DIVISION_DECIMALS:
        return quotient
    rounded = quotient.quantize(_STEP, ROUND_HALF_UP, _CONTEXT)
    return rounded if rounded.is_finite() else quotient


def total(numbers: Iterable[Decimal]) -> Decimal | None:
    """The sum of many; of none it is 0."""
    result = ZERO
    for one in numbers:
        result = _CONTEXT.add(result, one)
    return finite(result)


def rounded(value: Decimal, decimals: Decimal) -> Decimal | None:
    """Rounded half up (2.5 to 3, -2.5 to -3); negative decimals round to tens, hundreds."""
    if decimals != decimals.to_integral_value() or abs(decimals) > MOST_DECIMALS:
        return None
    result = value.quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP, _CONTEXT)
    if not result.is_finite():
        return value
    if decimals >= 0:
        return result
    whole = _CONTEXT.add(result, ZERO).quantize(ONE, context=_CONTEXT)
    return whole if whole.is_finite() else result


def floor(value: Decimal) -> Decimal | None:
    """The greatest whole number not above it."""
    return finite(value.to_integral_value(ROUND_FLOOR))


def modulo(left: Decimal, right: Decimal) -> Decimal | None:
    """The remainder with the sign of the divisor, as spreadsheets have it: left - right * INT(left / right)."""
    quotient = divide(left, right)
    if quotient is None:
        return None
    return subtract(left, _CONTEXT.multiply(right, quotient.to_integral_value(ROUND_FLOOR)))


def negated(value: Decimal) -> Decimal:
    """Minus the number; zero has no sign."""
    return _CONTEXT.minus(value)


def absolute(value: Decimal) -> Decimal:
    """The number without its sign, every digit kept."""
    return value.copy_abs()


def written(value: Value) -> str:
    """The value as text: no exponent, no zeros at the end; dates as 2026-11-05; blank as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        digits = format(value, "f")
        if "." in digits:
            digits = digits.rstrip("0").rstrip(".")
        return "0" if digits == "-0" else digits
    return value.isoformat() if isinstance(value, date) else value


def age(birth: date, at: date) -> Decimal:
    """Completed years; negative before birth. Born on 29 February, one ages on 1 March."""
    return Decimal((_ordered(at) - _ordered(birth)) // 10000)


def _ordered(moment: date) -> int:
    return moment.year * 10000 + moment.month * 100 + moment.day
