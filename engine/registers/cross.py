"""Cross-tables of a register: how many subjects by any of its fields, in one statement.

`village x age band x sex` is three axes: the values of two fields, and bands of a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select

from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.formula import sql
from engine.formula.parse import parse
from engine.json_text import Json
from engine.periods import Period
from engine.registers import query
from engine.registers.query import RegisterScope
from engine.registers.schema import table
from engine.work import Work

MOST_AXES, MOST_BANDS = 4, 40


class CrossTableWrong(Problem):
    """An axis that cannot be read: too many, or bands that do not rise."""

    code, status = "register.cross-table", 422
    axis: str


@dataclass(frozen=True, slots=True)
class Axis:
    """What a cross-table is divided by: the values of a field, or the bands that begin at `bounds`."""

    name: str
    bounds: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Axis":
        """`sex`, or `age:0,16,60,80`. Raises CrossTableWrong."""
        name, _, bands = text.partition(":")
        parts = [one.strip() for one in bands.split(",")] if bands else []
        if not name.isidentifier() or not all(one.isdecimal() and len(one) < 10 for one in parts):
            raise CrossTableWrong(axis=text)
        bounds = tuple(int(one) for one in parts)
        if len(bounds) > MOST_BANDS or list(bounds) != sorted(set(bounds)):
            raise CrossTableWrong(axis=text)
        return cls(name, bounds)

    def label(self, key: Json) -> str:
        """What a value or a band is called: `60-79`, `80+`."""
        if key is None:
            return ""
        if not self.bounds:
            return str(key)
        if key < 0:
            return f"<{self.bounds[0]}"
        last = key + 1 == len(self.bounds)
        low = self.bounds[key]
        return f"{low}+" if last else f"{low}-{self.bounds[key + 1] - 1}"


@dataclass(frozen=True, slots=True)
class CrossTable:
    """How many subjects stand where; a combination that nobody has is absent."""

    axes: tuple[Axis, ...]
    cells: Mapping[tuple[Json, ...], int]

    @property
    def total(self) -> int:
        """All subjects counted."""
        return sum(self.cells.values())

    def keys(self, axis: int) -> list[Json]:
        """What occurs on an axis, in order; blank last."""
        found = {key[axis] for key in self.cells}
        return sorted(found, key=lambda one: (one is None, one if one is not None else 0))


def cross_table(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    axes: Sequence[Axis],
    *,
    where: str = "",
    this: str = "",
    period: Period | None = None,
) -> CrossTable:
    """Count the subjects that satisfy a formula by the axes. Raises CrossTableWrong, and what a
    formula may: FieldUnknown, FormulaNotInDatabase for a sealed field …
    """
    if not 0 < len(axes) <= MOST_AXES:
        raise CrossTableWrong(axis=", ".join(one.name for one in axes))
    scope = query.scope(work, dictionary, this, period)
    columns = [_column(scope, subject, axis).label(f"x{n}") for n, axis in enumerate(axes)]
    statement = select(*columns, func.count()).select_from(table(dictionary, subject))
    if where:
        statement = statement.where(sql.condition(parse(where), scope, subject))
    places: list[ColumnElement[Any]] = [
        literal_column(str(number)) for number in range(1, len(axes) + 1)
    ]
    rows = work.connection.execute(statement.group_by(*places))
    return CrossTable(tuple(axes), {tuple(row[:-1]): row[-1] for row in rows})


def _column(scope: RegisterScope, subject: str, axis: Axis) -> ColumnElement[Any]:
    if not axis.bounds:
        return sql.to_sql(parse(axis.name), scope, subject)
    below: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
        (sql.condition(parse(f"{axis.name} < {bound}"), scope, subject), literal_column(str(at)))
        for at, bound in enumerate(axis.bounds, -1)
    ]
    last = sql.condition(parse(f"{axis.name} >= {axis.bounds[-1]}"), scope, subject)
    top: ColumnElement[Any] = literal_column(str(len(axis.bounds) - 1))
    return case(*below, (last, top))
