"""The outbox in the database: what is due, claims by lease, what came of a job; the only SQL of jobs.

A claim is a compare-and-set on the number of attempts, so one of two nodes gets the job; whoever
lost the lease meanwhile finds at the end that the job is no longer theirs, and all they wrote is undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from engine import clock
from engine.errors import Conflict, NotFound
from engine.jobs.registry import Kind, Registry
from engine.jobs.tables import JobRow
from engine.storage import sealed

JOB = JobRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
LONGEST_LEASE = timedelta(days=1)
LOST = "job.lost"
"""The error of a job whose worker said nothing until its lease was over."""
MOST_LOST = 30
"""A node that is killed often may take a job with it many times; so many times, it is the job's doing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in one's hands until the lease is over."""

    id: str
    kind: Kind
    payload: Mapping[str, Any]
    attempt: int
    failures: int = 0


def text(moment: datetime) -> str:
    """A moment as it is kept: text order is time order."""
    return moment.isoformat(timespec="microseconds")


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failures: twice as long each time, an hour at most."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)


def due(connection: Connection, now: datetime, *, limit: int = 200) -> Sequence[str]:
    """Jobs whose time has come, and those that a dead worker held, the oldest first."""
    query = select(JOB.c.id).where(_is_due(now)).order_by(JOB.c.run_at).limit(limit)
    return connection.execute(query).scalars().all()


def serve(connection: Connection, kind: str, key: str, now: datetime) -> bool:
    """Let the job of a kind that is due and that nobody has taken up go by this key from now on; gives
    whether there is one, or was one of the key. Whoever asks holds the key's lock.
    """
    named = connection.execute(select(JOB.c.id).where(JOB.c.key == key)).first()
    if named is not None:
        return True
    waits = (JOB.c.kind == kind, JOB.c.state == "waiting", JOB.c.run_at <= text(now))
    one = connection.execute(select(JOB.c.id).where(*waits).limit(1)).scalar()
    if one is None:
        return False
    renamed = update(JOB).where(JOB.c.id == one, *waits).values(key=key)
    return connection.execute(renamed).rowcount > 0


def claim(connection: Connection, job_id: str, now: datetime, registry: Registry) -> Claim | None:
    """Take a due job; None if it is not due or another was faster.

    One that was lost with its workers too often is not tried again.
    """
    row = connection.execute(select(JOB).where(JOB.c.id == job_id, _is_due(now))).first()
    if row is None:
        return None
    kind = registry.kind(row.kind)
    mine = Claim(row.id, kind, _payload(connection, row), row.attempts + 1, row.failures)
    unchanged = update(JOB).where(
        JOB.c.id == job_id, JOB.c.state == row.state, JOB.c.attempts == row.attempts
    )
    if row.attempts - row.failures >= MOST_LOST:
        connection.execute(
            unchanged.values(state="failed", error=LOST, lease_until=None, finished_at=text(now))
        )
        return None
    taken = connection.execute(
        unchanged.values(
            state="running",
            attempts=mine.attempt,
            lease_until=text(now + kind.lease),
            error=LOST if row.state == "running" else row.error,
        )
    )
    return mine if taken.rowcount else None


def finish(connection: Connection, claimed: Claim, given: Any, now: datetime) -> None:
    """Done, with its result. Raises Conflict when the lease was lost: then nothing may be committed."""
    done = connection.execute(
        _theirs(claimed).values(
            state="done",
            result=sealed.seal(connection, given, f"job:{claimed.id}.result", "job"),
            lease_until=None,
            finished_at=text(now),
        )
    )
    if not done.rowcount:
        raise Conflict(what=claimed.id)


def result(connection: Connection, job_id: str) -> Any:
    """What a job gave, None while it has given nothing. Raises NotFound."""
    row = connection.execute(select(JOB.c.id, JOB.c.result).where(JOB.c.id == job_id)).first()
    if row is None:
        raise NotFound
    return sealed.unseal(connection, row.result, f"job:{job_id}.result")


def fail(connection: Connection, claimed: Claim, error: str, now: datetime) -> bool:
    """Try again after a pause, or no more; gives whether it was the last time."""
    failures = claimed.failures + 1
    last = failures >= claimed.kind.attempts
    values: dict[str, Any] = {"error": error, "lease_until": None, "failures": failures}
    if last:
        values |= {"state": "failed", "finished_at": text(now)}
    else:
        values |= {"state": "waiting", "run_at": text(now + pause(failures))}
    connection.execute(_theirs(claimed).values(**values))
    return last


def again(connection: Connection, job_id: str, now: datetime) -> None:
    """Let a failed job be tried anew, as often as its kind allows. Raises NotFound."""
    changed = connection.execute(
        update(JOB)
        .where(JOB.c.id == job_id, JOB.c.state == "failed")
        .values(state="waiting", attempts=0, failures=0, run_at=text(now), finished_at=None)
    )
    if not changed.rowcount:
        raise NotFound


def listed(connection: Connection, state: str, *, limit: int = 100) -> list[Mapping[str, Any]]:
    """The jobs in a state, newest first: id, kind, attempts, run_at, error, finished_at."""
    columns = (JOB.c.id, JOB.c.kind, JOB.c.attempts, JOB.c.run_at, JOB.c.error, JOB.c.finished_at)
    query = select(*columns).where(JOB.c.state == state).order_by(JOB.c.run_at.desc()).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def counts(connection: Connection) -> dict[str, int]:
    """How many jobs are in each state."""
    found = connection.execute(select(JOB.c.state, func.count()).group_by(JOB.c.state))
    return {str(row[0]): row[1] for row in found}


def forget(connection: Connection, before: datetime) -> int:
    """Remove jobs that were done long ago; those that failed stay."""
    old = delete(JOB).where(JOB.c.state == "done", JOB.c.finished_at < text(before))
    return int(connection.execute(old).rowcount)


def _payload(connection: Connection, row: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = sealed.unseal(connection, row.payload, f"job:{row.id}")
    return found


def _is_due(now: datetime) -> ColumnElement[bool]:
    """What has come due; and what was put off while the clock was ahead, which would wait till then."""
    put_off = or_(
        and_(JOB.c.created_at > text(now + clock.SKEW), JOB.c.run_at <= JOB.c.created_at),
        and_(JOB.c.failures > 0, JOB.c.run_at > text(now + LONGEST_PAUSE + clock.SKEW)),
    )
    never = JOB.c.lease_until > text(now + LONGEST_LEASE)
    return or_(
        and_(JOB.c.state == "waiting", or_(JOB.c.run_at <= text(now), put_off)),
        and_(JOB.c.state == "running", or_(JOB.c.lease_until <= text(now), never)),
    )


def _theirs(claimed: Claim) -> Any:
    return update(JOB).where(
        JOB.c.id == claimed.id, JOB.c.state == "running", JOB.c.attempts == claimed.attempt
    )
