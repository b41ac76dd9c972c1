"""The functions of the language: what each takes, what it gives, and what it does with values.

`takes` names a kind per argument, the last one repeated: number, text, boolean, date,
anything, or `same` (all such arguments are of one kind). `gives` may be `same`, or `as-first` (a
number in the unit of the first argument). IF and COALESCE are lazy, so evaluate.py does them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine import absence
from engine.formula import exact
from engine.formula.exact import Value


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments, of which kinds, and its meaning."""

    least: int
    most: int | None
    takes: tuple[str, ...]
    gives: str
    apply: Callable[..., Value]
    clock: bool = False
    """Whether `apply` is given today's date as its first argument."""
    sees: bool = False
    """Whether `apply` is given what stands at a name as it is: an absence, not the blank it counts as."""


def _numeric(rule: Callable[..., Decimal | None]) -> Callable[..., Value]:
    """Blank unless every argument is a number."""

    def apply(*arguments: Value) -> Value:
        for argument in arguments:
            if not isinstance(argument, Decimal):
                return None
        return rule(*arguments)

    return apply


def _round(value: Decimal, decimals: Decimal = exact.ZERO) -> Decimal | None:
    return exact.rounded(value, decimals)


def _length(text: Value) -> Value:
    return Decimal(len(text)) if isinstance(text, str) else None


def _count(value: Value) -> int | None:
    """A whole number, not negative, as an index."""
    if not isinstance(value, Decimal) or value < 0 or value != value.to_integral_value():
        return None
    return min(int(value), 1_000_000)


def _left(text: Value, many: Value) -> Value:
    count = _count(many)
    return (text[:count] or None) if isinstance(text, str) and count is not None else None


def _right(text: Value, many: Value) -> Value:
    count = _count(many)
    if not isinstance(text, str) or count is None:
        return None
    return text[max(len(text) - count, 0) :] or None


def _mid(text: Value, start: Value, many: Value) -> Value:
    first, count = _count(start), _count(many)
    if not isinstance(text, str) or not first or count is None:
        return None
    return text[first - 1 : first - 1 + count] or None


def concatenated(*values: Value) -> Value:
    """The texts one after the other; a blank adds nothing, and nothing at all is blank."""
    return "".join(exact.written(value) for value in values) or None


def _contains(text: Value, part: Value) -> Value:
    return part in text if isinstance(text, str) and isinstance(part, str) else None


def _date(year: Value, month: Value, day: Value) -> Value:
    parts = [_count(year), _count(month), _count(day)]
    if None in parts:
        return None
    try:
        return date(*(part for part in parts if part is not None))
    except ValueError:
        return None


def _part_of_date(name: str) -> Callable[[Value], Value]:
    def apply(value: Value) -> Value:
        moment = exact.day(value)
        return None if moment is None else Decimal(getattr(moment, name))

    return apply


def _age(today: date | None, birth: Value, at: Value | str = "today") -> Value:
    born, then = exact.day(birth), today if at == "today" else exact.day(at)
    return exact.age(born, then) if born and then else None


def _days(end: Value, start: Value) -> Value:
    last, first = exact.day(end), exact.day(start)
    return Decimal((last - first).days) if last and first else None


def _today(today: date | None) -> Value:
    return today


def _is_blank(raw: object) -> Value:
    return exact.value_of(raw) is None and absence.kind_of(raw) is None


def _is_known(raw: object) -> Value:
    return exact.value_of(raw) is not None


def _lazy(*arguments: Value) -> Value:
    """Stands for IF and COALESCE, which the evaluator does itself: what is not chosen is not worked out."""
    raise NotImplementedError(arguments)


_NUMBER, _TEXT, _DATE = "number", "text", "date"

FUNCTIONS: dict[str, Function] = {
    "IF": Function(2, 3, ("boolean", "same"), "same", _lazy),
    "COALESCE": Function(1, None, ("same",), "same", _lazy),
    "ISBLANK": Function(1, 1, ("anything",), "boolean", _is_blank, sees=True),
    "KNOWN": Function(1, 1, ("anything",), "boolean", _is_known, sees=True),
    "ABSENCE": Function(1, 1, ("anything",), "text", absence.kind_of, sees=True),
    "ROUND": Function(1, 2, (_NUMBER,), "as-first", _numeric(_round)),
    "ABS": Function(1, 1, (_NUMBER,), "as-first", _numeric(exact.absolute)),
    "INT": Function(1, 1, (_NUMBER,), "as-first", _numeric(exact.floor)),
    "MOD": Function(2, 2, (_NUMBER,), "as-first", _numeric(exact.modulo)),
    "LEN": Function(1, 1, (_TEXT,), _NUMBER, _length),
    "LEFT": Function(2, 2, (_TEXT, _NUMBER), _TEXT, _left),
    "RIGHT": Function(2, 2, (_TEXT, _NUMBER), _TEXT, _right),
    "MID": Function(3, 3, (_TEXT, _NUMBER), _TEXT, _mid),
    "CONCAT": Function(1, None, ("anything",), _TEXT, concatenated),
    "CONTAINS": Function(2, 2, (_TEXT,), "boolean", _contains),
    "DATE": Function(3, 3, (_NUMBER,), _DATE, _date),
    "YEAR": Function(1, 1, (_DATE,), _NUMBER, _part_of_date("year")),
    "MONTH": Function(1, 1, (_DATE,), _NUMBER, _part_of_date("month")),
    "DAY": Function(1, 1, (_DATE,), _NUMBER, _part_of_date("day")),
    "AGE": Function(1, 2, (_DATE,), _NUMBER, _age, clock=True),
    "DAYS": Function(2, 2, (_DATE,), _NUMBER, _days),
    "TODAY": Function(0, 0, (), _DATE, _today, clock=True),
}
