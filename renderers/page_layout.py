"""How wide a table is on paper: column widths, type size, and when the sheet has to lie down."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from renderers.contract import Document, HeaderCell, Table, header_cells

_PORTRAIT, _LANDSCAPE = 56.0, 83.0
"""Chinese characters of 9 pt that fit across A4 either way, inside the margins."""
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


def grid(table: Table) -> Grid:
    """Widths in percent by content, and type small enough for the widest of the two directions."""
    needed = _needs(table)
    total = sum(needed) or 1
    room = _PORTRAIT if total <= _PORTRAIT else _LANDSCAPE
    size = _SIZE if total <= room else max(_SMALLEST, _SIZE * room / total)
    levels: list[list[HeaderCell]] = [[] for _ in range(table.depth)]
    for cell in header_cells(table):
        levels[cell.row].append(cell)
    return Grid(
        tuple(tuple(level) for level in levels),
        tuple(f"{100 * width / total:.2f}" for width in needed),
        tuple(column.align for column in table.columns),
        f"{size:.1f}",
    )


def landscape(document: Document) -> bool:
    """Whether some table needs the long side of the paper."""
    tables = (table for section in document.sections for table in section.tables)
    return any(sum(_needs(table)) > _PORTRAIT for table in tables)


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
