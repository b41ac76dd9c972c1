"""What figures are counted from: a row a report that was handed in, with what it cost its people; a row
a value that a report took over; a row a dispute. Counted once, from what is kept of them anyway.
"""

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT


class FactRow(SQLModel, table=True):
    """The counts of one report. No value of anybody stands here, only how many cells."""

    __tablename__ = "report_fact"
    __table_args__ = (
        Index("report_fact_of", "month", "organisation_path"),
        Index("report_fact_owner", "owner", "month"),
    )
    document_id: str = Field(primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    owner: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_path: str = Field(sa_column=Column(CODE, nullable=False))
    period: str = ""
    month: str = Field(sa_column=Column(CODE, nullable=False))
    """In which it was handed in, by the office's calendar: `2026-11`."""
    submitted: int
    """Cells handed in with a value; those that the form computes itself are nobody's."""
    prefilled: int
    accepted: int
    """Prefilled and handed in as they were."""
    held: int
    """Cells whose fact was held and fresh when the report was opened."""
    asked: int
    """All cells that a person could fill, blank ones too."""
    absent: int = 0
    """Cells answered with unknown, not applicable or refused."""
    minutes: int | None = None
    """From opening to handing in."""
    due: int
    """1 if there was a due date."""
    late: int
    returns: int
    counted_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class ReuseRow(SQLModel, table=True):
    """A known value that a report took over by prefill and was handed in with, unchanged."""

    __tablename__ = "value_reuse"
    __table_args__ = (
        Index("value_reuse_of", "month", "organisation_path"),
        Index("value_reuse_owner", "owner", "month"),
    )
    document_id: str = Field(primary_key=True)
    datum: str = Field(sa_column=Column(CODE, primary_key=True))
    """Which value: the data item, whose it is, and of what period if it has one. Not what it says."""
    field: str = Field(sa_column=Column(CODE, nullable=False))
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    owner: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_path: str = Field(sa_column=Column(CODE, nullable=False))
    month: str = Field(sa_column=Column(CODE, nullable=False))
    """In which the report was handed in."""


class DisputeFactRow(SQLModel, table=True):
    """A dispute, and what came of it; neither what was shown nor what was claimed."""

    __tablename__ = "dispute_fact"
    __table_args__ = (
        Index("dispute_fact_of", "month", "organisation_path"),
        Index("dispute_fact_owner", "owner", "month"),
    )
    dispute_id: str = Field(primary_key=True)
    document_id: str
    """Of the report in which it was raised; owner and organisation are that report's."""
    field: str = Field(sa_column=Column(CODE, nullable=False))
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    owner: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_path: str = Field(sa_column=Column(CODE, nullable=False))
    month: str = Field(sa_column=Column(CODE, nullable=False))
    """In which it was raised, by the office's calendar."""
    corrected: int
    """1 if the steward found the value wrong and corrected it."""
    confirmed: int
    """1 if the steward found that it stands."""
