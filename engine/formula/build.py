"""What the grammar's rules become. Lark calls a method per rule, bottom up, so nothing recurses."""

from decimal import Decimal
from difflib import get_close_matches
from typing import Literal, TypeAlias, cast

from lark import Token, Transformer

from engine.formula.functions import FUNCTIONS
from engine.formula.problems import (
    FormulaArguments,
    FormulaCondition,
    FormulaSyntax,
    FormulaUnknownFunction,
)
from engine.formula.tree import (
    AGGREGATES,
    SUBJECTS,
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
    Members,
    Name,
    Negate,
    Not,
    Number,
    Period,
    Previous,
    Span,
    Text,
    Within,
    walk,
)

MAX_DIGITS = 34
PERIODS: dict[str, Period] = {
    "LAST": "last",
    "SAME_PERIOD_LAST_YEAR": "same_period_last_year",
}
_COMPARATORS: dict[str, Comparator] = {
    "=": "=", "==": "=", "<>": "<>", "!=": "<>", "≠": "<>",
    "<": "<", "<=": "<=", "=<": "<=", "≤": "<=", "≦": "<=",
    ">": ">", ">=": ">=", "=>": ">=", "≥": ">=", "≧": ">=",
}  # fmt: skip


class _Conditioned:
    """`x where condition`, until the call around it is known."""

    def __init__(self, what: Expr, where: Expr) -> None:
        self.what, self.where = what, where
        self.span = Span(what.span.start, where.span.end)


_Part: TypeAlias = "Token | Expr | list[Expr] | _Conditioned"


class Build(Transformer[Token, Expr]):
    """One method per rule or alias of grammar.lark; children in, node out."""

    def formula(self, parts: list[Expr]) -> Expr:
        return parts[0]

    def members(self, parts: list[_Part]) -> Members:
        name = cast("Token", parts[0])
        if "." in name:
            raise FormulaSyntax(position=_start(name) + 1, found=str(name), expected="a-register")
        where = cast("Expr", parts[2]) if len(parts) > 1 else None
        if where is not None:
            _refuse_nested(where)
        return Members(str(name), where, span=_around(parts))

    def disjunction(self, parts: list[_Part]) -> Expr:
        return Logic("or", _every_second(parts), span=_around(parts))

    def conjunction(self, parts: list[_Part]) -> Expr:
        return Logic("and", _every_second(parts), span=_around(parts))

    def negated(self, parts: list[_Part]) -> Expr:
        return Not(_expr(parts[1]), span=_around(parts))

    def compared(self, parts: list[_Part]) -> Expr:
        operators = tuple(_COMPARATORS[str(sign)] for sign in parts[1::2])
        return compare(_every_second(parts), operators, _around(parts))

    def listed(self, parts: list[_Part]) -> Expr:
        return In(_expr(parts[0]), tuple(cast("list[Expr]", parts[-1])), span=_around(parts[:-1]))

    def unlisted(self, parts: list[_Part]) -> Expr:
        return Not(self.listed(parts), span=_around(parts[:-1]))

    def inside(self, parts: list[_Part]) -> Expr:
        return Within(_expr(parts[0]), _expr(parts[-1]), span=_around(parts))

    def outside(self, parts: list[_Part]) -> Expr:
        return Not(self.inside(parts), span=_around(parts))

    def options(self, parts: list[_Part]) -> list[Expr]:
        return [_expr(part) for part in parts[1:-1]]

    def joined(self, parts: list[_Part]) -> Expr:
        return Join(tuple(_expr(part) for part in parts), span=_around(parts))

    def total(self, parts: list[_Part]) -> Expr:
        operators = tuple(str(sign) for sign in parts[1::2])
        return Arithmetic(_every_second(parts), operators, span=_around(parts))

    product = total

    def signed(self, parts: list[_Part]) -> Expr:
        operand = _expr(parts[1])
        return operand if parts[0] == "+" else Negate(operand, span=_around(parts))

    def number(self, parts: list[_Part]) -> Expr:
        digits = str(parts[0])
        if len(digits.rstrip("%").replace(".", "")) > MAX_DIGITS:
            raise FormulaSyntax(
                position=_start(parts[0]) + 1, found=digits, expected="fewer-digits"
            )
        value = Decimal(digits.rstrip("%"))
        return Number(value.scaleb(-2) if digits.endswith("%") else value, span=_around(parts))

    def quoted(self, parts: list[_Part]) -> Expr:
        written = str(parts[0])
        value = written[1:-1].replace('""', '"') if written[0] == '"' else written[1:-1]
        return Text(value, span=_around(parts)) if value else Blank(span=_around(parts))

    def true(self, parts: list[_Part]) -> Expr:
        return Boolean(True, span=_around(parts))

    def false(self, parts: list[_Part]) -> Expr:
        return Boolean(False, span=_around(parts))

    def blank(self, parts: list[_Part]) -> Expr:
        return Blank(span=_around(parts))

    def name(self, parts: list[_Part]) -> Expr:
        return Name(str(parts[0]), span=_around(parts))

    def bracketed(self, parts: list[_Part]) -> Expr:
        return _expr(parts[1])

    def conditioned(self, parts: list[_Part]) -> _Conditioned:
        return _Conditioned(_expr(parts[0]), _expr(parts[2]))

    def call(self, parts: list[_Part]) -> Expr:
        name, arguments, span = str(parts[0]).upper(), parts[2:-1], _around(parts)
        if name in AGGREGATES:
            return _aggregated(name, arguments, span)
        for part in arguments:
            if isinstance(part, _Conditioned):
                raise _condition(part, "aggregates-only")
        operands = tuple(_expr(part) for part in arguments)
        if name in ("AND", "OR"):
            _refuse_count(name, len(operands), 2, None, span)
            return Logic("and" if name == "AND" else "or", operands, span=span)
        if name in PERIODS:
            return _previous(name, operands, span)
        name = "ISBLANK" if name == "BLANK" else name
        function = FUNCTIONS.get(name)
        if function is None:
            known = [*FUNCTIONS, *AGGREGATES, *PERIODS, "AND", "OR", "NOT"]
            near = get_close_matches(name, known, 1, 0.5)
            raise FormulaUnknownFunction(
                position=span.start + 1,
                part=str(parts[0]),
                suggestion=(near or ["no-suggestion"])[0],
            )
        _refuse_count(name, len(operands), function.least, function.most, span)
        return Call(name, operands, span=span)


def compare(operands: tuple[Expr, ...], operators: tuple[Comparator, ...], span: Span) -> Expr:
    """A comparison; `x = ""` and `x <> blank`, as spreadsheets write it, ask whether x is blank."""
    if len(operands) == 2 and operators[0] in ("=", "<>"):
        blanks = [isinstance(operand, Blank) for operand in operands]
        if any(blanks):
            test = Call("ISBLANK", (operands[0] if blanks[1] else operands[1],), span=span)
            return test if operators[0] == "=" else Not(test, span=span)
    return Compare(operands, operators, span=span)


def _aggregated(name: str, arguments: list[_Part], span: Span) -> Expr:
    first = arguments[0] if arguments else None
    if len(arguments) == 1 and isinstance(first, _Conditioned):
        if not isinstance(first.what, Name):
            raise _condition(first, "needs-a-table")
        _refuse_nested(first.where)
        return _over_rows(name, first.what, first.where, span)
    for part in arguments:
        if isinstance(part, _Conditioned):
            raise _condition(part, "one-condition")
    _refuse_count(name, len(arguments), 1, None, span)
    if len(arguments) == 1 and isinstance(first, Name) and is_register(name, first.path):
        return _over_rows(name, first, None, span)
    return Call(name, tuple(_expr(part) for part in arguments), span=span)


def is_register(function: str, path: str) -> bool:
    """Whether an aggregate without `where` speaks of a register: `count(person)`, `sum(org.staff)`."""
    source, _, column = path.partition(".")
    return source in SUBJECTS and "." not in column and (function == "COUNT" or column != "")


def _over_rows(function: str, name: Name, where: Expr | None, span: Span) -> Expr:
    source, _, column = name.path.rpartition(".")
    if source:
        return Aggregate(function, source, column, where, span=span)
    if function != "COUNT":
        raise FormulaCondition(
            position=name.span.start + 1, part=name.path, reason="needs-a-column"
        )
    return Aggregate(function, name.path, None, where, span=span)


def _previous(name: str, operands: tuple[Expr, ...], span: Span) -> Expr:
    _refuse_count(name, len(operands), 1, 1, span)
    if not isinstance(operands[0], Name):
        raise FormulaArguments(position=span.start + 1, part=name.lower(), expected="a-name")
    return Previous(PERIODS[name], operands[0].path, span=span)


def _refuse_nested(where: Expr) -> None:
    for node in walk(where):
        if isinstance(node, Aggregate | Previous) or (
            isinstance(node, Call) and node.function in AGGREGATES and len(node.arguments) == 1
        ):
            raise FormulaCondition(position=node.span.start + 1, part="where", reason="no-nesting")


def _refuse_count(name: str, count: int, least: int, most: int | None, span: Span) -> None:
    if count < least or (most is not None and count > most):
        wanted = str(least) if most == least else f"{least}–{'' if most is None else most}"
        raise FormulaArguments(position=span.start + 1, part=name, expected=wanted)


def _condition(
    part: _Conditioned, reason: Literal["aggregates-only", "needs-a-table", "one-condition"]
) -> FormulaCondition:
    return FormulaCondition(position=part.span.start + 1, part="where", reason=reason)


def _every_second(parts: list[_Part]) -> tuple[Expr, ...]:
    return tuple(_expr(part) for part in parts[::2])


def _expr(part: _Part) -> Expr:
    return cast("Expr", part)


def _start(part: _Part) -> int:
    return (part.start_pos or 0) if isinstance(part, Token) else cast("Expr", part).span.start


def _end(part: _Part) -> int:
    return (part.end_pos or 0) if isinstance(part, Token) else cast("Expr", part).span.end


def _around(parts: list[_Part]) -> Span:
    return Span(_start(parts[0]), _end(parts[-1]))
