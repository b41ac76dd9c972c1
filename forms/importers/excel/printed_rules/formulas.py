"""The sheet's own formulas in our language: `=SUM(C6:C9)` over columns, rows and cells that became items."""

import re
from collections.abc import Callable, Iterator, Mapping

from forms.importers.excel.files.grid import column_number, parse_address
from forms.importers.excel.proposal import Item, Proposal

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")
_CELL = re.compile(r"(?<![A-Za-z!'])\$?([A-Z]{1,3})\$?(\d+)(?![\dA-Za-z(!:])")
_KNOWN = frozenset(
    {"SUM", "IF", "ROUND", "ABS", "MIN", "MAX", "AVERAGE", "COUNT", "AND", "OR", "NOT"}
)
_CALL = re.compile(r"([A-Za-z_.]+)\s*\(")
_NUMBERS = frozenset({"number", "integer"})
"""Kinds of item that a sheet's formula is carried over for: a text in a sum is no number with us."""
_FOREIGN = re.compile(r"[!\[\]{}#@&\"']")


class Places:
    """Which item a cell of the sheet became."""

    def __init__(self, proposal: Proposal, tables: Mapping[int, str]) -> None:
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
        yield from range(body[0], body[1] + 1)
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
        if len(rows) * len(cols) > 400:
            return one(0, 0)
        return ", ".join(one(row, col) for row in rows for col in cols)

    formula = _RANGE.sub(many, formula)
    formula = _CELL.sub(lambda match: one(int(match[2]), column_number(match[1])), formula)
    return None if missing else formula
