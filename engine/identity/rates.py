"""What may be done so often in a minute, counted in the database: for all nodes together.

A node asks for several turns at once and hands them out itself, so that most requests cost no write.
Turns that were taken and not used lapse with their minute: nobody ever gets more for having more nodes.
"""

import hashlib

from sqlalchemy import case, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.identity.tables import RateCount
from engine.work import Work

RATE = RateCount.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MINUTE = 60
AHEAD = 2
"""Of a node whose clock is so many minutes ahead the count holds; of one further ahead it is an error."""
SHARE = 20
"""A node takes this part of the limit at once."""


def turns(limit: int) -> int:
    """How many turns a node takes at once."""
    return max(1, limit // SHARE)


def take(work: Work, kind: str, key: str, limit: int) -> bool:
    """Take some turns in this minute; False if as many as the limit are taken.

    One statement, so that of nodes that ask at the same time none is forgotten.
    """
    digest, minute = _digest(kind, key), int(work.now.timestamp()) // MINUTE
    runs = RATE.c.minute.between(minute, minute + AHEAD)
    asked = update(RATE).where(RATE.c.digest == digest, or_(~runs, RATE.c.taken < limit))
    counted = asked.values(
        taken=case((runs, RATE.c.taken + turns(limit)), else_=turns(limit)),
        minute=case((runs, RATE.c.minute), else_=minute),
    )
    if work.connection.execute(counted).rowcount:
        return True
    there = select(RATE.c.digest).where(RATE.c.digest == digest)
    if work.connection.execute(there).first() is not None:
        return False
    try:
        with work.connection.begin_nested():
            row = {"digest": digest, "minute": minute, "taken": turns(limit)}
            work.connection.execute(insert(RATE), row)
    except IntegrityError:  # another node was first
        return bool(work.connection.execute(counted).rowcount)
    return True


def forget(work: Work) -> int:
    """Remove counts of minutes that are long over; gives how many."""
    minute = int(work.now.timestamp()) // MINUTE
    return work.connection.execute(delete(RATE).where(RATE.c.minute < minute - 1)).rowcount


def _digest(kind: str, key: str) -> str:
    return hashlib.sha256(f"{kind} {key}".encode()).hexdigest()[:32]
