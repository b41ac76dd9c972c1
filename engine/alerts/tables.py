"""Fixed tables of alerts: what the rules found, what became of it, how far the trail was looked through."""

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import MOMENT


class AlertRow(SQLModel, table=True):
    """A rule found something about somebody; it stays for ever, closed or not."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("alert_of_state", "state", "last_at"),
        Index("alert_of_rule", "rule", "about"),
    )
    id: str = Field(primary_key=True)
    rule: str
    about: str
    """Account or subject by id; empty: the installation."""
    raised_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    first_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    last_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    first_seq: int
    last_seq: int
    number: int
    state: str = "open"
    """open | looking | closed"""
    handled_by: str = ""
    handled_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    reason: str = ""


class AlertMarkRow(SQLModel, table=True):
    """The number of the last entry of the trail that was looked at."""

    __tablename__ = "alert_mark"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
