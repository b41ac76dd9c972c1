"""A reporting period as text: `2026-11`, `2026-Q4`, `2026-H2`, `2026`."""

import re

from engine.formats.contract import Format, half_width
from engine.periods import Period, PeriodInvalid

_NUMBERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_MONTH = re.compile(r"([0-9]{4})(?:年|[./-])([0-9]{1,2})月?")
_COMPACT = re.compile(r"([0-9]{4})(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})(?:年|-)?第?([1-4一二三四])季度?")
_QUARTER_LETTER = re.compile(r"([0-9]{4})-?Q([1-4])")
_HALF = re.compile(r"([0-9]{4})年?([上下])半年")
_HALF_LETTER = re.compile(r"([0-9]{4})-?H([12])")
_YEAR = re.compile(r"([0-9]{4})年(?:度|全年)?")


def fault(text: str) -> str | None:
    """Why a text is no period in normal form."""
    try:
        return None if str(Period.parse(text)) == text else "form"
    except PeriodInvalid:
        return "form"


def normalise(text: str) -> str:
    """`2026年11月`, `202611`, `2026.11`, `2026年第四季度`, `2026年下半年` and `2026年` as keys."""
    given = half_width(text).upper()
    if found := _MONTH.fullmatch(given) or _COMPACT.fullmatch(given):
        return f"{found[1]}-{int(found[2]):02d}"
    if found := _QUARTER.fullmatch(given) or _QUARTER_LETTER.fullmatch(given):
        return f"{found[1]}-Q{_NUMBERS.get(found[2], found[2])}"
    if found := _HALF.fullmatch(given):
        return f"{found[1]}-H{'上下'.index(found[2]) + 1}"
    if found := _HALF_LETTER.fullmatch(given):
        return f"{found[1]}-H{found[2]}"
    if found := _YEAR.fullmatch(given):
        return found[1]
    return given


def _unchanged(text: str) -> str:
    return text


FORMAT = Format("period", fault, normalise, _unchanged, _unchanged)
