"""A table taken apart: header rows, the rows below that they head, and the columns with what is above them."""

from dataclasses import dataclass, field

from forms.importers.excel.files.grid import Cell
from forms.importers.excel.shapes.auxiliary import Auxiliary


@dataclass
class Column:
    """A leaf column: where it stands and the labels above it."""

    left: int
    right: int
    path: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    leaf: Cell | None = None
    number: str | None = None
    code: str | None = None
    unit: str | None = None
    role: str = "value"
    panel: int = 0


@dataclass
class Band:
    """Header rows and the rows below that they head; a band without header is a card."""

    section: tuple[Cell, ...] = ()
    head: tuple[int, int] | None = None
    body: list[int] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    auxiliary: list[Auxiliary] = field(default_factory=list)
    panels: int = 1
    inner: dict[int, Cell] = field(default_factory=dict)
    within: bool = False  # a table in the records of the band before it
