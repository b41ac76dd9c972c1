"""References inside formulas, and how they move when rows are inserted.

Outside a floating block a reference follows its cell, and a range that takes in the last copied row
stretches over the copies. Inside the block a row's formula speaks of its own row.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from renderers.ooxml.addresses import MAX_ROW, Insertion, RowMap

_SHEET = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!\[\]:]+))!")
_CELL = re.compile(r"(\$?[A-Z]{1,3})(\$?)([1-9][0-9]{0,6})(?![A-Z0-9_(.])", re.IGNORECASE)
_ROWS = re.compile(r"(\$?)([1-9][0-9]{0,6}):(\$?)([1-9][0-9]{0,6})")


@lru_cache(maxsize=1024)
def pieces(formula: str) -> tuple[tuple[str, bool], ...]:
    """The formula cut into text and references; ten thousand copies of a row are cut once."""
    from openpyxl.formula.tokenizer import (  # heavy: only for workbooks
        Token,
        Tokenizer,
        TokenizerError,
    )

    try:
        items = Tokenizer("=" + formula).items
    except TokenizerError:
        return ((formula, False),)
    found: list[tuple[str, bool]] = []
    for item in items:
        if item.type == Token.FUNC and ":" in item.value:  # A9:INDEX( comes as one piece
            reference, _, function = item.value.rpartition(":")
            found += [(reference, True), (":" + function, False)]
        else:
            is_reference = item.type == Token.OPERAND and item.subtype == Token.RANGE
            found.append((item.value, is_reference))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a formula stands: its sheet, its template row, and the row it is written to."""

    sheet: str
    row: int = 0
    target: int = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """Moves references to one sheet along its row map."""

    sheet: str
    rows: RowMap

    def formula(self, text: str, place: Place) -> str:
        """The formula (without its equals sign) as it must read after the insertion."""
        return "".join(
            self._operand(piece, place) if is_reference else piece
            for piece, is_reference in pieces(text)
        )

    def _operand(self, text: str, place: Place) -> str:
        if "[" in text:
            return text  # a table column or another workbook: neither is counted in our rows
        match = _SHEET.match(text)
        sheet = (match[1] or match[2]).replace("''", "'") if match else place.sheet
        if sheet.casefold() != self.sheet.casefold():
            return text
        prefix = match[0] if match else ""
        rest = text[len(prefix) :]
        inside = self.rows.block_of(place.row) if sheet == place.sheet and place.row else None
        rows = _ROWS.fullmatch(rest)
        if rows:
            first, last = self.rows.span(int(rows[2]), int(rows[4]))
            return f"{prefix}{rows[1]}{first}:{rows[3]}{last}"
        return prefix + "".join(self._cells(rest, place, inside))

    def _cells(self, text: str, place: Place, inside: Insertion | None) -> Iterator[str]:
        found = list(_CELL.finditer(text))
        position = index = 0
        while index < len(found):
            first = found[index]
            yield text[position : first.start()]
            second = found[index + 1] if index + 1 < len(found) else None
            if second is not None and text[first.end() : second.start()] == ":":
                yield self._range(first, second, place, inside)
                position, index = second.end(), index + 2
            else:
                yield self._single(first, place, inside)
                position, index = first.end(), index + 1
        yield text[position:]

    def _single(self, cell: re.Match[str], place: Place, inside: Insertion | None) -> str:
        row = int(cell[3])
        if inside and not cell[2] and inside.first <= row <= inside.last:
            return f"{cell[1]}{row + place.target - place.row}"
        return f"{cell[1]}{cell[2]}{min(MAX_ROW, self.rows.start(row))}"

    def _range(
        self, first: re.Match[str], last: re.Match[str], place: Place, inside: Insertion | None
    ) -> str:
        top, bottom = int(first[3]), int(last[3])
        whole = inside and top <= inside.first < inside.last <= bottom
        if inside and not whole and (not first[2] or not last[2]):
            return f"{self._single(first, place, inside)}:{self._single(last, place, inside)}"
        new_top, new_bottom = self.rows.span(top, bottom)
        new_bottom = min(MAX_ROW, new_bottom)
        return f"{first[1]}{first[2]}{new_top}:{last[1]}{last[2]}{new_bottom}"
