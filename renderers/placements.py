"""What goes where on a department's sheet, in the addresses of the empty template."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """All that goes on one sheet; no sheet name means the first one."""

    cells: tuple[CellWrite, ...] = ()
    blocks: tuple[Block, ...] = ()
    sheet: str = ""
    pictures: tuple[PictureWrite, ...] = ()

    @property
    def some(self) -> bool:
        """Whether there is anything to put anywhere."""
        return bool(self.cells or self.blocks or self.pictures)


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
    of a block does: for messages to people.
    """

    cells: Mapping[str, Value] = field(default_factory=dict)
    blocks: tuple[tuple[Mapping[str, Value], ...], ...] = ()
    faults: tuple[CellFault, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[tuple[int, ...], ...] = ()
    moved: tuple[CellFault, ...] = ()
    """Printed texts of the template that are not where they were: then nothing else is read."""
