"""Whether a check holds, and both sides of every comparison it rests on, to show why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.formula import exact
from engine.formula.evaluate import (
    ORDERS,
    Environment,
    both,
    chosen,
    compared,
    either,
    evaluate,
    opposite,
    truth,
)
from engine.formula.exact import Value
from engine.formula.printed import text
from engine.formula.tree import Call, Comparator, Compare, Expr, Logic, Not


@dataclass(frozen=True, slots=True)
class Relation:
    """One link of a comparison with what stood on both sides."""

    left_text: str
    left: Value
    operator: Comparator
    right_text: str
    right: Value
    difference: Decimal | None
    """left - right for numbers; days for dates."""
    holds: bool | None


def holds(expr: Expr, env: Environment, tolerance: Decimal = exact.ZERO) -> bool | None:
    """Whether the check holds, numbers compared within the tolerance; None when it cannot be told."""
    if type(expr) is Compare and len(expr.operands) == 2:  # most checks by far
        first, second = expr.operands
        left, right = evaluate(first, env), evaluate(second, env)
        if type(left) is Decimal is type(right) and not tolerance:
            return ORDERS[expr.operators[0]](left, right)
        return compared(expr.operators[0], left, right, tolerance)
    match expr:
        case Compare():
            values = [evaluate(operand, env) for operand in expr.operands]
            return both(
                compared(operator, values[index], values[index + 1], tolerance)
                for index, operator in enumerate(expr.operators)
            )
        case Logic():
            combine = both if expr.operator == "and" else either
            return combine(holds(operand, env, tolerance) for operand in expr.operands)
        case Not():
            return opposite(holds(expr.operand, env, tolerance))
        case Call(function="IF"):
            return holds(chosen(expr, env), env, tolerance)
        case _:
            return truth(evaluate(expr, env))


def explain(expr: Expr, env: Environment, tolerance: Decimal = exact.ZERO) -> list[Relation]:
    """Every link of every comparison that the answer rests on, in reading order."""
    match expr:
        case Compare():
            return list(_relations(expr, env, tolerance))
        case Logic():
            found = [explain(operand, env, tolerance) for operand in expr.operands]
            return [relation for relations in found for relation in relations]
        case Not():
            return explain(expr.operand, env, tolerance)
        case Call(function="IF"):
            return explain(chosen(expr, env), env, tolerance)
        case _:
            return []


def _relations(expr: Compare, env: Environment, tolerance: Decimal) -> Iterator[Relation]:
    sides = [(text(operand), evaluate(operand, env)) for operand in expr.operands]
    for index, operator in enumerate(expr.operators):
        (left_text, left), (right_text, right) = sides[index], sides[index + 1]
        yield Relation(
            left_text=left_text,
            left=left,
            operator=operator,
            right_text=right_text,
            right=right,
            difference=_difference(left, right),
            holds=compared(operator, left, right, tolerance),
        )


def _difference(left: Value, right: Value) -> Decimal | None:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return exact.subtract(left, right)
    if isinstance(left, date) and isinstance(right, date):
        return Decimal((left - right).days)
    return None
