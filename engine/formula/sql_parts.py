"""Pieces of SQL: what a rule gives and what it is given. Rules are in sql_nodes.py and sql_calls.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Integer, Numeric, cast, func, literal_column, null
from sqlalchemy.sql.elements import Grouping

from engine.formula import exact
from engine.formula.printed import text
from engine.formula.problems import FormulaNotInDatabase, FormulaWrongType
from engine.formula.tree import Expr


class SqlScope(Protocol):
    """The registers as a formula may ask them."""

    @property
    def this(self) -> str | ColumnElement[str]:
        """The organisation's code, or a column of them to answer for many at once."""

    @property
    def today(self) -> date:
        """The day that ages are reckoned at."""

    def table(self, subject: str) -> FromClause:
        """The register of a kind of subject."""

    def column(self, subject: str, name: str) -> ColumnElement[Any]:
        """A column of it, or an expression such as `age(birth_date, today)`."""

    def absence(self, subject: str, name: str) -> ColumnElement[Any] | None:
        """Which absence a register keeps of a field, as a text; None where none can be."""

    def within(
        self, column: ColumnElement[Any], code: str | ColumnElement[str]
    ) -> ColumnElement[bool]:
        """Whether a division code lies in the area; `within_area` will usually do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of SQL with what it gives: number, text, boolean or blank; `plain` is not computed."""

    element: ColumnElement[Any]
    kind: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Which register the names are columns of, and the rule for each type of node."""

    scope: SqlScope
    subject: str
    rules: "Rules"


Rules: TypeAlias = Mapping[type, Callable[[Any, Rows], Part]]


BLANK = Part(null(), "blank", plain=True)


def compiled(expr: Expr, rows: Rows) -> Part:
    """The SQL of a node."""
    rule = rows.rules.get(type(expr))
    if rule is None:
        raise refused(expr)
    return rule(expr, rows)


def need(expr: Expr, rows: Rows, kind: str) -> Part:
    """The SQL of a node that must give the kind; blank fits everywhere."""
    part = compiled(expr, rows)
    if part.kind not in (kind, "blank"):
        raise wrong(expr, part.kind, kind)
    return part


def refused(expr: Expr) -> FormulaNotInDatabase:
    """The part is for documents only."""
    return FormulaNotInDatabase(position=expr.span.start + 1, part=text(expr))


def calculated(operator: str, left: ColumnElement[Any], right: ColumnElement[Any]) -> Part:
    """A bracketed operation of two numbers."""
    joined = Grouping(left).op(operator)(Grouping(right))
    return Part(Grouping(joined), "number")


def quotient(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
    """The quotient to 12 decimals; by zero is NULL. The long 1 gives PostgreSQL 20 decimals to work in."""
    numerator = Grouping(left).op("*")(literal_column("1.00000000000000000000"))
    divided = Grouping(numerator).op("/")(func.nullif(right, literal_column("0")))
    return func.round(Grouping(divided), literal_column(str(exact.DIVISION_DECIMALS)))


def wrong(expr: Expr, found: str, expected: str) -> FormulaWrongType:
    """The part gives one kind where another is needed."""
    spoken = {"number": "a-number", "text": "a-text", "boolean": "yes-or-no"}
    return FormulaWrongType(
        position=expr.span.start + 1,
        part=text(expr),
        found=spoken[found],
        expected=spoken[expected],
    )


def number_operand(expr: Expr, rows: Rows) -> Part:
    """A number to calculate with: whole columns are widened, so that no product overflows."""
    part = need(expr, rows, "number")
    if isinstance(part.element.type, Integer):
        return Part(cast(part.element, Numeric()), "number")
    return part
