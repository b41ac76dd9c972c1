"""Facts in the database, and every indicator over them; the only SQL of measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select

from engine.access import policy
from engine.measures import (
    absence_rate,
    autofill_rate,
    correction_rate,
    duplicate_ask_rate,
    late_rate,
    minutes_to_submit,
    return_rate,
)
from engine.measures.contract import FACT, Measure
from engine.work import Work

MEASURES: tuple[Measure, ...] = tuple(
    module.MEASURE
    for module in (
        autofill_rate,
        correction_rate,
        duplicate_ask_rate,
        minutes_to_submit,
        late_rate,
        return_rate,
        absence_rate,
    )
)
GROUPS = {"organisation": FACT.c.organisation_code, "month": FACT.c.month, "form": FACT.c.form_code}


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator of one group: both its sides, so that anybody can work it out again."""

    measure: Measure
    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The quotient; nothing where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Line:
    """A group with its reports and figures."""

    key: str
    reports: int
    figures: tuple[Figure, ...]


def lines(work: Work, by: str, *conditions: ColumnElement[bool], limit: int = 500) -> list[Line]:
    """All indicators by organisation, month or form: one statement."""
    column = GROUPS[by]
    sides = [side for one in MEASURES for side in (one.numerator, one.denominator)]
    query = (
        select(column, func.count(), *sides)
        .where(visible(work), *conditions)
        .group_by(column)
        .order_by(column)
        .limit(limit)
    )
    return [_line(row) for row in work.connection.execute(query)]


def facts(
    work: Work, *conditions: ColumnElement[bool], limit: int = 200
) -> list[Mapping[str, Any]]:
    """The reports behind the figures, the latest first."""
    query = select(FACT).where(visible(work), *conditions)
    rows = work.connection.execute(
        query.order_by(FACT.c.month.desc(), FACT.c.document_id).limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def visible(work: Work) -> ColumnElement[bool]:
    """The reports whose figures the actor may see: those that may be read."""
    return policy.sees(
        work.actor, "document.read", path=FACT.c.organisation_path, owner=FACT.c.owner
    )


def keep(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the facts of reports, anew where they were counted before."""
    if rows:
        ids = [row["document_id"] for row in rows]
        work.connection.execute(delete(FACT).where(FACT.c.document_id.in_(ids)))
        work.connection.execute(insert(FACT), [dict(row) for row in rows])


def _line(row: Sequence[Any]) -> Line:
    sides = [int(value or 0) for value in row[2:]]
    figures = tuple(
        Figure(one, sides[2 * at], sides[2 * at + 1]) for at, one in enumerate(MEASURES)
    )
    return Line(str(row[0]), row[1], figures)
