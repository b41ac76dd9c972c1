"""The fixed table of attachments: each belongs to one thing, and its bytes are sealed."""

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT


class AttachmentRow(SQLModel, table=True):
    """A file of one document, ledger row or approval. Its bytes never change; its id is made of them."""

    __tablename__ = "attachment"
    __table_args__ = (Index("attachment_of", "place", "target"),)
    id: str = Field(primary_key=True)
    """A keyed mark of the content and of what it belongs to: the same photo twice in one document is
    one file, in two documents two, and nobody can guess it."""
    place: str
    """What it belongs to: document | ledger | approval | stamped."""
    target: str = Field(sa_column=Column(CODE, nullable=False))
    kind: str
    """photo | file | signature"""
    ending: str
    name: str
    """Sealed: names of files name people."""
    size: int
    width: int = 0
    height: int = 0
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    thumb: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    held: bool = False
    """It was handed in: it stays although a later version no longer shows it."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False, index=True))
    created_by: str
