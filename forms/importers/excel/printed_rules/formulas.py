"""The sheet's own formulas in our language: `=SUM(C6:C9)` over columns, rows and cells that became items."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.importers.excel.files.grid import column_number, parse_address
from forms.importers.excel.proposal import Item, Proposal, Table

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")
_CELL = re.compile(r"(?<![A-Za-z!'])\$?([A-Z]{1,3})\$?(\d+)(?![\dA-Za-z(!:])")
_KNOWN = frozenset(
    {"SUM", "IF", "ROUND", "ABS", "MIN", "MAX", "AVERAGE", "COUNT", "AND", "OR", "NOT"}
)
_CALL = re.compile(r"([A-Za-z_.]+)\s*\(")
_NUMBERS = frozenset({"number", "integer"})
"""Kinds of item that a sheet's formula is carried over for: a text in a sum is no number with us."""
_ELSEWHERE = re.compile(
    r"(?:'((?:[^'\[\]]|'')+)'|([A-Za-z_\u4e00-\u9fff][\w.\u4e00-\u9fff（）]*))!"
    r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?(?![\dA-Za-z(!:])"
)
"""A cell or cells of another sheet: `表一!C5`, `'表 一'!$C$5:$C$9`."""
_MANY = 400
_AGGREGATE = re.compile(r"(?:SUM|AVERAGE|MIN|MAX|COUNT)\((?:[^()]*,)?\s*$", re.IGNORECASE)
_FOREIGN = re.compile(r"[!\[\]{}#@&\"']")


@dataclass(frozen=True, slots=True)
class _List:
    """A column of growing rows."""

    sheet: str
    first: int
    last: int
    column: int
    name: str

    def holds(self, rows: range) -> bool:
        """Whether these are all its rows: its heading may be among them, its total is not."""
        return self.first - 1 <= rows[0] <= self.first and rows[-1] == self.last


class Sheets:
    """What every cell of the sheets of one form became, told by its full name: `crops.r01.area`."""

    def __init__(self, proposals: Sequence[Proposal]) -> None:
        self._names: dict[tuple[str, int, int], str] = {}
        self._lists: list[_List] = []
        for one in proposals:
            self._cards(one)
            for n, table in enumerate(one.tables):
                self._table(one, n, table)

    def _cards(self, proposal: Proposal) -> None:
        for item in proposal.items:
            place = parse_address(item.value_cell)
            if item.axis == "cell" and item.type in _NUMBERS and place:
                self._names[proposal.sheet, *place] = item.name

    def _table(self, proposal: Proposal, n: int, table: Table) -> None:
        columns = [i for i in proposal.columns(n) if i.role == "value" and i.type in _NUMBERS]
        for row in proposal.rows(n):
            place = parse_address(row.place)
            if place is None or (table.kind == "floating" and not row.total):
                continue
            for column in columns:
                if row.panel >= len(column.columns):
                    continue
                letter = column.columns[row.panel]
                if f"{letter}{place[0]}" in row.closed or row.type == "heading":
                    continue
                name = f"{table.name}{'_change' if row.derived else ''}.{row.name}.{column.name}"
                if table.kind == "floating":
                    name = f"SUM({table.name}.{column.name})"
                self._names[proposal.sheet, place[0], column_number(letter)] = name
        if table.kind == "floating" and table.body:
            totals = [place[0] for row in proposal.rows(n) if (place := parse_address(row.cell))]
            last = min([table.body[1], *(row - 1 for row in totals)])
            self._lists += [
                _List(proposal.sheet, table.body[0], last, column_number(i.columns[0]), f"{table.name}.{i.name}")
                for i in columns
                if i.columns
            ]  # fmt: skip

    def told(self, sheet: str, rows: range, cols: range, *, summed: bool) -> str | None:
        """These cells by name, apart by commas; where they are summed, a column of a list by its own."""
        for one in self._lists if summed and len(cols) == 1 else ():
            if one.sheet == sheet and one.column == cols[0] and one.holds(rows):
                return one.name
        if len(rows) * len(cols) > _MANY:
            return None
        found = [self._names.get((sheet, row, col)) for row in rows for col in cols]
        return None if None in found else ", ".join(one for one in found if one)

    def said(self, sheet: str, text: str) -> str | None:
        """A formula of one cell of a sheet; None where it says something we cannot."""
        formula = self.named(text)
        if formula is None:
            return None
        return _said(formula, lambda row, col: self._names.get((sheet, row, col)))

    def named(self, text: str) -> str | None:
        """The formula with the cells of other sheets told by their names."""
        missing = False

        def put(match: re.Match[str]) -> str:
            nonlocal missing
            rows = range(int(match[4]), int(match[6] or match[4]) + 1)
            cols = range(column_number(match[3]), column_number(match[5] or match[3]) + 1)
            sheet = (match[1] or match[2]).replace("''", "'")
            summed = bool(_AGGREGATE.search(text[: match.start()]))
            named = self.told(sheet, rows, cols, summed=summed)
            missing = missing or named is None
            return named or ""

        formula = _ELSEWHERE.sub(put, text)
        return None if missing else formula


def between(formula: str) -> bool:
    """Whether a sheet's formula asks another sheet."""
    return bool(_ELSEWHERE.search(formula))


class Places:
    """Which item a cell of the sheet became."""

    def __init__(
        self, proposal: Proposal, tables: Mapping[int, str], sheets: Sheets | None = None
    ) -> None:
        self.sheets = sheets
        self.tables = tables
        self.cards = {
            i.value_cell: i.name for i in proposal.items if i.axis == "cell" and i.type in _NUMBERS
        }
        self.columns = {
            (i.table, column_number(letter)): i
            for i in proposal.items
            if i.axis == "column" and i.role == "value" and i.type in _NUMBERS
            for letter in i.columns
        }
        self.formulas = {formula.cell: formula.text for formula in proposal.formulas}
        self.bodies = {n: table.body for n, table in enumerate(proposal.tables) if table.body}
        self.kinds = {n: table.kind for n, table in enumerate(proposal.tables)}

    def in_row(self, table: int, row: int) -> Callable[[int, int], str | None]:
        """Names as seen from one row of a table: its own columns, and cards."""

        def name(at_row: int, col: int) -> str | None:
            item = self.columns.get((table, col))
            return item.name if item is not None and at_row == row else None

        return name


def translated(proposal: Proposal, places: Places, item: Item) -> str | None:
    """The formula of a column that is the same in every row of its body, or of a single cell; None for
    one that does not reckon with numbers.
    """
    if item.type not in _NUMBERS:
        return None
    if item.axis == "cell":
        text = places.formulas.get(item.value_cell)
        if text and places.sheets is not None and between(text):
            return places.sheets.said(proposal.sheet, text)
        return _said(text, _card_names(places)) if text else None
    body = places.bodies.get(item.table)
    if item.axis != "column" or body is None or not item.columns:
        return None
    said: set[str | None] = set()
    for row in _rows_of_items(proposal, item.table, body, places.kinds[item.table]):
        text = places.formulas.get(f"{item.columns[0]}{row}")
        said.add(_said(text, places.in_row(item.table, row)) if text else None)
        if len(said) > 1 or None in said:
            return None
    return said.pop() if said else None


def _rows_of_items(
    proposal: Proposal, table: int, body: tuple[int, int], kind: str
) -> Iterator[int]:
    if kind == "floating":
        totals = {place[0] for row in proposal.rows(table) if (place := parse_address(row.cell))}
        yield from (row for row in range(body[0], body[1] + 1) if row not in totals)
        return
    for row in proposal.rows(table):
        place = parse_address(row.place)
        if place and row.type == "object" and row.panel == 0:
            yield place[0]


def _card_names(places: Places) -> Callable[[int, int], str | None]:
    by_place = {parse_address(cell): name for cell, name in places.cards.items()}

    def name(row: int, col: int) -> str | None:
        return by_place.get((row, col))

    return name


def _said(text: str, name: Callable[[int, int], str | None]) -> str | None:
    """The formula with names for cells; None when it says something we cannot."""
    formula = text.lstrip("=").strip()
    if _FOREIGN.search(formula) or any(m[1].upper() not in _KNOWN for m in _CALL.finditer(formula)):
        return None
    missing = False

    def one(row: int, col: int) -> str:
        nonlocal missing
        found = name(row, col)
        missing = missing or found is None
        return found or ""

    def many(match: re.Match[str]) -> str:
        rows = range(int(match[2]), int(match[4]) + 1)
        cols = range(column_number(match[1]), column_number(match[3]) + 1)
        if len(rows) * len(cols) > _MANY:
            return one(0, 0)
        return ", ".join(one(row, col) for row in rows for col in cols)

    formula = _RANGE.sub(many, formula)
    formula = _CELL.sub(lambda match: one(int(match[2]), column_number(match[1])), formula)
    return None if missing else formula
