"""Fixed tables of flows: documents of flows, running cases with their events, tasks, dispatches."""

from typing import Any

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, false, text
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class FlowRow(SQLModel, table=True):
    """One version of a flow document."""

    __tablename__ = "flow"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    version: int = Field(primary_key=True)
    title: str
    document: Any = Field(sa_column=Column(JsonText, nullable=False))
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class CaseRow(SQLModel, table=True):
    """A running flow around one document: its state is the projection of its events."""

    __tablename__ = "flow_case"
    __table_args__ = (Index("flow_case_number", "number", unique=True),)
    id: str = Field(primary_key=True)
    flow_code: str = Field(sa_column=Column(CODE, nullable=False))
    flow_version: int
    document_id: str = Field(index=True)
    title: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    due_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    """When the whole is due; a step with a clock of its own has its own date."""
    parent_id: str | None = Field(default=None, index=True)
    """The case that started this one below it, and which of its tasks waits."""
    parent_key: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    state: Any = Field(sa_column=Column(JsonText, nullable=False))
    revision: int = 0
    status: str = "running"
    """running | suspended | done | rejected | revoked | terminated | voided"""
    started_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    number: str | None = None
    """流程编号, 发文字号: what its flow's template made, once."""


class CounterRow(SQLModel, table=True):
    """The last running number of what counts by itself: a template with all the rest put in."""

    __tablename__ = "case_counter"
    counter: str = Field(primary_key=True)
    last: int


class FlowEventRow(SQLModel, table=True):
    """What happened in a case, in order; together they rebuild its state."""

    __tablename__ = "flow_event"
    __table_args__ = (Index("flow_event_of", "case_id", "seq", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: str
    seq: int
    kind: str
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    actor_id: str
    actor_name: str = ""
    document: Any = Field(sa_column=Column(JsonText, nullable=False))


class TaskRow(SQLModel, table=True):
    """A step that waits for somebody: a person, or whoever holds a role in an organisation."""

    __tablename__ = "task"
    __table_args__ = (
        # the to-do list in its order: a page of it is a range of one of these
        Index(
            "task_of_place",
            "organisation_code",
            "role",
            "account_id",
            "status",
            "returned",
            "due_at",
            "id",
        ),
        Index("task_of_person", "account_id", "status", "returned", "due_at", "id"),
        Index("task_closed_by", "closed_by", "closed_at"),
        Index("task_of_dispatch", "dispatch_id", "status", "document_id", "kind", "returned"),
    )
    id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    document_id: str = Field(index=True)
    dispatch_id: str | None = None
    key: str
    """The task's key in the case's state."""
    step: str
    kind: str
    """fill | verify | approve"""
    title: str
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    role: str
    account_id: str | None = None
    subject_code: str = Field(sa_column=Column(CODE, nullable=False))
    """The organisation the document is about."""
    status: str = "open"
    """open | done | cancelled | returned | withdrawn"""
    returned: bool = False
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    opened_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    due_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    closed_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    closed_by: str = ""
    outcome: str = ""
    cells: Any = Field(default=None, sa_column=Column(JsonText))
    """The cells that may be edited with the reason for each; null: the whole document."""
    urged_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    closed_for: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """In whose name a deputy did it."""


class DispatchRow(SQLModel, table=True):
    """One report sent to many organisations for a period with a due date."""

    __tablename__ = "dispatch"
    id: str = Field(primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    form_version: int
    title: str
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    period: str
    due_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    note: str = ""
    status: str = "running"
    """sending | running | withdrawn | frozen | archived"""
    targets: int
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    created_name: str = ""
    urgent: bool = False
    """Sent with less notice than the rule allows, for the reason given; it is counted."""
    reason: str = ""
    cadence_id: str | None = None
    """The cadence that sent it, if it was not sent by hand."""
    due_by_level: Any = Field(default=None, sa_column=Column(JsonText))
    """Due dates of levels that have their own, by kind of organisation."""
    nil_allowed: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    """Whether units may answer that there was nothing to report: 零报告."""
    chosen: Any = Field(default=None, sa_column=Column(JsonText))
    """How its organisations were chosen: offered again the next time."""
    archive: Any = Field(default=None, sa_column=Column(JsonText))
    """What was archived: hash, how many, by whom, when, signature."""


class TimerRow(SQLModel, table=True):
    """A clock of a task: when it is over a job tells the case; `seconds_left` is what a pause left of it."""

    __tablename__ = "flow_timer"
    __table_args__ = (Index("flow_timer_of", "case_id", "key"), Index("flow_timer_at", "at"))
    id: str = Field(primary_key=True)
    case_id: str
    key: str
    """The task's key in the case's state."""
    kind: str
    """end | remind"""
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    seconds_left: float | None = None
    """Seconds that were left when the case was suspended; null: it runs."""


class IncidentRow(SQLModel, table=True):
    """Something that cannot go on by itself, and the office that must see to it."""

    __tablename__ = "flow_incident"
    __table_args__ = (Index("flow_incident_open", "owner", "solved_at", "opened_at"),)
    id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    document_id: str
    key: str
    step: str
    reason: str
    owner: str = Field(sa_column=Column(CODE, nullable=False))
    """The office that issued the form."""
    title: str = ""
    subject_code: str = Field(sa_column=Column(CODE, nullable=False))
    opened_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    solved_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    solved_by: str = ""


class CandidateRow(SQLModel, table=True):
    """One of several people, named by a rule, who may do a task that is nobody's in particular."""

    __tablename__ = "task_candidate"
    task_id: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True, index=True)


class CopyRow(SQLModel, table=True):
    """Somebody was let know of a case (抄送): they may look, and it shows that they did."""

    __tablename__ = "flow_copy"
    case_id: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True, index=True)
    copied_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    copied_by: str = ""
    read_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class ExportRow(SQLModel, table=True):
    """All workbooks of a dispatch, or chosen reports, being packed into one file; what is packed so far
    is `content`."""

    __tablename__ = "workbook_export"
    id: str = Field(primary_key=True)
    dispatch_id: str = Field(index=True)
    """Empty for chosen reports."""
    kind: str
    """zip | sheets | inspection"""
    documents: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Their ids, in the order they are packed."""
    done: int = 0
    finished: bool = False
    job_id: str
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    whole: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    """Without masks, for whoever asked for it and nobody else."""


class MakingRow(SQLModel, table=True):
    """One report made for many organisations without asking anybody; its id is its dispatch's."""

    __tablename__ = "report_making"
    id: str = Field(primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    form_version: int
    owner: str = Field(sa_column=Column(CODE, nullable=False))
    period: str = ""
    total: int
    made: int = 0
    not_made: int = 0
    left: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Those that were not made: organisation, cell, reason."""
    status: str = "running"
    """running | done"""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    created_name: str = ""
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class FormMoveRow(SQLModel, table=True):
    """Moving the running reports of a dispatch to a newer version of their form: tried dry, then done."""

    __tablename__ = "form_move"
    __table_args__ = (
        # two at once on one dispatch would each count on what the other changes
        Index(
            "form_move_one",
            "dispatch_id",
            unique=True,
            sqlite_where=text("status IN ('trying', 'tried', 'running', 'stopped')"),
            postgresql_where=text("status IN ('trying', 'tried', 'running', 'stopped')"),
        ),
        Index("form_move_of", "form_code", "created_at"),
    )
    id: str = Field(primary_key=True)
    dispatch_id: str = Field(index=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    version: int
    """Where to."""
    handed_in: str
    """stay | same | back: what is done with reports that were handed in."""
    status: str
    """trying | tried | running | stopped | done | dropped"""
    total: int
    looked_at: int = 0
    """How many of them the present pass is through with."""
    job_id: str = ""
    turn: str = ""
    """Which batch is next: a job that comes late finds another one here and does nothing."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    created_name: str = ""
    begun_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    begun_by: str = ""
    begun_name: str = ""
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class FormMoveUnitRow(SQLModel, table=True):
    """One report of a move: what would happen to it, or what did. No values stand in it."""

    __tablename__ = "form_move_unit"
    __table_args__ = (
        Index("form_move_unit_outcome", "move_id", "outcome", "path"),
        Index("form_move_unit_of", "document_id", "at"),
    )
    move_id: str = Field(primary_key=True)
    document_id: str = Field(primary_key=True)
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    path: str = Field(sa_column=Column(CODE, nullable=False))
    """The unit's place in the tree: the order of lists."""
    version: int
    """Which version it was on."""
    outcome: str
    """moved | back | stays | final"""
    reason: str = ""
    """Why it stays."""
    found: Any = Field(sa_column=Column(JsonText, nullable=False))
    """By kind of finding, how many cells of which item."""
    revision: int = 0
    """The document's revision after it was moved: who saw an older one saw the older form."""
    at: str | None = Field(default=None, sa_column=Column(MOMENT))
    """When it was moved; empty while it was only tried."""


class CadenceRow(SQLModel, table=True):
    """A report sent again and again: to whom, due when after its period, and which period is next."""

    __tablename__ = "dispatch_cadence"
    id: str = Field(primary_key=True)
    form_code: str = Field(sa_column=Column(CODE, nullable=False))
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    targets: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Levels, groups, a rule, picked organisations: resolved anew each time."""
    deadline: Any = Field(sa_column=Column(JsonText, nullable=False))
    note: str = ""
    next_period: str
    status: str = "running"
    """running | stopped"""
    problem: str = ""
    """Why the next one could not be sent, for its owner to mend."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
    created_name: str = ""


class OrganisationGroupRow(SQLModel, table=True):
    """Organisations that an office often sends to, under a name of its own."""

    __tablename__ = "organisation_group"
    id: str = Field(primary_key=True)
    owner: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    name: str
    members: Any = Field(sa_column=Column(JsonText, nullable=False))
    """Those picked by hand."""
    choice: Any = Field(default=None, sa_column=Column(JsonText))
    """Levels, a rule, parts of the tree, picked ones: made anew whenever it is used."""
    changed_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    changed_by: str = ""


class PhraseRow(SQLModel, table=True):
    """Words that somebody uses often in opinions: 常用语."""

    __tablename__ = "phrase"
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    text: str
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class FlowDraftRow(SQLModel, table=True):
    """A flow being designed: what its next version will be. One of a code at a time."""

    __tablename__ = "flow_draft"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    revision: int
    title: str
    document: Any = Field(sa_column=Column(JsonText, nullable=False))
    changed_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    changed_by: str
    """The name of who saved it last."""


class FlowDraftStepRow(SQLModel, table=True):
    """Every state that a draft was saved in; append-only."""

    __tablename__ = "flow_draft_step"
    __table_args__ = (Index("flow_draft_step_of", "code", "at"),)
    id: str = Field(primary_key=True)
    code: str = Field(sa_column=Column(CODE, nullable=False))
    revision: int
    document: Any = Field(sa_column=Column(JsonText, nullable=False))
    what: str
    """started | saved | restored | discarded | published"""
    at: str = Field(sa_column=Column(MOMENT, nullable=False))
    by: str
