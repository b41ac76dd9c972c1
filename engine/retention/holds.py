"""A matter for which a whole form, ledger or field is kept: nothing of it is deleted meanwhile."""

from typing import Any

from sqlalchemy import insert, select, update

from engine.access import policy
from engine.erasure.store import HOLD, Hold
from engine.errors import Forbidden, NotFound
from engine.retention import parts
from engine.retention.store import READ, SHORTEST_REASON, RetentionWrong
from engine.work import Work

CHANGE = "hold.change"


def place(work: Work, kind: str, code: str, matter: str) -> str:
    """Keep all of it while a matter is open. Raises Forbidden, NotFound, RetentionWrong."""
    if not policy.reaches(work.actor, CHANGE):
        raise Forbidden
    _, owner = parts.part(kind).about(work, code)
    work.require(CHANGE, owner=owner)
    if len(matter.strip()) < SHORTEST_REASON:
        raise RetentionWrong(reason="matter")
    own = work.new_id()
    row = {
        "id": own, "subject": kind, "subject_id": code, "matter": matter.strip()[:200],
        "placed_at": work.at, "placed_by": work.actor.id, "placed_by_name": work.actor.name,
    }  # fmt: skip
    work.connection.execute(insert(HOLD), row)
    work.note("hold.placed", own, subject=kind, id=code)
    return own


def lift(work: Work, own: str) -> None:
    """The matter is closed. Raises Forbidden, NotFound."""
    if not policy.reaches(work.actor, CHANGE):
        raise Forbidden
    which = (HOLD.c.id == own, HOLD.c.lifted_at.is_(None), HOLD.c.subject.in_(parts.kinds()))
    found = work.connection.execute(select(HOLD.c.subject, HOLD.c.subject_id).where(*which)).first()
    if found is None:
        raise NotFound
    _, owner = parts.part(found.subject).about(work, found.subject_id)
    work.require(CHANGE, owner=owner)
    change = update(HOLD).where(HOLD.c.id == own)
    work.connection.execute(change.values(lifted_at=work.at, lifted_by_name=work.actor.name))
    work.note("hold.lifted", own)


def listed(work: Work) -> list[Hold]:
    """Holds of whole things in force, the newest first. Raises Forbidden."""
    if not policy.reaches(work.actor, READ):
        raise Forbidden
    names = [HOLD.c[name] for name in Hold.__slots__]
    query = select(*names).where(HOLD.c.lifted_at.is_(None), HOLD.c.subject.in_(parts.kinds()))
    rows: Any = work.connection.execute(query.order_by(HOLD.c.placed_at.desc()))
    return [Hold(*row) for row in rows]
