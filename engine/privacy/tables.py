"""Fixed tables of privacy: masks that were lifted, by the office that answers for the fields; public lists."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Text
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


class PublicListRow(SQLModel, table=True):
    """A list made public under an address that nobody guesses; `contents` is what the public sees."""

    __tablename__ = "public_list"
    __table_args__ = (
        CheckConstraint("decided_by = '' OR decided_by <> made_by", name="public_list_two_people"),
    )
    id: str = Field(primary_key=True)
    address: str = Field(sa_column=Column(CODE, nullable=False, unique=True))
    title: str
    ledger: str
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    owner_path: str = Field(sa_column=Column(CODE, nullable=False))
    about: str = Field(sa_column=Column(Text, nullable=False))
    contact: str
    first_day: str = Field(sa_column=Column(MOMENT, nullable=False))
    last_day: str = Field(sa_column=Column(MOMENT, nullable=False))
    contents: Any = Field(sa_column=Column(JsonText, nullable=False))
    digest: str
    state: str
    """draft | waiting | approved | refused | withdrawn"""
    made_by: str
    made_name: str
    made_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    decided_by: str = ""
    decided_name: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))
    """Of a refusal or a withdrawal."""
    withdrawn_name: str = ""
    withdrawn_at: str | None = Field(default=None, sa_column=Column(MOMENT))
