"""The history of everything that changes, append-only; and which packs were loaded."""

from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class HistoryRow(SQLModel, table=True):
    """A change of a thing: what it was and what it became. Rows are only ever added."""

    __tablename__ = "history"
    __table_args__ = (Index("history_of", "kind", "target"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    target: str
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    actor_id: str
    task_id: str = ""
    reason: str = ""
    before: Any = Field(default=None, sa_column=Column(JsonText))
    after: Any = Field(default=None, sa_column=Column(JsonText))
    origins: Any = Field(default=None, sa_column=Column(JsonText))
    """By name, the origin that a value of before had; null where it has none, or is not of a register."""


class PackRow(SQLModel, table=True):
    """A folder of declarations that was loaded, by the digest of its files: it need not be read again."""

    __tablename__ = "pack"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    digest: str
    loaded_at: str = Field(sa_column=Column(MOMENT, nullable=False))
