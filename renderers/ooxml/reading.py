"""Read a filled workbook: the cells of a form where they stand now, each as its kind."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal

from renderers.ooxml import inlabel, ticks, values
from renderers.ooxml.addresses import Area, join, number, split
from renderers.ooxml.bands import bands
from renderers.ooxml.book import Book
from renderers.ooxml.package import Element, child, children
from renderers.ooxml.sheet import Sheet
from renderers.placements import (
    Block,
    CellFault,
    CellWrite,
    Kind,
    Placements,
    ReadBack,
    Value,
)
from renderers.presentations import restore

_MAX_BOXES = 30
_ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME\?|NUM|N/A|NULL)[!]?")


class Reader:
    """The values of one sheet; faults are collected, not raised."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self.sheet = sheet
        self._strings, self._since_1904 = book.strings, book.since_1904
        self.faults: list[CellFault] = []
        self._rows: dict[int, dict[int, Element]] = {}

    def raw(self, row: int, column: int) -> Value:
        """What the cell holds, whatever it was meant for."""
        if row not in self._rows:
            found = self.sheet.rows.get(row)
            cells = [] if found is None else children(found, "c")
            self._rows[row] = {split(cell.get("r"))[1]: cell for cell in cells}
        cell = self._rows[row].get(column)
        return None if cell is None else self._strings.value(cell)

    def value(self, row: int, column: int, kind: Kind, how: str, *, own: bool = True) -> Value:
        """The value as its kind; a fault and None where it is something else.

        A formula that is not the template's `own` has to bring its result along.
        """
        area = self.sheet.merged(row, column)
        row, column = area.top, area.left
        if how == "boxes":
            return self._boxes(row, column)
        found = self.raw(row, column)
        if found is None and not own and self.has_formula(row, column):
            self._fault(row, column, "render.fault.formula-uncalculated", "")
            return None
        if found is None or (isinstance(found, str) and not found.strip()):
            return None
        if isinstance(found, str) and _ERROR.fullmatch(found.strip()):
            self._fault(row, column, "render.fault.formula-error", found)
            return None
        if kind == "number":
            return self._number(row, column, found)
        if kind == "date":
            return self._date(row, column, found)
        text = self._text(row, column, found, kind)
        return restore(text, how) if text is not None and kind == "id" else text

    def has_formula(self, row: int, column: int) -> bool:
        """Whether the cell is reckoned by the spreadsheet."""
        self.raw(row, column)
        cell = self._rows[row].get(column)
        return cell is not None and child(cell, "f") is not None

    def _number(self, row: int, column: int, found: Value) -> Value:
        if isinstance(found, bool):
            return found
        text = unicodedata.normalize("NFKC", str(found)).strip().replace(",", "")
        number_ = values.number_of(text)
        if number_ is None:
            self._fault(row, column, "render.fault.not-a-number", str(found))
            return None
        return number_

    def _date(self, row: int, column: int, found: Value) -> date | None:
        if isinstance(found, Decimal):
            day = values.day(found, since_1904=self._since_1904)
        else:
            day = values.date_of(unicodedata.normalize("NFKC", str(found)))
        if day is None:
            self._fault(row, column, "render.fault.not-a-date", str(found))
        return day

    def _text(self, row: int, column: int, found: Value, kind: Kind) -> str | None:
        if not isinstance(found, Decimal):
            return str(found)
        if kind == "id" and abs(found) >= 10**values.MAX_DIGITS:
            self._fault(row, column, "render.fault.digits-lost", f"{found:f}")
            return None
        text = f"{found:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _boxes(self, row: int, column: int) -> str | None:
        """One character a box, up to the first empty one."""
        text = ""
        for _ in range(_MAX_BOXES):
            found = self.raw(row, column)
            said = "" if found is None else str(found).strip()
            if len(said) != 1:
                break
            text += said
            column = self.sheet.merged(row, column).right + 1
        return text.upper() or None

    def _fault(self, row: int, column: int, code: str, text: str) -> None:
        self.faults.append(CellFault(join(row, column), code, text))


def read(
    book: Book,
    sheet: Sheet,
    placements: Placements,
    names: Sequence[str | None],
    own: Collection[tuple[int, int]] | None = None,
) -> ReadBack:
    """All cells and blocks; `names` are the areas the blocks stand in now, `own` the cells of the
    template that hold formulas, both where known.
    """
    reader = Reader(book, sheet)
    found = block_rows(placements.blocks, names)
    cells: dict[str, Value] = {}
    addresses: dict[str, str] = {}
    for item in placements.cells:
        row, column = split(item.address)
        row = row_now(row, placements.blocks, found)
        addresses[item.key] = join(row, column)
        printed = own is None or split(item.address) in own
        cells[item.key] = _cell(reader, item, row, column, own=printed)
    blocks = [
        tuple(_block(reader, block, rows, own))
        for block, rows in zip(placements.blocks, found, strict=True)
    ]
    return ReadBack(
        cells,
        tuple(tuple(values_ for _, values_ in block) for block in blocks),
        tuple(reader.faults),
        addresses,
        tuple(tuple(row for row, _ in block) for block in blocks),
        tuple("" for _ in blocks),
        frozenset(join(*place) for place in sheet.formulas()),
    )


def block_rows(blocks: Sequence[Block], names: Sequence[str | None]) -> list[range]:
    """The rows each block stands in now."""
    return [_rows(block, name) for block, name in zip(blocks, names, strict=True)]


def row_now(row: int, blocks: Sequence[Block], found: Sequence[range]) -> int:
    """Where a row of the template stands now that the blocks above it have grown or shrunk.

    What stands beside the last row of a block moves with it: rows are put in before that one.
    """
    grown = 0
    for band in bands(blocks):
        longer = max((len(found[n]) - (blocks[n].last - blocks[n].first + 1) for n in band.blocks), key=abs)  # fmt: skip
        if band.last < row or band.first < band.last == row:
            grown += longer
    return row + grown


def _cell(reader: Reader, item: CellWrite, row: int, column: int, *, own: bool) -> Value:
    area = reader.sheet.merged(row, column)
    said = reader.raw(area.top, area.left)
    if item.options and isinstance(said, str) and ticks.has_boxes(said):
        return ticks.ticked(said, item.label, item.options)
    if item.after is None:
        return reader.value(row, column, item.kind, item.present, own=own)
    return inlabel.extract(str(said), item.after) if said is not None else None


def _rows(block: Block, name: str | None) -> range:
    """The rows of a block: where its hidden name points, else where the template has them."""
    if name is None:
        return range(block.first, block.last + 1)
    if "#REF!" in name:
        return range(block.first, block.first)
    area = Area.parse(name.rpartition("!")[2].replace("$", ""))
    return range(area.top, area.bottom + 1)


def _block(
    reader: Reader, block: Block, rows: range, own: Collection[tuple[int, int]] | None
) -> Iterator[tuple[int, dict[str, Value]]]:
    """The rows that say something in a column of ours."""
    columns = [(number(column.letter), column) for column in block.columns]
    within = range(block.first, block.last + 1)
    printed = {
        place for place, _ in columns if own is None or any((row, place) in own for row in within)
    }
    for row in rows:
        said = {
            column.letter: reader.value(
                row, position, column.kind, column.present, own=position in printed
            )
            for position, column in columns
        }
        if any(value is not None for value in said.values()):
            yield row, said
