"""A tree as text: what is printed parses back to an equal tree."""

from engine.formula import exact
from engine.formula.tree import (
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
)

_OR, _AND, _NOT, _COMPARE, _JOIN, _SUM, _PRODUCT, _NEGATE, _ATOM = range(1, 10)


def text(expr: Expr) -> str:
    """The formula as a person would write it, with no brackets but those it needs."""
    return _printed(expr)[0]


def members_text(members: Members) -> str:
    """`person where age >= 80`."""
    if members.where is None:
        return members.subject
    return f"{members.subject} where {text(members.where)}"


def _printed(expr: Expr) -> tuple[str, int]:
    match expr:
        case Logic():
            level = _OR if expr.operator == "or" else _AND
            return f" {expr.operator} ".join(_at(one, level + 1) for one in expr.operands), level
        case Not():
            return f"not {_at(expr.operand, _NOT)}", _NOT
        case Compare():
            return _chain(expr.operands, expr.operators, _COMPARE), _COMPARE
        case In():
            options = ", ".join(text(option) for option in expr.options)
            return f"{_at(expr.operand, _JOIN)} in ({options})", _COMPARE
        case Within():
            return f"{_at(expr.operand, _JOIN)} within {_at(expr.place, _JOIN)}", _COMPARE
        case Join():
            return " & ".join(_at(one, _SUM) for one in expr.operands), _JOIN
        case Arithmetic():
            level = _SUM if expr.operators[0] in "+-" else _PRODUCT
            return _chain(expr.operands, expr.operators, level), level
        case Negate():
            return f"-{_at(expr.operand, _NEGATE)}", _NEGATE
        case _:
            return _atom(expr), _ATOM


def _atom(expr: Expr) -> str:
    match expr:
        case Number():
            return exact.written(expr.value)
        case Text():
            return '"' + expr.value.replace('"', '""') + '"'
        case Boolean():
            return "true" if expr.value else "false"
        case Blank():
            return "blank"
        case Name():
            return expr.path
        case Previous():
            return f"{expr.period}({expr.path})"
        case Call():
            return f"{expr.function}({', '.join(text(one) for one in expr.arguments)})"
        case Aggregate():
            source = expr.source if expr.column is None else f"{expr.source}.{expr.column}"
            where = "" if expr.where is None else f" where {text(expr.where)}"
            return f"{expr.function}({source}{where})"
        case _:
            raise AssertionError(expr)


def _chain(operands: tuple[Expr, ...], operators: tuple[str, ...], level: int) -> str:
    pieces = [_at(operands[0], level + 1)]
    for operator, operand in zip(operators, operands[1:], strict=True):
        pieces += [operator, _at(operand, level + 1)]
    return " ".join(pieces)


def _at(expr: Expr, level: int) -> str:
    printed, own = _printed(expr)
    return printed if own >= level else f"({printed})"
