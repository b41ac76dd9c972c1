"""One row a report that was handed in: what it cost its people, counted once from the log."""

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
