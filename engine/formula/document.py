"""The plain values of a document as an environment for formulas."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from engine.absence import kind_of
from engine.formula.evaluate import aggregated
from engine.formula.exact import Value
from engine.formula.tree import SUBJECTS, Aggregate


class Document(Struct, frozen=True):
    """Values by name: floating rows are a list of objects, fixed rows an object of objects.

    `last_period` and `year_ago` are documents of the same form; `registers` answers an aggregate
    over a register (by SQL, or from what was asked for beforehand).
    """

    values: Mapping[str, Any]
    today: date | None = None
    this: str | None = None
    last_period: Mapping[str, Any] = field(default_factory=dict)
    year_ago: Mapping[str, Any] = field(default_factory=dict)
    registers: Callable[[Aggregate], Value] | None = None
    row: Mapping[str, Any] = field(default_factory=dict)
    columns: Collection[str] = ()

    def having(self, values: Mapping[str, Any]) -> "Document":
        """The same with other values."""
        return replace(self, values=values)

    def in_row(self, row: Mapping[str, Any], columns: Collection[str]) -> "Document":
        """The same, seen from a row: names among the columns mean the row's cells, blank or not."""
        return replace(self, row=row, columns=columns)

    def value(self, path: str) -> object:
        """The value at a dotted path."""
        here = None if self.columns or "." in path else self.values.get(path)
        if type(here) in _PLAIN:  # as nearly always
            return here
        if self.columns and path.partition(".")[0] in self.columns:
            return reach(self.row, path)
        if path == "this" and "this" not in self.values:
            return self.this
        return reach(self.values, path)

    def last(self, path: str) -> object:
        """The value at the path in the period before."""
        return reach(self.last_period, path)

    def same_period_last_year(self, path: str) -> object:
        """The value at the path a year before."""
        return reach(self.year_ago, path)

    def aggregate(self, aggregate: Aggregate) -> object:
        """A register's answer; a table that the document does not have is one without rows."""
        if aggregate.source in SUBJECTS and self.registers is not None:
            return self.registers(aggregate)
        return aggregated(aggregate.function, ())


_PLAIN = frozenset({str, int, bool, Decimal})


def reach(values: Mapping[str, Any], path: str) -> object:
    """What stands at a dotted path: a value, the rows of a table, or a column of all its rows."""
    if "." not in path:
        here: Any = values.get(path)
        if here is None or type(here) in _PLAIN:  # as nearly always
            return here
    here = values
    names = path.split(".")
    for index, name in enumerate(names):
        if isinstance(here, list):
            return [_cell(row, names[index:]) for row in here]
        if not isinstance(here, Mapping):
            return None
        if name not in here and index and here and _is_table(here):
            return [_cell(row, names[index:]) for row in here.values()]
        here = here.get(name)
    if isinstance(here, Mapping) and kind_of(here) is None:
        return list(here.values()) if _is_table(here) else None
    return here


def _cell(row: object, names: list[str]) -> object:
    return row.get(names[0]) if isinstance(row, Mapping) and len(names) == 1 else None


def _is_table(here: Mapping[str, Any]) -> bool:
    return bool(here) and all(
        isinstance(row, Mapping) and kind_of(row) is None for row in here.values()
    )
