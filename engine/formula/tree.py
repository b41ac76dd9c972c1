"""The tree a formula is: frozen nodes, equal when they mean the same, each knowing where it stood.

Operators of one level are kept flat (`a + b - c` is one node), so that a sum of a hundred rows is
as shallow as a sum of two; only brackets and calls nest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

SUBJECTS = frozenset(
    ("person", "household", "house", "building", "enterprise", "parcel", "org", "event")
)
"""Kinds of subject: `count(person)` counts a register when the document has no table of that name."""

AGGREGATES = frozenset(("SUM", "COUNT", "AVG", "MIN", "MAX"))

Comparator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]
Period: TypeAlias = Literal["last", "same_period_last_year"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stands in the text: first character and the one after the last, from 0."""

    start: int
    end: int


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """What all nodes share: a place that plays no part in being equal."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written; never negative (`-5` is a Negate)."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text in quotes; never empty (`""` is Blank)."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Blank(Node):
    """`blank`, or the empty text."""


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name or dotted path: `total`, `crops.r01.area`."""

    path: str


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-x`."""

    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`a + b - c` or `a * b / c`: one level, one operator fewer than operands."""

    operands: tuple["Expr", ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join(Node):
    """`a & b & c`."""

    operands: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`a = b` or a chain `a <= b < c`, which holds when every link holds."""

    operands: tuple["Expr", ...]
    operators: tuple[Comparator, ...]


@dataclass(frozen=True, slots=True)
class In(Node):
    """`x in ("1", "2")`."""

    operand: "Expr"
    options: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Within(Node):
    """`residence within this`: the division code lies in the area of the place."""

    operand: "Expr"
    place: "Expr"


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not x`."""

    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a and b and c`, or with `or`."""

    operator: Literal["and", "or"]
    operands: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function and its arguments; the name in capitals."""

    function: str
    arguments: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """Many rows to one value: rows of a table in the document, or of a register.

    Inside `where` names are columns of `source`, nothing else; `this` is the organisation. What
    registers answer is kept by these, thousands of times a form: so each works its hash out once.
    """

    function: str
    source: str
    column: str | None = None
    where: "Expr | None" = None
    _hash: int = field(default=0, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        if not self._hash:
            told = hash((self.function, self.source, self.column, self.where))
            object.__setattr__(self, "_hash", told)
        return self._hash


@dataclass(frozen=True, slots=True)
class Previous(Node):
    """The value that a name had in another period."""

    period: Period
    path: str


@dataclass(frozen=True, slots=True)
class Members(Node):
    """`person where age >= 80`: which subjects of a register belong to a table."""

    subject: str
    where: "Expr | None" = None


Expr: TypeAlias = (
    Number
    | Text
    | Boolean
    | Blank
    | Name
    | Negate
    | Arithmetic
    | Join
    | Compare
    | In
    | Within
    | Not
    | Logic
    | Call
    | Aggregate
    | Previous
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The nodes directly below, in reading order."""
    match expr:
        case Arithmetic() | Join() | Compare() | Logic():
            return expr.operands
        case Call():
            return expr.arguments
        case Negate() | Not():
            return (expr.operand,)
        case In():
            return (expr.operand, *expr.options)
        case Within():
            return (expr.operand, expr.place)
        case Aggregate() if expr.where is not None:
            return (expr.where,)
        case _:
            return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The node and everything below, without recursion."""
    waiting: list[Expr] = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def depth(expr: Expr) -> int:
    """How many levels of nesting the tree has, without recursion."""
    deepest, level = 0, [expr]
    while level:
        deepest += 1
        level = [child for node in level for child in children(node)]
    return deepest
