"""Fixed tables of retention: the periods, each carrying out with its certificate, the totals kept."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class RetentionRuleRow(SQLModel, table=True):
    """How long the personal values of a form, a ledger or a field are kept; ended, never changed."""

    __tablename__ = "retention_rule"
    __table_args__ = (
        Index(
            "retention_rule_once",
            "kind",
            "code",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: str = Field(primary_key=True)
    kind: str
    """form | ledger | field"""
    code: str = Field(sa_column=Column(CODE, nullable=False))
    owner: str = Field(sa_column=Column(CODE, nullable=False))
    """The office that issues the form or answers for the field."""
    months: int
    basis: str = Field(sa_column=Column(Text, nullable=False))
    """What the period rests on: the law, the schedule of records."""
    made_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    made_by: str
    made_name: str = ""
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    ended_name: str = ""


class RetentionRunRow(SQLModel, table=True):
    """What was due on a day, asked by one person, approved by another, deleted and certified."""

    __tablename__ = "retention_run"
    __table_args__ = (
        CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name="retention_run_two_people"
        ),
    )
    id: str = Field(primary_key=True)
    state: str
    """asked | refused | withdrawn | running | done"""
    parts: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Which periods, up to which day, how much was due: `[{"kind", "code", "before", "due", …}]`."""
    asked_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    asked_by: str
    asked_by_name: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    decided_by: str | None = None
    decided_by_name: str = ""
    answer: str = Field(default="", sa_column=Column(Text, nullable=False))
    progress: Any = Field(default=None, sa_column=Column(JsonText))
    """How far it is and what was found; ids and numbers, no values."""
    generation: int = 0
    done_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    signature: str = ""


class RetainedTotalRow(SQLModel, table=True):
    """A number that reports need, kept before the values went that it was made of."""

    __tablename__ = "retained_total"
    __table_args__ = (Index("retained_total_of", "kind", "place"),)
    run_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    place: str = Field(sa_column=Column(CODE, primary_key=True))
    """The division of the subjects; of a form the document."""
    period: str = Field(sa_column=Column(CODE, primary_key=True))
    name: str = Field(sa_column=Column(CODE, primary_key=True))
    """The column."""
    value: str = Field(sa_column=Column(CODE, primary_key=True))
    """The code that was counted; empty: any."""
    number: int
    total: str = ""
    """The sum, to the last digit; empty for what does not add up."""


class RetainedRow(SQLModel, table=True):
    """A document whose personal values are gone, and by which run."""

    __tablename__ = "retained"
    kind: str = Field(primary_key=True)
    target: str = Field(sa_column=Column(CODE, primary_key=True))
    run_id: str
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
