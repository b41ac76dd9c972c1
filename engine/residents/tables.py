"""Fixed table of residents' own visits: the slip that was handed out, and what became of it."""

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT


class ResidentVisitRow(SQLModel, table=True):
    """One slip for one person; opened at most once. Neither the code nor the token is kept."""

    __tablename__ = "resident_visit"
    __table_args__ = (
        Index("resident_visit_of", "subject_id"),
        Index("resident_visit_by", "office", "made_at"),
        Index(
            "resident_visit_one", "subject_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))
    office: str = Field(sa_column=Column(CODE, nullable=False))
    """Of whoever handed it out."""
    made_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    made_by: str
    made_by_name: str
    proof: str
    """How it was seen that it is this person: card | e-card | agent."""
    place: str
    """phone | kiosk"""
    code_digest: str = Field(unique=True)
    until: str = Field(sa_column=Column(MOMENT, nullable=False))
    """The code opens nothing afterwards."""
    tries: int = 0
    opened_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    token_digest: str | None = Field(default=None, unique=True)
    seen_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    ended_how: str = ""
    """left | replaced | withdrawn | guessed | gone"""
