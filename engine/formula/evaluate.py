"""The value of a formula in an environment. Pure and total: what cannot be computed is blank."""

import operator as operators
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from engine.absence import kind_of
from engine.formula import exact, functions
from engine.formula.divisions import lies_within
from engine.formula.exact import Value, value_of
from engine.formula.functions import FUNCTIONS
from engine.formula.tree import (
    AGGREGATES,
    Aggregate,
    Arithmetic,
    Blank,
    Boolean,
    Call,
    Comparator,
    Compare,
    Expr,
    In,
    Join,
    Logic,
    Name,
    Negate,
    Not,
    Number,
    Previous,
    Text,
    Within,
)


class Environment(Protocol):
    """What a formula may ask of the world around it. Paths are dotted names."""

    @property
    def today(self) -> date | None:
        """The day that ages and TODAY() are reckoned at."""

    def value(self, path: str) -> object:
        """A value; a list of rows for a table; a list of values for a table's column."""

    def last(self, path: str) -> object:
        """The same of the period before."""

    def same_period_last_year(self, path: str) -> object:
        """The same of the period a year before."""

    def aggregate(self, aggregate: Aggregate) -> object:
        """The answer of a register; asked when `value(source)` is not a list."""


def evaluate(expr: Expr, env: Environment) -> Value:
    """The value of the formula; blank where it has none."""
    return _RULES[type(expr)](expr, env)


def compared(
    operator: Comparator, left: Value, right: Value, tolerance: Decimal = exact.ZERO
) -> bool | None:
    """Whether one link holds; blank if a side is blank or the two cannot be compared."""
    if left is None or right is None:
        return None
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        if not tolerance:
            return ORDERS[operator](left, right)
        return _numbers(operator, left, right, tolerance)
    if isinstance(left, bool) or isinstance(right, bool):
        if not (isinstance(left, bool) and isinstance(right, bool)) or operator not in ("=", "<>"):
            return None
        return (left == right) == (operator == "=")
    if isinstance(left, date) or isinstance(right, date):
        left, right = exact.day(left), exact.day(right)
        return None if left is None or right is None else _ordered(operator, left, right)
    if isinstance(left, str) and isinstance(right, str):
        return _ordered(operator, left, right)
    return None


def both(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued and: a no decides, else a blank makes it blank."""
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def either(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued or: a yes decides, else a blank makes it blank."""
    result: bool | None = False
    for answer in answers:
        if answer is True:
            return True
        if answer is None:
            result = None
    return result


def opposite(answer: bool | None) -> bool | None:
    """Three-valued not."""
    return None if answer is None else not answer


def truth(value: Value) -> bool | None:
    """The value as an answer; what is no yes or no is blank."""
    return value if isinstance(value, bool) else None


def aggregated(function: str, values: Sequence[Value]) -> Value:
    """SUM, COUNT, AVG, MIN or MAX of values; blanks (and for SUM and AVG what is no number) are skipped."""
    if function == "COUNT":
        return Decimal(sum(value is not None for value in values))
    if function in ("MIN", "MAX"):
        return _extreme(function, values)
    numbers = [value for value in values if isinstance(value, Decimal)]
    result = exact.total(numbers)
    if function == "SUM" or result is None:
        return result
    return exact.divide(result, Decimal(len(numbers)))


def _numbers(operator: Comparator, left: Decimal, right: Decimal, tolerance: Decimal) -> bool:
    difference = exact.subtract(left, right)
    if difference is None:
        return _ordered(operator, left, right)
    match operator:
        case "=":
            return exact.absolute(difference) <= tolerance
        case "<>":
            return exact.absolute(difference) > tolerance
        case "<" | "<=":
            return _ordered(operator, difference, tolerance)
        case _:
            return _ordered(operator, difference, -tolerance)


ORDERS: Mapping[Comparator, Callable[[Any, Any], bool]] = {
    "=": operators.eq,
    "<>": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def _ordered(operator: Comparator, left: Any, right: Any) -> bool:
    return ORDERS[operator](left, right)


def _extreme(function: str, values: Sequence[Value]) -> Value:
    choose = min if function == "MIN" else max
    numbers = [value for value in values if isinstance(value, Decimal)]
    if numbers:
        return choose(numbers)
    days = [moment for value in values if (moment := exact.day(value)) is not None]
    return choose(days) if days else None


def _literal(expr: Number | Text | Boolean, env: Environment) -> Value:  # noqa: ARG001 - every rule has one signature
    return expr.value


def _blank(expr: Blank, env: Environment) -> Value:  # noqa: ARG001 - every rule has one signature
    return None


def _name(expr: Name, env: Environment) -> Value:
    raw = env.value(expr.path)
    return Decimal(raw) if type(raw) is int else value_of(raw)  # as nearly always


def _previous(expr: Previous, env: Environment) -> Value:
    return value_of(_of_period(expr, env))


def _of_period(expr: Previous, env: Environment) -> object:
    if expr.period == "last":
        return env.last(expr.path)
    return env.same_period_last_year(expr.path)


def _negate(expr: Negate, env: Environment) -> Value:
    operand = evaluate(expr.operand, env)
    return exact.negated(operand) if isinstance(operand, Decimal) else None


_OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal | None]] = {
    "+": exact.add,
    "-": exact.subtract,
    "*": exact.multiply,
    "/": exact.divide,
}


def _arithmetic(expr: Arithmetic, env: Environment) -> Value:
    result = evaluate(expr.operands[0], env)
    for operator, operand in zip(expr.operators, expr.operands[1:], strict=True):
        right = evaluate(operand, env)
        if not isinstance(result, Decimal) or not isinstance(right, Decimal):
            return None
        result = _OPERATIONS[operator](result, right)
    return result


def _join(expr: Join, env: Environment) -> Value:
    return functions.concatenated(*(evaluate(operand, env) for operand in expr.operands))


def _compare(expr: Compare, env: Environment) -> Value:
    values = [evaluate(operand, env) for operand in expr.operands]
    if len(values) == 2:
        return compared(expr.operators[0], values[0], values[1])
    return both(
        compared(operator, values[index], values[index + 1])
        for index, operator in enumerate(expr.operators)
    )


def _in(expr: In, env: Environment) -> Value:
    operand = evaluate(expr.operand, env)
    return either(compared("=", operand, evaluate(option, env)) for option in expr.options)


def _within(expr: Within, env: Environment) -> Value:
    code, place = evaluate(expr.operand, env), evaluate(expr.place, env)
    return lies_within(code, place) if isinstance(code, str) and isinstance(place, str) else None


def _not(expr: Not, env: Environment) -> Value:
    return opposite(truth(evaluate(expr.operand, env)))


def _logic(expr: Logic, env: Environment) -> Value:
    combine = both if expr.operator == "and" else either
    return combine(truth(evaluate(operand, env)) for operand in expr.operands)


def _call(expr: Call, env: Environment) -> Value:
    if expr.function in AGGREGATES:
        return aggregated(expr.function, _flat(expr.arguments, env))
    if expr.function == "IF":
        return evaluate(chosen(expr, env), env)
    if expr.function == "COALESCE":
        for argument in expr.arguments:
            if (value := evaluate(argument, env)) is not None:
                return value
        return None
    function = FUNCTIONS[expr.function]
    if function.sees:
        return function.apply(_seen(expr.arguments[0], env))
    values = [evaluate(argument, env) for argument in expr.arguments]
    return function.apply(env.today, *values) if function.clock else function.apply(*values)


def _seen(expr: Expr, env: Environment) -> object:
    """What stands at a name, absences as they are; of what is computed, the value."""
    if isinstance(expr, Name):
        return env.value(expr.path)
    if isinstance(expr, Previous):
        return _of_period(expr, env)
    return evaluate(expr, env)


def chosen(expr: Call, env: Environment) -> Expr:
    """The branch that an IF takes: the second only if the condition is true."""
    if evaluate(expr.arguments[0], env) is True:
        return expr.arguments[1]
    return expr.arguments[2] if len(expr.arguments) == 3 else Blank()


def _flat(arguments: Sequence[Expr], env: Environment) -> list[Value]:
    found: list[Value] = []
    for argument in arguments:
        if isinstance(argument, Name):
            raw = env.value(argument.path)
        elif isinstance(argument, Previous):
            raw = _of_period(argument, env)
        else:
            found.append(evaluate(argument, env))
            continue
        if isinstance(raw, list | tuple):
            found.extend(True if _is_row(one) else value_of(one) for one in raw)
        else:
            found.append(value_of(raw))
    return found


def _is_row(one: object) -> bool:
    return isinstance(one, Mapping) and kind_of(one) is None


def _aggregate(expr: Aggregate, env: Environment) -> Value:
    rows = env.value(expr.source)
    if not isinstance(rows, list | tuple):
        return value_of(env.aggregate(expr))
    kept = [row for row in rows if isinstance(row, Mapping)]
    if expr.where is not None:
        condition = expr.where
        kept = [row for row in kept if evaluate(condition, _Row(row, env)) is True]
    if expr.column is None:
        return Decimal(len(kept))
    column = expr.column
    return aggregated(expr.function, [value_of(row.get(column)) for row in kept])


class _Row:
    """A row of a table as an environment: its columns and `this`, nothing else."""

    def __init__(self, row: Mapping[str, object], outer: Environment) -> None:
        self._row, self._outer = row, outer

    @property
    def today(self) -> date | None:
        return self._outer.today

    def value(self, path: str) -> object:
        if path == "this" and "this" not in self._row:
            return self._outer.value("this")
        return self._row.get(path)

    def last(self, path: str) -> object:  # noqa: ARG002 - a row has no period
        return None

    same_period_last_year = last

    def aggregate(self, aggregate: Aggregate) -> object:  # noqa: ARG002 - the parser lets none stand here
        return None


_RULES: dict[type, Callable[[Any, Environment], Value]] = {
    Number: _literal,
    Text: _literal,
    Boolean: _literal,
    Blank: _blank,
    Name: _name,
    Previous: _previous,
    Negate: _negate,
    Arithmetic: _arithmetic,
    Join: _join,
    Compare: _compare,
    In: _in,
    Within: _within,
    Not: _not,
    Logic: _logic,
    Call: _call,
    Aggregate: _aggregate,
}
