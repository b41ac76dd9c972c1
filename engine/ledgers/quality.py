"""Figures of data quality for somebody: of the fields and the places they reach, from what was counted.

A department sees the fields it is steward of, everywhere; whoever works in a place sees that place.
Reading costs what the kept lines cost (fields x places), whatever the number of subjects.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary
from engine.errors import Forbidden, NotFound
from engine.formula import sql
from engine.formula.divisions import area
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
        places = narrowed(codes, place)
        told = _sums(work, subject, QUALITY.c.field, places, of_fields, month=month)
        disputed = _disputed(work, [one.code for one in fields], places)
        found += [_line(one.code, told[one.code], disputed) for one in fields if one.code in told]
    return found


def by_place(work: Work, field: Field, month: str, units: Mapping[str, str]) -> list[Line]:
    """The figures of a field in each of these organisations, given with their division codes."""
    mine = areas(work, field)
    wanted = {code: narrowed(mine, division) for code, division in units.items()}
    every = {place for places in wanted.values() for place in places}
    of_field = QUALITY.c.field == field.code
    told = _sums(work, field.subject, QUALITY.c.place, every, of_field, month=month)
    lines = []
    for code, places in wanted.items():
        numbers = [told[place] for place in places if place in told]
        if numbers:
            lines.append(_line(code, [sum(each) for each in zip(*numbers, strict=True)], {}))
    return lines


def by_month(work: Work, field: Field, place: str) -> list[Line]:
    """The figures of a field month by month, the newest first."""
    places = narrowed(areas(work, field), place)
    told = _sums(work, field.subject, QUALITY.c.month, places, QUALITY.c.field == field.code)
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
    return or_(false(), *(sql.within_area(column, code) for code in codes))


def narrowed(codes: Iterable[str], place: str) -> list[str]:
    """Where areas and a place meet, by the prefixes of their codes: the smaller of the two, if any."""
    wanted = area(place)
    met = ((one, wanted) if len(one) > len(wanted) else (wanted, one) for one in map(area, codes))
    return sorted({smaller for smaller, larger in met if smaller.startswith(larger)})


def _sums(
    work: Work,
    subject: str,
    key: ColumnElement[Any],
    places: Iterable[str],
    *where: ColumnElement[bool],
    month: str = "",
) -> dict[str, Sequence[int]]:
    of_month = (QUALITY.c.month == month,) if month else ()
    query = select(key, *(func.sum(QUALITY.c[name]) for name in COUNTS)).where(
        QUALITY.c.subject == subject, QUALITY.c.place.in_(sorted(places)), *of_month, *where
    )
    rows = work.connection.execute(query.group_by(key))
    return {row[0]: [int(one) for one in row[1:]] for row in rows}


def _disputed(work: Work, fields: Sequence[str], places: Sequence[str]) -> Counter[str]:
    """Open disputes by field, of reports of organisations that lie there."""
    lies = _within(ORGANISATION.c.division_code, places)
    here = () if lies is None else (lies,)
    query = (
        select(DISPUTED.c.field, func.count())
        .join(ORGANISATION, ORGANISATION.c.code == DISPUTED.c.organisation_code)
        .where(
            DISPUTED.c.field.in_(fields), DISPUTED.c.corrected + DISPUTED.c.confirmed == 0, *here
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
