"""Which items a place in a printed rule names: a cell by its row and column, a row, a column, a total."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.importers.excel.files.grid import parse_address
from forms.importers.excel.labels import words
from forms.importers.excel.labels.words import figure
from forms.importers.excel.printed_rules.rule_parser import CannotRead
from forms.importers.excel.printed_rules.rule_places import Place
from forms.importers.excel.printed_rules.table_words import plain
from forms.importers.excel.proposal import Item, Table

_TOTAL = re.compile(r"的?(?:合计|总计|小计|之和)$")
_BUT = re.compile(r"除外|除(?=第)|不含|不包括")
_NTH = re.compile(r"第?\s*(\d{1,3})\s*[列栏]")
_LEADING = re.compile(
    r"^(?:(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[、.．]\s*|[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）]\s*|[①-⑳]\s*|其中[:：]?\s*|[减加][:：]\s*)+"
)
_GRAND = ("合计", "总计", "共计", "总和")


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell, or all cells of a row or column, or what a column adds up to; of one table."""

    table: int
    row: Item | None = None
    column: Item | None = None
    summed: bool = False
    counted: bool = False  # by counting, because the sheet prints no numbers

    @property
    def free(self) -> str:
        """What it still runs over: its columns or its rows; nothing when it is one cell."""
        if self.column is None:
            return "columns"
        return "rows" if self.row is None and not self.summed else ""


class Tabled:
    """The items of one table, as rules number and call them."""

    def __init__(self, index: int, table: Table, items: Sequence[Item]) -> None:
        self.index = index
        self.table = table
        mine = [item for item in items if item.table == index]
        self.rows = [one for one in mine if one.axis == "row"] if table.kind != "floating" else []
        self.columns = [one for one in mine if one.axis == "column"]
        self.values = [one for one in self.columns if one.role == "value"]

    def knows(self, code: str) -> bool:
        """Whether any of its rows or columns has this number."""
        return any(code in _codes(one) for one in (*self.rows, *self.columns))

    def spots(self, place: Place) -> Spot:
        """What the place names here. Raises CannotRead where there is no such item."""
        if place.row and place.column:
            row, column = self._row(place.row), self._column(place.column)
            return Spot(self.index, row[0], column[0], counted=row[1] or column[1])
        if place.row:
            row = self._row(place.row)
            if place.label:
                called = [
                    one for one in self.values if self.key(one).rpartition("/")[2] == place.label
                ]
                if len(called) != 1:
                    raise CannotRead("unknown-code")
                return Spot(self.index, row[0], called[0], counted=row[1])
            return Spot(self.index, row[0], counted=row[1])
        if place.column:
            column = self._column(place.column)
            if not place.total:
                return Spot(self.index, column=column[0], counted=column[1])
            return self._total(column[0], counted=column[1])
        if place.code:
            found = self._numbered(self.rows, place.code) or self._numbered(self.values, place.code)
            if found is None:
                raise CannotRead("unknown-code")
            return self._of(found)
        return self._called(place.label)

    def key(self, item: Item) -> str:
        """What a row or column is called, to find the same one in another table."""
        path = item.path[1:] if len(item.path) > 1 and plain(item.path[0]) == plain(self.table.title) else item.path  # fmt: skip
        return "/".join(words.unit_of(words.squeezed(part))[0] for part in path)

    def closed(self, row: Item, column: Item) -> bool:
        """Whether the sheet strikes this cell out, or the row is a heading only."""
        place = parse_address(row.place)
        letters = column.columns[row.panel] if row.panel < len(column.columns) else ""
        return row.type == "heading" or not letters or f"{letters}{place[0] if place else 0}" in row.closed  # fmt: skip

    def _row(self, code: str) -> tuple[Item, bool]:
        found = self._numbered(self.rows, code)
        if found is not None:
            return found, False
        plain_rows = [one for one in self.rows if not one.derived]
        if any(one.code for one in self.rows) or not code.isdigit() or not 0 < int(code) <= len(plain_rows):  # fmt: skip
            raise CannotRead("unknown-code")
        return plain_rows[int(code) - 1], True

    def _column(self, code: str) -> tuple[Item, bool]:
        found = self._numbered(self.columns, code)
        if found is not None and found.role != "value":
            raise CannotRead("not-filled")
        if found is not None:
            return found, False
        numbered = any(one.code or one.number for one in self.columns)
        if numbered or not self.rows or not code.isdigit() or not 0 < int(code) <= len(self.values):
            raise CannotRead("unknown-code")
        return self.values[int(code) - 1], True

    @staticmethod
    def _numbered(items: Sequence[Item], code: str) -> Item | None:
        return next((one for one in items if figure(code) in _codes(one)), None)

    def _of(self, item: Item) -> Spot:
        return Spot(self.index, row=item) if item.axis == "row" else Spot(self.index, column=item)

    def _total(self, column: Item | None, *, counted: bool = False) -> Spot:
        """The row of totals; where there is none, what the rows add up to."""
        totals = [one for one in self.rows if one.total]
        grand = [one for one in totals if one.path[-1] in _GRAND or len(totals) == 1]
        if len(grand) == 1:
            return Spot(self.index, grand[0], column, counted=counted)
        if totals or any(one.indent or one.derived for one in self.rows):
            raise CannotRead("unknown-code")
        return Spot(self.index, None, column, summed=True, counted=counted)

    def _called(self, label: str) -> Spot:
        """A row or column by its words: `A表户数`, `B表合计`."""
        bare = re.sub(r"[行列栏]$", "", label.strip("的 "))
        called = [one for one in (*self.rows, *self.values) if plain(bare) == plain(self.key(one).rpartition("/")[2])]  # fmt: skip
        if len({one.axis for one in called}) == 1 and len(called) == 1:
            return self._of(called[0])
        part = _TOTAL.sub("", bare)
        over = [one for one in self.values if part != bare and plain(part) == plain(self.key(one).rpartition("/")[2])]  # fmt: skip
        if len(over) == 1:
            return self._total(over[0])
        if words.is_total(bare):
            return self._total(None)
        raise CannotRead("unknown-code")


def _codes(item: Item) -> Iterator[str]:
    return (figure(one.strip()) for one in (item.code, item.number) if one)


def spoken(leaf: str) -> str:
    """What people call a row: without its number, `其中：` and `减：`."""
    return _LEADING.sub("", leaf).strip("的 ")


def same(tables: Sequence[Tabled], free: str, wanted: set[str] | None) -> list[dict[int, Item]]:
    """The rows or columns that all these tables have, by their words; or the only ones there are."""
    found = []
    for one in tables:
        items = [i for i in (one.values if free == "columns" else one.rows) if not i.derived]
        if free == "columns":
            items = [i for i in items if i.type in ("number", "integer")] or items
        found.append({one.key(item): item for item in items})
    if len(found) > 1 and all(len(one) == 1 for one in found):
        return [{t.index: next(iter(one.values())) for t, one in zip(tables, found, strict=True)}]
    keys = [key for key in found[0] if all(key in one for one in found)]
    if wanted is not None:
        alone = all(len(one) == 1 for one in found)
        keys = keys if alone else [key for key in keys if wanted == {key}]
    return [{t.index: one[key] for t, one in zip(tables, found, strict=True)} for key in keys]


def limited(said: Sequence[str], items: Sequence[Item], table: int) -> tuple[str, ...]:
    """Columns that a bracket behind a code names, `01（面积、产量）=…`; else all that add up.

    Yields, prices and percentages of parts do not make up those of the whole.
    """
    values = [
        item
        for item in items
        if item.axis == "column" and item.table == table and item.role == "value"
    ]
    chosen = [one for one in values if any(_names(word, one) for word in said)]
    if chosen and any(_BUT.search(word) for word in said):
        chosen = [one for one in values if one not in chosen]
    chosen = chosen or [one for one in values if not one.derived]
    return tuple(one.name for one in chosen) if len(chosen) < len(values) else ()


def _names(word: str, column: Item) -> bool:
    """Whether a column is meant by words such as `面积`, or `第1列除外` by its number."""
    bare = _BUT.sub("", word).strip()
    place = _NTH.fullmatch(bare)
    if place:
        return figure(place[1]) in _codes(column)
    return bool(bare) and bare in "".join(column.path)
