"""Before a formula is kept: does every name exist, does every part fit, which names does it read.

A scope says what kind each name is. `unknown` fits everywhere: a value whose kind nobody declared
is let through, and gives blank at run time where it does not fit.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, Protocol

from engine.formula import exact
from engine.formula.functions import FUNCTIONS
from engine.formula.printed import text
from engine.formula.problems import (
    FormulaCycle,
    FormulaUnitMismatch,
    FormulaUnknownName,
    FormulaWrongType,
)
from engine.formula.tree import (
    AGGREGATES,
    SUBJECTS,
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
    Members,
    Name,
    Negate,
    Not,
    Number,
    Previous,
    Text,
    Within,
    children,
    walk,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """number, text, boolean, date, table or unknown; `many` for a column, which only SUM and its like take."""

    name: str
    unit: str | None = None
    many: bool = False


NUMBER, TEXT, BOOLEAN, DATE = Kind("number"), Kind("text"), Kind("boolean"), Kind("date")
TABLE, UNKNOWN = Kind("table"), Kind("unknown")

_NAME = re.compile(r"[^\W\d][\w.]*")
_SPOKEN = {
    "number": "a-number",
    "text": "a-text",
    "boolean": "yes-or-no",
    "date": "a-date",
    "table": "a-table",
    "column": "a-column",
    "anything": "one-value",
}  # the texts' keys: no formula prints as one of these, so a part is never mistaken for a key


class Scope(Protocol):
    """The names that a formula may use."""

    def kind(self, path: str) -> Kind | None:
        """The kind of a name; `many` for a table's column; None where there is no such name."""

    def register(self, subject: str) -> "Scope | None":
        """The columns of a register; None where there is no such kind of subject."""


@dataclass(frozen=True, slots=True)
class Names:
    """A scope from plain mappings."""

    kinds: Mapping[str, Kind]
    registers: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)

    def kind(self, path: str) -> Kind | None:
        """As the mapping has it."""
        return self.kinds.get(path)

    def register(self, subject: str) -> Scope | None:
        """As the mapping has it."""
        columns = self.registers.get(subject)
        return None if columns is None else Names(columns)


class _Columns:
    """The columns of a table as a scope of their own, for `where`."""

    def __init__(self, scope: Scope, source: str) -> None:
        self._scope, self._source = scope, source

    def kind(self, path: str) -> Kind | None:
        kind = self._scope.kind(f"{self._source}.{path}")
        return None if kind is None else replace(kind, many=False)

    def register(self, subject: str) -> Scope | None:  # noqa: ARG002 - conditions never nest
        return None


def check(expr: Expr, scope: Scope) -> Kind:
    """The kind of the formula's value; raises a Problem with the place where something does not fit."""
    return _RULES[type(expr)](expr, scope)


def check_condition(expr: Expr, scope: Scope) -> None:
    """The formula must answer yes or no, as checks, branches and conditions do."""
    _need("boolean", expr, scope)


def check_members(members: Members, scope: Scope) -> None:
    """The register must exist, and the condition must fit its columns."""
    columns = scope.register(members.subject)
    if columns is None:
        raise FormulaUnknownName(position=members.span.start + 1, part=members.subject)
    if members.where is not None:
        check_condition(members.where, columns)


def names(expr: Expr) -> frozenset[str]:
    """The paths of this document and period that the formula reads: what it depends on.

    A condition over a table's rows reads that table's columns. Registers and other periods are
    not of the document; `aggregates` and `previous` give those.
    """
    found: set[str] = set()
    waiting: list[tuple[Expr, str]] = [(expr, "")]
    while waiting:
        node, prefix = waiting.pop()
        if isinstance(node, Name) and node.path != "this":
            found.add(prefix + node.path)
        elif not isinstance(node, Aggregate):
            waiting.extend((child, prefix) for child in children(node))
        elif node.source not in SUBJECTS:
            found.add(node.source)
            if node.column:
                found.add(f"{node.source}.{node.column}")
            if node.where is not None:
                waiting.append((node.where, f"{node.source}."))
    return frozenset(found)


def in_order(found: Collection[str], formula: str) -> list[str]:
    """Names in the order in which a formula says them, as its reader will look for them."""
    said = list(dict.fromkeys(_NAME.findall(formula)))
    return sorted(found, key=lambda name: (said.index(name) if name in said else len(said), name))


def aggregates(expr: Expr) -> tuple[Aggregate, ...]:
    """The aggregates in the formula, in reading order, so that registers can be asked at once."""
    return tuple(node for node in walk(expr) if isinstance(node, Aggregate))


def previous(expr: Expr) -> tuple[Previous, ...]:
    """What the formula reads of other periods, in reading order."""
    return tuple(node for node in walk(expr) if isinstance(node, Previous))


def order(computes: Mapping[str, Expr]) -> list[str]:
    """The computed names in an order in which each finds its inputs computed; a circle is told by name.

    `elders.subsidy` counts as an input of whoever reads `elders`, and `crops` of who reads `crops.r01`.
    """
    below: dict[str, set[str]] = {}
    for key in computes:
        for prefix in _prefixes(key):
            below.setdefault(prefix, set()).add(key)
    graph: dict[str, set[str]] = {}
    for key, expr in computes.items():
        graph[key] = set()
        for name in names(expr):
            inputs = below.get(name, set()) | {up for up in _prefixes(name) if up in computes}
            graph[key] |= {one for one in inputs if one != key or name == key}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle: list[str] = error.args[1]
        raise FormulaCycle(path=" → ".join(reversed(circle))) from error


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _wrong(expr: Expr, found: str, expected: str) -> FormulaWrongType:
    return FormulaWrongType(
        position=expr.span.start + 1,
        part=text(expr),
        found=_SPOKEN[found],
        expected=_SPOKEN[expected],
    )


def _need(wanted: str, expr: Expr, scope: Scope) -> Kind:
    """The kind of one value, which must be the wanted one (or anything, or not known)."""
    kind = check(expr, scope)
    if kind.many:
        raise _wrong(expr, "column", wanted)
    if kind.name == "table":
        raise _wrong(expr, "table", wanted)
    if wanted in ("anything", kind.name) or kind.name == "unknown":
        return kind
    if wanted == "date" and isinstance(expr, Text) and exact.day(expr.value):
        return DATE
    raise _wrong(expr, kind.name, wanted)


def _same(first: Expr, kind: Kind, other: Expr, scope: Scope) -> Kind:
    """Both sides of a comparison, or both branches: one kind, one unit."""
    wanted = kind.name if kind.name != "unknown" else "anything"
    if kind.name == "text" and isinstance(first, Text) and exact.day(first.value):
        found = check(other, scope)
        wanted = "date" if found.name == "date" else wanted
        kind = found if found.name == "date" else kind
    second = _need(wanted, other, scope)
    _same_unit(first, kind, other, second)
    return kind if kind.name != "unknown" and kind.unit else replace(second, many=False)


def _same_unit(first: Expr, left: Kind, other: Expr, right: Kind) -> None:
    if left.unit and right.unit and left.unit != right.unit:
        raise FormulaUnitMismatch(
            position=other.span.start + 1,
            part=f"{text(first)}, {text(other)}",
            left=left.unit,
            right=right.unit,
        )


def _literal(expr: Number | Text | Boolean | Blank, scope: Scope) -> Kind:  # noqa: ARG001 - every rule has one signature
    match expr:
        case Number():
            return NUMBER
        case Text():
            return TEXT
        case Boolean():
            return BOOLEAN
        case _:
            return UNKNOWN


def _name(expr: Name | Previous, scope: Scope) -> Kind:
    kind = scope.kind(expr.path)
    if kind is None and expr.path == "this":
        return TEXT
    if kind is None:
        raise FormulaUnknownName(position=expr.span.start + 1, part=expr.path)
    return kind


def _negate(expr: Negate, scope: Scope) -> Kind:
    return _need("number", expr.operand, scope)


def _arithmetic(expr: Arithmetic, scope: Scope) -> Kind:
    kinds = [_need("number", operand, scope) for operand in expr.operands]
    if expr.operators[0] in "*/":
        return NUMBER  # a factor may convert the unit, so nothing is claimed
    known, first = Kind("number"), expr.operands[0]
    for operand, kind in zip(expr.operands, kinds, strict=True):
        _same_unit(first, known, operand, kind)
        if known.unit is None and kind.unit:
            known, first = Kind("number", kind.unit), operand
    return known


def _join(expr: Join, scope: Scope) -> Kind:
    for operand in expr.operands:
        _need("anything", operand, scope)
    return TEXT


def _compare(expr: Compare, scope: Scope) -> Kind:
    for index, operator in enumerate(expr.operators):
        left, right = expr.operands[index], expr.operands[index + 1]
        kind = _need("anything", left, scope)
        if kind.name == "boolean" and operator not in ("=", "<>"):
            raise _wrong(left, kind.name, "number")
        _same(left, kind, right, scope)
    return BOOLEAN


def _in(expr: In, scope: Scope) -> Kind:
    kind = _need("anything", expr.operand, scope)
    for option in expr.options:
        _same(expr.operand, kind, option, scope)
    return BOOLEAN


def _within(expr: Within, scope: Scope) -> Kind:
    _need("text", expr.operand, scope)
    _need("text", expr.place, scope)
    return BOOLEAN


def _logic(expr: Logic | Not, scope: Scope) -> Kind:
    for operand in (expr.operand,) if isinstance(expr, Not) else expr.operands:
        _need("boolean", operand, scope)
    return BOOLEAN


def _call(expr: Call, scope: Scope) -> Kind:
    if expr.function in AGGREGATES:
        return _many(expr, scope)
    function = FUNCTIONS[expr.function]
    first, same = UNKNOWN, UNKNOWN
    same_as: Expr | None = None
    for index, argument in enumerate(expr.arguments):
        wanted = function.takes[min(index, len(function.takes) - 1)]
        if wanted != "same":
            kind = _need(wanted, argument, scope)
        elif same_as is None or same.name == "unknown":
            kind = same = _need("anything", argument, scope)
            same_as = argument
        else:
            kind = same = _same(same_as, same, argument, scope)
        first = kind if index == 0 else first
    if function.gives == "same":
        return same
    return Kind("number", first.unit) if function.gives == "as-first" else Kind(function.gives)


def _many(expr: Call, scope: Scope) -> Kind:
    """SUM and its like over values, columns and, for COUNT, tables."""
    result, first = UNKNOWN, expr.arguments[0]
    for argument in expr.arguments:
        kind = check(argument, scope)
        _fits(expr.function, argument, kind)
        if expr.function != "COUNT":
            _same_unit(first, result, argument, kind)
        if not result.unit:
            result, first = replace(kind, many=False), argument
    return _given(expr.function, result)


def _aggregate(expr: Aggregate, scope: Scope) -> Kind:
    table = scope.kind(expr.source)
    columns = _Columns(scope, expr.source) if table else scope.register(expr.source)
    if columns is None:
        raise FormulaUnknownName(position=expr.span.start + 1, part=expr.source)
    if table and table.name not in ("table", "unknown"):
        raise _wrong(Name(expr.source, span=expr.span), table.name, "table")
    if expr.where is not None:
        check_condition(expr.where, columns)
    if expr.column is None:
        return NUMBER
    column = Name(expr.column, span=expr.span)
    kind = check(column, columns)
    _fits(expr.function, column, kind)
    return _given(expr.function, kind)


def _fits(function: str, argument: Expr, kind: Kind) -> None:
    allowed = {"COUNT": (), "MIN": ("number", "date"), "MAX": ("number", "date")}
    wanted = allowed.get(function, ("number",))
    if wanted and kind.name not in (*wanted, "unknown"):
        raise _wrong(argument, kind.name, "number")


def _given(function: str, kind: Kind) -> Kind:
    return NUMBER if function == "COUNT" else Kind(kind.name, kind.unit)


_RULES: dict[type, Callable[[Any, Scope], Kind]] = {
    Number: _literal,
    Text: _literal,
    Boolean: _literal,
    Blank: _literal,
    Name: _name,
    Previous: _name,
    Negate: _negate,
    Arithmetic: _arithmetic,
    Join: _join,
    Compare: _compare,
    In: _in,
    Within: _within,
    Not: _logic,
    Logic: _logic,
    Call: _call,
    Aggregate: _aggregate,
}
