"""The fixed table of access rules: what narrows or widens what a position gives."""

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT


class AccessRuleRow(SQLModel, table=True):
    """A rule for whoever holds a position; it is ended, never changed or removed."""

    __tablename__ = "access_rule"
    __table_args__ = (Index("access_rule_in_force", "ended_at", "since"),)
    id: str = Field(primary_key=True)
    effect: str
    """withhold-field | withhold-rows | refuse-purpose | clear-field"""
    role: str = ""
    """Empty: every role."""
    organisation: str = Field(default="", sa_column=Column(CODE, nullable=False))
    """It and all below it; empty: everywhere."""
    scope: str = ""
    """`ledger:<code>` or `form:<code>`; empty: wherever the field or subject is shown."""
    field: str = ""
    condition: str = ""
    """`person where age < 14`"""
    purpose: str = ""
    since: str = Field(sa_column=Column(MOMENT, nullable=False))
    until: str | None = Field(default=None, sa_column=Column(MOMENT))
    """The last day on which it holds."""
    reason: str
    made_by: str
    made_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    ended_by: str = ""
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))
