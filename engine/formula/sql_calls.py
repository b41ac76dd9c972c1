"""Functions and joined texts as SQL."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
)
from sqlalchemy.sql.elements import Grouping

from engine.formula import exact
from engine.formula.functions import FUNCTIONS
from engine.formula.sql_elements import (
    age_at,
    days_between,
    exact_number,
    floored,
    greatest_number,
    least_number,
    rounded,
)
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
from engine.formula.tree import Call, Expr, Join, Name, Negate, Number, Text

_EMPTY = literal_column("''", String())


def join(expr: Join, rows: Rows) -> Part:
    """`a & b`."""
    return concatenated(expr.operands, rows)


def call(expr: Call, rows: Rows) -> Part:
    """The SQL of a function, where it has one."""
    rule = _CALLS.get(expr.function)
    if rule is None:
        raise refused(expr)
    return rule(expr, rows)


def concatenated(operands: Sequence[Expr], rows: Rows) -> Part:
    """Texts one after the other, blanks as nothing; a number only where both databases write it alike."""
    pieces: list[ColumnElement[Any]] = []
    for operand in operands:
        part = compiled(operand, rows)
        if isinstance(operand, Number):
            pieces.append(literal(exact.written(operand.value), String()))
        elif part.kind == "text":
            pieces.append(func.coalesce(part.element, _EMPTY))
        elif part.kind == "number" and part.plain and isinstance(part.element.type, Integer):
            pieces.append(func.coalesce(cast(part.element, String()), _EMPTY))
        elif part.kind != "blank":
            raise refused(operand)
    if not pieces:
        return BLANK
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = Grouping(Grouping(joined).op("||")(Grouping(piece)))
    return Part(func.nullif(joined, _EMPTY, type_=String()), "text")


def _if(expr: Call, rows: Rows) -> Part:
    test = need(expr.arguments[0], rows, "boolean")
    branches = _alike(expr.arguments[1:], rows)
    otherwise = branches[1].element if len(branches) == 2 else null()
    return Part(case((test.element, branches[0].element), else_=otherwise), _kind(branches))


def _coalesce(expr: Call, rows: Rows) -> Part:
    parts = [part for part in _alike(expr.arguments, rows) if part.kind != "blank"]
    if len(parts) < 2:
        return parts[0] if parts else BLANK
    return Part(func.coalesce(*(part.element for part in parts)), _kind(parts))


def _alike(arguments: Sequence[Expr], rows: Rows) -> list[Part]:
    parts = [compiled(argument, rows) for argument in arguments]
    kind = _kind(parts)
    for argument, part in zip(arguments, parts, strict=True):
        if part.kind not in (kind, "blank"):
            raise wrong(argument, part.kind, kind)
    if kind == "number":
        return [number_operand(argument, rows) for argument in arguments]
    return parts


def _kind(parts: Sequence[Part]) -> str:
    return next((part.kind for part in parts if part.kind != "blank"), "blank")


def _is_blank(expr: Call, rows: Rows) -> Part:
    nothing = compiled(expr.arguments[0], rows).element.is_(None)
    absent = _absent(expr.arguments[0], rows)
    return Part(nothing if absent is None else and_(nothing, absent.is_(None)), "boolean")


def _is_known(expr: Call, rows: Rows) -> Part:
    return Part(compiled(expr.arguments[0], rows).element.is_not(None), "boolean")


def _absence(expr: Call, rows: Rows) -> Part:
    absent = _absent(expr.arguments[0], rows)
    if absent is not None:
        return Part(absent, "text", plain=True)
    compiled(expr.arguments[0], rows)  # what cannot be asked of a register is told all the same
    return BLANK


def _absent(expr: Expr, rows: Rows) -> ColumnElement[Any] | None:
    """Which absence stands at a name; what is computed has none."""
    if not isinstance(expr, Name) or expr.path == "this":
        return None
    return rows.scope.absence(rows.subject, expr.path)


def _round(expr: Call, rows: Rows) -> Part:
    value = number_operand(expr.arguments[0], rows)
    decimals = _literal_number(expr.arguments[1]) if len(expr.arguments) == 2 else exact.ZERO
    if decimals is None:
        raise refused(expr.arguments[1])
    whole = decimals == decimals.to_integral_value() and abs(decimals) <= exact.MOST_DECIMALS
    if value.kind == "blank" or not whole:
        return BLANK
    return Part(rounded(value.element, literal_column(str(int(decimals)))), "number")


def _absolute(expr: Call, rows: Rows) -> Part:
    value = number_operand(expr.arguments[0], rows)
    return Part(func.abs(value.element), "number") if value.kind == "number" else BLANK


def _integer(expr: Call, rows: Rows) -> Part:
    value = number_operand(expr.arguments[0], rows)
    return Part(floored(value.element), "number") if value.kind == "number" else BLANK


def _modulo(expr: Call, rows: Rows) -> Part:
    left, right = (number_operand(argument, rows) for argument in expr.arguments)
    if "blank" in (left.kind, right.kind):
        return BLANK
    whole = floored(quotient(left.element, right.element))
    return calculated("-", left.element, calculated("*", right.element, whole).element)


def _sum(expr: Call, rows: Rows) -> Part:
    parts = [number_operand(argument, rows) for argument in expr.arguments]
    total: ColumnElement[Any] = exact_number(exact.ZERO)
    for part in parts:
        if part.kind == "number":
            filled = func.coalesce(part.element, exact_number(exact.ZERO))
            total = calculated("+", total, filled).element
    return Part(total, "number")


def _count(expr: Call, rows: Rows) -> Part:
    zero, one = exact_number(exact.ZERO), exact_number(exact.ONE)
    total: ColumnElement[Any] = zero
    for argument in expr.arguments:
        part = compiled(argument, rows)
        counted = case((part.element.is_(None), zero), else_=one)
        total = calculated("+", total, counted).element
    return Part(total, "number")


def _extreme(expr: Call, rows: Rows) -> Part:
    parts = [number_operand(argument, rows) for argument in expr.arguments]
    given = [part.element for part in parts if part.kind == "number"]
    if len(given) < 2:
        return Part(given[0], "number") if given else BLANK
    best = least_number if expr.function == "MIN" else greatest_number
    return Part(best(*given), "number")


def _length(expr: Call, rows: Rows) -> Part:
    value = need(expr.arguments[0], rows, "text")
    if value.kind == "blank":
        return BLANK
    return Part(cast(func.length(value.element), Numeric()), "number")


def _slice(expr: Call, rows: Rows) -> Part:
    value = need(expr.arguments[0], rows, "text")
    counts = [_index(argument) for argument in expr.arguments[1:]]
    if value.kind == "blank" or None in counts or (expr.function == "MID" and counts[0] == 0):
        return BLANK
    numbers: list[ColumnElement[Any]] = [literal_column(str(count)) for count in counts]
    taken: ColumnElement[Any]
    if expr.function == "LEFT":
        taken = func.substr(value.element, literal_column("1"), numbers[0])
    elif expr.function == "MID":
        taken = func.substr(value.element, *numbers)
    else:
        length = func.length(value.element)
        start = length - (numbers[0] - literal_column("1"))
        taken = case((length <= numbers[0], value.element), else_=func.substr(value.element, start))
    return Part(func.nullif(taken, _EMPTY, type_=String()), "text")


def _index(expr: Expr) -> int | None:
    """A literal count; blank for what is no index, as in a document."""
    value = _literal_number(expr)
    if value is None:
        raise refused(expr)
    if value < 0 or value != value.to_integral_value():
        return None
    return min(int(value), 1_000_000)


def _literal_number(expr: Expr) -> Decimal | None:
    if isinstance(expr, Negate) and isinstance(expr.operand, Number):
        return -expr.operand.value
    return expr.value if isinstance(expr, Number) else None


def _contains(expr: Call, rows: Rows) -> Part:
    value, part = (need(argument, rows, "text") for argument in expr.arguments)
    if "blank" in (value.kind, part.kind):
        return BLANK
    without = func.replace(value.element, part.element, _EMPTY)
    return Part(without != value.element, "boolean")


def _part_of_date(expr: Call, rows: Rows) -> Part:
    moment = _day(expr.arguments[0], rows)
    if moment.kind == "blank":
        return BLANK
    start, length = {"YEAR": (1, 4), "MONTH": (6, 2), "DAY": (9, 2)}[expr.function]
    digits = func.substr(moment.element, literal_column(str(start)), literal_column(str(length)))
    written = moment.element.like(literal_column("'____-__-__'"))
    return Part(case((written, cast(digits, Integer()))), "number")


def _day(expr: Expr, rows: Rows) -> Part:
    """An ISO text; a literal that writes no day is blank, as in a document."""
    part = need(expr, rows, "text")
    if isinstance(expr, Text) and exact.day(expr.value) is None:
        return BLANK
    return part


def _age(expr: Call, rows: Rows) -> Part:
    birth = _day(expr.arguments[0], rows)
    at = _day(expr.arguments[1], rows) if len(expr.arguments) == 2 else _iso(rows.scope.today)
    if "blank" in (birth.kind, at.kind):
        return BLANK
    return Part(age_at(birth.element, at.element), "number", plain=True)


def _days(expr: Call, rows: Rows) -> Part:
    end, start = (_day(argument, rows) for argument in expr.arguments)
    if "blank" in (end.kind, start.kind):
        return BLANK
    return Part(days_between(end.element, start.element), "number")


def _today(expr: Call, rows: Rows) -> Part:  # noqa: ARG001 - every rule has one signature
    return _iso(rows.scope.today)


def _date(expr: Call, rows: Rows) -> Part:  # noqa: ARG001 - every rule has one signature
    numbers = [_literal_number(argument) for argument in expr.arguments]
    if None in numbers:
        raise refused(expr)
    value = FUNCTIONS["DATE"].apply(*numbers)
    return _iso(value) if isinstance(value, date) else BLANK


def _iso(day: date) -> Part:
    return Part(literal(day.isoformat(), String()), "text", plain=True)


_CALLS: dict[str, Callable[[Call, Rows], Part]] = {
    "IF": _if,
    "COALESCE": _coalesce,
    "ISBLANK": _is_blank,
    "KNOWN": _is_known,
    "ABSENCE": _absence,
    "ROUND": _round,
    "ABS": _absolute,
    "INT": _integer,
    "MOD": _modulo,
    "SUM": _sum,
    "COUNT": _count,
    "MIN": _extreme,
    "MAX": _extreme,
    "LEN": _length,
    "LEFT": _slice,
    "RIGHT": _slice,
    "MID": _slice,
    "CONCAT": lambda expr, rows: concatenated(expr.arguments, rows),
    "CONTAINS": _contains,
    "DATE": _date,
    "YEAR": _part_of_date,
    "MONTH": _part_of_date,
    "DAY": _part_of_date,
    "AGE": _age,
    "DAYS": _days,
    "TODAY": _today,
}
