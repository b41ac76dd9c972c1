"""Figures of data quality for somebody: of the fields and the places they reach, from what was counted.

A department sees the fields it is steward of, everywhere; whoever works in a place sees that place.
Reading costs what the kept lines cost (fields x places), whatever the number of subjects.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.errors import Forbidden, NotFound
from engine.formula import sql
from engine.formula.divisions import lies_within
from engine.identity.store import ORGANISATION
from engine.json_text import Json
from engine.ledgers import reach
from engine.measures.contract import DISPUTED
from engine.registers import limits, quality
from engine.registers.quality import COUNTS, QUALITY
from engine.registers.store import Origin
from engine.work import Work

VERB = "ledger.read"
KINDS = ("blank", "unknown", "inapplicable", "refused", "stale", "unverified", "failing")
"""What rows can be shown for."""


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of one field, place or month."""

    key: str
    counts: Mapping[str, int]
    """By the names of `quality.COUNTS`, `blank` and `disputed`."""


def areas(work: Work, field: Field) -> tuple[str, ...]:
    """The places in which somebody sees the quality of a field. Raises NotFound where in none."""
    if field.code in work.rules.withheld():
        raise NotFound
    if field.steward and field.steward in {one.organisation for one in work.actor.posts_as("department")}:  # fmt: skip
        return (reach.EVERYWHERE,)
    try:
        return reach.areas_of(work, VERB, "")
    except Forbidden as refused:
        raise NotFound from refused


def seen(work: Work, known: Dictionary, subject: str) -> dict[tuple[str, ...], list[Field]]:
    """The fields of a register that somebody sees, by the places in which they do."""
    found: dict[tuple[str, ...], list[Field]] = defaultdict(list)
    for field in quality.counted(known, subject):
        try:
            found[areas(work, field)].append(field)
        except NotFound:
            continue
    return dict(found)


def divisions(work: Work, codes: Iterable[str]) -> dict[str, str]:
    """Where organisations lie, by their codes."""
    query = select(ORGANISATION.c.code, ORGANISATION.c.division_code)
    found = work.connection.execute(query.where(ORGANISATION.c.code.in_(sorted(set(codes)))))
    return {row[0]: row[1] for row in found}


def months(work: Work, subject: str, *, most: int = 13) -> list[tuple[str, str]]:
    """The months that were counted, the newest first, and when each was counted last."""
    query = select(QUALITY.c.month, func.max(QUALITY.c.counted_at)).where(
        QUALITY.c.subject == subject
    )
    query = query.group_by(QUALITY.c.month).order_by(QUALITY.c.month.desc()).limit(most)
    return [(row[0], row[1]) for row in work.connection.execute(query)]


def by_field(work: Work, known: Dictionary, subject: str, month: str, place: str) -> list[Line]:
    """The figures of every field that somebody sees, in a place or everywhere they reach."""
    found = []
    for codes, fields in seen(work, known, subject).items():
        of_fields = QUALITY.c.field.in_([one.code for one in fields])
        told = _sums(work, subject, QUALITY.c.field, _inside(codes, place), of_fields, month=month)
        disputed = _disputed(work, [one.code for one in fields], codes, place)
        found += [_line(one.code, told[one.code], disputed) for one in fields if one.code in told]
    return found


def by_place(work: Work, field: Field, month: str, units: Mapping[str, str]) -> list[Line]:
    """The figures of a field in each of these organisations, given with their division codes."""
    inside = _inside(areas(work, field), "")
    of_field = QUALITY.c.field == field.code
    told = _sums(work, field.subject, QUALITY.c.place, inside, of_field, month=month)
    lines = []
    for code, division in units.items():
        sums = [0] * len(COUNTS)
        for place, numbers in told.items():
            if place and lies_within(place, division):
                sums = [one + more for one, more in zip(sums, numbers, strict=True)]
        if sums[quality.ROWS]:
            lines.append(_line(code, sums, {}))
    return lines


def by_month(work: Work, field: Field, place: str) -> list[Line]:
    """The figures of a field month by month, the newest first."""
    inside = _inside(areas(work, field), place)
    told = _sums(work, field.subject, QUALITY.c.month, inside, QUALITY.c.field == field.code)
    return [_line(month, told[month], {}) for month in sorted(told, reverse=True)]


def behind(
    work: Work, known: Dictionary, field: Field, kind: str, place: str, *, limit: int
) -> list[tuple[str, Json, Origin | None]]:
    """The subjects behind a figure as they are now, the first of them, within what somebody reaches and
    no rule withholds. Raises NotFound.
    """
    if kind not in KINDS or field not in quality.counted(known, field.subject):
        raise NotFound
    reading = quality.Reading(work, known, field.subject, (field,))
    where = [_within(reading.home, codes) for codes in (areas(work, field), (place,))]
    where.append(limits.open_rows(work, known, field.subject))
    return quality.behind(reading, kind, [one for one in where if one is not None], limit)


def _within(column: ColumnElement[Any], codes: Sequence[str]) -> ColumnElement[bool] | None:
    if reach.EVERYWHERE in codes:
        return None
    return or_(*(sql.within_area(column, code) for code in codes))


def _inside(codes: Sequence[str], place: str) -> Callable[[ColumnElement[Any]], list[Any]]:
    def conditions(column: ColumnElement[Any]) -> list[Any]:
        parts = (_within(column, codes), _within(column, (place,)))
        return [one for one in parts if one is not None]

    return conditions


def _sums(
    work: Work,
    subject: str,
    key: ColumnElement[Any],
    inside: Callable[[ColumnElement[Any]], list[Any]],
    *where: ColumnElement[bool],
    month: str = "",
) -> dict[str, Sequence[int]]:
    of_month = (QUALITY.c.month == month,) if month else ()
    query = select(key, *(func.sum(QUALITY.c[name]) for name in COUNTS)).where(
        QUALITY.c.subject == subject, *of_month, *where, *inside(QUALITY.c.place)
    )
    rows = work.connection.execute(query.group_by(key))
    return {row[0]: [int(one) for one in row[1:]] for row in rows}


def _disputed(work: Work, fields: Sequence[str], codes: Sequence[str], place: str) -> Counter[str]:
    """Open disputes by field, of reports of organisations that lie there."""
    lies = _inside(codes, place)(ORGANISATION.c.division_code)
    query = (
        select(DISPUTED.c.field, func.count())
        .join(ORGANISATION, ORGANISATION.c.code == DISPUTED.c.organisation_code)
        .where(
            DISPUTED.c.field.in_(fields), DISPUTED.c.corrected + DISPUTED.c.confirmed == 0, *lies
        )
        .group_by(DISPUTED.c.field)
    )
    return Counter({row[0]: row[1] for row in work.connection.execute(query)})


def _line(key: str, numbers: Sequence[int], disputed: Mapping[str, int]) -> Line:
    told = dict(zip(COUNTS, numbers, strict=True))
    blank = told["rows"] - sum(
        told[name] for name in ("filled", "unknown", "inapplicable", "refused")
    )
    return Line(key, {**told, "blank": blank, "disputed": disputed.get(key, 0)})
