"""What somebody asks of a ledger: conditions on columns by their types, an order, words to look for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_

from engine import absence
from engine.errors import Problem
from engine.formats import registry as formats
from engine.formula import sql
from engine.formula.parse import parse
from engine.json_text import Json
from engine.ledgers import degrees
from engine.ledgers.ground import Ground
from engine.ledgers.lens import Column, Lens
from engine.work import Work

PRESENCE = ("blank", "known", *absence.KINDS)
"""Nobody has said anything; there is a value; and each answer that stands in place of one."""
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "secret": ("eq", *PRESENCE),
    "code": ("eq", "ne", "in", *PRESENCE),
    "text": ("contains", "eq", "ne", "starts", *PRESENCE),
    "number": ("eq", "ne", "lt", "le", "gt", "ge", "between", *PRESENCE),
    "date": ("eq", "lt", "le", "gt", "ge", "between", *PRESENCE),
    "yes_no": ("eq", *PRESENCE),
    "position": ("within", *PRESENCE),
    "other": PRESENCE,
}
"""What may be asked of a column, by the kind of its values."""
_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
"""As formulas write them: asked as one, an age becomes a range of birth dates that an index serves."""
FREE = ("eq", "ne", "lt", "le", "gt", "ge", "between", "in")
MOST_FILTERS, MOST_VALUES = 20, 200


class FilterInvalid(Problem):
    """A condition names no column of the ledger, an operator it has not, or a value of another type."""

    code, status = "ledger.filter-invalid", 422
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: `age ge 80`."""

    column: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What of a ledger is to be shown, and how it is ordered."""

    filters: tuple[Filter, ...] = ()
    words: str = ""
    sort: str = ""
    descending: bool = False
    on: date | None = None
    """As it was on a day; None for today."""
    ids: tuple[str, ...] | None = None
    """Only these rows, as far as they are of the ledger; None for all."""


def kind(column: Column) -> str:
    """Which operators a column has."""
    one = column.field
    type_ = one.schema.get("type")
    if one.secret:
        return "secret"
    if column.masked:
        return (
            "other"  # whoever may compare what is hidden reads it, halving the question each time
        )
    if type_ in ("integer", "number"):
        return "number"
    if type_ == "boolean":
        return "yes_no"
    if type_ != "string":
        return "other"
    if column.position:
        return "position"
    if one.codelist:
        return "code"
    return "date" if one.schema.get("format") in ("date", "period") else "text"


def conditions(
    work: Work, ground: Ground, filters: Sequence[Filter], *, named: bool = False
) -> list[ColumnElement[bool]]:
    """The filters in SQL; with `named`, values that are no part of the shape are parameters.

    Raises FilterInvalid.
    """
    if len(filters) > MOST_FILTERS:
        raise FilterInvalid(column="", reason="too-many")
    return [
        _condition(work, ground, one, f"filter_{at}_" if named and _free(ground.lens, one) else "")
        for at, one in enumerate(filters)
    ]


def values(work: Work, ground: Ground, filters: Sequence[Filter]) -> dict[str, Any]:
    """What is given with each run of a shape, by parameter. Raises FilterInvalid."""
    if len(filters) > MOST_FILTERS:
        raise FilterInvalid(column="", reason="too-many")
    return {
        f"filter_{at}_{n}": value
        for at, one in enumerate(filters)
        if _free(ground.lens, one)
        for n, value in enumerate(_given(work, column(ground.lens, one.column), one))
    }


def shape(lens: Lens, one: Filter) -> tuple[Any, ...]:
    """A filter as far as it makes the statement what it is."""
    if _free(lens, one):
        return one.column, one.operator, len(one.values)
    return one.column, one.operator, one.values


def sealed(lens: Lens, filters: Sequence[Filter]) -> bool:
    """Whether one of the filters looks for a sealed value."""
    return any(_free(lens, one) and column(lens, one.column).field.secret for one in filters)


def _free(lens: Lens, one: Filter) -> bool:
    """Whether a filter's values may be others without the statement being another."""
    found = column(lens, one.column)
    return one.operator in FREE and not found.computed


def _given(work: Work, found: Column, one: Filter) -> list[Any]:
    """The values of a filter as the database is asked for them. Raises FilterInvalid."""
    known = kind(found)
    told = [_value(found, known, text) for text in one.values[:MOST_VALUES]]
    if not told or (one.operator in ("between", "within") and len(told) != 2):
        raise FilterInvalid(column=one.column, reason="value")
    if known == "secret":
        return [work.vault.blind(str(told[0]), found.field.code)]
    return told


def columns_of(lens: Lens, ask: Ask) -> tuple[Column, ...]:
    """The columns that an ask needs joined. Raises FilterInvalid."""
    names = [one.column for one in ask.filters]
    return tuple(column(lens, name) for name in [*names, *([ask.sort] if ask.sort else [])])


def column(lens: Lens, name: str) -> Column:
    """A column by name. Raises FilterInvalid."""
    found = lens.by_name.get(name)
    if found is None:
        raise FilterInvalid(column=name[:60], reason="no-column")
    return found


def to_json(ask: Ask) -> dict[str, Json]:
    """For a saved view."""
    return {
        "filters": [[one.column, one.operator, list(one.values)] for one in ask.filters],
        "words": ask.words,
        "sort": ask.sort,
        "descending": ask.descending,
    }


def from_json(found: Any) -> Ask:
    """A saved view's ask."""
    filters = tuple(Filter(name, op, tuple(values)) for name, op, values in found["filters"])
    return Ask(filters, found["words"], found["sort"], found["descending"])


def _condition(work: Work, ground: Ground, one: Filter, named: str) -> ColumnElement[bool]:
    found = column(ground.lens, one.column)
    known = kind(found)
    if one.operator not in OPERATORS[known]:
        hidden_value = found.masked and known == "other"
        reason = "masked" if hidden_value else "operator"
        raise FilterInvalid(column=one.column, reason=reason)
    stored = ground.stored(found)
    if one.operator == "blank" or one.operator in absence.KINDS:
        return _without_value(ground, found, one.operator)
    if one.operator == "known":
        return stored.is_not(None)
    given = _given(work, found, one)
    values = [bindparam(f"{named}{n}") for n in range(len(given))] if named else given
    if found.computed and known == "number" and one.operator in _SIGNS:
        asked = parse(f"{found.field.name} {_SIGNS[one.operator]} {values[0]}")
        return sql.condition(asked, ground.scope(""), ground.lens.subject)
    if known == "secret":
        hidden: ColumnElement[bool] = ground.blind(found) == values[0]
        return hidden
    return _compared(stored, one.operator, values)


def _without_value(ground: Ground, column: Column, operator: str) -> ColumnElement[bool]:
    nothing, absent = ground.stored(column).is_(None), ground.absence(column)
    if absent is None:
        return nothing if operator == "blank" else false()
    return and_(nothing, absent.is_(None) if operator == "blank" else absent == operator)


def _compared(
    stored: ColumnElement[Any], operator: str, values: Sequence[Any]
) -> ColumnElement[bool]:
    first = values[0]
    if operator == "in":
        return or_(*(stored == value for value in values)) if values else false()
    if operator == "within":
        return degrees.within(stored, (first, values[1]))
    if operator == "between":
        return and_(stored >= first, stored <= values[1])
    if operator == "contains":
        return stored.icontains(first, autoescape=True)
    if operator == "starts":
        return stored.istartswith(first, autoescape=True)
    found: dict[str, ColumnElement[bool]] = {
        "eq": stored == first,
        "ne": stored != first,
        "lt": stored < first,
        "le": stored <= first,
        "gt": stored > first,
        "ge": stored >= first,
    }
    return found[operator]


def _value(column: Column, known: str, text: str) -> Any:
    plain = text.strip()
    try:
        if known == "number":
            number = Decimal(plain.translate(_WIDE).replace(",", ""))
            if not number.is_finite() or abs(number.adjusted()) > 30:
                raise FilterInvalid(column=column.name, reason="number")
            return number
        if known == "position":
            return "{},{}".format(*degrees.parsed(plain.translate(_WIDE_COMMA)))
        if known == "yes_no":
            return {"true": True, "false": False}[plain]
        if known == "date" and column.field.schema.get("format") == "date":
            return date.fromisoformat(plain).isoformat()
    except (InvalidOperation, KeyError, ValueError) as error:
        raise FilterInvalid(column=column.name, reason=known) from error
    if not plain:
        raise FilterInvalid(column=column.name, reason="value")
    if known in ("text", "secret", "code"):
        return formats.normalised(column.field.schema.get("format"), plain)
    return plain


_WIDE_COMMA = str.maketrans("，", ",")
_WIDE = str.maketrans("０１２３４５６７８９．－，", "0123456789.-,")
