"""Facts in the database, and every indicator over them; the only SQL of measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, select

from engine.access import policy
from engine.measures import (
    absence_rate,
    autofill_rate,
    correction_rate,
    duplicate_ask_rate,
    late_rate,
    minutes_to_submit,
    return_rate,
    reuse_per_value,
    update_verification,
)
from engine.measures.contract import DISPUTED, FACT, REUSE, Measure
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
        reuse_per_value,
        update_verification,
    )
)
GROUPS = {"organisation": "organisation_code", "month": "month", "form": "form_code"}
"""What figures are told by, and the column of any facts that says it."""


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


def lines(
    work: Work, by: str, only: Mapping[str, str] | None = None, *, limit: int = 500
) -> list[Line]:
    """All indicators by organisation, month or form, `only` of some: one statement a kind of facts."""
    sides: dict[str, dict[str, tuple[int, int]]] = {}
    counted: dict[str, int] = {}
    for facts in (FACT, REUSE, DISPUTED):
        of_these = [one for one in MEASURES if one.facts is facts]
        column = facts.c[GROUPS[by]]
        parts = [side for one in of_these for side in (one.numerator, one.denominator)]
        query = select(column, func.count(), *parts).where(*_chosen(work, facts, only))
        query = query.group_by(column).order_by(column).limit(limit)
        for key, rows, *numbers in work.connection.execute(query):
            if facts is FACT:
                counted[key] = rows
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            told = sides.setdefault(key, {})
            for one, (upper, lower) in zip(of_these, pairs, strict=True):
                told[one.code] = (int(upper or 0), int(lower or 0))
    return [
        Line(
            key,
            counted.get(key, 0),
            tuple(Figure(one, *sides[key].get(one.code, (0, 0))) for one in MEASURES),
        )
        for key in sorted(sides)[:limit]
    ]


def reports(
    work: Work, only: Mapping[str, str] | None = None, *, limit: int = 200
) -> list[Mapping[str, Any]]:
    """The reports behind the figures, the latest first."""
    query = select(FACT).where(*_chosen(work, FACT, only))
    rows = work.connection.execute(
        query.order_by(FACT.c.month.desc(), FACT.c.document_id).limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def reuses(
    work: Work, only: Mapping[str, str] | None = None, *, limit: int = 200
) -> list[Mapping[str, Any]]:
    """Which data item was reused by which report, and how many values of it: the latest first."""
    said = (REUSE.c.month, REUSE.c.document_id, REUSE.c.field, REUSE.c.form_code, REUSE.c.organisation_code, FACT.c.period)  # fmt: skip
    query = (
        select(*said, func.count().label("values"))
        .join(FACT, FACT.c.document_id == REUSE.c.document_id)
        .where(*_chosen(work, REUSE, only))
        .group_by(*said)
        .order_by(REUSE.c.month.desc(), REUSE.c.document_id, REUSE.c.field)
        .limit(limit)
    )
    return [dict(row) for row in work.connection.execute(query).mappings()]


def disputes(
    work: Work, only: Mapping[str, str] | None = None, *, limit: int = 200
) -> list[Mapping[str, Any]]:
    """The disputes behind the figure, the latest first."""
    query = select(DISPUTED).where(*_chosen(work, DISPUTED, only))
    rows = work.connection.execute(
        query.order_by(DISPUTED.c.month.desc(), DISPUTED.c.dispute_id).limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def _chosen(work: Work, facts: Table, only: Mapping[str, str] | None) -> list[ColumnElement[bool]]:
    """Of the facts asked for, those of reports that the actor may read."""
    seen = policy.sees(
        work.actor, "document.read", path=facts.c.organisation_path, owner=facts.c.owner
    )
    return [seen, *(facts.c[GROUPS[by]] == key for by, key in (only or {}).items())]


def keep(
    work: Work, rows: Sequence[Mapping[str, Any]], reused: Sequence[Mapping[str, Any]]
) -> None:
    """Write the facts of reports and of the values they took over, anew where they were counted before."""
    ids = [row["document_id"] for row in rows]
    _anew(work, FACT, FACT.c.document_id, ids, rows)
    _anew(work, REUSE, REUSE.c.document_id, ids, reused)


def keep_disputes(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the facts of disputes, anew where they were counted before."""
    _anew(work, DISPUTED, DISPUTED.c.dispute_id, [row["dispute_id"] for row in rows], rows)


def _anew(
    work: Work,
    facts: Table,
    column: ColumnElement[str],
    ids: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    if ids:
        work.connection.execute(delete(facts).where(column.in_(ids)))
    if rows:
        work.connection.execute(insert(facts), [dict(row) for row in rows])
