"""Formulas as the browser's evaluator is asked for them, and its answers."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.formula.exact import Value, written
from engine.formula.tree import Expr
from engine.formula.tree_json import to_json


def question(expr: Expr, **around: Any) -> dict[str, Any]:
    """A tree and its surroundings as the browser is given them."""
    told = {name: exactly(value) for name, value in around.items()}
    return {"tree": to_json(expr), **told}


def exactly(value: Any) -> Any:
    """A value as JSON that a browser reads without loss."""
    if isinstance(value, Decimal):
        return {"number": written(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: exactly(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [exactly(one) for one in value]
    return value


def answer(value: Value) -> Any:
    """What the browser should answer for a value, kind and every digit."""
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return exactly(value)
