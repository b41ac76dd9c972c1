"""Every organisation's workbook of a dispatch, or chosen reports for inspectors (迎检), packed bit by bit by
jobs: what was asked, how far it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, true, update

from engine import rotation
from engine.erasure import sweep
from engine.errors import NotFound, Problem
from engine.jobs.outbox import JOB, text
from engine.privacy import lifts
from engine.privacy.lifts import Lift, Purpose
from engine.work import Work
from forms import documents, masking, store
from forms.documents import DocumentRecord
from workflows import dispatches
from workflows.dispatching import reach
from workflows.tables import ExportRow

EXPORT = ExportRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
JOB_KIND = "dispatch.workbooks"
KINDS = ("zip", "sheets")
"""An archive of workbooks, or one workbook with a sheet for each organisation."""
INSPECTION = "inspection"
"""Chosen reports as inspectors want them; of no one dispatch, and only for who asked."""
MOST_CHOSEN = 300
KEPT = timedelta(days=7)
_ABOUT = [column for column in EXPORT.c if column.name != "content"]


class NothingChosen(Problem):
    """No final report is among what was chosen."""

    code, status = "export.nothing-chosen", 422


class TooManyChosen(Problem):
    """More reports than one bundle holds."""

    code, status = "export.too-many", 422
    count: int
    limit: int


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One export without its content; `dispatch_id` is empty for chosen reports."""

    id: str
    dispatch_id: str
    kind: str
    documents: Sequence[str]
    done: int
    finished: bool
    job_id: str
    created_at: str
    created_by: str
    whole: bool = False

    @property
    def total(self) -> int:
        """How many organisations."""
        return len(self.documents)


def ask(work: Work, dispatch_id: str, kind: str, purpose: Purpose | None = None) -> str:
    """Have the final reports of a dispatch packed; gives the export's id, that of one under way if
    there is one. For a purpose they are packed without masks.

    Raises NotFound for a dispatch out of reach, an unknown kind, nothing final; PurposeMissing,
    PurposeRefused.
    """
    dispatch = dispatches.get(work, dispatch_id)
    found = [
        one.id
        for one in documents.of_dispatch(work.connection, dispatch.id)
        if one.status == "final" and reach.covers(work, dispatch, one.organisation_path)
    ]
    if kind not in KINDS or not found:
        raise NotFound
    if purpose is not None:
        form = store.published(work.connection, dispatch.form_code, dispatch.form_version)
        masking.veil(work, form).lifted(work, purpose, target=dispatch.id, rows=len(found))
    before = text(work.now - KEPT)
    work.connection.execute(delete(EXPORT).where(EXPORT.c.created_at < before))
    same = (
        EXPORT.c.dispatch_id == dispatch.id,
        EXPORT.c.kind == kind,
        EXPORT.c.finished.is_(False),
        EXPORT.c.whole.is_(purpose is not None),
        EXPORT.c.created_by == work.actor.id,  # others may see another part of it
    )
    query = select(EXPORT.c.id).join(JOB, JOB.c.id == EXPORT.c.job_id)
    running = work.connection.execute(query.where(*same, JOB.c.state != "failed")).scalar()
    if running is not None:
        return str(running)
    return _begun(work, dispatch.id, kind, found, whole=purpose is not None)


def ask_chosen(
    work: Work,
    chosen: Sequence[DocumentRecord],
    purpose: Purpose | None = None,
    *,
    language: str = "zh",
) -> str:
    """Have final reports that the actor may read packed for inspectors, in this order and a language; gives
    the export's id. For a purpose they are packed without masks.

    Raises NothingChosen, TooManyChosen, NotFound, Forbidden, PurposeMissing, PurposeRefused.
    """
    if not chosen:
        raise NothingChosen
    if len(chosen) > MOST_CHOSEN:
        raise TooManyChosen(count=len(chosen), limit=MOST_CHOSEN)
    for one in chosen:
        work.require("document.read", path=one.organisation_path, owner=one.owner)
    if purpose is not None:
        _lift(work, chosen, purpose)
    work.note("export.asked", INSPECTION, reports=len(chosen), whole=purpose is not None)
    ids = [one.id for one in chosen]
    return _begun(work, "", INSPECTION, ids, whole=purpose is not None, language=language)


def _lift(work: Work, chosen: Sequence[DocumentRecord], purpose: Purpose) -> None:
    """One look a form, however many reports."""
    by_form: dict[tuple[str, int], int] = {}
    for one in chosen:
        work.require(masking.REVEAL, path=one.organisation_path, owner=one.owner)
        by_form[one.form_code, one.form_version] = by_form.get((one.form_code, one.form_version), 0) + 1  # fmt: skip
    for (code, version), rows in by_form.items():
        veil = masking.veil(work, store.published(work.connection, code, version))
        if veil.masked:
            where = Lift(f"form:{code}", INSPECTION, veil.form.owner)
            lifts.lift(work, where, veil.fields, purpose, rows=rows)


def _begun(
    work: Work,
    dispatch_id: str,
    kind: str,
    found: list[str],
    *,
    whole: bool,
    language: str = "zh",
) -> str:
    export_id = work.new_id()
    row: dict[str, Any] = {
        "id": export_id,
        "dispatch_id": dispatch_id,
        "kind": kind,
        "documents": found,
        "done": 0,
        "finished": False,
        "job_id": _next(work, export_id, 0, language),
        "created_at": work.at,
        "created_by": work.actor.id,
        "whole": whole,
    }
    work.connection.execute(insert(EXPORT), row)
    return export_id


def get(work: Work, export_id: str) -> ExportRecord:
    """An export of a dispatch that the actor may see. Raises NotFound."""
    row = (
        work.connection.execute(select(*_ABOUT).where(EXPORT.c.id == export_id, _open_to(work)))
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound
    if row["dispatch_id"]:
        dispatches.get(work, row["dispatch_id"])
    return ExportRecord(**row)


def failed(work: Work, record: ExportRecord) -> bool:
    """Whether its job was given up."""
    state = select(JOB.c.state).where(JOB.c.id == record.job_id)
    return not record.finished and work.connection.execute(state).scalar() == "failed"


def content(work: Work, export_id: str) -> bytes:
    """What is packed so far."""
    query = select(EXPORT.c.content).where(EXPORT.c.id == export_id)
    kept = bytes(work.connection.execute(query).scalar() or b"")
    return work.vault.open_file(kept, _place(export_id))


def advance(
    work: Work, record: ExportRecord, done: int, packed: bytes, language: str = "zh"
) -> None:
    """Keep what was packed; the rest is another job, so that a killed one loses only its own part."""
    finished = done >= record.total
    kept = work.vault.seal_file(packed, _place(record.id))
    values: dict[str, Any] = {"done": done, "content": kept, "finished": finished}
    if not finished:
        values["job_id"] = _next(work, record.id, done, language)
    work.connection.execute(update(EXPORT).where(EXPORT.c.id == record.id).values(**values))


def _open_to(work: Work) -> ColumnElement[bool]:
    """Exports that the actor may take: what is without masks, or was made for other eyes, only who
    asked for it.
    """
    if work.actor.is_system:
        return true()
    own = EXPORT.c.created_by == work.actor.id
    anybodys = and_(EXPORT.c.whole.is_(False), EXPORT.c.dispatch_id != "")
    return own if work.rules.known or reach.in_part(work) else or_(own, anybodys)


@sweep.beside
def _forgotten(work: Work, _found: sweep.Swept) -> int:
    """Whoever was deleted may stand in any of them; they are packed anew when somebody asks."""
    return work.connection.execute(delete(EXPORT)).rowcount


def _place(export_id: str) -> str:
    return f"export:{export_id}"


rotation.declare(EXPORT, "content", "file", lambda row: _place(row["id"]), "file")


def _next(work: Work, export_id: str, done: int, language: str) -> str:
    key = f"export {export_id} {done}"
    payload = {"export": export_id, "done": done, "language": language}
    return work.later(JOB_KIND, payload, key=key)
