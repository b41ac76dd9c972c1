"""What a number format makes of a stored number: a date, a percentage, a code with leading zeros."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from forms.importers.excel.files.grid import Value

_DATE_IDS = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58}
_TIME_IDS = {18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56}
_BUILT_IN = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 49: "@"}
_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ZEROS = re.compile(r"0+")
_DECIMALS = re.compile(r"[#,0]*0(?:\.(0+))?(%?)[)\s]*")
_NOISE_LEVEL = Decimal("1e-14")
_MAX_SERIAL = 2_958_465


def format_code(number: int, custom: dict[int, str]) -> str:
    """The format behind an id; dates of the built-in kind are spelled `date`, `time`."""
    if number in custom:
        return custom[number]
    if number in _DATE_IDS:
        return "yyyy-mm-dd"
    if number in _TIME_IDS:
        return "hh:mm"
    return _BUILT_IN.get(number, "General")


def kind_of(code: str) -> str:
    """`date`, `time` or `number`, by the letters that stand outside quotes and brackets."""
    bare = _NOISE.sub("", code.split(";", maxsplit=1)[0]).lower()
    if "y" in bare or ("d" in bare and "m" in bare):
        return "date"
    if "h" in bare or "s" in bare:
        return "time"
    return "number"


def exact(text: str) -> Decimal | int | None:
    """A stored number without the noise of binary fractions: fifteen digits, as Excel itself shows."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 300:
        return None
    if number == number.to_integral_value():
        return int(number)
    rounded = Decimal(f"{float(number):.15g}")
    shorter = Decimal(f"{float(number):.12g}")
    if abs(number - shorter) <= abs(number) * _NOISE_LEVEL:
        rounded = shorter
    return int(rounded) if rounded == rounded.to_integral_value() else rounded


def moment(serial: Decimal | int, *, since_1904: bool = False) -> date | datetime | time | None:
    """The date behind a serial number; None when no calendar holds it."""
    if not 0 <= serial <= _MAX_SERIAL:
        return None
    if serial < 1:
        seconds = min(int(serial * 86_400 + Decimal("0.5")), 86_399)
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's date has no zone
    found = epoch + timedelta(seconds=int(serial * 86_400 + Decimal("0.5")))
    return found.date() if found.time() == time() else found


def show(value: Value, code: str) -> str:
    """The text a person sees, near enough to compare with what is printed elsewhere."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return _number(value, _NOISE.sub("", code.split(";", maxsplit=1)[0]))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _number(value: int | Decimal, code: str) -> str:
    if _ZEROS.fullmatch(code) and len(code) > 1:
        return f"{int(value):0{len(code)}d}"
    match = _DECIMALS.fullmatch(code)
    if match is None or not (match[1] or match[2]):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    places = len(match[1] or "")
    shown = Decimal(value) * 100 if match[2] else Decimal(value)
    return f"{shown:.{places}f}{match[2]}"
