"""What a renderer takes: plain values, ready to be shown. It asks nobody for anything more.

Whoever makes a Document (a filed report, an application) puts texts, sources and sign-offs in; a
renderer knows neither forms nor flows, only how a page, a sheet or a PDF looks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Value: TypeAlias = str | int | Decimal | bool | date | None
Language: TypeAlias = Literal["zh", "en"]
Align: TypeAlias = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: `text` is what is shown, `value` what a spreadsheet calculates with."""

    text: str = ""
    value: Value = None
    source: str = ""
    """Where the value came from, in words; empty when there is nothing to say."""
    state: str = ""
    """empty | prefilled | carried | typed | computed | confirmed | disputed | closed."""
    images: tuple[bytes, ...] = ()
    """Pictures (JPEG, PNG) that paper shows instead of the text: photos, a signature."""
    rows: int = 1
    """Over how many rows it is merged; 0 where another cell covers this place."""
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A label and its value."""

    label: str
    cell: Cell
    unit: str = ""
    wide: bool = False
    """Takes a line of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; its header is a path, and equal neighbours on a level are shown as one cell."""

    path: tuple[str, ...]
    unit: str = ""
    align: Align = "left"
    width: int = 0
    """In Chinese characters; 0 lets the renderer decide by the content."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    cells: tuple[Cell, ...]
    indent: int = 0
    """How far the first cell is set in: 其中 under its sum."""
    emphasis: bool = False
    """A subtotal or a group's headline."""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with multi-level headers, rows, totals."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    title: str = ""
    unit: str = ""
    note: str = ""
    stub: int = 1
    """How many columns at the left name the rows; more than one have one heading over them."""

    @property
    def depth(self) -> int:
        """How many header rows there are."""
        return max((len(column.path) for column in self.columns), default=0)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: items and tables under a title."""

    title: str = ""
    items: tuple[Item, ...] = ()
    tables: tuple[Table, ...] = ()
    page_break: bool = False
    """Begins a new page, unless it is the first."""


@dataclass(frozen=True, slots=True)
class PageSetup:
    """The paper that a document is put on."""

    paper: Literal["A4", "A3"] = "A4"
    orientation: Literal["auto", "portrait", "landscape"] = "auto"
    """auto: lying where a table is too wide for the paper standing."""
    font: Literal["small", "normal", "large"] = "normal"
    repeat_headers: bool = True
    """The heads of tables stand on every page that their rows reach."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """Somebody answered for the document at a step of its flow."""

    step: str
    name: str
    at: datetime
    image: bytes = b""
    """The handwritten signature, where one was asked for."""
    dated: str = ""
    """The day on which it was done on paper, where it was entered afterwards."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A check that does not hold, with what was said about it."""

    kind: str
    check: str
    reason: str = ""
    """Of whoever filled it in."""
    allowed: str = ""
    """By whoever verified, with the reason and the time."""


@dataclass(frozen=True, slots=True)
class Document:
    """A filed form as it is shown."""

    title: str
    organisation: str
    period: str = ""
    unit: str = ""
    number: str = ""
    """流程编号, 发文字号: what its case is called."""
    sections: tuple[Section, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    remarks: tuple[Remark, ...] = ()
    blocks: Mapping[str, str] = field(default_factory=dict)
    """By role: legal_number legal_issuer legal_approval legal_valid preparer verifier leader phone
    date notes."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """The title by language, where it differs."""
    form_code: str = ""
    form_version: int = 0
    record_id: str = ""
    record_version: int = 0
    verify_url: str = ""
    content_hash: str = ""
    final: bool = True
    """A draft says so on every page."""
    setup: PageSetup = PageSetup()

    def title_in(self, language: Language) -> str:
        """The title for readers of a language."""
        return self.titles.get(language) or self.title


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """A cell of a table's head with how far it reaches."""

    text: str
    row: int
    column: int
    rows: int
    columns: int


def header_cells(table: Table) -> Iterator[HeaderCell]:
    """The head of a table, row by row: equal neighbours merge, short paths reach down."""
    depth = table.depth
    stub = min(table.stub, len(table.columns))
    for level in range(depth):
        column = 0
        if stub > 1:
            column = stub
            if level == 0:
                yield HeaderCell(table.columns[0].path[0], 0, 0, depth, stub)
        while column < len(table.columns):
            path = table.columns[column].path
            if level >= len(path):
                column += 1
                continue
            end = column + 1
            while end < len(table.columns) and _same(table.columns[end].path, path, level):
                end += 1
            last = level == len(path) - 1
            yield HeaderCell(path[level], level, column, depth - level if last else 1, end - column)
            column = end


def _same(other: tuple[str, ...], path: tuple[str, ...], level: int) -> bool:
    """Merged to the right only if all above is the same and neither column ends here."""
    return other[: level + 1] == path[: level + 1] and min(len(other), len(path)) > level + 1
