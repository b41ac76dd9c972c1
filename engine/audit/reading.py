"""Looking into the trail: entries by words, act and time, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from engine.audit.trail import AUDIT


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it stands on the trail."""

    seq: int
    at: str
    actor_id: str
    actor_name: str
    action: str
    target: str
    detail: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: `words` in the person, the object or the request; times in UTC, `until` left out."""

    words: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None


_COLUMNS = (
    AUDIT.c.seq,
    AUDIT.c.at,
    AUDIT.c.actor_id,
    AUDIT.c.actor_name,
    AUDIT.c.action,
    AUDIT.c.target,
    AUDIT.c.detail,
)


def entries(connection: Connection, wanted: Wanted, *, limit: int) -> list[Written]:
    """Entries, the newest first; go on from the last one's number by `before`."""
    query = select(*_COLUMNS).where(*_conditions(wanted)).order_by(AUDIT.c.seq.desc()).limit(limit)
    return [Written(*row) for row in connection.execute(query)]


def about(connection: Connection, action: str, target: str) -> list[Written]:
    """Every entry of one act on one object, oldest first."""
    query = (
        select(*_COLUMNS)
        .where(AUDIT.c.target == target, AUDIT.c.action == action)
        .order_by(AUDIT.c.seq)
    )
    return [Written(*row) for row in connection.execute(query)]


def of_targets(connection: Connection, targets: Sequence[str], *, limit: int) -> list[Written]:
    """Every entry on some objects, oldest first."""
    found: list[Written] = []
    for start in range(0, len(targets), 500):
        some = targets[start : start + 500]
        query = select(*_COLUMNS).where(AUDIT.c.target.in_(some)).order_by(AUDIT.c.seq).limit(limit)
        found += [Written(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: one.seq)[:limit]


def last(connection: Connection) -> int:
    """The number of the newest entry; 0 where there is none."""
    return connection.execute(select(func.max(AUDIT.c.seq))).scalar() or 0


def earliest_after(connection: Connection, seq: int) -> str | None:
    """The earliest moment among the entries after a number; a clock that was put back counts too."""
    return connection.execute(select(func.min(AUDIT.c.at)).where(AUDIT.c.seq > seq)).scalar()


def any_between(connection: Connection, after: int, until: int, actions: Sequence[str]) -> bool:
    """Whether one of these acts is among the entries after a number, up to and with another."""
    query = select(AUDIT.c.seq).where(
        AUDIT.c.seq > after, AUDIT.c.seq <= until, AUDIT.c.action.in_(actions)
    )
    return connection.execute(query.limit(1)).first() is not None


def since(connection: Connection, at: str, until: int, actions: Sequence[str]) -> list[Written]:
    """Entries of these acts from a moment on, up to and with a number, oldest first."""
    conditions = (AUDIT.c.at >= at, AUDIT.c.seq <= until, AUDIT.c.action.in_(actions))
    query = select(*_COLUMNS).where(*conditions).order_by(AUDIT.c.seq)
    return [Written(*row) for row in connection.execute(query)]


def between(
    connection: Connection, first: int, until: int, actions: Sequence[str] = ()
) -> list[Written]:
    """Entries from a number to another, both included, oldest first; of these acts alone if any is named."""
    conditions = [AUDIT.c.seq >= first, AUDIT.c.seq <= until]
    if actions:
        conditions.append(AUDIT.c.action.in_(actions))
    query = select(*_COLUMNS).where(*conditions).order_by(AUDIT.c.seq)
    return [Written(*row) for row in connection.execute(query)]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        columns = (AUDIT.c.actor_name, AUDIT.c.target, AUDIT.c.request_id)
        found.append(or_(*(one.contains(wanted.words, autoescape=True) for one in columns)))
    if wanted.action:
        found.append(AUDIT.c.action == wanted.action)
    if wanted.since:
        found.append(AUDIT.c.at >= wanted.since)
    if wanted.until:
        found.append(AUDIT.c.at < wanted.until)
    if wanted.before is not None:
        found.append(AUDIT.c.seq < wanted.before)
    return found
