"""Fixed tables of privacy: masks that were lifted, by the office that answers for the fields."""

from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class MaskLiftRow(SQLModel, table=True):
    """One look at values in clear, as far as it concerns the fields of one steward."""

    __tablename__ = "mask_lift"
    __table_args__ = (Index("mask_lift_of_steward", "steward", "at"),)
    id: str = Field(primary_key=True)
    steward: str = Field(sa_column=Column(CODE, primary_key=True))
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    account_id: str
    name: str
    organisation: str = Field(sa_column=Column(CODE, nullable=False))
    place: str
    """`ledger:<code>`, `form:<code>`, `dispatch:<form>`"""
    target: str
    """The row or record; empty: many."""
    rows: int
    fields: Any = Field(sa_column=Column(JsonText, nullable=False))
    purpose: str
    words: str = Field(sa_column=Column(Text, nullable=False))
