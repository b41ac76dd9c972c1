"""The audit trail's tables."""

from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from engine.storage.columns import MOMENT, JsonText


class AuditRow(SQLModel, table=True):
    """Who did what to what, when; `digest` covers the entry and the digest before it."""

    __tablename__ = "audit"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str = Field(sa_column=Column(MOMENT, nullable=False, index=True))
    actor_id: str = Field(index=True)
    actor_name: str
    action: str = Field(index=True)
    target: str = Field(index=True)
    detail: Any = Field(default=None, sa_column=Column(JsonText))
    request_id: str = ""
    digest: str


class AuditCheckRow(SQLModel, table=True):
    """A time when the whole chain was recomputed, and what was found."""

    __tablename__ = "audit_check"
    id: int | None = Field(default=None, primary_key=True)
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    whole: bool
    entries: int
    broken_at: int | None = None
    """Number of the first entry that does not fit."""


class AuditCheckpointRow(SQLModel, table=True):
    """Where the chain stood at a time, signed with a key that is not in the database."""

    __tablename__ = "audit_checkpoint"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    digest: str
    signature: str
