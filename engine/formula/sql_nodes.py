"""Names, literals, operators and conditions as SQL."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean as SqlBoolean,
)
from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    Integer,
    Numeric,
    String,
    and_,
    cast,
    false,
    literal,
    not_,
    null,
    or_,
    true,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.formula import exact
from engine.formula.sql_elements import age_at, bytewise, exact_number, settled
from engine.formula.sql_parts import (
    BLANK,
    Part,
    Rows,
    calculated,
    compiled,
    need,
    number_operand,
    quotient,
    refused,
    wrong,
)
from engine.formula.tree import (
    Arithmetic,
    Blank,
    Boolean,
    Comparator,
    Compare,
    Expr,
    In,
    Logic,
    Name,
    Negate,
    Not,
    Number,
    Text,
    Within,
)


def _number(expr: Number, rows: Rows) -> Part:  # noqa: ARG001 - every rule has one signature
    return Part(exact_number(expr.value), "number", plain=True)


def _text(expr: Text, rows: Rows) -> Part:  # noqa: ARG001 - every rule has one signature
    return Part(literal(expr.value, String()), "text", plain=True)


def _boolean(expr: Boolean, rows: Rows) -> Part:  # noqa: ARG001 - every rule has one signature
    return Part(true() if expr.value else false(), "boolean", plain=True)


def _blank(expr: Blank, rows: Rows) -> Part:  # noqa: ARG001 - every rule has one signature
    return BLANK


def _name(expr: Name, rows: Rows) -> Part:
    if expr.path == "this":
        this = rows.scope.this
        return Part(literal(this, String()) if isinstance(this, str) else this, "text")
    element = rows.scope.column(rows.subject, expr.path)
    found: TypeEngine[Any] = element.type
    if isinstance(found, TypeDecorator):
        found = found.impl_instance
    if isinstance(found, Date):
        return Part(cast(element, String()), "text")
    if isinstance(found, SqlBoolean):
        return Part(element, "boolean", plain=True)
    if isinstance(found, Integer | Numeric | Float):
        return Part(element, "number", plain=True)
    return Part(element, "text", plain=True)


def _negate(expr: Negate, rows: Rows) -> Part:
    part = number_operand(expr.operand, rows)
    return (
        calculated("-", exact_number(exact.ZERO), part.element) if part.kind == "number" else part
    )


def _arithmetic(expr: Arithmetic, rows: Rows) -> Part:
    parts = [number_operand(operand, rows) for operand in expr.operands]
    if any(part.kind == "blank" for part in parts):
        return BLANK
    result = parts[0].element
    for operator, part in zip(expr.operators, parts[1:], strict=True):
        if operator == "/":
            result = quotient(result, part.element)
        else:
            result = calculated(operator, result, part.element).element
    return Part(result, "number")


def _compare(expr: Compare, rows: Rows) -> Part:
    parts = [compiled(operand, rows) for operand in expr.operands]
    links = [
        _link(expr, index, operator, parts[index], parts[index + 1])
        for index, operator in enumerate(expr.operators)
    ]
    return Part(and_(*links) if len(links) > 1 else links[0], "boolean")


def _link(
    expr: Compare, index: int, operator: Comparator, left: Part, right: Part
) -> ColumnElement[Any]:
    if "blank" in (left.kind, right.kind):
        return null()
    if left.kind != right.kind:
        raise wrong(expr.operands[index + 1], right.kind, left.kind)
    first, second = expr.operands[index], expr.operands[index + 1]
    if (range_ := _birth_range(operator, left, second)) is not None:
        return range_
    if (range_ := _birth_range(_MIRRORED[operator], right, first)) is not None:
        return range_
    return _related(operator, left, right, expr.operands[index])


_MIRRORED: dict[Comparator, Comparator] = {
    "=": "=",
    "<>": "<>",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


def _related(operator: Comparator, left: Part, right: Part, place: Expr) -> ColumnElement[Any]:
    one, other = left.element, right.element
    if left.kind == "boolean" and operator not in ("=", "<>"):
        raise wrong(place, "boolean", "number")
    if left.kind == "number" and not (left.plain and right.plain):
        one, other = settled(one), settled(other)
    elif left.kind == "text" and operator not in ("=", "<>"):
        one = bytewise(one)
    match operator:
        case "=":
            return one == other
        case "<>":
            return one != other
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case _:
            return one >= other


def _birth_range(operator: Comparator, years: Part, number: Expr) -> ColumnElement[Any] | None:
    """`age >= 80` as `birth_date <= '1946-11-23'`, which an index answers."""
    element = years.element
    if not (isinstance(element, age_at) and isinstance(number, Number)) or operator == "<>":
        return None
    birth, at = element.clauses
    today, count = getattr(at, "value", None), number.value
    if not isinstance(today, str) or count != count.to_integral_value() or count > 200:
        return None
    reached, passed = (_years_before(today, int(count) + more) for more in (0, 1))
    born = bytewise(birth)
    match operator:
        case ">=":
            return born <= reached
        case ">":
            return born <= passed
        case "<":
            return born > reached
        case "<=":
            return born > passed
        case _:
            return and_(born <= reached, born > passed)


def _years_before(day: str, years: int) -> str:
    return f"{int(day[:4]) - years:04d}{day[4:]}"


def _in(expr: In, rows: Rows) -> Part:
    left = compiled(expr.operand, rows)
    answers: list[ColumnElement[Any]] = []
    plain: list[ColumnElement[Any]] = []
    for option in expr.options:
        part = compiled(option, rows)
        if "blank" in (left.kind, part.kind):
            answers.append(null())
        elif part.kind != left.kind:
            raise wrong(option, part.kind, left.kind)
        elif left.plain and isinstance(option, Number | Text):
            plain.append(part.element)
        else:
            answers.append(_related("=", left, part, option))
    if plain:
        answers.append(left.element.in_(plain))
    return Part(or_(*answers) if len(answers) > 1 else answers[0], "boolean")


def _within(expr: Within, rows: Rows) -> Part:
    column = need(expr.operand, rows, "text")
    if expr.place == Name("this"):
        return Part(rows.scope.within(column.element, rows.scope.this), "boolean")
    if isinstance(expr.place, Text):
        return Part(rows.scope.within(column.element, expr.place.value), "boolean")
    raise refused(expr.place)


def _not(expr: Not, rows: Rows) -> Part:
    part = need(expr.operand, rows, "boolean")
    return Part(not_(part.element), "boolean")


def _logic(expr: Logic, rows: Rows) -> Part:
    parts = [need(operand, rows, "boolean").element for operand in expr.operands]
    return Part(and_(*parts) if expr.operator == "and" else or_(*parts), "boolean")


NODES: dict[type, Callable[[Any, Rows], Part]] = {
    Number: _number,
    Text: _text,
    Boolean: _boolean,
    Blank: _blank,
    Name: _name,
    Negate: _negate,
    Arithmetic: _arithmetic,
    Compare: _compare,
    In: _in,
    Within: _within,
    Not: _not,
    Logic: _logic,
}
