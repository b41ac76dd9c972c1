"""Fixed tables beside the registers. The registers themselves are made from the dictionary (`schema.py`)."""

from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


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


class JoinRow(SQLModel, table=True):
    """Two subjects made one, or one made two: what was, what it became, and whether it stands."""

    __tablename__ = "register_join"
    __table_args__ = (Index("register_join_of", "subject", "at"),)
    id: str = Field(primary_key=True)
    kind: str
    """merge | split"""
    state: str
    """proposed | done | undone | refused | withdrawn"""
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    kept_id: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    other_id: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    """The one that went into the other, or that came out of it."""
    taken: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Names of the fields whose values were the other's, or went to it."""
    detail: Any = Field(default=None, sa_column=Column(JsonText))
    """Both as they were and as they became, and what moved with them; sealed."""
    seen: str = ""
    reason: str = ""
    decider: str = Field(default="", sa_column=Column(CODE, nullable=False))
    """The steward's office, where it asks to be asked."""
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    by: str = ""
    by_name: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    decided_by_name: str = ""
    answer: str = ""


class FormerRow(SQLModel, table=True):
    """What a subject was found by before it went into another: its id, and its natural keys."""

    __tablename__ = "register_former"
    __table_args__ = (Index("register_former_by", "subject", "name", "sought"),)
    id: int | None = Field(default=None, primary_key=True)
    join_id: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    name: str = Field(sa_column=Column(CODE, nullable=False))
    """The key field's name; empty for the id itself."""
    sought: str = Field(sa_column=Column(CODE, nullable=False))
    """The value as it is looked for: its blind index where the field is secret."""
    now_id: str = Field(sa_column=Column(CODE, nullable=False, index=True))


class PairRow(SQLModel, table=True):
    """Two subjects that may be one, and what was decided about them."""

    __tablename__ = "register_pair"
    __table_args__ = (
        Index("register_pair_once", "subject", "first_id", "second_id", unique=True),
        Index("register_pair_open", "subject", "state", "score"),
        Index("register_pair_second", "second_id"),
    )
    id: str = Field(primary_key=True)
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    first_id: str = Field(sa_column=Column(CODE, nullable=False))
    second_id: str = Field(sa_column=Column(CODE, nullable=False))
    score: int
    """How alike, of a hundred."""
    why: Any = Field(sa_column=Column(JsonText, nullable=False))
    """By field, how alike: `{"name": 100, "birth_date": 88}`; no values."""
    state: str = "found"
    """found | different"""
    found_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    decided_by_name: str = ""
    reason: str = ""


class SearchRow(SQLModel, table=True):
    """A search for likely duplicates through a whole register, and how far it is."""

    __tablename__ = "register_search"
    __table_args__ = (Index("register_search_of", "subject", "begun_at"),)
    id: str = Field(primary_key=True)
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    state: str = "running"
    """running | done"""
    turn: int = 0
    """Which way of looking is next: the keys first, then one way of grouping after another."""
    turns: int
    after: str = Field(default="", sa_column=Column(CODE, nullable=False))
    """Within the keys, the subject that was looked at last."""
    rows: int = 0
    done: int = 0
    found: int = 0
    crowded: int = 0
    """Groups too large to compare everybody in with everybody."""
    begun_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    begun_by_name: str = ""
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class WordsDueRow(SQLModel, table=True):
    """Somebody whose words are to be read again; written by triggers of the registers."""

    __tablename__ = "words_due"
    __table_args__ = (Index("words_due_of", "subject", "subject_id"),)
    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(sa_column=Column(CODE, nullable=False))
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))


class WordsIndexRow(SQLModel, table=True):
    """Of which kinds of subject there is an index of words, and which columns it has."""

    __tablename__ = "words_index"
    subject: str = Field(sa_column=Column(CODE, primary_key=True))
    columns: Any = Field(sa_column=Column(JsonText, nullable=False))


class QualityRow(SQLModel, table=True):
    """How good the values of a field are in one place, as last counted in a month. No values stand here."""

    __tablename__ = "register_quality"
    subject: str = Field(sa_column=Column(CODE, primary_key=True))
    month: str = Field(sa_column=Column(CODE, primary_key=True))
    place: str = Field(sa_column=Column(CODE, primary_key=True))
    """A division by the prefix of its codes, with everything below it; empty for everywhere."""
    field: str = Field(sa_column=Column(CODE, primary_key=True))
    rows: int
    filled: int
    unknown: int
    inapplicable: int
    refused: int
    stale: int
    unverified: int
    failing: int
    counted_at: str = Field(sa_column=Column(MOMENT, nullable=False))
