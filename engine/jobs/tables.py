"""The outbox: the record of every job, written in the transaction that caused it."""

from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import MOMENT, JsonText


class JobRow(SQLModel, table=True):
    """One job: what to do, how often it was tried, until when it is held, what came of it."""

    __tablename__ = "job"
    __table_args__ = (Index("job_due", "state", "run_at"),)
    id: str = Field(primary_key=True)
    kind: str
    payload: Any = Field(sa_column=Column(JsonText, nullable=False))
    state: str = "waiting"
    """waiting | running | done | failed"""
    attempts: int = 0
    """Counts the claims, so that it also tells one holder from the next."""
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it went wrong by itself; the other attempts were lost with their workers."""
    run_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    lease_until: str | None = Field(default=None, sa_column=Column(MOMENT))
    key: str | None = Field(default=None, unique=True)
    """Idempotency key: a second job with the same key is not written."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    finished_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    error: str | None = None
    """Code of what went wrong the last time; kept when the job succeeds after all."""
    result: Any = Field(default=None, sa_column=Column(JsonText))
