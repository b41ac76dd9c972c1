"""Kept values that other rules of a field would not take: how many, and which, before anything changes.

Counted by the database where it can read the rules; sealed values, and rules of writing (a date, a
phone number), are judged one value after the other.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    cast,
    func,
    not_,
    or_,
    select,
    type_coerce,
)

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.formats.validator import build_validator
from engine.json_text import Json
from engine.registers import schema, store
from engine.registers.rows import value_schema
from engine.work import Work

MOST = 20
"""So many values are told, those that stand most often first."""
RULES = ("type", "minimum", "maximum", "maxLength", "format", "pattern")
WRITTEN = ("format", "pattern")
"""Rules that only the program can judge."""


@dataclass(frozen=True, slots=True)
class Misfits:
    """How many kept values do not fit, and the most frequent of them with how often each stands."""

    count: int = 0
    values: tuple[tuple[Json, int], ...] = ()


NONE = Misfits()


def changed(now: Field, field: Field) -> bool:
    """Whether a change touches what values a field takes."""
    rules = any(now.schema.get(name) != field.schema.get(name) for name in RULES)
    return rules or now.codelist != field.codelist


def found(work: Work, known: Dictionary, field: Field, now: Field | None = None) -> Misfits:
    """The kept values that a field's rules would not take; with `now`, of those that its rules take."""
    if field.compute:
        return NONE
    if field.secret or _written(field, now):
        return _judged(work, known, field, now)
    target = schema.table(known, field.subject, period=field.periodic)
    column = target.c[schema.column_name(field)]
    rules = _rules(work, known, field, column)
    if not rules:
        return NONE
    where = [column.is_not(None), or_(*rules)]
    if now is not None and (before := _rules(work, known, now, column)):
        where.append(not_(or_(*before)))
    number = work.connection.execute(
        select(func.count()).select_from(target).where(*where)
    ).scalar_one()
    if not number:
        return NONE
    each = (
        select(column, func.count().label("n"))
        .where(*where)
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(MOST)
    )
    return Misfits(number, tuple((row[0], row[1]) for row in work.connection.execute(each)))


def _written(field: Field, now: Field | None) -> bool:
    """Whether a rule of writing is asked for that was not there before."""
    before = now.schema if now is not None else {}
    return any(
        field.schema.get(name) is not None and field.schema.get(name) != before.get(name)
        for name in WRITTEN
    )


def _rules(
    work: Work, known: Dictionary, field: Field, column: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """What does not fit, in SQL."""
    rules: list[ColumnElement[bool]] = []
    kind = field.schema.get("type")
    if kind == "integer":
        whole = (
            cast(column, BigInteger)
            if work.connection.dialect.name == "sqlite"
            else func.trunc(column)
        )
        rules.append(type_coerce(column, Numeric) != type_coerce(whole, Numeric))
    low, high, longest = (field.schema.get(name) for name in ("minimum", "maximum", "maxLength"))
    if kind in schema.NUMERIC:
        rules += [column < low] if low is not None else []
        rules += [column > high] if high is not None else []
    if kind == "string" and longest is not None:
        rules.append(func.length(column) > longest)
    if kind == "string" and field.codelist:
        rules.append(column.not_in(known.codes()[field.codelist]))
    return rules


def _judged(work: Work, known: Dictionary, field: Field, now: Field | None) -> Misfits:
    codes = known.codes()
    judge = build_validator(value_schema(field, codes))
    before = build_validator(value_schema(now, codes)) if now is not None else None
    wrong: Counter[Json] = Counter()
    for value, number in _values(work, known, field):
        if not judge.is_valid(value) and (before is None or before.is_valid(value)):
            wrong[value if isinstance(value, str) else str(value)] += number
    return Misfits(wrong.total(), tuple(wrong.most_common(MOST)))


def _values(work: Work, known: Dictionary, field: Field) -> Iterable[tuple[Json, int]]:
    """Every kept value with how often it stands; sealed ones one by one."""
    target = schema.table(known, field.subject, period=field.periodic)
    column = target.c[schema.column_name(field)]
    stream = {"yield_per": 2_000}
    if not field.secret:
        query = select(column, func.count()).where(column.is_not(None)).group_by(column)
        for row in work.connection.execute(query.execution_options(**stream)):
            yield row[0], row[1]
        return
    sealed = select(*target.primary_key, column).where(column.is_not(None))
    for row in work.connection.execute(sealed.execution_options(**stream)):
        place = store.place_of(row[0], row[1] if field.periodic else None)
        yield store.opened(work, field, place, row[-1]), 1
