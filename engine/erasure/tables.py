"""Fixed tables of deletion at request: each request with what came of it, and what must not be deleted."""

from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class ErasureRow(SQLModel, table=True):
    """One request to delete what is known of a subject; the certificate when it is done."""

    __tablename__ = "erasure"
    __table_args__ = (Index("erasure_of", "subject", "subject_id"),)
    id: str = Field(primary_key=True)
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))
    basis: str
    """consent-withdrawn | purpose-ended | unlawful | retention-over | other"""
    reason: str
    asked_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    asked_by: str
    asked_by_name: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    decided_by: str | None = None
    decided_by_name: str = ""
    state: str = "asked"
    """asked | refused | withdrawn | sweeping | done"""
    answer: str = ""
    texts: Any = Field(default=None, sa_column=Column(JsonText))
    """What is looked for while it is being swept; sealed, and gone when it is done."""
    progress: Any = Field(default=None, sa_column=Column(JsonText))
    """How far it is, and what was found; no values."""
    generation: int = 0
    """The key that sealed until then: with it old backups open, until it is destroyed."""
    done_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    signature: str = ""
    """Of the certificate, by the installation's key."""


class LegalHoldRow(SQLModel, table=True):
    """Nothing of a subject is deleted while a matter is open: a case at court, an audit, a complaint."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("legal_hold_on", "subject", "subject_id"),)
    id: str = Field(primary_key=True)
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))
    matter: str
    """Which case, by its number or name."""
    placed_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    placed_by: str
    placed_by_name: str = ""
    lifted_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    lifted_by_name: str = ""
