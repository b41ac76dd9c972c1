"""How wide a table is on paper: column widths, type size, and when the sheet has to lie down."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from renderers.contract import Document, HeaderCell, Table, header_cells

_ROOM = {"A4": (56.0, 83.0), "A3": (83.0, 121.0)}
"""Chinese characters of 9 pt that fit across the paper standing and lying, inside the margins."""
_SCALE = {"small": 0.85, "normal": 1.0, "large": 1.2}
_SIZE, _SMALLEST = 9.0, 4.5
_LATIN, _PADDING = 0.58, 0.8
_WIDEST_TEXT, _WIDEST_HEAD, _WIDEST, _NARROWEST = 11.0, 5.0, 24.0, 2.0
_SAMPLE = 300


@dataclass(frozen=True, slots=True)
class Grid:
    """A table ready for the page."""

    head: tuple[tuple[HeaderCell, ...], ...]
    widths: tuple[str, ...]
    aligns: tuple[str, ...]
    size: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper as it will lie, and the type on it against the normal size."""

    paper: str
    landscape: bool
    scale: float

    @property
    def room(self) -> float:
        """Chinese characters in the type of tables that fit across."""
        return _ROOM[self.paper][self.landscape] / self.scale


def sheet(document: Document) -> Sheet:
    """What the document asks for; by itself the paper lies where some table is too wide for it standing."""
    setup = document.setup
    standing = Sheet(setup.paper, landscape=False, scale=_SCALE[setup.font])
    lies = setup.orientation == "landscape"
    if setup.orientation == "auto":
        tables = (table for section in document.sections for table in section.tables)
        lies = any(sum(_needs(table)) > standing.room for table in tables)
    return replace(standing, landscape=lies)


def grid(table: Table, on: Sheet) -> Grid:
    """Widths in percent by content, and type small enough for the paper."""
    needed = _needs(table)
    total = sum(needed) or 1
    size = max(_SMALLEST, _SIZE * on.scale * min(1.0, on.room / total))
    levels: list[list[HeaderCell]] = [[] for _ in range(table.depth)]
    for cell in header_cells(table):
        levels[cell.row].append(cell)
    return Grid(
        tuple(tuple(level) for level in levels),
        tuple(f"{100 * width / total:.2f}" for width in needed),
        tuple(column.align for column in table.columns),
        f"{size:.1f}",
    )


def width(text: str) -> float:
    """How long the longest line is, in Chinese characters."""
    return max((sum(_each(line)) for line in text.split("\n")), default=0.0)


def _each(text: str) -> Iterator[float]:
    for char in text:
        yield 1.0 if unicodedata.east_asian_width(char) in "WF" else _LATIN


def _needs(table: Table) -> list[float]:
    """What each column asks for: its content where that must not break, else a readable width."""
    found = []
    rows = (*table.rows[:_SAMPLE], *table.totals)
    for index, column in enumerate(table.columns):
        if column.width:
            found.append(column.width + _PADDING)
            continue
        texts = (row.cells[index].text for row in rows if index < len(row.cells))
        longest = max((_asks(text) for text in texts), default=0.0)
        unit = width(f"（{column.unit}）") if column.unit else 0.0
        heading = max(min(_WIDEST_HEAD, width("".join(column.path[-1:]))), unit)
        found.append(max(_NARROWEST, min(longest, _WIDEST), heading) + _PADDING)
    return found


def _asks(text: str) -> float:
    """A number or code wants to stay in one piece, a sentence may be broken."""
    whole = text.isascii() and " " not in text
    return width(text) if whole else min(_WIDEST_TEXT, width(text))
