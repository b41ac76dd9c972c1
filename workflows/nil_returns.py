"""Handing in a nil return (零报告): one press instead of filling in, and back again."""

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy import select

from engine.work import Work
from forms import filing, nil
from forms.documents import DocumentRecord
from forms.nil import NilNotAllowed
from workflows import commands
from workflows.dispatch import DISPATCH
from workflows.events import Submitted
from workflows.in_hand import Held


def is_allowed(work: Work, held: Held) -> bool:
    """Whether the task's report may be returned nil now: not where only named cells are open."""
    if held.task.kind != "fill" or held.task.cells is not None:
        return False
    query = select(DISPATCH.c.nil_allowed).where(DISPATCH.c.id == held.record.dispatch_id)
    return nil.allowed(work, held.record, work.connection.execute(query).scalar())


def submit(
    work: Work,
    task_id: str,
    *,
    remark: str = "",
    clear: bool = False,
    chosen: Mapping[str, tuple[str, ...]] | None = None,
    dated: str = "",
) -> DocumentRecord:
    """Hand in that there was nothing to report; `clear` takes what was typed away.

    `dated` as for any submission. Raises NilNotAllowed, NilWouldClear, DatedWrong.
    """
    held = commands.hold(work, task_id, "fill")
    commands.refuse_dated(work, held.task, dated, remark)
    if not is_allowed(work, held):
        raise NilNotAllowed
    record = filing.fill_in(work, held.record)
    record = nil.declare(work, record, remark, clear=clear or nil.is_nil(record))
    event = Submitted(
        **commands.told(work, held.task),
        comment=remark.strip(),
        signature=commands.signature(work, record),
        chosen=dict(chosen or {}),
        nil=True,
        dated=dated,
    )
    commands.act(work, replace(held, record=record), event)
    work.note("document.nil", record.id)
    return record


def undo(work: Work, task_id: str) -> DocumentRecord:
    """Fill in after all what was handed in as nil and came back. Raises NilNotAllowed."""
    held = commands.hold(work, task_id, "fill")
    if not nil.is_nil(held.record):
        raise NilNotAllowed
    return nil.undo(work, held.record)
