"""A tree as plain JSON and back, so that the browser can evaluate what the server has parsed."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from engine.formula import exact
from engine.formula.functions import FUNCTIONS
from engine.formula.parse import PATH, WORDS
from engine.formula.problems import FormulaTreeInvalid
from engine.formula.tree import (
    AGGREGATES,
    Aggregate,
    Arithmetic,
    Blank,
    Boolean,
    Call,
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
from engine.json_text import Json

MAX_DEPTH = 64
_SIGNS = ({"+", "-"}, {"*", "/"})
_COMPARATORS = {"=", "<>", "<", "<=", ">", ">="}


def to_json(expr: Expr) -> dict[str, Json]:
    """The tree as objects of one telling key: `{"name": "total"}`, `{"call": "IF", "arguments": […]}`."""
    match expr:
        case Number():
            return {"number": exact.written(expr.value)}
        case Text():
            return {"text": expr.value}
        case Boolean():
            return {"boolean": expr.value}
        case Blank():
            return {"blank": True}
        case Name():
            return {"name": expr.path}
        case Previous():
            return {"previous": expr.period, "name": expr.path}
        case Aggregate():
            where = None if expr.where is None else to_json(expr.where)
            return {
                "aggregate": expr.function,
                "source": expr.source,
                "column": expr.column,
                "where": where,
            }
        case _:
            return _inner(expr)


def _inner(expr: Expr) -> dict[str, Json]:
    match expr:
        case Negate():
            return {"negate": to_json(expr.operand)}
        case Not():
            return {"not": to_json(expr.operand)}
        case Arithmetic():
            return {"arithmetic": _all(expr.operands), "operators": list(expr.operators)}
        case Compare():
            return {"compare": _all(expr.operands), "operators": list(expr.operators)}
        case Join():
            return {"join": _all(expr.operands)}
        case Logic():
            return {expr.operator: _all(expr.operands)}
        case In():
            return {"in": to_json(expr.operand), "options": _all(expr.options)}
        case Within():
            return {"within": to_json(expr.operand), "place": to_json(expr.place)}
        case Call():
            return {"call": expr.function, "arguments": _all(expr.arguments)}
        case _:
            raise AssertionError(expr)


def from_json(document: Json) -> Expr:
    """The tree of its JSON; what `to_json` never writes is refused."""
    return _read(document, MAX_DEPTH)


def _all(operands: tuple[Expr, ...]) -> list[Json]:
    return [to_json(operand) for operand in operands]


def _read(document: Json, levels: int) -> Expr:
    if not isinstance(document, Mapping) or not document:
        raise FormulaTreeInvalid(reason="not-an-object")
    if levels == 0:
        raise FormulaTreeInvalid(reason="too-deep")
    kind = next((key for key in document if key in _READERS), None)
    if kind is None:
        raise FormulaTreeInvalid(reason="unknown-node")
    keys, reader = _READERS[kind]
    if set(document) != keys:
        raise FormulaTreeInvalid(reason="wrong-keys")
    return reader(document, levels - 1)


def _string(document: Mapping[str, Any], key: str) -> str:
    value = document[key]
    if not isinstance(value, str) or not value:
        raise FormulaTreeInvalid(reason="wrong-value")
    return value


def _path(document: Mapping[str, Any], key: str) -> str:
    path = _string(document, key)
    if not PATH.fullmatch(path) or path.lower() in WORDS:
        raise FormulaTreeInvalid(reason="wrong-value")
    return path


def _flag(document: Mapping[str, Any], key: str) -> bool:
    value = document[key]
    if not isinstance(value, bool):
        raise FormulaTreeInvalid(reason="wrong-value")
    return value


def _list(document: Mapping[str, Any], key: str, levels: int, least: int) -> tuple[Expr, ...]:
    value = document[key]
    if not isinstance(value, list) or len(value) < least:
        raise FormulaTreeInvalid(reason="wrong-value")
    return tuple(_read(one, levels) for one in value)


def _number(document: Mapping[str, Any], levels: int) -> Expr:  # noqa: ARG001 - every reader has one signature
    written = _string(document, "number")
    try:
        value = Decimal(written)
    except InvalidOperation as error:
        raise FormulaTreeInvalid(reason="wrong-value") from error
    if not value.is_finite() or value.is_signed() or exact.written(value) != written:
        raise FormulaTreeInvalid(reason="wrong-value")
    return Number(value)


def _chain(document: Mapping[str, Any], levels: int) -> Expr:
    key = "arithmetic" if "arithmetic" in document else "compare"
    operands = _list(document, key, levels, 2)
    operators = document["operators"]
    if not isinstance(operators, list) or len(operators) != len(operands) - 1:
        raise FormulaTreeInvalid(reason="wrong-value")
    used = {one if isinstance(one, str) else None for one in operators}
    if key == "compare" and used <= _COMPARATORS:
        return Compare(operands, tuple(operators))
    if key == "arithmetic" and any(used <= signs for signs in _SIGNS):
        return Arithmetic(operands, tuple(operators))
    raise FormulaTreeInvalid(reason="wrong-value")


def _logic(document: Mapping[str, Any], levels: int) -> Expr:
    if "and" in document:
        return Logic("and", _list(document, "and", levels, 2))
    return Logic("or", _list(document, "or", levels, 2))


def _call(document: Mapping[str, Any], levels: int) -> Expr:
    name = _string(document, "call")
    arguments = _list(document, "arguments", levels, 0)
    function = FUNCTIONS.get(name)
    least = 1 if function is None else function.least
    most = None if function is None else function.most
    if function is None and name not in AGGREGATES:
        raise FormulaTreeInvalid(reason="unknown-function")
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise FormulaTreeInvalid(reason="wrong-value")
    return Call(name, arguments)


def _aggregate(document: Mapping[str, Any], levels: int) -> Expr:
    function, column = _string(document, "aggregate"), document["column"]
    if function not in AGGREGATES or not (column is None or _path(document, "column")):
        raise FormulaTreeInvalid(reason="wrong-value")
    if column is None and function != "COUNT":
        raise FormulaTreeInvalid(reason="wrong-value")
    where = None if document["where"] is None else _read(document["where"], levels)
    return Aggregate(function, _path(document, "source"), column, where)


def _previous(document: Mapping[str, Any], levels: int) -> Expr:  # noqa: ARG001 - every reader has one signature
    period = _string(document, "previous")
    if period not in ("last", "same_period_last_year"):
        raise FormulaTreeInvalid(reason="wrong-value")
    return Previous(cast("Any", period), _path(document, "name"))


_READERS: dict[str, tuple[set[str], Callable[[Mapping[str, Any], int], Expr]]] = {
    "number": ({"number"}, _number),
    "text": ({"text"}, lambda one, _: Text(_string(one, "text"))),
    "boolean": ({"boolean"}, lambda one, _: Boolean(_flag(one, "boolean"))),
    "blank": ({"blank"}, lambda _one, _: Blank()),
    "previous": ({"previous", "name"}, _previous),
    "name": ({"name"}, lambda one, _: Name(_path(one, "name"))),
    "negate": ({"negate"}, lambda one, levels: Negate(_read(one["negate"], levels))),
    "not": ({"not"}, lambda one, levels: Not(_read(one["not"], levels))),
    "arithmetic": ({"arithmetic", "operators"}, _chain),
    "compare": ({"compare", "operators"}, _chain),
    "join": ({"join"}, lambda one, levels: Join(_list(one, "join", levels, 2))),
    "and": ({"and"}, _logic),
    "or": ({"or"}, _logic),
    "in": (
        {"in", "options"},
        lambda one, levels: In(_read(one["in"], levels), _list(one, "options", levels, 1)),
    ),
    "within": (
        {"within", "place"},
        lambda one, levels: Within(_read(one["within"], levels), _read(one["place"], levels)),
    ),
    "call": ({"call", "arguments"}, _call),
    "aggregate": ({"aggregate", "source", "column", "where"}, _aggregate),
}
