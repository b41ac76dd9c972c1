"""Who is there: holders of a role, people by name, who is away and who stands in for them.

Somebody away with a deputy keeps their work, and the deputy sees it too; somebody away without one
is not asked meanwhile. Who has left for good is always replaced by who took over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, or_, select, update

from engine import clock
from engine.errors import NotFound, Problem
from engine.identity import store
from engine.identity.actor import Actor
from engine.identity.store import ACCOUNT, PERSON, POSITION
from engine.identity.tables import AbsenceRow
from engine.storage.prepared import Prepared

ABSENCE = AbsenceRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MOST_HANDED_ON = 9
"""A chain of people who left is followed so far."""

_NOW: Any = bindparam("now")
_IN_FORCE = and_(
    ABSENCE.c.starts_at <= _NOW, or_(ABSENCE.c.ends_at.is_(None), ABSENCE.c.ends_at > _NOW)
)
_ALONE = exists().where(
    ABSENCE.c.account_id == ACCOUNT.c.id, ABSENCE.c.deputy_id.is_(None), _IN_FORCE
)
# made once: building a statement anew costs more than running it
_HOLDERS = Prepared(
    select(ACCOUNT.c.id)
    .join(POSITION, ACCOUNT.c.id == POSITION.c.account_id)
    .where(
        POSITION.c.role == bindparam("role"),
        POSITION.c.organisation_code == bindparam("organisation"),
        POSITION.c.valid_from <= bindparam("today"),
        or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > bindparam("today")),
        PERSON,
        ~_ALONE,
    )
    .order_by(POSITION.c.valid_from, ACCOUNT.c.login)
)
_PRINCIPALS = Prepared(
    select(ABSENCE.c.account_id, ABSENCE.c.ends_at).where(
        ABSENCE.c.deputy_id == bindparam("deputy"), _IN_FORCE
    )
)


class DeputyWrong(Problem):
    """A deputy is another active person, and the period does not end before it begins."""

    code, status = "identity.deputy-wrong", 422
    reason: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which somebody is not there."""

    id: str
    account_id: str
    deputy_id: str | None
    left: bool
    starts_at: str
    ends_at: str | None
    reason: str


def holders(
    connection: Connection, role: str, organisation: str, *, now: datetime
) -> tuple[str, ...]:
    """The active people who hold a role in an organisation and can be asked: who has held it longest first, then by log-in."""
    today = clock.day(now).isoformat()
    found = _HOLDERS.all(
        connection, role=role, organisation=organisation, today=today, now=_text(now)
    )
    return tuple(dict.fromkeys(row["id"] for row in found))


def named(connection: Connection, names: Iterable[str], *, now: datetime) -> tuple[str, ...]:
    """Accounts by id, log-in or name; who has left gives who took over, who cannot be asked is left out.

    A name that several people bear names nobody.
    """
    found: list[str] = []
    for name in dict.fromkeys(name.strip() for name in names):
        account = _account(connection, name)
        for _ in range(MOST_HANDED_ON):
            taken_over = account and _left_to(connection, account, now)
            if not taken_over:
                break
            account = taken_over
        if account and _there(connection, account, now):
            found.append(account)
    return tuple(dict.fromkeys(found))


def taken_over(connection: Connection, ids: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Of these people those who have left for good, with who took over from them."""
    found = {}
    for gone in ids:
        account = gone
        for _ in range(MOST_HANDED_ON):
            after = _left_to(connection, account, now)
            if not after:
                break
            account = after
        if account != gone:
            found[gone] = account
    return found


def principals(connection: Connection, deputy: str, *, now: datetime) -> list[Actor]:
    """Those a person stands in for now, with their positions."""
    actors = (
        store.actor_of(connection, one, now=now)
        for one in stood_in_for(connection, deputy, now=now)
    )
    return [one for one in actors if one is not None]


def stood_in_for(connection: Connection, deputy: str, *, now: datetime) -> dict[str, str | None]:
    """The same people by id, each with the end of the time for which it holds; None has no end."""
    found: dict[str, str | None] = {}
    for row in _PRINCIPALS.all(connection, deputy=deputy, now=_text(now)):
        until, before = row["ends_at"], found.get(row["account_id"], "")
        found[row["account_id"]] = None if None in (until, before) else max(until, before or "")
    return found


def deputies(connection: Connection, ids: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Who stands in for these people now, by the person."""
    query = select(ABSENCE.c.account_id, ABSENCE.c.deputy_id).where(
        ABSENCE.c.account_id.in_(ids), ABSENCE.c.deputy_id.is_not(None), _IN_FORCE
    )
    return {row.account_id: row.deputy_id for row in connection.execute(query, {"now": _text(now)})}


def absent(connection: Connection, ids: Sequence[str], *, now: datetime) -> dict[str, str | None]:
    """Those of these people who are away now, each with who stands in; None: nobody does, they cannot be asked."""
    query = select(ABSENCE.c.account_id, ABSENCE.c.deputy_id).where(
        ABSENCE.c.account_id.in_(ids), _IN_FORCE
    )
    found: dict[str, str | None] = {}
    for row in connection.execute(query, {"now": _text(now)}):
        alone = row.deputy_id is None or found.get(row.account_id, "") is None
        found[row.account_id] = None if alone else row.deputy_id
    return found


def add(connection: Connection, row: Absence, *, now: datetime, by: str) -> None:
    """Note an absence. Raises DeputyWrong."""
    if row.deputy_id == row.account_id:
        raise DeputyWrong(reason="self")
    if row.ends_at is not None and row.ends_at <= row.starts_at:
        raise DeputyWrong(reason="period")
    if row.deputy_id is not None and not _active(connection, row.deputy_id):
        raise DeputyWrong(reason="unknown")
    values = {
        "id": row.id,
        "account_id": row.account_id,
        "deputy_id": row.deputy_id,
        "has_left": row.left,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "reason": row.reason,
    }
    connection.execute(insert(ABSENCE), {**values, "created_at": _text(now), "created_by": by})


def end(connection: Connection, absence_id: str, account_id: str, *, now: datetime) -> None:
    """They are back. Raises NotFound for another's absence or one that is over."""
    changed = connection.execute(
        update(ABSENCE)
        .where(ABSENCE.c.id == absence_id, ABSENCE.c.account_id == account_id, _open(now))
        .values(ends_at=_text(now))
    )
    if not changed.rowcount:
        raise NotFound


def absences(connection: Connection, account_id: str, *, now: datetime) -> list[Absence]:
    """The absences of a person that are not over, the nearest first."""
    query = (
        select(
            ABSENCE.c.id,
            ABSENCE.c.account_id,
            ABSENCE.c.deputy_id,
            ABSENCE.c.has_left,
            ABSENCE.c.starts_at,
            ABSENCE.c.ends_at,
            ABSENCE.c.reason,
        )
        .where(ABSENCE.c.account_id == account_id, _open(now))
        .order_by(ABSENCE.c.starts_at, ABSENCE.c.id)
    )
    return [Absence(*row) for row in connection.execute(query)]


def colleagues(
    connection: Connection, path: str, words: str, *, now: datetime, limit: int = 50
) -> list[tuple[str, str, str]]:
    """People who hold a position at or below a path: (id, name, organisation), some words in their name."""
    today = clock.day(now).isoformat()
    organisation = store.ORGANISATION
    query = (
        select(ACCOUNT.c.id, ACCOUNT.c.name, func.min(organisation.c.name))
        .join(POSITION, POSITION.c.account_id == ACCOUNT.c.id)
        .join(organisation, organisation.c.code == POSITION.c.organisation_code)
        .where(
            PERSON,
            POSITION.c.valid_from <= today,
            or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
            organisation.c.path.startswith(path, autoescape=True),
        )
        .group_by(ACCOUNT.c.id, ACCOUNT.c.name)
        .order_by(func.min(organisation.c.path), ACCOUNT.c.name)
        .limit(limit)
    )
    if words.strip():
        query = query.where(ACCOUNT.c.name.contains(words.strip(), autoescape=True))
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _open(now: datetime) -> Any:
    return or_(ABSENCE.c.ends_at.is_(None), ABSENCE.c.ends_at > _text(now))


def _account(connection: Connection, name: str) -> str | None:
    for column in (ACCOUNT.c.id, ACCOUNT.c.login, ACCOUNT.c.name):
        found = connection.execute(select(ACCOUNT.c.id).where(column == name).limit(2)).scalars()
        ids = list(found)
        if ids:
            return str(ids[0]) if len(ids) == 1 else None
    return None


def _left_to(connection: Connection, account: str, now: datetime) -> str | None:
    query = select(ABSENCE.c.deputy_id).where(
        ABSENCE.c.account_id == account, ABSENCE.c.has_left.is_(True), _IN_FORCE
    )
    return connection.execute(query, {"now": _text(now)}).scalar()


def _active(connection: Connection, account: str) -> bool:
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.id == account, PERSON)
    return connection.execute(query).first() is not None


def _there(connection: Connection, account: str, now: datetime) -> bool:
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.id == account, PERSON, ~_ALONE)
    return connection.execute(query, {"now": _text(now)}).first() is not None


def _text(now: datetime) -> str:
    return now.isoformat(timespec="microseconds")
