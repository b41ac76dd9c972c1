"""Formulas over a register's columns as SQL, with the meaning that evaluate.py gives them.

Blank is NULL, and SQL's three-valued logic is the language's own. Dates are ISO texts in the
registers, so they are compared as text. What only a document can compute is refused by name.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
    true,
    type_coerce,
)

from engine.formula.divisions import code_range
from engine.formula.problems import FormulaTooDeep
from engine.formula.sql_calls import call, join
from engine.formula.sql_elements import Exact, age_at, bytewise, exact_sum
from engine.formula.sql_nodes import NODES
from engine.formula.sql_parts import Part, Rows, Rules, SqlScope, compiled, need, quotient, wrong
from engine.formula.tree import Aggregate, Call, Expr, Join, Members, Name, depth

MAX_DEPTH = 16
"""A condition nested deeper would be written out too often: a link's middle stands twice in SQL."""

RULES: Rules = {**NODES, Call: call, Join: join}


def to_sql(expr: Expr, scope: SqlScope, subject: str) -> ColumnElement[Any]:
    """A formula over the columns of a subject's register; numbers come back as Decimal."""
    _refuse_depth(expr)
    part = compiled(expr, Rows(scope, subject, RULES))
    return type_coerce(part.element, Exact()) if part.kind == "number" else part.element


def condition(expr: Expr | None, scope: SqlScope, subject: str) -> ColumnElement[bool]:
    """Which rows satisfy a condition; no condition, all."""
    if expr is None:
        return true()
    _refuse_depth(expr)
    return need(expr, Rows(scope, subject, RULES), "boolean").element


def members_condition(members: Members, scope: SqlScope) -> ColumnElement[bool]:
    """Which subjects of the register belong to a table declared with `members`."""
    return condition(members.where, scope, members.subject)


def aggregate_select(aggregate: Aggregate, scope: SqlScope) -> Select[Any]:
    """One row with one column, `value`: the answer of the register."""
    return (
        select(_aggregated(aggregate, scope).label("value"))
        .select_from(scope.table(aggregate.source))
        .where(condition(aggregate.where, scope, aggregate.source))
    )


def aggregated_where(
    aggregate: Aggregate, where: Expr | None, scope: SqlScope
) -> ColumnElement[Any]:
    """An aggregate over those rows of a group that satisfy a condition, beside others of the group."""
    only = None if where is None else condition(where, scope, aggregate.source)
    return _aggregated(aggregate, scope, only)


def aggregated_parts(
    aggregate: Aggregate, where: Expr | None, scope: SqlScope
) -> list[ColumnElement[Any]]:
    """What to keep of a part of the rows, so that `aggregated_whole` can answer for several parts."""
    if aggregate.function != "AVG":
        return [aggregated_where(aggregate, where, scope)]
    return [
        aggregated_where(replace(aggregate, function=function), where, scope)
        for function in ("SUM", "COUNT")
    ]


def aggregated_whole(
    aggregate: Aggregate, parts: Sequence[ColumnElement[Any]], scope: SqlScope
) -> ColumnElement[Any]:
    """The aggregate over parts that were added up before."""
    if aggregate.function in ("MIN", "MAX"):
        return _best(aggregate, parts[0], _kept(aggregate, scope).kind)
    totals = [type_coerce(exact_sum(part), Exact()) for part in parts]
    return totals[0] if len(totals) == 1 else type_coerce(quotient(*totals), Exact())


def grouped_select(
    aggregate: Aggregate, scope: SqlScope, by: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """The same answer per group, after the columns of `by`; a group without rows does not appear."""
    return (
        select(*by, _aggregated(aggregate, scope).label("value"))
        .select_from(scope.table(aggregate.source))
        .where(condition(aggregate.where, scope, aggregate.source))
        .group_by(*by)
    )


def within_area(column: ColumnElement[Any], code: str | ColumnElement[str]) -> ColumnElement[bool]:
    """A code range, so that an index on the column serves it."""
    if isinstance(code, str):
        low, high = code_range(code)
        return and_(bytewise(column) >= low, bytewise(column) < high)
    return and_(bytewise(column) >= code, bytewise(column) < code.op("||")(literal_column("':'")))


def age(birth: ColumnElement[Any], today: date) -> ColumnElement[Any]:
    """Completed years as a column; comparing it with a number becomes a range of birth dates."""
    return age_at(birth, literal(today.isoformat(), String()))


def _refuse_depth(expr: Expr) -> None:
    if depth(expr) > MAX_DEPTH:
        raise FormulaTooDeep(limit=MAX_DEPTH)


def _aggregated(
    aggregate: Aggregate, scope: SqlScope, only: ColumnElement[bool] | None = None
) -> ColumnElement[Any]:
    if aggregate.column is None:
        return func.count() if only is None else func.count(case((only, literal_column("1"))))
    part = _kept(aggregate, scope)
    element = part.element if only is None else case((only, part.element))
    if aggregate.function == "COUNT":
        return func.count(element)
    if aggregate.function in ("MIN", "MAX"):
        return _best(aggregate, element, part.kind)
    if part.kind != "number":
        raise wrong(_column(aggregate), part.kind, "number")
    total = exact_sum(element)
    if aggregate.function == "SUM":
        return type_coerce(total, Exact())
    return type_coerce(quotient(total, func.count(element)), Exact())


def _best(aggregate: Aggregate, element: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    best = func.min if aggregate.function == "MIN" else func.max
    if kind == "text":
        return best(bytewise(element))
    return type_coerce(best(element), Exact())


def _column(aggregate: Aggregate) -> Name:
    return Name(aggregate.column or "", span=aggregate.span)


def _kept(aggregate: Aggregate, scope: SqlScope) -> Part:
    """The column that is added up."""
    return compiled(_column(aggregate), Rows(scope, aggregate.source, RULES))
