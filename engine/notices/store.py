"""Notices in the database: written in the transaction of their cause; the only SQL of notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, insert, or_, select

from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.notices.channels import known
from engine.notices.tables import NoticeReadRow, NoticeRow
from engine.storage.database import advisory_lock, insert_unless_there
from engine.work import Work

NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
READ = NoticeReadRow.__table__  # type: ignore[attr-defined]  # as above
SHOWN_FOR = timedelta(days=30)
"""What nobody read in this time is not shown any more; it is kept."""
CHUNK = 500
AT_ONCE = 50
"""So many notices are delivered by one job."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person, or whoever holds a role in an organisation."""

    about: str
    account_id: str | None = None
    organisation_code: str | None = None
    role: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    task_id: str = ""
    document_id: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its reader finds it."""

    id: str
    at: str
    notice: Notice


def tell(work: Work, notices: Sequence[Notice]) -> int:
    """Write notices; those whose key is known are left out. Gives how many were new."""
    before = _known(work, [one.key for one in notices if one.key is not None])
    rows = [
        {
            "id": work.new_id(),
            "at": work.at,
            "about": one.about,
            "detail": dict(one.detail),
            "account_id": one.account_id,
            "organisation_code": one.organisation_code,
            "role": one.role,
            "task_id": one.task_id,
            "document_id": one.document_id,
            "key": one.key,
        }
        for one in notices
        if one.key not in before
    ]
    if rows:
        work.connection.execute(insert(NOTICE), rows)
        if known.any_on(work.settings):
            for start in range(0, len(rows), AT_ONCE):
                ids = [row["id"] for row in rows[start : start + AT_ONCE]]
                work.later("notice.deliver", {"notices": ids})
    return len(rows)


def unread(work: Work, *conditions: ColumnElement[bool], limit: int) -> list[Told]:
    """What the actor has not read yet, the newest first."""
    query = _unread(work).where(*conditions).order_by(NOTICE.c.at.desc(), NOTICE.c.id.desc())
    return [_told(row) for row in work.connection.execute(query.limit(limit))]


def mark_read(work: Work, ids: Sequence[str]) -> int:
    """Note that the actor has read these; gives how many were new. Raises NotFound for others' notices."""
    wanted = sorted(set(ids))
    theirs = select(NOTICE.c.id).where(NOTICE.c.id.in_(wanted), mine(work.actor))
    if len(work.connection.execute(theirs).all()) != len(wanted):
        raise NotFound
    fresh = work.connection.execute(_unread(work).where(NOTICE.c.id.in_(wanted))).all()
    rows = [{"notice_id": row.id, "account_id": work.actor.id, "read_at": work.at} for row in fresh]
    if rows:
        work.connection.execute(insert_unless_there(work.connection, READ), rows)
    return len(rows)


def mine(actor: Actor) -> ColumnElement[bool]:
    """The notices to a person and to the posts they hold, as a predicate that the indexes serve."""
    places = [
        and_(NOTICE.c.organisation_code == post.organisation, NOTICE.c.role == post.role)
        for post in actor.posts
    ]
    return or_(NOTICE.c.account_id == actor.id, *places)


def _unread(work: Work) -> Select[Any]:
    read = exists().where(READ.c.notice_id == NOTICE.c.id, READ.c.account_id == work.actor.id)
    since = (work.now - SHOWN_FOR).isoformat(timespec="microseconds")
    return select(NOTICE).where(mine(work.actor), NOTICE.c.at >= since, ~read)


def _known(work: Work, keys: Sequence[str]) -> set[str]:
    if keys:
        # one at a time: on PostgreSQL another transaction may be writing the same keys just now
        advisory_lock(work.connection, "notices")
    found: set[str] = set()
    for start in range(0, len(keys), CHUNK):
        query = select(NOTICE.c.key).where(NOTICE.c.key.in_(keys[start : start + CHUNK]))
        found.update(work.connection.execute(query).scalars())
    return found


def _told(row: Any) -> Told:
    notice = Notice(
        row.about, row.account_id, row.organisation_code, row.role, row.detail, row.task_id,
        row.document_id, row.key,
    )  # fmt: skip
    return Told(row.id, row.at, notice)
