"""A sheet as values: cells with their spans, on a grid trimmed to what is used. Pure; no file is read here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = bool | int | Decimal | str | date | datetime | time | None

MAX_COLUMN = 16_384
MAX_ROW = 1_048_576
_FILLERS = " \u00a0\u200b\u2800\u3000\u3164\ufeff\uffa0"
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


def column_letter(number: int) -> str:
    """1 is A, 28 is AB."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A is 1, AB is 28."""
    number = 0
    for char in letters.upper():
        number = number * 26 + ord(char) - 64
    return number


def address(row: int, col: int) -> str:
    """The A1 name of a cell, both counted from 1."""
    return f"{column_letter(col)}{row}"


def parse_address(text: str) -> tuple[int, int] | None:
    """Row and column of an A1 name; None when it is not one or lies outside any sheet."""
    match = _ADDRESS.fullmatch(text)
    if not match:
        return None
    row, col = int(match[2]), column_number(match[1])
    return (row, col) if 1 <= row <= MAX_ROW and col <= MAX_COLUMN else None


@dataclass(frozen=True, slots=True)
class Span:
    """A rectangle of cells, ends included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> "Span | None":
        """`B2:D4`, or one cell; None when it is neither."""
        first, _, last = text.partition(":")
        start, end = parse_address(first), parse_address(last or first)
        if start is None or end is None:
            return None
        rows, cols = sorted((start[0], end[0])), sorted((start[1], end[1]))
        return cls(rows[0], cols[0], rows[1], cols[1])

    @property
    def ref(self) -> str:
        """Its A1 name."""
        return f"{address(self.top, self.left)}:{address(self.bottom, self.right)}"

    @property
    def area(self) -> int:
        """How many cells it covers."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is formatted, as far as it tells what the cell is for."""

    format: str = "General"
    bold: bool = False
    filled: bool = False
    bordered: bool = False
    align: str = ""
    indent: int = 0
    locked: bool = True
    size: float = 0


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, or one merged area at its upper left corner."""

    row: int
    col: int
    text: str = ""
    value: Value = None
    kind: str = "blank"  # blank text number date time bool error
    rows: int = 1
    cols: int = 1
    formula: str = ""
    look: Look = PLAIN
    home: str = ""  # where its words stand, when that is not its corner

    @property
    def ref(self) -> str:
        """Its A1 name."""
        return self.home or address(self.row, self.col)

    @property
    def bottom(self) -> int:
        """The last row it covers."""
        return self.row + self.rows - 1

    @property
    def right(self) -> int:
        """The last column it covers."""
        return self.col + self.cols - 1

    @property
    def blank(self) -> bool:
        """Whether nothing is written in it."""
        return not self.text.strip().strip(_FILLERS) and not self.formula


@dataclass(frozen=True, slots=True)
class Rule:
    """A data validation of the workbook: a list of choices, or a type with bounds."""

    spans: tuple[Span, ...]
    type: str
    choices: tuple[str, ...] = ()
    operator: str = ""
    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the reader noticed and did not hide: a code, where, and what."""

    code: str
    cell: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a workbook, trimmed to the used area; rows and columns keep their numbers."""

    sheet: str
    rows: int
    cols: int
    cells: tuple[Cell, ...]
    sheets: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_cols: frozenset[int] = frozenset()
    warnings: tuple[Warned, ...] = ()
    protected: bool = False
    _cover: Mapping[tuple[int, int], Cell] = field(default_factory=dict, repr=False, compare=False)

    def at(self, row: int, col: int) -> Cell:
        """The cell that covers this place; an empty one where nothing was ever put."""
        return self._cover.get((row, col)) or Cell(row, col)

    def row(self, number: int) -> list[Cell]:
        """The cells that cover a row, left to right, each once."""
        found: list[Cell] = []
        col = 1
        while col <= self.cols:
            cell = self.at(number, col)
            found.append(cell)
            col = cell.right + 1
        return found

    def with_cells(self, cells: list[Cell]) -> "Grid":
        """The same sheet with these cells in place of its own."""
        whole = make_grid(self.sheet, cells)
        return replace(self, cells=whole.cells, _cover=whole._cover)  # noqa: SLF001 - of the same class

    def filled(self) -> Iterator[Cell]:
        """Cells in which something is written."""
        return (cell for cell in self.cells if not cell.blank)


def make_grid(sheet: str, cells: list[Cell], **more: object) -> Grid:
    """A grid over these cells; the last row and column are the furthest that any of them reaches."""
    cover: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        if cell.rows == cell.cols == 1:
            cover[cell.row, cell.col] = cell
            continue
        for row in range(cell.row, cell.bottom + 1):
            for col in range(cell.col, cell.right + 1):
                cover[row, col] = cell
    return Grid(
        sheet=sheet,
        rows=max((cell.bottom for cell in cells), default=0),
        cols=max((cell.right for cell in cells), default=0),
        cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.col))),
        _cover=cover,
        **more,  # type: ignore[arg-type]  # the reader passes Grid's own optional fields
    )
