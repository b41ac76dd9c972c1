"""A1 addresses, ranges of them, and where they move to when rows are inserted."""

import re
from dataclasses import dataclass
from functools import cache

from engine.errors import Problem

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


class AddressInvalid(Problem):
    """A placement names no cell of a sheet."""

    code, status = "render.address-invalid", 422
    address: str


@cache
def letters(column: int) -> str:
    """1 -> A, 27 -> AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


@cache
def number(column: str) -> int:
    """A -> 1, AA -> 27; whatever is no column is refused."""
    value = 0
    for char in column.upper():
        if not "A" <= char <= "Z":
            raise AddressInvalid(address=column)
        value = value * 26 + ord(char) - 64
    if not 1 <= value <= MAX_COLUMN:
        raise AddressInvalid(address=column)
    return value


def split(address: str) -> tuple[int, int]:
    """C5 -> (5, 3): row, column."""
    match = _CELL.fullmatch(address.strip())
    if match is None or int(match[2]) > MAX_ROW:
        raise AddressInvalid(address=address)
    return int(match[2]), number(match[1])


def join(row: int, column: int) -> str:
    """(5, 3) -> C5."""
    return f"{letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, both corners included."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> "Area":
        """`B2:D4` or `B2`."""
        first, _, last = text.partition(":")
        (row, column), (end_row, end_column) = split(first), split(last or first)
        return cls(
            min(row, end_row),
            min(column, end_column),
            max(row, end_row),
            max(column, end_column),
        )

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def __str__(self) -> str:
        first, last = join(self.top, self.left), join(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


@dataclass(frozen=True, slots=True)
class Insertion:
    """`count` rows put in below `after`, copies of it, inside the block `first..last`."""

    first: int
    last: int
    after: int
    count: int


@dataclass(frozen=True, slots=True)
class RowMap:
    """Where each row of the template stands once floating rows are inserted."""

    insertions: tuple[Insertion, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.insertions)

    def start(self, row: int) -> int:
        """Where a cell of this row goes, and where a range that begins here begins."""
        return row + sum(item.count for item in self.insertions if row > item.after)

    def end(self, row: int) -> int:
        """Where a range that ends in this row ends: it takes in the copies of its last row."""
        return row + sum(item.count for item in self.insertions if row >= item.after)

    def span(self, top: int, bottom: int) -> tuple[int, int]:
        """Rows of a range in a formula; one single row is only stretched if it is a whole block."""
        whole = any(item.first == item.last == top for item in self.insertions)
        if top == bottom and not whole:
            return self.start(top), self.start(top)
        return self.start(top), self.end(bottom)

    def area(self, area: Area) -> Area:
        """A range with a property that copies of a row inherit (validation, condition, print area)."""
        bottom = min(MAX_ROW, self.end(area.bottom))
        return Area(min(MAX_ROW, self.start(area.top)), area.left, bottom, area.right)

    def areas(self, text: str) -> str:
        """The same for a blank-separated list of ranges (`sqref`); whole columns do not move."""
        return " ".join(
            part
            if part.replace(":", "").replace("$", "").isalpha()
            else str(self.area(Area.parse(part)))
            for part in text.split()
        )

    def block_of(self, row: int) -> Insertion | None:
        """The block that a template row belongs to, if that block grows."""
        return next((item for item in self.insertions if item.first <= row <= item.last), None)
