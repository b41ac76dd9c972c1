"""Flows, cases, events and tasks in the database; with `dispatches.py` the only SQL of workflows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    func,
    insert,
    select,
    update,
)

from engine import rotation
from engine.access import policy
from engine.errors import Conflict, NotFound, Problem
from engine.identity.store import ACCOUNT, ORGANISATION
from engine.storage.database import place
from engine.storage.prepared import Prepared
from engine.work import Work
from workflows import flow as flows
from workflows import sealing, soundness, standing
from workflows.assignees import finding
from workflows.core.state import State
from workflows.events import Event
from workflows.flow import Flow
from workflows.tables import CaseRow, FlowEventRow, FlowRow, TaskRow

FLOW = FlowRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
CASE = CaseRow.__table__  # type: ignore[attr-defined]  # as above
EVENT = FlowEventRow.__table__  # type: ignore[attr-defined]  # as above
TASK = TaskRow.__table__  # type: ignore[attr-defined]  # as above


class FlowUnknown(Problem):
    """There is no such flow."""

    code, status = "flow.unknown", 404
    flow: str


class FlowUnsound(Problem):
    """A flow that could get stuck is not kept; `faults` says where."""

    code, status = "flow.unsound", 422
    flow: str
    faults: str


class CaseRecord(NamedTuple):
    """A running flow around one document."""

    id: str
    flow_code: str
    flow_version: int
    document_id: str
    title: str
    due_at: str | None
    state: State
    revision: int
    status: str
    started_at: str
    ended_at: str | None
    parent_id: str | None = None
    parent_key: str = ""
    number: str | None = None


class TaskRecord(NamedTuple):
    """A step that waits for somebody."""

    id: str
    case_id: str
    document_id: str
    dispatch_id: str | None
    key: str
    step: str
    kind: str
    title: str
    organisation_code: str
    role: str
    account_id: str | None
    subject_code: str
    status: str
    returned: bool
    created_at: str
    opened_at: str | None
    due_at: str | None
    closed_at: str | None
    closed_by: str
    outcome: str
    cells: Mapping[str, str] | None
    urged_at: str | None
    closed_for: str


_flows: dict[tuple[str, str, int], Flow] = {}
# made once: building a statement anew costs more than running it
_TASK_OF_ID = Prepared(select(TASK).where(TASK.c.id == bindparam("task")))
_NAME_OF = Prepared(
    select(ACCOUNT.c.name).where(ACCOUNT.c.id == bindparam("account"), ACCOUNT.c.active.is_(True))
)
_SEVERAL = ("one", "two", "three", "four", "five", "six")
_NAMES_OF = Prepared(
    select(ACCOUNT.c.id, ACCOUNT.c.name).where(
        ACCOUNT.c.id.in_([bindparam(name) for name in _SEVERAL]), ACCOUNT.c.active.is_(True)
    )
)
_CASE_OF_ID = Prepared(select(CASE).where(CASE.c.id == bindparam("case")))
_CHANGE_CASE = Prepared(
    update(CASE).where(CASE.c.id == bindparam("case"), CASE.c.revision == bindparam("before"))
)
_CHANGE_TASK = Prepared(
    update(TASK).where(
        TASK.c.case_id == bindparam("case"),
        TASK.c.key == bindparam("task"),
        TASK.c.status == "open",
    )
)
_ADD_EVENTS, _ADD_TASKS = Prepared(insert(EVENT).inline()), Prepared(insert(TASK).inline())


def add_flow(work: Work, document: Mapping[str, Any]) -> bool:
    """Keep a flow document as its version; False if it is there. Raises FlowUnsound, RuleUnknown, FlowUnknown."""
    flow = flows.load(document)
    faults = soundness.check(flow)
    if faults:
        raise FlowUnsound(flow=flow.code, faults="; ".join(str(fault.text()) for fault in faults))
    finding.check(flow)
    for step in flow.steps:
        if step.flow not in ("", flow.code):
            _version_of(work.connection, step.flow)
    known = work.connection.execute(
        select(FLOW.c.code).where(FLOW.c.code == flow.code, FLOW.c.version == flow.version)
    ).first()
    if known is not None:
        return False
    work.connection.execute(
        insert(FLOW),
        {
            "code": flow.code,
            "version": flow.version,
            "title": document["titles"]["zh"],
            "document": dict(document),
            "created_at": work.at,
        },
    )
    work.note("flow.saved", f"{flow.code}@{flow.version}")
    return True


def flow(connection: Connection, code: str, version: int | None = None) -> Flow:
    """A flow, the newest version unless one is named. Raises FlowUnknown."""
    version = version or _version_of(connection, code)
    key = (place(connection), code, version)
    found = _flows.get(key)
    if found is None:
        document = connection.execute(
            select(FLOW.c.document).where(FLOW.c.code == code, FLOW.c.version == version)
        ).scalar()
        if document is None:
            raise FlowUnknown(flow=code)
        found = flows.load(document)
        if len(_flows) >= 512:  # there is one more with every release
            _flows.clear()
        _flows[key] = found
    return found


def _version_of(connection: Connection, code: str) -> int:
    """The newest version of a flow. Raises FlowUnknown."""
    query = select(func.max(FLOW.c.version)).where(FLOW.c.code == code)
    found = connection.execute(query).scalar()
    if found is None:
        raise FlowUnknown(flow=code)
    return int(found)


def add_cases(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Start cases: rows with id, flow, document, state."""
    sealed = [
        {**row, "state": sealing.state(work.connection, row["id"], row["state"])} for row in rows
    ]
    work.connection.execute(insert(CASE), sealed)


def get_case(connection: Connection, case_id: str) -> CaseRecord:
    """A case. Raises NotFound."""
    row = _CASE_OF_ID.first(connection, case=case_id)
    if row is None:
        raise NotFound
    return opened_case(connection, CaseRecord(**row))


def opened_case(connection: Connection, record: CaseRecord) -> CaseRecord:
    """A case as its row has it, with its state opened."""
    return record._replace(state=sealing.opened_state(connection, record.id, record.state))


def save_case(work: Work, record: CaseRecord, state: State, events: int) -> None:
    """Store the state that came of so many more events. Raises Conflict if somebody was faster; within
    `postgresql.together` it cannot tell, and the number of the events does.
    """
    kept = sealing.state(work.connection, record.id, state)
    values: dict[str, Any] = {"state": kept, "revision": record.revision + events}
    if state.number and state.number != record.number:
        values["number"] = state.number
    if state.status != record.status:
        values |= {"status": state.status, "ended_at": work.at if state.ended else None}
    found = _CHANGE_CASE.write(work.connection, case=record.id, before=record.revision, **values)
    if found == 0:
        raise Conflict(what=record.id)


def add_events(work: Work, case_id: str, after: int, events: Sequence[Event]) -> None:
    """Add events to a case's history."""
    rows = [_event_row(work, case_id, after + n, event) for n, event in enumerate(events, 1)]
    _ADD_EVENTS.write_many(work.connection, rows)


def add_first_events(work: Work, started: Sequence[tuple[str, str, Sequence[Event]]]) -> None:
    """Add the events of many new cases: (case id, document id, events)."""
    rows = [
        _event_row(work, case_id, n, event)
        for case_id, _, events in started
        for n, event in enumerate(events, 1)
    ]
    work.connection.execute(insert(EVENT), rows)


def _event_row(work: Work, case_id: str, seq: int, event: Event) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "seq": seq,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "actor_id": event.by,
        "actor_name": work.actor.name if event.by == work.actor.id else "",
        "document": sealing.event(work.connection, case_id, seq, event.dump()),
    }


def events(connection: Connection, case_id: str) -> list[Mapping[str, Any]]:
    """The history of a case: kind, at, actor_name and the event's document, oldest first."""
    query = select(EVENT).where(EVENT.c.case_id == case_id).order_by(EVENT.c.seq)
    rows = connection.execute(query).mappings()
    return [sealing.opened_event(connection, row) for row in rows]


def passes(connection: Connection, document_id: str) -> list[Mapping[str, Any]]:
    """Every passing of a step around a document, in whichever of its cases, oldest first."""
    return signed(connection, document_id, "passed")


def signed(connection: Connection, document_id: str, *kinds: str) -> list[Mapping[str, Any]]:
    """Every handing in and passing around a document, or the events of these kinds, oldest first."""
    wanted = kinds or ("submitted", "passed")
    query = (
        select(EVENT)
        .join(CASE, CASE.c.id == EVENT.c.case_id)
        .where(CASE.c.document_id == document_id, EVENT.c.kind.in_(wanted))
        .order_by(EVENT.c.at, EVENT.c.seq)
    )
    rows = connection.execute(query).mappings()
    return [sealing.opened_event(connection, row) for row in rows]


def add_tasks(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open tasks."""
    _ADD_TASKS.write_many(work.connection, [sealing.task(work.connection, row) for row in rows])


def close_task(
    work: Work, case_id: str, key: str, outcome: str, by: str, *, closed_for: str = ""
) -> None:
    """Close the open task of a case with a key; a deputy does it for somebody."""
    status = outcome if outcome in ("done", "returned", "withdrawn") else "cancelled"
    if outcome in ("rejected", "auto"):
        status = "done"
    closed = {"closed_at": work.at, "closed_by": by, "closed_for": closed_for}
    change_task(work, case_id, key, status=status, outcome=outcome, **closed)


def change_task(work: Work, case_id: str, key: str, **columns: Any) -> None:
    """Change an open task: its owner, when it was seen, when it was urged, that it is done."""
    _CHANGE_TASK.write(work.connection, case=case_id, task=key, **columns)


def task(work: Work, task_id: str) -> TaskRecord:
    """A task that the actor may act on, or did. Raises NotFound for anybody else's."""
    found = task_by_id(work.connection, task_id)
    if standing.in_the_name_of(work, found) is None:
        raise NotFound
    return found


def task_by_id(connection: Connection, task_id: str) -> TaskRecord:
    """A task, whoever asks: for what was the actor's a moment ago. Raises NotFound."""
    row = _TASK_OF_ID.first(connection, task=task_id)
    if row is None:
        raise NotFound
    return TaskRecord(**sealing.opened_task(connection, row))


def tasks_of(
    work: Work, *conditions: ColumnElement[bool], limit: int = 500, offset: int = 0
) -> list[TaskRecord]:
    """The actor's tasks that satisfy the conditions, the most urgent first."""
    query = (
        select(TASK)
        .where(standing.mine(work), *conditions)
        .order_by(TASK.c.returned.desc(), TASK.c.due_at, TASK.c.subject_code, TASK.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [TaskRecord(**row) for row in sealing.tasks(work.connection, query)]


def open_task(connection: Connection, case_id: str, key: str) -> Mapping[str, Any] | None:
    """The open task of a case with a key: its row, or None if there is none."""
    query = select(TASK).where(
        TASK.c.case_id == case_id, TASK.c.key == key, TASK.c.status == "open"
    )
    row = connection.execute(query).mappings().first()
    return sealing.opened_task(connection, row) if row else None


def open_tasks(connection: Connection, document_ids: Sequence[str]) -> list[TaskRecord]:
    """The open tasks around some documents."""
    query = select(TASK).where(TASK.c.document_id.in_(document_ids), TASK.c.status == "open")
    return [TaskRecord(**row) for row in sealing.tasks(connection, query)]


def tasks_around(connection: Connection, document_id: str) -> list[TaskRecord]:
    """All tasks that there ever were around a document, oldest first."""
    query = select(TASK).where(TASK.c.document_id == document_id).order_by(TASK.c.created_at)
    return [TaskRecord(**row) for row in sealing.tasks(connection, query)]


def tasks_of_documents(connection: Connection, document_ids: Sequence[str]) -> list[TaskRecord]:
    """All tasks that there ever were around some documents, oldest first."""
    query = select(TASK).where(TASK.c.document_id.in_(document_ids)).order_by(TASK.c.created_at)
    return [TaskRecord(**row) for row in sealing.tasks(connection, query)]


def name_of(work: Work, account_id: str) -> str:
    """What a person is called; empty for an account that is closed."""
    if account_id == work.actor.id:
        return work.actor.name
    return str(_NAME_OF.scalar(work.connection, account=account_id) or "")


def names_of(work: Work, account_ids: Collection[str]) -> dict[str, str]:
    """What up to six people are called, by account; those whose account is closed are left out."""
    known = {work.actor.id: work.actor.name}
    asked = sorted({one for one in account_ids if one and one not in known})
    if not asked:
        return known
    values = dict(zip(_SEVERAL, (*asked, *("",) * len(_SEVERAL)), strict=False))
    return known | {row["id"]: row["name"] for row in _NAMES_OF.all(work.connection, **values)}


def late_below(work: Work, *, limit: int) -> list[TaskRecord]:
    """Open fill tasks past their due date in the organisations the actor answers for."""
    reached = policy.sees(work.actor, "document.read", path=ORGANISATION.c.path)
    query = (
        select(TASK)
        .join(ORGANISATION, ORGANISATION.c.code == TASK.c.subject_code)
        .where(TASK.c.status == "open", TASK.c.kind == "fill", TASK.c.due_at < work.at, reached)
        .order_by(TASK.c.due_at)
        .limit(limit)
    )
    return [TaskRecord(**row) for row in sealing.tasks(work.connection, query)]


def recently_done(work: Work, *, limit: int) -> list[TaskRecord]:
    """What the actor did last."""
    query = (
        select(TASK)
        .where(TASK.c.closed_by == work.actor.id, TASK.c.status.in_(("done", "returned")))
        .order_by(TASK.c.closed_at.desc())
        .limit(limit)
    )
    return [TaskRecord(**row) for row in sealing.tasks(work.connection, query)]


rotation.declare(CASE, "state", sealing.KIND, lambda row: f"flow_case:{row['id']}.state")
rotation.declare(TASK, "cells", sealing.KIND, lambda row: f"task:{row['id']}.cells")
rotation.declare(
    EVENT,
    "document",
    sealing.KIND,
    lambda row: f"flow_event:{row['case_id']}:{row['seq']}.document",
)
