"""Floating rows: what is written into the template's own rows, and the copies that are inserted."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal

from renderers.ooxml.addresses import Insertion, join, number, split
from renderers.ooxml.formulas import Place, Shift
from renderers.ooxml.package import Element, child, children
from renderers.ooxml.rows import relocate
from renderers.ooxml.sheet import CellText, Sheet
from renderers.ooxml.values import Strings
from renderers.placements import Block, Column, Kind, Value
from renderers.presentations import present


@dataclass(frozen=True, slots=True)
class Piece:
    """One cell's share of a value."""

    column: int
    value: Value
    kind: Kind


def pieces(
    sheet: Sheet, at: tuple[int, int], value: Value, *, kind: Kind, how: str
) -> Iterator[Piece]:
    """A value as cells: one, or one a character where every digit has its box."""
    row, column = at
    if value is None or (kind != "id" and how == "plain"):
        yield Piece(column, value, kind)
        return
    text = present(str(value), how)
    if how != "boxes":
        yield Piece(column, text, "id")
        return
    for char in text:
        yield Piece(column, char, "id")
        column = sheet.merged(row, column).right + 1


class Filler:
    """One block on its sheet. Made before anything moves, so that it reads the empty template."""

    def __init__(
        self,
        sheet: Sheet,
        text: CellText,
        strings: Strings,
        block: Block,
        ground: tuple[int, int],
    ) -> None:
        self._sheet, self._text, self._strings, self.block = sheet, text, strings, block
        self.ground = ground
        self._columns = [(number(column.letter), column) for column in block.columns]
        self._series = dict(self._find_series())

    def write(self, insertion: Insertion | None) -> set[tuple[int, int]]:
        """Values into the template's own rows; a row without values is emptied."""
        written = set()
        for row in range(self.block.first, self.block.last + 1):
            index = row - self.block.first
            moved = insertion.count if insertion and row > insertion.after else 0
            for piece in self.row(index + moved, row):
                area = self._sheet.merged(row, piece.column)
                cell = area.top, area.left
                if piece.value is None and self._sheet.find(*cell) is None:
                    continue
                self._sheet.write(self._text, *cell, piece.value, piece.kind)
                written.add(cell)
            for column in self._series if moved else ():
                counted = self.counted(column, index + moved)
                self._sheet.write(self._text, row, column, counted, "number")
        return written

    def owns(self, column: int) -> bool:
        """Whether what stands in a column beside ours is of this list and no other."""
        return self.ground[0] <= column <= self.ground[1]

    def counted(self, column: int, index: int) -> int | None:
        """The number of a row, as far as the list goes: rows that another one needs have none."""
        start, rows = self._series[column], self.block.last - self.block.first + 1
        return start + index if index < max(rows, len(self.block.rows)) else None

    def counts(self, column: int) -> bool:
        """Whether the template numbers the rows in this column."""
        return column in self._series

    def row(self, index: int, row: int) -> Iterator[Piece]:
        values = self.block.rows[index] if index < len(self.block.rows) else {}
        for column, spec in self._columns:
            yield from self._pieces(row, column, spec, values.get(spec.letter))

    def _pieces(self, row: int, column: int, spec: Column, value: Value) -> Iterator[Piece]:
        return pieces(self._sheet, (row, column), value, kind=spec.kind, how=spec.present)

    def _find_series(self) -> Iterator[tuple[int, int]]:
        """Columns 1, 2, 3 … that the template numbers itself: the copies go on counting."""
        placed = {column for column, _ in self._columns}
        first = self._sheet.rows.get(self.block.first)
        for cell in [] if first is None else children(first, "c"):
            column = split(cell.get("r"))[1]
            if column in placed or not self.owns(column) or child(cell, "f") is not None:
                continue
            rows = range(self.block.first, self.block.last + 1)
            found = [self._number(row, column) for row in rows]
            start = found[0]
            if start is None or (len(found) == 1 and start != 1):
                continue
            if found == list(range(start, start + len(found))):
                yield column, start

    def _number(self, row: int, column: int) -> int | None:
        cell = self._sheet.find(row, column)
        value = None if cell is None else self._strings.value(cell)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
            return int(value)
        whole = isinstance(value, Decimal) and value == value.to_integral_value()
        return int(value) if whole and isinstance(value, Decimal) else None

    def says_in_every_row(self, column: int) -> bool:
        """Whether what the template prints in a column is for every row, and of no table beside."""
        mine = [place for place, _ in self._columns]
        if not mine or min(mine) <= column <= max(mine):
            return True
        cells = [self._sheet.find(n, column) for n in range(self.block.first, self.block.last + 1)]
        said = {None if cell is None else str(self._strings.value(cell)) for cell in cells}
        return len(said) == 1


class Copier:
    """The inserted rows as text: style, static text and formulas of the copied row, each list's own values."""

    def __init__(self, fillers: Sequence[Filler], insertion: Insertion, shift: Shift) -> None:
        self._fillers, self._insertion, self._shift = fillers, insertion, shift
        self._sheet, self._text = fillers[0]._sheet, fillers[0]._text  # noqa: SLF001 - one thing in two classes
        row = self._sheet.rows.get(insertion.after)
        self._cells = {} if row is None else dict(self._read(row))
        self._beside = {
            one
            for one in self._cells
            if not all(item.says_in_every_row(one) for item in self._owners(one))
        }
        self._open = f"<{self._sheet.prefix}row" + ("" if row is None else self._attributes(row))
        self._row = row

    def _owners(self, column: int) -> list[Filler]:
        """The list that a column belongs to."""
        return [item for item in self._fillers if item.owns(column)] or list(self._fillers)

    def _read(self, row: Element) -> Iterator[tuple[int, tuple[int, Element | None, str, str]]]:
        for cell in children(row, "c"):
            formula = child(cell, "f")
            inner = "".join(self._sheet.inner_xml(item) for item in cell) if formula is None else ""
            kind = cell.get("t", "")
            copied = None if formula is None else deepcopy(formula)
            yield split(cell.get("r"))[1], (int(cell.get("s") or 0), copied, kind, inner)

    def _attributes(self, row: Element) -> str:
        known = {uri: prefix for prefix, uri in self._sheet.root.nsmap.items()}
        text = ""
        for name, value in row.attrib.items():
            if name in {"r", "spans"}:
                continue
            uri, _, plain = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
            text += f' {known[uri] + ":" if uri else ""}{plain}="{value}"'
        return text

    def __call__(self, below: int, row: int) -> str:
        """The row `below` rows under the copied one; `row` is its number in the filled sheet."""
        at = self._insertion.after
        placed: dict[int, Piece] = {}
        for filler in self._fillers:
            index = at - filler.block.first + below
            placed |= {item.column: item for item in filler.row(index, at)}
            for column in self._cells:
                if filler.counts(column):
                    placed[column] = Piece(column, filler.counted(column, index), "number")
        cells = "".join(
            self._cell(column, row, placed.get(column))
            for column in sorted({*self._cells, *placed})
        )
        return f'{self._open} r="{row}">{cells}</{self._sheet.prefix}row>'

    def _cell(self, column: int, row: int, piece: Piece | None) -> str:
        style, formula, kind, inner = self._cells.get(column) or (
            self._sheet.default_style(self._row, column), None, "", "",
        )  # fmt: skip
        address, p = join(row, column), self._sheet.prefix
        if formula is not None:
            kept = self._formula(formula, row)
            value = piece or Piece(column, None, "text")
            return self._text.cell(address, style, value.value, value.kind, formula=kept)
        if piece is not None:
            return self._text.cell(address, style, piece.value, piece.kind)
        if column in self._beside:
            inner = ""
        attributes = f' r="{address}"' + (f' s="{style}"' if style else "")
        attributes += f' t="{kind}"' if kind and inner else ""
        return f"<{p}c{attributes}>{inner}</{p}c>" if inner else f"<{p}c{attributes}/>"

    def _formula(self, formula: Element, row: int) -> str:
        copied = deepcopy(formula)
        relocate(copied, self._shift, Place(self._sheet.name, self._insertion.after, row))
        return self._sheet.inner_xml(copied)
