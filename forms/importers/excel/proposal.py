"""What the recogniser says about a sheet: frozen values, and their JSON with 1-based A1 addresses."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from engine.json_text import Json

KINDS = ("fixed", "floating", "cross", "card", "several")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dictionary field an item may bind to, and why."""

    field: str
    confidence: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing the sheet asks for: a column, a row, or a single cell."""

    path: tuple[str, ...]
    cell: str
    axis: str  # column row cell
    type: str = "string"
    name: str = ""
    label_cell: str = ""
    value_cell: str = ""
    table: int = 0
    panel: int = 0
    prefix: str = ""  # the label of an answer that goes behind it in its own cell
    columns: tuple[str, ...] = ()  # a column's letters, one for each panel
    repeats: tuple[str, ...] = ()  # where the same heading is printed again
    unit: str | None = None
    code: str | None = None
    number: str | None = None  # printed under a column heading, or beside the code of a row
    role: str = "value"  # value | index | code | unit | name: what a column is for
    indent: int = 0
    total: bool = False
    derived: bool = False  # compares other rows or columns; rules do not speak of it
    closed: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    several: bool = False
    samples: tuple[str, ...] = ()
    format: str | None = None
    locked: bool = False
    field: str | None = None
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands: a row beside a tall name is not where the name begins."""
        return self.value_cell if self.axis == "row" and self.value_cell else self.cell


@dataclass(frozen=True, slots=True)
class Block:
    """A box around the table: who reports, for when, who signs, under which number it was issued."""

    role: str
    label_cell: str
    value_cell: str
    label: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class SheetFormula:
    """A formula of the sheet, and the same in our language where it can be said."""

    cell: str
    text: str
    formula: str | None = None


@dataclass(frozen=True, slots=True)
class SheetCheck:
    """A rule printed on the sheet, as one formula over item codes, with the words it came from."""

    text: str
    formula: str
    severity: str = "error"
    over: str = "rows"  # "columns": items are columns, once per row; "rows": items are rows, once per column
    cell: str = ""
    table: int = 0
    only: tuple[str, ...] = ()  # names of the columns it is limited to
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - `Warning` is Python's own
    """Something seen and not understood, or worth a look."""

    code: str
    cell: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """One cell of a header: what it heads."""

    cell: str
    role: str  # title | column | row | section | block
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the sheet: its header rows, stub columns and body."""

    kind: str
    rows: tuple[int, int]
    cols: tuple[str, str]
    header_rows: tuple[int, int] | None
    header_cols: tuple[str, str] | None
    title: str = ""
    body: tuple[int, int] | None = None
    panels: int = 1
    crowded: bool = False  # words stand where its first row would go: there is no room for rows
    name: str = ""  # what the table will be called in the form and its formulas


@dataclass(frozen=True, slots=True)
class Header:
    """Rows and columns of labels of the main table; every label cell of the sheet."""

    rows: tuple[int, int] | None
    cols: tuple[str, str] | None
    cells: tuple[HeaderCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything recognised on one sheet."""

    sheet: str
    title: str
    kind: str
    header: Header
    items: tuple[Item, ...]
    blocks: tuple[Block, ...]
    formulas: tuple[SheetFormula, ...]
    checks: tuple[SheetCheck, ...]
    warnings: tuple[Warning_, ...]
    tables: tuple[Table, ...] = ()
    unit: str | None = None
    notes: str = ""
    sheets: tuple[str, ...] = ()

    def columns(self, table: int = 0) -> tuple[Item, ...]:
        """The column items of one table, left to right."""
        return tuple(i for i in self.items if i.axis == "column" and i.table == table)

    def rows(self, table: int = 0) -> tuple[Item, ...]:
        """The row items of one table, top to bottom."""
        return tuple(i for i in self.items if i.axis == "row" and i.table == table)

    def to_json(self) -> dict[str, Json]:
        """The proposal as the command line and the designer get it."""
        found: dict[str, Json] = _json(self)
        found["header"].setdefault("rows", None)
        found["header"].setdefault("cols", None)
        for name in ("items", "blocks", "formulas", "checks", "warnings", "tables"):
            found.setdefault(name, [])
        for item in found["items"]:
            item.setdefault("field", None)
            item.setdefault("unit", None)
            item.setdefault("confidence", Decimal(0))
        return found


def _json(value: Any) -> Json:
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    if isinstance(value, float):
        return Decimal(str(round(value, 3)))
    if not hasattr(value, "__dataclass_fields__"):
        return value
    found = {}
    for one in fields(value):
        inner = getattr(value, one.name)
        if inner in (None, (), "", False) and one.name not in _ALWAYS:
            continue
        found[one.name] = _json(inner)
    return found


_ALWAYS = frozenset(
    {"sheet", "title", "kind", "path", "cell", "axis", "type", "role", "text", "severity"}
)
