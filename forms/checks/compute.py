"""Cells that compute themselves, in an order in which each finds its inputs computed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.exact import Value
from engine.formula.tree import Aggregate, Expr
from engine.formula.types import aggregates
from engine.json_text import Json
from forms import document as cells
from forms.checks import environment
from forms.compiled import CompiledForm, Item

WIDEST = 34


def compute(form: CompiledForm, document: Document) -> dict[str, Json]:
    """The value of every computed cell by path; a blank one says that it cannot be computed yet."""
    found: dict[str, Json] = {}
    seen = environment.answering(document)
    for item, expr in form.computes:
        told = _cells(form, item, expr, seen)
        seen = replace(seen, values=cells.put_all(form, seen.values, told))
        found.update(told)
    return found


def computed(form: CompiledForm, document: Document) -> dict[str, Json]:
    """The values with every computed cell set anew; what a person typed there is gone."""
    return cells.put_all(form, document.values, compute(form, document))


def asked(form: CompiledForm) -> tuple[Aggregate, ...]:
    """Every question that the form's formulas put to the registers, so that they go out at once."""
    expressions = [expr for _, expr in form.computes] + [expr for _, expr in form.relations]
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
    step = Decimal(1) if item.type == "integer" else _step(item)
    if step is not None and value.adjusted() < WIDEST // 2:
        value = value.quantize(step, rounding=ROUND_HALF_UP)
    return int(value) if value == value.to_integral_value() else value.normalize()


def _step(item: Item) -> Decimal | None:
    """`multipleOf: 0.01` asks for two decimals; a step that is no power of ten asks for nothing."""
    given = item.schema.get("multipleOf")
    if not isinstance(given, int | Decimal) or isinstance(given, bool):
        return None
    step = Decimal(given).normalize()
    return step if step.as_tuple().digits == (1,) and step <= 1 else None
