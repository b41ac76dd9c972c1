"""What goes where on a department's sheet, in the addresses of the empty template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from renderers.presentations import Presentation

Value: TypeAlias = str | int | Decimal | bool | date | None
Kind: TypeAlias = Literal["text", "number", "date", "id"]
"""`id` is text that must stay text: resident ID, credit code, account, phone."""


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One value for one cell. None empties the cell; a formula in it stays and shows the value."""

    address: str
    value: Value = None
    kind: Kind = "text"
    present: Presentation = "plain"
    after: str | None = None
    """Label inside the same cell (`填报单位`) behind whose colon the value goes; "" = behind all text."""
    label: str = ""
    options: tuple[str, ...] = ()
    """What the value is one of. Where the cell prints them with boxes, the box of the value is ticked;
    `label` tells apart several questions in one cell."""
    instead: str | None = None
    """Words inside the cell that the value takes the place of: `2025年` in `各村人口（2025年）`."""

    @property
    def key(self) -> str:
        """What its value is found by when the workbook comes back."""
        told = self.after if self.after is not None else self.label if self.options else None
        return self.address if told is None else f"{self.address}#{told}"


@dataclass(frozen=True, slots=True)
class PictureWrite:
    """A picture (PNG) over one cell: behind its label, or over the whole of it.

    Where there is no room for it, the name it stands for is written instead.
    """

    address: str
    content: bytes
    name: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a floating block."""

    letter: str
    kind: Kind = "text"
    present: Presentation = "plain"


@dataclass(frozen=True, slots=True)
class Block:
    """Floating rows: template rows `first..last`, and the rows to write, by column letter.

    More rows than the template has are inserted with its style; fewer leave its rows empty.
    """

    first: int
    last: int
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Placements:
    """All that goes on one sheet, and on `others` of the workbook; no sheet name means the first one."""

    cells: tuple[CellWrite, ...] = ()
    blocks: tuple[Block, ...] = ()
    sheet: str = ""
    pictures: tuple[PictureWrite, ...] = ()
    others: tuple["Placements", ...] = ()

    @property
    def some(self) -> bool:
        """Whether there is anything to put anywhere."""
        here = bool(self.cells or self.blocks or self.pictures)
        return here or any(one.some for one in self.others)

    @property
    def each(self) -> tuple["Placements", ...]:
        """Sheet by sheet."""
        return (replace(self, others=()), *self.others)


@dataclass(frozen=True, slots=True)
class Identity:
    """Ties a workbook to the form version it was made for."""

    form_code: str
    version: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The document a workbook was filled from, and how far that one was."""

    document: str
    revision: int


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell of a filled workbook that cannot be taken over, and why (`code` has a message)."""

    address: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What a filled workbook says: by template address, and by block the rows by column letter.

    `addresses` tells where a template cell stands in the workbook now, `rows` in which row each row
    of a block does: for messages to people. Of a workbook of several sheets addresses are told with
    their sheet (`表二!C5`), and `ahead` is that for the rows of each block; the keys of its first sheet
    are plain.
    """

    cells: Mapping[str, Value] = field(default_factory=dict)
    blocks: tuple[tuple[Mapping[str, Value], ...], ...] = ()
    faults: tuple[CellFault, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[tuple[int, ...], ...] = ()
    ahead: tuple[str, ...] = ()
    reckoned: frozenset[str] = frozenset()
    """Where a formula gives the value, by the cells' present addresses."""
    moved: tuple[CellFault, ...] = ()
    """Printed texts of the template that are not where they were: then nothing else is read."""

    def of_sheet(self, name: str, *, first: bool) -> "ReadBack":
        """The same as a part of a workbook of several sheets."""
        ahead = f"{name}!"
        key = "" if first else ahead
        return ReadBack(
            {f"{key}{cell}": value for cell, value in self.cells.items()},
            self.blocks,
            tuple(replace(one, address=f"{ahead}{one.address}") for one in self.faults),
            {f"{key}{cell}": f"{ahead}{now}" for cell, now in self.addresses.items()},
            self.rows,
            tuple(ahead for _ in self.blocks),
            frozenset(f"{ahead}{one}" for one in self.reckoned),
            tuple(replace(one, address=f"{ahead}{one.address}") for one in self.moved),
        )


def together(parts: Sequence[ReadBack]) -> ReadBack:
    """What the sheets of one workbook say."""
    return ReadBack(
        {cell: value for one in parts for cell, value in one.cells.items()},
        tuple(block for one in parts for block in one.blocks),
        tuple(fault for one in parts for fault in one.faults),
        {cell: now for one in parts for cell, now in one.addresses.items()},
        tuple(rows for one in parts for rows in one.rows),
        tuple(ahead for one in parts for ahead in one.ahead),
        frozenset(address for one in parts for address in one.reckoned),
        tuple(fault for one in parts for fault in one.moved),
    )
