"""What stands beside a case in the database: clocks, incidents, candidates of a task, copies, choices.

The case itself and its tasks are in `store.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine.access import policy
from engine.errors import NotFound
from engine.identity.actor import Actor
from engine.storage.prepared import Prepared
from engine.work import Work
from workflows import sealing
from workflows.tables import CandidateRow, CopyRow, FlowEventRow, IncidentRow, TaskRow, TimerRow

TIMER = TimerRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]  # as above
CANDIDATE = CandidateRow.__table__  # type: ignore[attr-defined]  # as above
EVENT = FlowEventRow.__table__  # type: ignore[attr-defined]  # as above
TASK = TaskRow.__table__  # type: ignore[attr-defined]  # as above
COPY = CopyRow.__table__  # type: ignore[attr-defined]  # as above


_CANDIDATE_TASKS = Prepared(
    select(CANDIDATE.c.task_id)
    .join(TASK, TASK.c.id == CANDIDATE.c.task_id)
    .where(CANDIDATE.c.account_id == bindparam("person"), TASK.c.status == "open")
    .limit(500)
)


_OPEN_OF_CASE = (INCIDENT.c.case_id == bindparam("case"), INCIDENT.c.solved_at.is_(None))
_SOLVE_ALL = Prepared(update(INCIDENT).where(*_OPEN_OF_CASE))
_SOLVE_ONE = Prepared(update(INCIDENT).where(*_OPEN_OF_CASE, INCIDENT.c.key == bindparam("one")))


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock of a task."""

    id: str
    case_id: str
    key: str
    kind: str
    at: str
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """Something stuck, and the office that must see to it."""

    id: str
    case_id: str
    document_id: str
    key: str
    step: str
    reason: str
    owner: str
    title: str
    subject_code: str
    opened_at: str
    solved_at: str | None
    solved_by: str


def add_timers(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Start clocks: each is a row and a job that comes when it is over."""
    if not rows:
        return
    work.connection.execute(insert(TIMER), list(rows))
    for row in rows:
        work.later("flow.timer", {"timer": row["id"]}, run_at=row["at"])


def end_timers(work: Work, case_id: str, keys: Sequence[str]) -> None:
    """Stop the clocks of tasks; their jobs will find nothing to do."""
    gone = delete(TIMER).where(TIMER.c.case_id == case_id, TIMER.c.key.in_(keys))
    work.connection.execute(gone)


def take_timer(work: Work, timer_id: str) -> Timer | None:
    """A clock that is over, taken off the wall; None if it was stopped, paused or is not over yet."""
    row = work.connection.execute(select(TIMER).where(TIMER.c.id == timer_id)).first()
    if row is None or row.seconds_left is not None or row.at > work.at:
        return None
    taken = delete(TIMER).where(TIMER.c.id == timer_id, TIMER.c.seconds_left.is_(None))
    return Timer(*row) if work.connection.execute(taken).rowcount else None


def pause_timers(work: Work, case_id: str, keys: Sequence[str]) -> None:
    """Note how much is left on each clock, and stop it."""
    for row in _timers(work.connection, case_id, keys):
        if row.seconds_left is None:
            left = (datetime.fromisoformat(row.at) - work.now).total_seconds()
            _set(work, row.id, seconds_left=max(left, 0.0))


Later = Callable[[str, str], str]
"""When something of a task, by its key, is due that was due at a time before its case was suspended."""


def resume_timers(work: Work, case_id: str, keys: Sequence[str], later: Later) -> None:
    """Let stopped clocks run on for what was left; the tasks' due dates move with them."""
    for row in _timers(work.connection, case_id, keys):
        if row.seconds_left is not None:
            at = max(later(row.key, row.at), work.at)
            _set(work, row.id, seconds_left=None, at=at)
            work.later("flow.timer", {"timer": row.id}, run_at=at)
    here = (TASK.c.case_id == case_id, TASK.c.key.in_(keys), TASK.c.status == "open")
    due = select(TASK.c.id, TASK.c.key, TASK.c.due_at).where(*here, TASK.c.due_at.is_not(None))
    for task in work.connection.execute(due).all():
        moved = update(TASK).where(TASK.c.id == task.id)
        work.connection.execute(moved.values(due_at=later(task.key, task.due_at)))


def suspended_at(connection: Connection, case_id: str) -> str:
    """When a case was suspended, the last time."""
    query = select(func.max(EVENT.c.at)).where(
        EVENT.c.case_id == case_id, EVENT.c.kind == "suspended"
    )
    return str(connection.execute(query).scalar_one())


def overdue_timers(connection: Connection, since: str, *, limit: int = 500) -> list[str]:
    """Clocks that run and were over before a time, the oldest first."""
    query = select(TIMER.c.id).where(TIMER.c.at < since, TIMER.c.seconds_left.is_(None))
    return list(connection.execute(query.order_by(TIMER.c.at).limit(limit)).scalars())


def due_of(connection: Connection, case_id: str, keys: Sequence[str]) -> str | None:
    """When the latest row of a task (or of the one it carries on) was due."""
    query = (
        select(TASK.c.due_at)
        .where(TASK.c.case_id == case_id, TASK.c.key.in_(keys))
        .order_by(TASK.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def _timers(connection: Connection, case_id: str, keys: Sequence[str]) -> Sequence[Any]:
    query = select(TIMER).where(TIMER.c.case_id == case_id, TIMER.c.key.in_(keys))
    return connection.execute(query).all()


def _set(work: Work, timer_id: str, **columns: Any) -> None:
    work.connection.execute(update(TIMER).where(TIMER.c.id == timer_id).values(**columns))


def add_incident(work: Work, row: Mapping[str, Any]) -> None:
    """Something is stuck."""
    work.connection.execute(insert(INCIDENT), row)


def solve_incident(work: Work, case_id: str, *, key: str = "") -> None:
    """It goes on again: one incident of a case, or all of them."""
    told: dict[str, Any] = {"case": case_id, "solved_at": work.at, "solved_by": work.actor.id}
    if key:
        _SOLVE_ONE.write(work.connection, one=key, **told)
    else:
        _SOLVE_ALL.write(work.connection, **told)


def incident(work: Work, incident_id: str) -> IncidentRecord:
    """An incident that the actor looks after. Raises NotFound."""
    query = select(INCIDENT).where(INCIDENT.c.id == incident_id)
    row = work.connection.execute(query).mappings().first()
    if row is None or not policy.covers(work.actor, "case.manage", owner=row["owner"]):
        raise NotFound
    return IncidentRecord(**row)


def incidents(
    work: Work, *, case_id: str = "", solved: bool = False, limit: int = 200
) -> list[IncidentRecord]:
    """The incidents the actor looks after, the oldest first."""
    query = (
        select(INCIDENT)
        .where(policy.sees(work.actor, "case.manage", owner=INCIDENT.c.owner))
        .order_by(INCIDENT.c.opened_at)
        .limit(limit)
    )
    if not solved:
        query = query.where(INCIDENT.c.solved_at.is_(None))
    if case_id:
        query = query.where(INCIDENT.c.case_id == case_id)
    return [IncidentRecord(**row) for row in work.connection.execute(query).mappings()]


def add_candidates(work: Work, task_id: str, people: Sequence[str]) -> None:
    """Several people may do a task that is nobody's in particular."""
    work.connection.execute(
        insert(CANDIDATE), [{"task_id": task_id, "account_id": one} for one in people]
    )


def candidates(connection: Connection, task_id: str) -> tuple[str, ...]:
    """The people who may do a task, where a rule named several."""
    query = select(CANDIDATE.c.account_id).where(CANDIDATE.c.task_id == task_id)
    return tuple(connection.execute(query).scalars())


def candidate_tasks(connection: Connection, people: Sequence[str]) -> tuple[str, ...]:
    """The open tasks of which any of these people is a candidate."""
    found = [_CANDIDATE_TASKS.all(connection, person=one) for one in people]
    return tuple(dict.fromkeys(row["task_id"] for rows in found for row in rows))


def load_of(connection: Connection, people: Sequence[str]) -> dict[str, int]:
    """How many open tasks by name each of these people has."""
    query = (
        select(TASK.c.account_id, func.count())
        .where(TASK.c.account_id.in_(people), TASK.c.status == "open")
        .group_by(TASK.c.account_id)
    )
    return {str(row[0]): row[1] for row in connection.execute(query)}


def choice(connection: Connection, case_id: str, step: str) -> tuple[str, ...]:
    """Whom somebody chose last for a step of a case."""
    query = (
        select(EVENT.c.case_id, EVENT.c.seq, EVENT.c.document)
        .where(EVENT.c.case_id == case_id, EVENT.c.kind.in_(("submitted", "passed")))
        .order_by(EVENT.c.seq.desc())
    )
    for row in connection.execute(query).mappings():
        document = sealing.opened_event(connection, row)["document"]
        if step in document.get("chosen", {}):
            return tuple(document["chosen"][step])
    return ()


def add_copies(work: Work, case_id: str, people: Sequence[str]) -> None:
    """These people may look at a case from now on, each noted once."""
    known = {one["account_id"] for one in copies(work.connection, case_id)}
    rows = [
        {"case_id": case_id, "account_id": one, "copied_at": work.at, "copied_by": work.actor.id}
        for one in dict.fromkeys(people)
        if one not in known
    ]
    if rows:
        work.connection.execute(insert(COPY), rows)


def copies(connection: Connection, case_id: str) -> list[Mapping[str, Any]]:
    """Who was let know of a case, and when they looked: account_id, copied_at, read_at."""
    query = select(COPY).where(COPY.c.case_id == case_id).order_by(COPY.c.copied_at)
    return [dict(row) for row in connection.execute(query).mappings()]


def copied_to(connection: Connection, case_id: str, actor: Actor) -> bool:
    """Whether the actor was let know of a case."""
    query = select(COPY.c.case_id).where(COPY.c.case_id == case_id, COPY.c.account_id == actor.id)
    return connection.execute(query).first() is not None


def read_copy(work: Work, case_id: str) -> None:
    """The actor looks at a case they were let know of; the first time counts."""
    work.connection.execute(
        update(COPY)
        .where(
            COPY.c.case_id == case_id, COPY.c.account_id == work.actor.id, COPY.c.read_at.is_(None)
        )
        .values(read_at=work.at)
    )
