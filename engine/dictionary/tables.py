"""Fixed tables of the dictionary: every version of a field is kept, the newest is in force."""

from typing import Any

from sqlalchemy import Column
from sqlmodel import Field as Col
from sqlmodel import SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class FieldRow(SQLModel, table=True):
    """One version of a dictionary field."""

    __tablename__ = "dictionary_field"
    code: str = Col(sa_column=Column(CODE, primary_key=True))
    version: int = Col(primary_key=True)
    current: bool = Col(default=True, index=True)
    document: Any = Col(sa_column=Column(JsonText, nullable=False))
    changed_at: str = Col(sa_column=Column(MOMENT, nullable=False))


class SubjectRow(SQLModel, table=True):
    """A kind of subject."""

    __tablename__ = "dictionary_subject"
    code: str = Col(sa_column=Column(CODE, primary_key=True))
    document: Any = Col(sa_column=Column(JsonText, nullable=False))
    changed_at: str = Col(sa_column=Column(MOMENT, nullable=False))


class CodeListRow(SQLModel, table=True):
    """A code list with its values."""

    __tablename__ = "dictionary_codelist"
    code: str = Col(sa_column=Column(CODE, primary_key=True))
    document: Any = Col(sa_column=Column(JsonText, nullable=False))
    changed_at: str = Col(sa_column=Column(MOMENT, nullable=False))
