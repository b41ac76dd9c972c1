"""Fixed tables of notices: what somebody is told, and who has read it."""

from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class NoticeRow(SQLModel, table=True):
    """One notice to a person, or to whoever holds a role in an organisation."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_of_person", "account_id", "at"),
        Index("notice_of_place", "organisation_code", "role", "at"),
    )
    id: str = Field(primary_key=True)
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    about: str
    """Code of the text, e.g. `flow.notice.urged`."""
    detail: Any = Field(sa_column=Column(JsonText, nullable=False))
    account_id: str | None = None
    organisation_code: str | None = Field(default=None, sa_column=Column(CODE))
    role: str = ""
    task_id: str = ""
    """The task it asks for, if there is one to do."""
    document_id: str = ""
    key: str | None = Field(default=None, unique=True)
    """Idempotency key: a second notice with the same key is not written."""


class NoticeReadRow(SQLModel, table=True):
    """A person has read a notice; the others who hold the role may not have."""

    __tablename__ = "notice_read"
    notice_id: str = Field(primary_key=True, foreign_key="notice.id")
    account_id: str = Field(primary_key=True)
    read_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class NoticeSentRow(SQLModel, table=True):
    """A notice was handed over to a person by a channel; it is not again."""

    __tablename__ = "notice_sent"
    notice_id: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    sent_at: str = Field(sa_column=Column(MOMENT, nullable=False))
