"""What people do with their tasks: one function a command, each one transaction.

Read, may they, decide, write: access is the task itself (it is theirs or it is not found).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from engine import clock, messages
from engine.errors import Conflict, Problem
from engine.json_text import Json, canonical
from engine.work import Work
from forms import attaching, documents, filing, nil
from forms import store as forms
from forms.documents import DocumentRecord
from forms.filing import DocumentClosed, DocumentIncomplete, Edit, Saved
from workflows import (
    allowing,
    choosing,
    colleagues,
    filling_in,
    handwriting,
    in_hand,
    machine,
    perform,
    standing,
    store,
)
from workflows.core import guards
from workflows.core.refusals import DatedWrong
from workflows.events import Event, Passed, Rejected, Returned, Seen, Submitted, Withdrawn
from workflows.flow import Flow
from workflows.handwriting import Handwriting
from workflows.in_hand import Held
from workflows.store import TaskRecord

DECIDED = ("verify", "approve")
"""Kinds of tasks that are passed, returned or refused."""


RESUBMIT = ("walk", "back")


class ReturnNeedsReason(Problem):
    """A return names at least one cell, each with a reason the filler can act on."""

    code, status = "task.return-needs-reason", 422


class PassWithReturns(Problem):
    """Cells were ticked for return, and then the document was passed."""

    code, status = "task.pass-with-returns", 422


class TaskDone(Problem):
    """The task was already done, perhaps by this very person a moment ago; `by` is somebody's name."""

    code, status = "task.done", 409
    outcome: str = ""
    by: str = ""
    at: str = ""

    def text(self, language: str = "zh") -> str:
        """Who did it and when, where somebody did."""
        return messages.text(f"{self.code}.by" if self.by else self.code, language, self.details())


class WrongKind(Problem):
    """This step is not done in this way: a fill task is submitted, others are passed."""

    code, status = "task.wrong-kind", 409


def hold(work: Work, task_id: str, *kinds: str) -> Held:
    """The actor's open task. Raises NotFound, TaskDone, WrongKind."""
    found = in_hand.find(work, task_id)
    refuse_done(work, found.task, *kinds)
    work.task_id = found.task.id
    return found.opened(work)


def refuse_done(work: Work, task: TaskRecord, *kinds: str) -> None:
    """Whether a task is there to be done, in this way. Raises TaskDone, WrongKind."""
    if task.status != "open":
        name = store.name_of(work, task.closed_by) if task.status in ("done", "returned") else ""
        at = clock.local(datetime.fromisoformat(task.closed_at)) if task.closed_at else None
        raise TaskDone(outcome=task.outcome, by=name, at=f"{at:%Y-%m-%d %H:%M}" if at else "")
    if kinds and task.kind not in kinds:
        raise WrongKind


def open_task(work: Work, task_id: str) -> Held:
    """Look at a task for the first time: a fill task's document is prefilled, the look is noted."""
    held = hold(work, task_id)
    record = held.record
    if held.task.kind == "fill":
        record = filing.fill_in(work, record)
    if held.task.opened_at is None:
        store.change_task(work, held.task.case_id, held.task.key, opened_at=work.at)
        _note_look(work, held)
    return replace(held, record=record)


def _note_look(work: Work, held: Held) -> None:
    """Where a look ends the time to take work back, the flow is told of it: 已阅."""
    case = held.case
    if store.flow(work.connection, case.flow_code, case.flow_version).withdraw == "seen":
        perform.perform(work, case, held.record, Seen(**told(work, held.task)))


def save_cells(work: Work, document_id: str, edit: Edit, *, language: str) -> Saved:
    """Save what somebody typed into a document, by the task that lets them.

    Raises CellLocked, NotFound, DocumentClosed.
    """
    return filling_in.save(work, document_id, edit, language=language)


def submit(
    work: Work,
    task_id: str,
    *,
    confirm: bool = False,
    chosen: Mapping[str, tuple[str, ...]] | None = None,
    comment: str = "",
    dated: str = "",
    language: str = "zh",
) -> DocumentRecord:
    """Hand in a filled document; `confirm` confirms every value that still asks for it.

    `chosen` names people for later steps that leave the choice to whoever hands in; `dated` is the day
    on which it was handed in on paper, entered afterwards, and `comment` says why (事后补录).
    Raises DocumentIncomplete with what stands in the way, DatedWrong; nothing is handed in then.
    """
    held = hold(work, task_id, "fill")
    refuse_dated(work, held.task, dated, comment)
    record = held.record
    if record.opened_at is None:
        record = filing.fill_in(work, record)
    if confirm:
        record = filing.confirm_all(work, record, only=held.task.cells)
    _, stopping = filing.obstacles(work, record, language=language)
    if stopping:
        raise DocumentIncomplete(count=len(stopping), problems=tuple(stopping))
    record = filing.without_hidden(work, record)
    if nil.is_nil(record):  # returned, and filled in after all
        record = nil.unmarked(work, record)
    signed = signature(work, record)
    event = Submitted(
        **told(work, held.task),
        signature=signed,
        chosen=dict(chosen or {}),
        comment=comment.strip(),
        dated=dated,
    )
    _perform(work, Held(held.task, record, held.case), event, language)
    return record


def pass_(
    work: Work,
    task_id: str,
    *,
    comment: str = "",
    chosen: Mapping[str, tuple[str, ...]] | None = None,
    dated: str = "",
    allow: Mapping[str, str] | None = None,
    signed: Handwriting | None = None,
    language: str = "zh",
) -> None:
    """Verify or approve: the signature covers the form's release, the values seen, and what is allowed.

    `dated` is the day on which it was decided on paper, where it is entered afterwards (事后补录);
    `allow` gives reasons why a 准强制 check need not hold; `signed` is the handwriting, where the step
    asks for one. Raises ChecksNotAllowed, AllowanceUnknown, SignatureName.
    """
    held = hold(work, task_id, *DECIDED)
    refuse_dated(work, held.task, dated, comment)
    given = {"comment": comment, "dated": dated, "chosen": dict(chosen or {})}
    pass_held(work, held, given, allow or {}, signed, language=language)


def pass_held(
    work: Work,
    held: Held,
    given: Mapping[str, Any],
    allow: Mapping[str, str],
    signed: Handwriting | None = None,
    *,
    language: str = "zh",
) -> None:
    """Pass a task in hand; `given` is what else the event says."""
    allowed = allowing.allow(work, held.task, held.record, allow, language=language)
    hand = _signed(work, held, signed)
    digest = signature(work, held.record, allowed, hand.get("handwriting"))
    event = Passed(**told(work, held.task), **given, **hand, signature=digest, allowed=allowed)
    _perform(work, held, event, language)


def return_(
    work: Work,
    task_id: str,
    cells: Mapping[str, str],
    *,
    to: str = "",
    comment: str = "",
    resubmit: str = "",
    signers: Sequence[str] = (),
    dated: str = "",
) -> None:
    """Send a document back to a step it passed, for some cells, each with a reason; the rest stays locked.

    Without `to` it goes to whoever filled it in. To a step that only reads, and for a nil return, a
    reason for the whole is enough. `resubmit` overrules the flow: "walk" the steps again, or straight "back" here.
    `signers` are asked again where it goes to several; else all who signed there. `dated` as of `pass_`. Raises ReturnNeedsReason, CellUnknown, DatedWrong.
    """
    held = hold(work, task_id, "verify", "approve")
    refuse_dated(work, held.task, dated, comment or " ".join(cells.values()))
    given = {path: reason.strip() for path, reason in cells.items()}
    case = held.case
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    target = to or nearest_fill(flow, machine.returnable_steps(flow, case.state, held.task.key))
    reads_only = target in flow.by_code and flow.by_code[target].kind != "fill"
    whole = reads_only or nil.is_nil(held.record)
    if not all(given.values()) or not (given or (whole and comment.strip())):
        raise ReturnNeedsReason
    if given and not reads_only:
        filing.mark_returned(work, held.record, given)
    event = Returned(
        **told(work, held.task),
        to=target,
        cells=given,
        comment=comment,
        resubmit=resubmit if resubmit in RESUBMIT else "",
        signers=colleagues.several(work, signers) if signers else (),
        dated=dated,
    )
    _perform(work, held, event)


def refuse_dated(work: Work, task: TaskRecord, dated: str, comment: str) -> None:
    """The clock of the trail stays what it is; the day that is told must be possible, and explained."""
    if not dated:
        return
    since = clock.day(datetime.fromisoformat(task.created_at))
    try:
        day = date.fromisoformat(dated)
    except ValueError as error:
        raise DatedWrong(since=since.isoformat()) from error
    guards.refuse_dated(day, since, work.today, comment)


def nearest_fill(flow: Flow, steps: Sequence[str]) -> str:
    """Of the steps passed, nearest first, the one where it was filled in; else where the flow starts."""
    return next((code for code in steps if flow.by_code[code].kind == "fill"), flow.start)


def reject(
    work: Work,
    task_id: str,
    *,
    comment: str,
    dated: str = "",
    signed: Handwriting | None = None,
) -> None:
    """Refuse for good; `dated` and `signed` as of `pass_`."""
    held = hold(work, task_id, "verify", "approve")
    if not comment.strip():
        raise ReturnNeedsReason
    refuse_dated(work, held.task, dated, comment)
    hand = _signed(work, held, signed)
    digest = signature(work, held.record, None, hand.get("handwriting"))
    event = Rejected(
        **told(work, held.task), **hand, comment=comment, signature=digest, dated=dated
    )
    _perform(work, held, event)


def withdraw(work: Work, document_id: str) -> None:
    """Take back what was handed in, before the next person has acted; the data is as it was then."""
    record = documents.read(work, document_id)
    if record.case_id is None:
        raise DocumentClosed
    done = store.tasks_of(
        work, store.TASK.c.document_id == document_id, store.TASK.c.kind == "fill"
    )
    if not done:
        raise DocumentClosed
    work.task_id = done[-1].id
    last = done[-1]
    name = last.closed_for if last.closed_by == work.actor.id else ""
    held = Held(last, record, store.get_case(work.connection, last.case_id))
    _perform(work, held, Withdrawn(at=work.now, by=work.actor.id, acting_for=name))
    filling_in.as_handed_in(work, document_id, last.closed_at or work.at)


def signature(work: Work, record: DocumentRecord, *more: Json) -> str:
    """What a signer signs: the release, the values, and more, as far as there is any."""
    form = forms.published(work.connection, record.form_code, record.form_version)
    more = tuple(canonical(one) for one in more if one)
    return documents.signed_digest(form.content_hash, record, *more)


def _signed(work: Work, held: Held, given: Handwriting | None) -> dict[str, Any]:
    flow = store.flow(work.connection, held.case.flow_code, held.case.flow_version)
    return handwriting.kept(work, flow.by_code[held.task.step], held.record.id, given)


def told(work: Work, task: TaskRecord) -> dict[str, Any]:
    """What every event of a task says: when, who, in whose name, which task."""
    name = standing.in_the_name_of(work, task) or ""
    return {"at": work.now, "by": work.actor.id, "acting_for": name, "task": task.key}


def act(work: Work, held: Held, event: Event) -> None:
    """Carry out an event of a task in hand."""
    _perform(work, held, event)


def _perform(work: Work, held: Held, event: Event, language: str = "zh") -> Any:
    case, record = held.case, held.record
    if case.document_id != record.id:
        raise Conflict(what=record.id)
    if isinstance(event, Submitted | Passed):
        flow = store.flow(work.connection, case.flow_code, case.flow_version)
        step = flow.by_code[held.task.step]
        choosing.refuse_unchosen(work, case.id, flow, step, event.chosen)
    if isinstance(event, Submitted | Passed) and not nil.is_nil(record):
        filling_in.check(work, step, record, language=language)
        form = forms.published(work.connection, record.form_code, record.form_version)
        attaching.hold(work, form, record.id, record.contents)
    return perform.perform(work, case, record, event)
