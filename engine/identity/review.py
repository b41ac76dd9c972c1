"""The review of who may what: every position in force, each kept or ended by somebody other than its holder.

Begun by hand or by a job when half a year is over; what is ended in it ends at once. A position that
came or went meanwhile is looked at next time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update

from engine import clock
from engine.errors import Forbidden, NotFound, Problem
from engine.identity import accounts
from engine.identity.sessions import DEVICE
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION
from engine.identity.tables import AccessReview, AccessReviewItem
from engine.storage.database import advisory_lock
from engine.work import Work

REVIEW = AccessReview.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
ITEM = AccessReviewItem.__table__  # type: ignore[attr-defined]  # as above
KEPT, ENDED, GONE = "kept", "ended", "gone"
LASTS = timedelta(days=30)
"""So long a review has before it is late."""


class ReviewOpen(Problem):
    """A review is under way already."""

    code, status = "access.review-open", 409


class ReviewUnfinished(Problem):
    """Some positions were not looked at yet."""

    code, status = "access.review-unfinished", 409
    count: int


@dataclass(frozen=True, slots=True)
class Review:
    """A review and how far it is."""

    id: str
    begun_at: str
    due_at: str
    closed_at: str | None
    total: int
    left: int


@dataclass(frozen=True, slots=True)
class Item:
    """A position under review."""

    position_id: str
    account_id: str
    login: str
    name: str
    kind: str
    role: str
    organisation: str
    valid_from: str
    valid_to: str | None
    last_login: str | None
    decided: str
    decided_by: str
    decided_at: str | None


def begin(work: Work) -> str:
    """Begin a review of every position in force; gives its id. Raises Forbidden, ReviewOpen."""
    work.require("account.manage")
    advisory_lock(work.connection, "access review")
    open_ = select(REVIEW.c.id).where(REVIEW.c.closed_at.is_(None))
    if work.connection.execute(open_).first() is not None:
        raise ReviewOpen
    review = work.new_id()
    row = {"id": review, "begun_at": work.at, "begun_by": work.actor.id}
    work.connection.execute(
        insert(REVIEW), {**row, "due_at": clock.stamp(work.now + LASTS), "closed_at": None}
    )
    today = work.today.isoformat()
    held = (
        select(POSITION.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .where(ACCOUNT.c.active.is_(True), _in_force(today))
    )
    rows = [
        {"review_id": review, "position_id": one, "decided": "", "decided_by": ""}
        for one in work.connection.execute(held).scalars()
    ]
    if rows:
        work.connection.execute(insert(ITEM), rows)
    work.note("access.review-begun", review, count=len(rows))
    return review


def latest(work: Work) -> Review | None:
    """The review under way, or the last one. Raises Forbidden."""
    work.require("access.read")
    query = select(REVIEW).order_by(REVIEW.c.begun_at.desc(), REVIEW.c.id.desc()).limit(1)
    row = work.connection.execute(query).first()
    if row is None:
        return None
    counted = select(func.count(), func.count().filter(ITEM.c.decided == "")).where(
        ITEM.c.review_id == row.id
    )
    total, left = work.connection.execute(counted).one()
    return Review(row.id, row.begun_at, row.due_at, row.closed_at, total, left)


def items(
    work: Work,
    review_id: str,
    *,
    words: str = "",
    left: bool = False,
    limit: int = 0,
    after: int = 0,
) -> list[Item]:
    """Positions under review by organisation and person; of some words, or those not looked at yet.

    Raises Forbidden.
    """
    work.require("access.read")
    by = ACCOUNT.alias("by")
    seen = (
        select(func.max(DEVICE.c.last_at))
        .where(DEVICE.c.account_id == ACCOUNT.c.id)
        .scalar_subquery()
    )
    conditions: list[ColumnElement[bool]] = [ITEM.c.review_id == review_id]
    if left:
        conditions.append(ITEM.c.decided == "")
    if words:
        texts = ACCOUNT.c.name, ACCOUNT.c.login, ORGANISATION.c.name
        conditions.append(or_(*(text.contains(words, autoescape=True) for text in texts)))
    query = (
        select(
            POSITION.c.id, ACCOUNT.c.id, ACCOUNT.c.login, ACCOUNT.c.name, ACCOUNT.c.kind,
            POSITION.c.role, ORGANISATION.c.name, POSITION.c.valid_from, POSITION.c.valid_to, seen,
            ITEM.c.decided, func.coalesce(by.c.name, ""), ITEM.c.decided_at,
        )
        .select_from(ITEM)
        .join(POSITION, POSITION.c.id == ITEM.c.position_id)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .outerjoin(by, by.c.id == ITEM.c.decided_by)
        .where(*conditions)
        .order_by(ORGANISATION.c.path, POSITION.c.role, ACCOUNT.c.login, POSITION.c.id)
        .offset(after)
    )  # fmt: skip
    found = query.limit(limit) if limit else query
    rows: Any = work.connection.execute(found)
    return [Item(*row) for row in rows]


def decide(work: Work, review_id: str, decisions: Mapping[str, str]) -> int:
    """Keep or end positions, by their ids; gives how many. Nobody decides about their own.

    Raises Forbidden, NotFound, AccountWrong; nothing is done then.
    """
    work.require("account.manage")
    _open(work, review_id)
    for position, decision in decisions.items():
        _decide(work, review_id, position, decision)
    return len(decisions)


def close(work: Work, review_id: str) -> None:
    """Finish a review. Raises Forbidden, NotFound, ReviewUnfinished."""
    work.require("account.manage")
    _open(work, review_id)
    _drop_gone(work, review_id)
    query = select(func.count()).where(ITEM.c.review_id == review_id, ITEM.c.decided == "")
    left = work.connection.execute(query).scalar_one()
    if left:
        raise ReviewUnfinished(count=left)
    changed = update(REVIEW).where(REVIEW.c.id == review_id).values(closed_at=work.at)
    work.connection.execute(changed)
    work.note("access.review-closed", review_id)


def begin_if_due(work: Work) -> str:
    """Begin a review when the last one is half a year old; gives its id, or nothing."""
    days = work.settings.access_review_days
    if not days:
        return ""
    since = clock.stamp(work.now - timedelta(days=days))
    recent = or_(REVIEW.c.closed_at.is_(None), REVIEW.c.begun_at > since)
    if work.connection.execute(select(REVIEW.c.id).where(recent)).first() is not None:
        return ""
    first = select(func.min(ACCOUNT.c.created_at))
    if (work.connection.execute(first).scalar() or work.at) > since:
        return ""  # a house that is new was reviewed as it was set up
    return begin(work)


def _decide(work: Work, review_id: str, position: str, decision: str) -> None:
    where = ITEM.c.review_id == review_id, ITEM.c.position_id == position
    query = select(POSITION.c.account_id, POSITION.c.role).join(
        ITEM, ITEM.c.position_id == POSITION.c.id
    )
    row = work.connection.execute(query.where(*where)).first()
    if row is None or decision not in (KEPT, ENDED):
        raise NotFound
    if row.account_id == work.actor.id:
        raise Forbidden(reason="account.second-person")
    fresh = update(ITEM).where(*where, ITEM.c.decided != ENDED)
    values = {"decided": decision, "decided_by": work.actor.id, "decided_at": work.at}
    if not work.connection.execute(fresh.values(**values)).rowcount:
        raise NotFound
    if decision == ENDED:
        accounts.end_grant(work, row.account_id, position)
    else:
        work.note("access.kept", row.account_id, role=row.role)


def _drop_gone(work: Work, review_id: str) -> None:
    """What ended elsewhere meanwhile needs no decision any more."""
    today = work.today.isoformat()
    live = exists().where(
        POSITION.c.id == ITEM.c.position_id,
        ACCOUNT.c.id == POSITION.c.account_id,
        ACCOUNT.c.active.is_(True),
        _in_force(today),
    )
    gone = update(ITEM).where(ITEM.c.review_id == review_id, ITEM.c.decided == "", ~live)
    work.connection.execute(gone.values(decided=GONE, decided_at=work.at))


def _open(work: Work, review_id: str) -> None:
    query = select(REVIEW.c.id).where(REVIEW.c.id == review_id, REVIEW.c.closed_at.is_(None))
    if work.connection.execute(query).first() is None:
        raise NotFound


def _in_force(today: str) -> ColumnElement[bool]:
    return and_(
        POSITION.c.valid_from <= today,
        or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
    )
