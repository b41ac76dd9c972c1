"""Fixed tables of ledgers. What is local to one has a typed table of its own (`schema.py`)."""

from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class MemberRow(SQLModel, table=True):
    """A subject's stay in a ledger that is kept by hand: from when, why, and until when."""

    __tablename__ = "ledger_member"
    __table_args__ = (
        Index("ledger_member_of", "ledger", "subject_id"),
        Index(
            "ledger_member_once",
            "ledger",
            "subject_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
    )
    id: str = Field(primary_key=True)
    ledger: str = Field(sa_column=Column(CODE, nullable=False))
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))
    entered_on: str = Field(sa_column=Column(CODE, nullable=False))
    entry_reason: str = ""
    entered_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    entered_by: str = ""
    left_on: str | None = Field(default=None, sa_column=Column(CODE))
    exit_reason: str = ""
    left_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    left_by: str = ""


class ViewRow(SQLModel, table=True):
    """A way of looking at a ledger that somebody keeps: filters, order, columns."""

    __tablename__ = "ledger_view"
    __table_args__ = (Index("ledger_view_of", "ledger"),)
    id: str = Field(primary_key=True)
    ledger: str = Field(sa_column=Column(CODE, nullable=False))
    title: str
    account_id: str
    shared: bool = False
    ask: Any = Field(sa_column=Column(JsonText, nullable=False))
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class ProposalRow(SQLModel, table=True):
    """A change that somebody proposes to the steward of a field; values of secret fields are sealed."""

    __tablename__ = "ledger_proposal"
    __table_args__ = (
        Index("ledger_proposal_to", "decider", "state"),
        Index("ledger_proposal_about", "subject_id", "field"),
    )
    id: str = Field(primary_key=True)
    ledger: str = Field(sa_column=Column(CODE, nullable=False))
    row_id: str
    """The ledger's row in which it was proposed; with a related field another subject than this."""
    column: str
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))
    field: str = Field(sa_column=Column(CODE, nullable=False))
    decider: str = Field(sa_column=Column(CODE, nullable=False))
    """The office that decides: the field's steward, or the ledger's owner where that has nobody."""
    seen: int
    """The origin of the value that was there."""
    before: Any = Field(default=None, sa_column=Column(JsonText))
    after: Any = Field(default=None, sa_column=Column(JsonText))
    reason: str = ""
    state: str = "waiting"
    """waiting | accepted | refused | withdrawn"""
    proposed_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    proposed_by: str = ""
    proposed_by_name: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    decided_by_name: str = ""
    answer: str = ""


class ClashRow(SQLModel, table=True):
    """Two people at one cell: the second's value was not written; both are told."""

    __tablename__ = "ledger_clash"
    __table_args__ = (Index("ledger_clash_of", "ledger", "row_id"),)
    id: int | None = Field(default=None, primary_key=True)
    ledger: str = Field(sa_column=Column(CODE, nullable=False))
    row_id: str = Field(sa_column=Column(CODE, nullable=False))
    column: str
    first_by: str = ""
    first_name: str = ""
    second_by: str = ""
    second_name: str = ""
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    overridden: bool = False
    """The second looked at what was there and wrote theirs all the same."""


class ImportRow(SQLModel, table=True):
    """A sheet that somebody brings into a ledger: previewed, applied as one job, undone as a whole."""

    __tablename__ = "ledger_import"
    __table_args__ = (Index("ledger_import_of", "ledger", "created_at"),)
    id: str = Field(primary_key=True)
    ledger: str = Field(sa_column=Column(CODE, nullable=False))
    file: str
    blob_id: str
    account_id: str
    account_name: str = ""
    state: str = "previewed"
    """previewed | applying | applied | undoing | undone"""
    columns: Any = Field(sa_column=Column(JsonText, nullable=False))
    """By column of the sheet, the ledger's column: `[[1, "name"], …]`; what is not taken is left out."""
    counts: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Lines by kind."""
    total: int = 0
    done: int = 0
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    applied_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    undone_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class ImportLineRow(SQLModel, table=True):
    """What a row of the sheet does: new, changed, entered, same or rejected; values are sealed."""

    __tablename__ = "ledger_import_line"
    import_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """The row of the sheet."""
    kind: str
    subject_id: str = ""
    detail: Any = Field(default=None, sa_column=Column(JsonText))
    state: str = ""
    """"" | applied | undone"""
    undo: Any = Field(default=None, sa_column=Column(JsonText))
    """What is needed to take it back."""
