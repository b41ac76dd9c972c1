"""Conditions as they are picked: lines of an item, a comparison and values, in groups of all or any.

`read` gives the lines of a formula and `write` the formula of lines, exactly: what is read writes the
same formula again. A formula that lines cannot say is nothing to `read`, and stays as it was typed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.errors import Problem
from engine.formula import printed
from engine.formula.parse import parse
from engine.formula.tree import (
    AGGREGATES,
    Blank,
    Call,
    Compare,
    Expr,
    In,
    Join,
    Logic,
    Name,
    Negate,
    Not,
)
from engine.formula.tree import Boolean as BooleanNode
from engine.formula.tree import Number as NumberNode
from engine.formula.tree import Text as TextNode

Kinds = Mapping[str, str]
"""The kind of each name that a line may ask about: number, text, date, boolean, unknown."""

COMPARED = ("=", "<>", "<", "<=", ">", ">=")
ALONE = ("filled", "blank")
LISTED = ("in", "notin")
WORDS = ("includes", "excludes", "contains")
MOST_LINES = 60
DEEPEST = 2

_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison: `filled` and `blank` have no value, `in` and `notin` as many as one likes."""

    name: str
    op: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Lines and groups of which all must hold (`and`), or one (`or`)."""

    join: str
    parts: tuple["Line | Group", ...]


class PickUnfit(Problem):
    """What was picked is not a condition yet: a line without its value, a number that is none, ..."""

    code = "condition.unfit"
    status = 422
    name: str = ""
    reason: str


def read(expr: Expr, kinds: Kinds) -> Group | None:
    """A condition as lines, or nothing where it says more than lines can, or asks about what is not there."""
    found = _part(expr, kinds, 1)
    if found is None or isinstance(found, Group):
        return found
    return Group("and", (found,))


def write(group: Group, kinds: Kinds) -> str:
    """The formula of what was picked. Raises PickUnfit."""
    if sum(1 for _ in lines(group)) > MOST_LINES:
        raise PickUnfit(reason="many")
    return _group(group, kinds, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """Whom or what a choice names where its condition holds; the condition as a formula."""

    when: str
    gives: str


def cases(expr: Expr, kinds: Kinds) -> tuple[tuple[Case, ...], str] | None:
    """A choice by conditions, `IF(kind = "firm", "vic", "vera")`: its cases and what it gives otherwise
    (empty: nobody); nothing where the formula says something else.
    """
    found: list[Case] = []
    while isinstance(expr, Call) and expr.function == "IF" and len(expr.arguments) == 3:
        asked, gives, expr = expr.arguments
        if read(asked, kinds) is None or not isinstance(gives, TextNode):
            return None
        found.append(Case(printed.text(asked), gives.value))
    if isinstance(expr, TextNode):
        return tuple(found), expr.value
    return (tuple(found), "") if isinstance(expr, Blank) else None


def choice(found: Sequence[Case], otherwise: str) -> str:
    """The formula of a choice by conditions; what `cases` reads again."""
    rest = _quoted(otherwise) if otherwise else "blank"
    for one in reversed(found):
        rest = f"IF({one.when}, {_quoted(one.gives)}, {rest})"
    return rest


def lines(group: Group) -> Iterator[Line]:
    """Every line, of inner groups too."""
    for part in group.parts:
        if isinstance(part, Line):
            yield part
        else:
            yield from lines(part)


def _group(group: Group, kinds: Kinds, depth: int) -> str:
    if not group.parts or group.join not in ("and", "or") or depth > DEEPEST:
        raise PickUnfit(reason="shape")
    said = [
        _line(part, kinds) if isinstance(part, Line) else _inner(part, kinds, depth)
        for part in group.parts
    ]
    return f" {group.join} ".join(said)


def _inner(group: Group, kinds: Kinds, depth: int) -> str:
    """A group of one line needs no brackets, and has none when it is read."""
    said = _group(group, kinds, depth + 1)
    return said if len(group.parts) == 1 else f"({said})"


def _line(line: Line, kinds: Kinds) -> str:
    if line.name not in kinds:
        raise PickUnfit(name=line.name, reason="name")
    if line.op in ALONE:
        return f"{line.name} {'=' if line.op == 'blank' else '<>'} blank"
    if not line.values or not all(one.strip() for one in line.values):
        raise PickUnfit(name=line.name, reason="value")
    if line.op in LISTED:
        options = ", ".join(_literal(one, line.name, kinds) for one in line.values)
        return f"{line.name} {'in' if line.op == 'in' else 'not in'} ({options})"
    if len(line.values) != 1:
        raise PickUnfit(name=line.name, reason="value")
    (value,) = line.values
    if line.op == "contains":
        return f"CONTAINS({line.name}, {_quoted(value)})"
    if line.op in WORDS:
        found = f'CONTAINS(" " & {line.name} & " ", {_quoted(f" {value} ")})'
        return found if line.op == "includes" else f"not {found}"
    if line.op not in COMPARED:
        raise PickUnfit(name=line.name, reason="comparison")
    return f"{line.name} {line.op} {_literal(value, line.name, kinds)}"


def _literal(value: str, name: str, kinds: Kinds) -> str:
    """A value as formulas write it, by what the item holds."""
    kind = kinds[name]
    if kind == "number":
        plain = value.strip()
        if not _NUMBER.fullmatch(plain):
            raise PickUnfit(name=name, reason="number")
        return plain
    if kind == "boolean":
        if value not in ("true", "false"):
            raise PickUnfit(name=name, reason="value")
        return value
    return _quoted(value)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _part(expr: Expr, kinds: Kinds, depth: int) -> Line | Group | None:
    if not isinstance(expr, Logic):
        return _exactly(expr, kinds)
    if depth > DEEPEST:
        return None
    parts = [_part(one, kinds, depth + 1) for one in expr.operands]
    kept = tuple(one for one in parts if one is not None)
    return Group(expr.operator, kept) if len(kept) == len(parts) else None


def _exactly(expr: Expr, kinds: Kinds) -> Line | None:
    """A line, if it writes what it was read from; `5 < a` is the same as `a > 5`."""
    found = _read_line(expr)
    if found is None:
        return None
    try:
        same = parse(_line(found, kinds))
    except Problem:
        return None
    return found if same in (expr, _turned(expr)) else None


def _turned(expr: Expr) -> Expr:
    if not isinstance(expr, Compare) or len(expr.operands) != 2:
        return expr
    left, right = expr.operands
    return parse(f"{printed.text(right)} {_TURNED[expr.operators[0]]} {printed.text(left)}")


def _read_line(expr: Expr) -> Line | None:
    match expr:
        case Call(function="ISBLANK", arguments=(one,)) if _asks(one):
            return Line(printed.text(one), "blank")
        case Not(operand=Call(function="ISBLANK", arguments=(one,))) if _asks(one):
            return Line(printed.text(one), "filled")
        case Not(operand=Call() as call):
            found = _words(call)
            includes = found is not None and found.op == "includes"
            return replace(found, op="excludes") if found and includes else None
        case Not(operand=In() as listed):
            return _listed(listed, "notin")
        case In():
            return _listed(expr, "in")
        case Call():
            return _words(expr)
        case Compare(operands=(left, right), operators=(operator,)):
            return _compared(left, operator, right)
    return None


def _asks(expr: Expr) -> bool:
    """Whether it is what a line may ask about: an item, or a table's number of rows or total."""
    match expr:
        case Name():
            return True
        case Call(function=name, arguments=(Name(),)):
            return name in AGGREGATES
    return False


def _compared(left: Expr, operator: str, right: Expr) -> Line | None:
    if not _asks(left):
        left, right, operator = right, left, _TURNED[operator]
    value = _value(right)
    if not _asks(left) or value is None:
        return None
    return Line(printed.text(left), operator, (value,))


def _listed(expr: In, op: str) -> Line | None:
    values = [_value(one) for one in expr.options]
    kept = tuple(one for one in values if one is not None)
    if not isinstance(expr.operand, Name) or len(kept) != len(values):
        return None
    return Line(expr.operand.path, op, kept)


def _value(expr: Expr) -> str | None:
    match expr:
        case Negate(operand=NumberNode()) | NumberNode():
            return printed.text(expr)
        case TextNode():
            return expr.value
        case BooleanNode():
            return "true" if expr.value else "false"
    return None


def _words(expr: Call) -> Line | None:
    """Whether a choice of several was taken, `CONTAINS(" " & hobbies & " ", " a ")`; or a text has words."""
    match expr:
        case Call(
            function="CONTAINS",
            arguments=(Join(operands=(_, Name() as name, _)), TextNode() as part),
        ):
            return Line(name.path, "includes", (part.value.strip(),))
        case Call(function="CONTAINS", arguments=(Name() as name, TextNode() as part)):
            return Line(name.path, "contains", (part.value,))
    return None
