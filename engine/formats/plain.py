"""Formats that are a pattern: mobile and fixed telephone, postcode, division code, period."""

import re

_PHONE = re.compile(r"(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|400-?\d{3}-?\d{4})")
_POSTCODE = re.compile(r"[0-8]\d{5}")
_DIVISION = re.compile(r"[1-8]\d(?:\d{2}(?:\d{2}(?:\d{3}(?:\d{3})?)?)?)?")
_PERIOD = re.compile(r"\d{4}(?:-(?:H[12]|Q[1-4]|0[1-9]|1[0-2]))?")


def phone(text: str) -> bool:
    """A mobile number of 11 digits, or a fixed one with its area code."""
    return text.isascii() and _PHONE.fullmatch(text) is not None


def postcode(text: str) -> bool:
    """Six digits."""
    return text.isascii() and _POSTCODE.fullmatch(text) is not None


def division_code(text: str) -> bool:
    """2, 4, 6, 9 or 12 digits (GB/T 2260, GB/T 10114 and the statistical code of the village)."""
    return text.isascii() and _DIVISION.fullmatch(text) is not None


def period(text: str) -> bool:
    """A reporting period such as 2026-11 or 2026-Q4."""
    return text.isascii() and _PERIOD.fullmatch(text) is not None
