"""Cells that compute themselves, in an order in which each finds its inputs computed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from engine.formula import exact
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.exact import Value
from engine.formula.tree import Aggregate, Expr
from engine.formula.types import aggregates
from engine.json_text import Json
from forms import document as cells
from forms.checks import environment
from forms.compiled import CompiledForm, Item


def compute(form: CompiledForm, document: Document) -> dict[str, Json]:
    """The value of every computed cell by path; a blank one says that it cannot be computed yet."""
    found: dict[str, Json] = {}
    seen = environment.answering(document)
    for item, expr in form.computes:
        told = _cells(form, item, expr, seen)
        seen = seen.having(cells.put_all(form, seen.values, told))
        found.update(told)
    return found


def computed(form: CompiledForm, document: Document) -> dict[str, Json]:
    """The values with every computed cell set anew; what a person typed there is gone."""
    return cells.put_all(form, document.values, compute(form, document))


@lru_cache(maxsize=512)
def asked(form: CompiledForm) -> tuple[Aggregate, ...]:
    """Every question that the form's formulas put to the registers, so that they go out at once."""
    expressions = [expr for _, expr in form.computes] + [expr for _, expr in form.relations]
    expressions += [one.expr for one in form.conditions]
    found = (one for expr in expressions for one in aggregates(expr))
    return tuple(dict.fromkeys(one for one in found if f"/{one.source}" not in form.table_by_path))


def _cells(form: CompiledForm, item: Item, expr: Expr, document: Document) -> Mapping[str, Json]:
    if item.table is None:
        return {item.path: _value(item, evaluate(expr, document))}
    table = form.table_by_path[item.table]
    if item.column is None:
        return {item.path: _value(item, evaluate(expr, document))}
    wanted = None if item.row is None else f"{item.table}/{item.row}"
    return {
        f"{row.path}/{item.column}": _value(item, evaluate(expr, row))
        for row in environment.rows(form, table, document)
        if wanted is None or row.path == wanted
    }


def _value(item: Item, value: Value) -> Json:
    """A result as JSON, rounded to what its item takes (half up, as people do)."""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, Decimal):
        return value
    decimals = places(item)
    if decimals is not None:
        value = exact.rounded(value, Decimal(decimals)) or exact.ZERO
    return int(value) if value == value.to_integral_value() else Decimal(exact.written(value))


def places(item: Item) -> int | None:
    """How many decimals an item takes: `multipleOf: 0.01` asks for two.

    None where it asks for nothing, as a step that is no power of ten does.
    """
    if item.type == "integer":
        return 0
    given = item.schema.get("multipleOf")
    if not isinstance(given, int | Decimal) or isinstance(given, bool):
        return None
    _, digits, exponent = Decimal(given).normalize().as_tuple()
    if digits != (1,) or not isinstance(exponent, int) or not -exact.MOST_DECIMALS <= exponent <= 0:
        return None
    return -exponent
