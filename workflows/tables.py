"""Fixed tables of flows: documents of flows, running cases with their events, tasks, dispatches."""

from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class FlowRow(SQLModel, table=True):
    """One version of a flow document."""

    __tablename__ = "flow"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    version: int = Field(primary_key=True)
    title: str
    document: Any = Field(sa_column=Column(JsonText, nullable=False))
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class CaseRow(SQLModel, table=True):
    """A running flow around one document: its state is the projection of its events."""

    __tablename__ = "flow_case"
    id: str = Field(primary_key=True)
    flow_code: str = Field(sa_column=Column(CODE, nullable=False))
    flow_version: int
    document_id: str = Field(index=True)
    state: Any = Field(sa_column=Column(JsonText, nullable=False))
    revision: int = 0
    status: str = "running"
    """running | finished | rejected | withdrawn | terminated"""
    started_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class FlowEventRow(SQLModel, table=True):
    """What happened in a case, in order; together they rebuild its state."""

    __tablename__ = "flow_event"
    __table_args__ = (Index("flow_event_of", "case_id", "seq", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: str
    seq: int
    kind: str
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    actor_id: str
    actor_name: str = ""
    document: Any = Field(sa_column=Column(JsonText, nullable=False))


class TaskRow(SQLModel, table=True):
    """A step that waits for somebody: a person, or whoever holds a role in an organisation."""

    __tablename__ = "task"
    __table_args__ = (
        Index("task_of_place", "organisation_code", "role", "status", "due_at"),
        Index("task_of_person", "account_id", "status", "due_at"),
    )
    id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    document_id: str = Field(index=True)
    dispatch_id: str | None = Field(default=None, index=True)
    key: str
    """The task's key in the case's state."""
    step: str
    kind: str
    """fill | verify | approve"""
    title: str
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    role: str
    account_id: str | None = None
    subject_code: str = Field(sa_column=Column(CODE, nullable=False))
    """The organisation the document is about."""
    status: str = "open"
    """open | done | cancelled | returned | withdrawn"""
    returned: bool = False
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    opened_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    due_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    closed_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    closed_by: str = ""
    outcome: str = ""
    cells: Any = Field(default=None, sa_column=Column(JsonText))
    """The cells that may be edited with the reason for each; null: the whole document."""
    urged_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class DispatchRow(SQLModel, table=True):
    """One report sent to many organisations for a period with a due date."""

    __tablename__ = "dispatch"
    id: str = Field(primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    form_version: int
    title: str
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    period: str
    due_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    note: str = ""
    status: str = "running"
    """running | collected | withdrawn"""
    targets: int
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    created_name: str = ""
