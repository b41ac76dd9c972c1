"""Fixed tables beside the registers. The registers themselves are made from the dictionary (`schema.py`)."""

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT


class OriginRow(SQLModel, table=True):
    """Where values came from: one row for all the values that came the same way at once."""

    __tablename__ = "origin"
    id: int | None = Field(default=None, primary_key=True)
    source: str
    """steward | verified | entered | connector:<code>"""
    title: str
    """What people call it: the form's title, the upstream's name."""
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    actor_id: str = ""
    actor_name: str = ""
    verified_by: str = ""
    approved_by: str = ""
    organisation: str = Field(default="", sa_column=Column(CODE, nullable=False))
    form_code: str = ""
    form_version: int = 0
    document_id: str = Field(default="", index=True)
    task_id: str = ""
    period: str = ""
