"""Values out of and into the XML of a cell. Text is always a typed string, so it is never a formula."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from xml.sax.saxutils import escape

from engine.errors import Problem
from renderers.ooxml.package import Element, Package, child, children, local
from renderers.placements import Value

MAX_TEXT = 32_767
MAX_DIGITS = 15
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class TextTooLong(Problem):
    """A cell of a workbook holds 32,767 characters and no more."""

    code, status = "render.text-too-long", 422
    address: str
    limit: int = MAX_TEXT


def number_of(value: Value) -> Decimal | None:
    """The number a cell may hold without losing a digit, or None where it has to be text."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > MAX_DIGITS:
        return None
    return number if abs(number.adjusted()) < 300 else None


def date_of(value: Value) -> date | None:
    """The date that a value or a text in a usual notation means."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def serial(day: date, *, since_1904: bool) -> int | None:
    """The day's number in a sheet; the 1900 calendar is only right from March 1900 on."""
    number = (day - (date(1904, 1, 1) if since_1904 else date(1899, 12, 30))).days
    return number if number > (0 if since_1904 else 60) else None


def day(number: Decimal, *, since_1904: bool) -> date | None:
    """The reverse; a time of day is cut off."""
    try:
        return (date(1904, 1, 1) if since_1904 else date(1899, 12, 30)) + timedelta(int(number))
    except OverflowError:
        return None


def encoded(text: str, address: str) -> str:
    """Text as XML, with control characters in the notation that spreadsheets share."""
    if len(text) > MAX_TEXT:
        raise TextTooLong(address=address)
    text = _LOOKS_ESCAPED.sub("_x005F_", text.replace("\r\n", "\n"))
    return escape(_ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def text_of(element: Element) -> str:
    """The text of a string item: its runs together, without the phonetic guide."""
    pieces = []
    for part in element:
        if local(part) == "t":
            pieces.append(part.text or "")
        elif local(part) == "r":
            pieces.extend(item.text or "" for item in children(part, "t"))
    return _unescaped("".join(pieces))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class Strings:
    """The shared strings, read only when a cell points there; nothing is ever added to them."""

    def __init__(self, package: Package, part: str | None) -> None:
        self._package, self._part = package, part
        self._texts: list[str] | None = None

    def value(self, cell: Element) -> Value:
        """What a cell holds; an error value (#DIV/0!) comes as its text."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = child(cell, "is")
            return None if inline is None else text_of(inline)
        raw = child(cell, "v")
        if raw is None or raw.text is None:
            return None
        if kind == "s":
            return self._shared(raw.text)
        if kind == "b":
            return bool(raw.text.strip() == "1")
        if kind in {"str", "e", "d"}:
            return _unescaped(raw.text)
        return _decimal(raw.text)

    def _shared(self, index: str) -> str | None:
        if self._texts is None:
            root = self._package.tree(self._part) if self._part else ()
            self._texts = [text_of(item) for item in root if local(item) == "si"]
        try:
            return self._texts[int(index)]
        except (ValueError, IndexError):
            return None


def _decimal(raw: str) -> Decimal | str:
    """A sheet stores binary fractions: 1.1000000000000001 was typed as 1.1."""
    try:
        number = Decimal(raw.strip())
    except InvalidOperation:
        return raw
    if len(number.as_tuple().digits) > MAX_DIGITS:
        number = Decimal(repr(float(raw)))
    return number if number.is_finite() else raw
