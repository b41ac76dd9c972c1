"""What a register said of subjects on a day: what is, with everything that was changed since undone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import structs
from sqlalchemy import bindparam, select

from engine import clock
from engine.dictionary.store import Dictionary
from engine.json_text import Json
from engine.registers.plans import good_since
from engine.registers.schema import table
from engine.registers.store import CHUNK, KnownValue, Origin, origins_by_id
from engine.storage import sealed
from engine.work import HISTORY, Work

_LATER = (
    select(HISTORY.c.target, HISTORY.c.before, HISTORY.c.origins, HISTORY.c.at)
    .where(
        HISTORY.c.kind == bindparam("kind"),
        HISTORY.c.target.in_(bindparam("targets", expanding=True)),
        HISTORY.c.at > bindparam("end"),
    )
    .order_by(HISTORY.c.id.desc())
)
_UNTOLD = Origin("", "", "")


def on(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    subject_id: str,
    now: Mapping[str, KnownValue],
    *,
    day: date,
) -> dict[str, KnownValue]:
    """What was known of a subject at the end of a day; nothing if the subject was not there."""
    return each_on(work, dictionary, subject, {subject_id: now}, day=day).get(subject_id, {})


def each_on(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    now: Mapping[str, Mapping[str, KnownValue]],
    *,
    day: date,
) -> dict[str, dict[str, KnownValue]]:
    """What was known of many subjects at the end of a day, from what is known of them now, and how old
    it was then: two queries per 500 subjects, and one for the origins. Who was not there is absent.

    Of a value that was changed since the origin is told where the history keeps it. A value confirmed
    since, without changing, has the origin of that confirmation no more.
    """
    end = clock.end(day).isoformat(timespec="microseconds")
    register = table(dictionary, subject)
    ids = sorted(now)
    found: dict[str, dict[str, KnownValue]] = {}
    changes: list[tuple[str, str, Json, int]] = []
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        there = select(register.c.id).where(register.c.id.in_(part), register.c.created_at <= end)
        for own in work.connection.execute(there).scalars():
            found[own] = {code: _then(one, end) for code, one in now[own].items()}
        changes += _changes(work, register.name, part, end)
    origins = origins_by_id(work.connection, {origin for *_, origin in changes if origin})
    for own, name, value, origin in changes:
        code = f"{subject}.{name}"
        if own not in found or code not in dictionary.fields:
            continue
        if value is None:
            found[own].pop(code, None)
        else:
            known = now[own].get(code)
            kept = _UNTOLD if known is None else _then(known, end).origin
            found[own][code] = KnownValue(code, value, origins.get(origin, kept))
    return {own: _aged(dictionary, values, day) for own, values in found.items()}


def _changes(
    work: Work, kind: str, ids: Sequence[str], end: str
) -> Iterator[tuple[str, str, Json, int]]:
    """What was changed since, the newest first: whose, which field, what stood there, by which origin."""
    for row in work.connection.execute(_LATER, {"kind": kind, "targets": ids, "end": end}):
        place = f"history:{kind}:{row.target}:{row.at}"
        before: Any = sealed.unseal(work.connection, row.before, place) or {}
        by: Mapping[str, int] = row.origins or {}
        for name, value in before.items():
            yield row.target, name, value, by.get(name, 0)


def _then(known: KnownValue, end: str) -> KnownValue:
    """A value that is the same now: its origin, unless that came later."""
    return known if known.origin.at <= end else structs.replace(known, origin=_UNTOLD)


def _aged(
    dictionary: Dictionary, values: Mapping[str, KnownValue], day: date
) -> dict[str, KnownValue]:
    """The same values, as stale or fresh as they were on the day."""
    end = clock.end(day)
    return {
        code: structs.replace(
            one, stale=one.origin.at < good_since(dictionary.fields[code].freshness_days, end)
        )
        if one.origin.at
        else one
        for code, one in values.items()
    }
