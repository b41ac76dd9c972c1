"""A case for looking at: who may, and whether they may more than look."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from engine.access import policy
from engine.errors import NotFound
from engine.work import Work
from forms import documents
from forms.documents import DocumentRecord
from workflows import beside, sealing, standing, store
from workflows.store import CASE, TASK, CaseRecord, TaskRecord

WORKING = frozenset(("staff", "verifier", "leader", "department"))
"""Roles that work on cases; an auditor looks on."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with its document."""

    case: CaseRecord
    record: DocumentRecord
    may_act: bool
    """They have a part in it, or it lies within their duty: they may urge and let others know."""
    may_speak: bool
    """And who was let know may ask and answer; an auditor only looks."""


def read(work: Work, case_id: str) -> Seen:
    """A case the actor may see: within reach, a part in it, or let know of it. Raises NotFound."""
    case = store.get_case(work.connection, case_id)
    record = documents.get(work.connection, case.document_id)
    within = policy.covers(
        work.actor, "document.read", path=record.organisation_path, owner=record.owner
    )
    duty = within and bool(work.actor.roles() & WORKING)
    may_act = duty or work.actor.is_system or has_part(work, case_id)
    copied = beside.copied_to(work.connection, case_id, work.actor)
    if not (within or may_act or copied):
        raise NotFound
    return Seen(case, record, may_act, may_act or copied)


def named_tasks(connection: Connection, account_id: str) -> list[TaskRecord]:
    """The open tasks that somebody has by name, the oldest first."""
    query = select(TASK).where(TASK.c.account_id == account_id, TASK.c.status == "open")
    rows = sealing.tasks(connection, query.order_by(TASK.c.id))
    return [TaskRecord(**row) for row in rows]


def has_part(work: Work, case_id: str) -> bool:
    """Whether the actor has, may have or had a task in a case."""
    theirs = or_(standing.mine(work), TASK.c.closed_by == work.actor.id)
    query = select(TASK.c.id).where(TASK.c.case_id == case_id, theirs).limit(1)
    return work.connection.execute(query).first() is not None


def on_hold() -> Select[Any]:
    """The documents of suspended cases, as a part of another question."""
    return select(CASE.c.document_id).where(CASE.c.status == "suspended")


def held_up(connection: Connection, document_ids: Collection[str]) -> set[str]:
    """Of these documents those whose case is suspended."""
    query = on_hold().where(CASE.c.document_id.in_(document_ids))
    return set(connection.execute(query).scalars())


def revisions(work: Work, document_ids: Collection[str]) -> dict[str, int]:
    """How often each document was saved by now."""
    table = documents.DOCUMENT.c
    query = select(table.id, table.revision).where(table.id.in_(document_ids))
    return {row.id: row.revision for row in work.connection.execute(query)}
