"""Looking into the trail: entries by words, act and time, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

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
