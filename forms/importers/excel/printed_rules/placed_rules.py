"""Printed rules about single cells and between tables, as checks on the items of the form.

A form holds the tables of one sheet; what a rule says of another sheet stays words, with the reason.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from forms.importers.excel.labels.words import figure
from forms.importers.excel.printed_rules import rule_places
from forms.importers.excel.printed_rules.rule_parser import CannotRead
from forms.importers.excel.printed_rules.rule_places import Place
from forms.importers.excel.printed_rules.rules import PrintedRule, read_rules
from forms.importers.excel.printed_rules.spots import Spot, Tabled, limited, same, spoken
from forms.importers.excel.printed_rules.table_words import Titled
from forms.importers.excel.proposal import Item, SheetCheck

_SIDES = re.compile(r" (?:=|<=|>=|<>|<|>) ")
_TOLD = re.compile(r"ZQ\d{1,4}")
_COUNTED = re.compile(r"(?:人数|户数|总数|数量?)$")
_MOST = 200


class Placed:
    """Reads what the numbers of rules cannot tell alone, for the tables of one sheet."""

    def __init__(self, titled: Titled, items: Sequence[Item]) -> None:
        self.titled = titled
        self.tables = [Tabled(n, one, items) for n, one in enumerate(titled.tables)]
        told = {one.key(item).rpartition("/")[2] for one in self.tables for item in one.values}
        self.labels = {label for label in told if len(label) > 1}
        self.names = self._names()
        self.items = items

    def read(self, text: str, places: dict[str, Place], cell: str) -> tuple[list[SheetCheck], bool]:
        """The checks of one printed rule, and whether anything was counted. Raises CannotRead."""
        if any(places[mark].table for mark in rule_places.named(text) if mark in places):
            text = rule_places.with_totals(text, places)
        text = rule_places.with_labels(text, places, self.labels)
        text = rule_places.with_names(text, places, self.names)

        def lookup(code: str, hint: str) -> str | None:
            if code in places:
                return code
            bare = not hint
            if bare and not any(one.knows(figure(code)) for one in self.tables):
                return None
            mark = f"ZQ{len(places) + 1}"
            number = figure(code)
            row, column = number if hint == "row" else "", number if hint == "column" else ""
            places[mark] = Place(code, row=row, column=column, code=number if bare else "")
            return mark

        rules, unread = read_rules(text, lookup)
        if unread:
            raise CannotRead(unread[0].reason)
        checks: list[SheetCheck] = []
        counted = False
        for rule in rules:
            spots = self._spots(rule.formula, places, cell)
            counted = counted or any(one.counted for one in spots.values())
            words = rule_places.unmarked(rule.text, places)
            checks.extend(self._check(rule, words, told, spots, cell) for told in self._written(rule.formula, spots))  # fmt: skip
        return checks[:_MOST], counted

    def named(self, text: str) -> int:
        """How many rows and columns a text calls by their names."""
        return len(rule_places.named(rule_places.with_names(text, {}, self.names)))

    def _names(self) -> dict[str, str]:
        """What rows and columns are called in rules, and what the sheet prints: 低保户 for `其中：低保户`."""
        found: dict[str, set[str]] = {}
        for one in self.tables:
            for item in (*one.rows, *one.values):
                leaf = one.key(item).rpartition("/")[2]
                for name in (leaf, spoken(leaf)):
                    found.setdefault(name, set()).add(leaf)
        known = {name: next(iter(leaves)) for name, leaves in found.items() if len(leaves) == 1}
        counted: dict[str, set[str]] = {}
        for name, leaf in known.items():
            bare = _COUNTED.sub("", name)
            for more in (bare, *(bare + one for one in ("数", "人数", "户数"))):
                if len(more) > 1 and more not in found:
                    counted.setdefault(more, set()).add(leaf)
        return known | {name: next(iter(told)) for name, told in counted.items() if len(told) == 1}

    def _check(
        self,
        rule: PrintedRule,
        words: str,
        written: tuple[str, str],
        spots: dict[str, Spot],
        cell: str,
    ) -> SheetCheck:
        formula, over = written
        table = next(iter(spots.values())).table if spots else 0
        only = limited(rule.only, self.items, table) if over == "columns" else ()
        return SheetCheck(words, formula, rule.severity, over, cell, table, only, rule.tolerance)

    def _spots(self, formula: str, places: dict[str, Place], cell: str) -> dict[str, Spot]:
        """What each mark of a formula names, from left to right."""
        found: dict[str, Spot] = {}
        own = self.titled.around(cell)
        named = {
            table
            for mark in _TOLD.findall(formula)
            if (word := places[mark].table)
            for table in self.titled.meant(word, [])
        }
        before: Spot | None = None
        for n, side in enumerate(_SIDES.split(formula)):
            for k, mark in enumerate(_TOLD.findall(side)):
                place = places[mark]
                if place.table:
                    mine = [one for one in own if one not in named] or own
                    tables = self.titled.meant(place.table, mine)
                elif before is None or (k == 0 and n and not self._alike(place, before)):
                    tables = [one for one in own if one not in named] or own
                else:
                    tables = [before.table]
                before = found[mark] = self._one(place, tables, own)
        return self._carried(found)

    @staticmethod
    def _alike(place: Place, before: Spot) -> bool:
        """Whether a place without a table is of the shape of the one before: `A表1行≥2行`."""
        return bool(place.row) == (before.row is not None) or bool(place.code)

    def _one(self, place: Place, tables: Sequence[int], own: Sequence[int]) -> Spot:
        found: list[Spot] = []
        reason = "unknown-code"
        for n in (*tables, *(one for one in own if one not in tables and not place.table)):
            if found and n not in tables:
                break
            try:
                found.append(self.tables[n].spots(place))
            except CannotRead as error:
                reason = error.reason
        if not found:
            raise CannotRead(reason)
        if len(found) > 1:
            raise CannotRead("which-table")
        return found[0]

    @staticmethod
    def _carried(found: dict[str, Spot]) -> dict[str, Spot]:
        """`第3行第4列=第3行第2列+第3列`: a column behind a cell of its table is of the same row."""
        marks = list(found)
        for before, mark in pairwise(marks):
            one, other = found[before], found[mark]
            if one.table == other.table and not one.free and one.row and other.free == "rows":
                found[mark] = Spot(other.table, one.row, other.column, counted=other.counted)
        return found

    def _written(self, formula: str, spots: dict[str, Spot]) -> Iterator[tuple[str, str]]:
        """The formula as the form can say it, and over which table it runs."""
        spots = self._timed(spots)
        free = {one.free for one in spots.values()} - {""}
        if not free:
            yield self._told(formula, spots, {}), ""
            return
        if len(free) > 1:
            spots, free = self._settled(spots)
        (way,) = free
        loose = [one for one in spots.values() if one.free]
        tables = sorted({one.table for one in loose})
        if len(tables) == 1 and len(loose) == len(spots) and not any(s.summed for s in loose):
            yield _TOLD.sub(lambda mark: _alone(spots[mark[0]]), formula), way
            return
        fixed = [one for one in spots.values() if not one.free]
        wanted = {self.tables[one.table].key(item) for one in fixed if (item := one.column if way == "columns" else one.row)} or None  # fmt: skip
        found = same([self.tables[n] for n in tables], way, wanted)
        open_ = [one for one in found if self._may(spots, one)]
        if not open_:
            raise CannotRead("not-filled" if found else "not-alike")
        for one in open_:
            yield self._told(formula, spots, one), ""

    def _timed(self, spots: dict[str, Spot]) -> dict[str, Spot]:
        """`18=上年18+10` where columns are called 本年 and 上年: what says no year is of this one."""
        keys = [self.tables[one.table].key(one.column) for one in spots.values() if one.column]
        if not any(key in rule_places.BEFORE for key in keys):
            return spots
        found = dict(spots)
        for mark, one in spots.items():
            table = self.tables[one.table]
            now = [item for item in table.values if table.key(item) in rule_places.NOW]
            if one.free == "columns" and len(now) == 1:
                found[mark] = Spot(one.table, one.row, now[0], counted=one.counted)
        return found

    def _settled(self, spots: dict[str, Spot]) -> tuple[dict[str, Spot], set[str]]:
        """Of rows and columns at once only those are one cell whose table has one column to fill."""
        found = dict(spots)
        for mark, one in spots.items():
            values = self.tables[one.table].values
            if one.free == "columns" and len(values) == 1:
                found[mark] = Spot(one.table, one.row, values[0], one.summed, one.counted)
        free = {one.free for one in found.values()} - {""}
        if len(free) != 1:
            raise CannotRead("not-alike")
        return found, free

    def _may(self, spots: dict[str, Spot], chosen: dict[int, Item]) -> bool:
        """Whether none of the cells is struck out."""
        for one in spots.values():
            row, column = _cell(one, chosen)
            if row and column and self.tables[one.table].closed(row, column):
                return False
        return True

    def _told(self, formula: str, spots: dict[str, Spot], chosen: dict[int, Item]) -> str:
        if not chosen and not self._may(spots, chosen):
            raise CannotRead("not-filled")
        return _TOLD.sub(lambda mark: self._name(spots[mark[0]], chosen), formula)

    def _name(self, spot: Spot, chosen: dict[int, Item]) -> str:
        row, column = _cell(spot, chosen)
        table = self.titled.tables[spot.table].name
        if spot.summed and column:
            return f"SUM({table}.{column.name})"
        if row is None or column is None:
            raise CannotRead("not-alike")
        return f"{table}{'_change' if row.derived else ''}.{row.name}.{column.name}"


def _cell(spot: Spot, chosen: dict[int, Item]) -> tuple[Item | None, Item | None]:
    """The row and the column of a place, where the same of every table was chosen."""
    item = chosen.get(spot.table)
    if spot.free == "columns":
        return spot.row, item
    return (item, spot.column) if spot.free == "rows" else (spot.row, spot.column)


def _alone(spot: Spot) -> str:
    item = spot.row or spot.column
    return item.name if item else ""
