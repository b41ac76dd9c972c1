"""Fixed tables of forms: their versions, the documents filled with them, and each cell's changes."""

from typing import Any

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class FormRow(SQLModel, table=True):
    """One version of a form. `bundle` is set when it is published and never changes afterwards."""

    __tablename__ = "form"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    version: int = Field(primary_key=True)
    status: str = "draft"
    """draft | published | withdrawn"""
    title: str
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    kind: str
    document: Any = Field(sa_column=Column(JsonText, nullable=False))
    bundle: Any = Field(default=None, sa_column=Column(JsonText))
    digest: str = ""
    revision: int = 1
    template_id: str | None = None
    proposal: Any = Field(default=None, sa_column=Column(JsonText))
    """What was recognised on the uploaded sheet, kept beside a draft that came from one."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    published_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    note: str = ""
    """What was said when it was published."""


class BlobRow(SQLModel, table=True):
    """A file: an uploaded sheet, a template, an attachment. Its id is the digest of its content."""

    __tablename__ = "blob"
    id: str = Field(primary_key=True)
    name: str
    media_type: str
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""


class DocumentRow(SQLModel, table=True):
    """A form filled by one organisation for one period: the values, and what is known of each cell."""

    __tablename__ = "document"
    __table_args__ = (
        Index("document_of", "form_code", "organisation_code", "period"),
        Index("document_path", "organisation_path"),
        # all that the progress of a dispatch asks for, so that no contents are read for it
        Index(
            "document_of_dispatch",
            "dispatch_id",
            "organisation_path",
            "status",
            "mark",
            "due_at",
            "submitted_at",
            "organisation_code",
            "id",
        ),
        # one report of an organisation for a period, however many ask for it at once
        Index(
            "document_once",
            "form_code",
            "organisation_code",
            "period",
            unique=True,
            sqlite_where=text("status IN ('open', 'submitted', 'final')"),
            postgresql_where=text("status IN ('open', 'submitted', 'final')"),
        ),
    )
    id: str = Field(primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    form_version: int
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    organisation_path: str = Field(sa_column=Column(CODE, nullable=False))
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    period: str = ""
    dispatch_id: str | None = None
    case_id: str | None = Field(default=None, index=True)
    status: str = "open"
    """open | submitted | final | rejected | withdrawn | exempt"""
    revision: int = 0
    contents: Any = Field(sa_column=Column(JsonText, nullable=False))
    """The values, following the form's schema."""
    cells: Any = Field(sa_column=Column(JsonText, nullable=False))
    """By cell path: state, source, known value, lock."""
    explanations: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Why a check that asks for it does not hold, by `<check's code>:<cell path>`."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    opened_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    submitted_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    final_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    due_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    """Its own due date, where it is not the dispatch's: by level, or extended."""
    mark: str = ""
    """zero: an explicit nil return; exempt: it need not report this time."""
    mark_reason: str = ""


class CellChangeRow(SQLModel, table=True):
    """One change of one cell of a document. Rows are only ever added."""

    __tablename__ = "cell_change"
    __table_args__ = (Index("cell_change_of", "document_id", "revision"),)
    id: int | None = Field(default=None, primary_key=True)
    document_id: str
    revision: int
    path: str
    before: Any = Field(default=None, sa_column=Column(JsonText))
    after: Any = Field(default=None, sa_column=Column(JsonText))
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    actor_id: str
    actor_name: str = ""
    task_id: str = ""
    visit: str = ""
    """Which window of theirs it came from, where a page said so."""


class DisputeRow(SQLModel, table=True):
    """A known value that somebody says is wrong, and what the field's steward decided."""

    __tablename__ = "dispute"
    __table_args__ = (
        Index("dispute_of_steward", "steward", "status", "raised_at"),
        Index("dispute_of_person", "raised_by", "raised_at"),
        Index("dispute_about", "field", "subject_id", "status"),
    )
    id: str = Field(primary_key=True)
    document_id: str
    path: str
    field: str = Field(sa_column=Column(CODE, nullable=False))
    subject: str
    subject_id: str = Field(sa_column=Column(CODE, nullable=False))
    period: str = ""
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    steward: str = Field(sa_column=Column(CODE, nullable=False))
    shown: Any = Field(default=None, sa_column=Column(JsonText))
    claimed: Any = Field(default=None, sa_column=Column(JsonText))
    reason: str = ""
    words: Any = Field(default=None, sa_column=Column(JsonText))
    """Sealed: `reason` and `answer`, in which people write numbers; those of old stand in their columns."""
    status: str = "open"
    """open | upheld | rejected"""
    raised_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    raised_by: str
    raised_name: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    decided_name: str = ""
    answer: str = ""


class DesignStepRow(SQLModel, table=True):
    """One step of somebody who designs a draft, or a clash that was told. Rows are only ever added."""

    __tablename__ = "design_step"
    __table_args__ = (Index("design_step_of", "form_code", "version", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    version: int
    revision: int
    """The draft's revision that it made, or on which it clashed."""
    kind: str
    """change | undo | redo | clash"""
    undoes: int | None = None
    """The step that an undo or redo takes back."""
    tab: str = ""
    """The page it came from: one person may have two open."""
    actor_id: str
    actor_name: str = ""
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    told: Any = Field(default=None, sa_column=Column(JsonText))
    """What it did, for the words of undo."""
    changes: Any = Field(default=None, sa_column=Column(JsonText))


class DesignPresenceRow(SQLModel, table=True):
    """Who has a draft open now, and at which item they are; stale rows are swept by whoever looks."""

    __tablename__ = "design_presence"
    form_code: str = Field(sa_column=Column(CODE, primary_key=True))
    tab: str = Field(primary_key=True)
    account_id: str
    name: str = ""
    item: str = ""
    seen_at: str = Field(sa_column=Column(MOMENT, nullable=False))
