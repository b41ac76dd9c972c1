"""Whether a workbook that came back still is the sheet it was: no heading moved, none rewritten.

Values are read by address. Somebody who deletes a column in their program would have every value
behind it read as its neighbour; so what the empty sheet says has to stand where it stood.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from renderers.ooxml.addresses import join, number, split
from renderers.ooxml.book import Book, SheetEntry
from renderers.ooxml.package import Element, child, children
from renderers.ooxml.reading import block_rows, row_now
from renderers.ooxml.sheet import Sheet
from renderers.ooxml.values import Strings
from renderers.placements import CellFault, Placements

MOVED = "render.fault.layout-changed"


def faults(
    empty: Book,
    now: Sheet,
    strings: Strings,
    placements: Placements,
    names: Sequence[str | None],
) -> list[CellFault]:
    """Cells whose printed text is not where it was; `text` is what should stand there."""
    rows = block_rows(placements.blocks, names)
    labels = _labels(placements)
    found = []
    for row, column, text in _printed(empty, empty.sheet(placements.sheet), placements):
        place = row_now(row, placements.blocks, rows), column
        said = _plain(now.text(strings, *place))
        wanted = labels.get((row, column))
        kept = said == _plain(text) if wanted is None else all(one in said for one in wanted)
        if not kept:
            found.append(CellFault(join(*place), MOVED, text.strip()))
    return found


def _labels(placements: Placements) -> dict[tuple[int, int], list[str]]:
    """Cells that hold label and value together: there the labels have to be left."""
    found: dict[tuple[int, int], list[str]] = {}
    for item in placements.cells:
        if item.after is not None:
            found.setdefault(split(item.address), []).append(_plain(item.after).rstrip(":"))
    return found


def _printed(
    book: Book, entry: SheetEntry, placements: Placements
) -> Iterator[tuple[int, int, str]]:
    """The texts of the empty sheet, outside of floating rows and of cells that take a value."""
    sheet = Sheet(book.package.tree(entry.part), entry.name, entry.part)
    strings = book.strings
    ours = {
        (area.top, area.left)
        for item in placements.cells
        if item.after is None
        for area in [sheet.merged(*split(item.address))]
    }
    ours |= {split(item.address) for item in placements.cells if item.after is None}
    for row, element in sheet.rows.items():
        here = [one for one in placements.blocks if one.first <= row <= one.last]
        taken = {number(one.letter) for block in here for one in block.columns} if here else None
        for cell in children(element, "c"):
            place = split(cell.get("r"))
            if place in ours or _in_block(place, taken) or not _is_text(cell):
                continue
            text = strings.value(cell)
            if here and isinstance(text, str) and _plain(text).isdecimal():
                continue  # its rows are numbered anew
            if isinstance(text, str) and _plain(text):
                yield (*place, text)


def _in_block(place: tuple[int, int], taken: set[int] | None) -> bool:
    """Rows of a block come and go with what is printed in them."""
    return taken is not None and place[1] >= min(taken, default=1)


def _is_text(cell: Element) -> bool:
    return cell.get("t") in {"s", "inlineStr"} and child(cell, "f") is None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
