"""Who has a task, changed by the office that issued the report: another does it, or one signer fewer decides.

For somebody who has left, is away, or must not sign, also where the flow itself named them. Nobody's step
is emptied: whoever decides alone can be replaced, not taken off.
"""

import dataclasses
from typing import Any

from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import Work
from forms.documents import DocumentRecord
from workflows import colleagues, perform, store
from workflows.acting import course_of_case
from workflows.core.refusals import CannotRemove, OpinionNeeded, TaskUnknown
from workflows.core.state import Task
from workflows.events import SignersRemoved, Transferred
from workflows.store import CaseRecord


def replace(work: Work, case_id: str, key: str, to: str, *, comment: str) -> None:
    """From now on `to` does it, with the same due date; both are told, with the reason.

    Raises NotFound, TaskUnknown, OpinionNeeded, PersonUnknown and the machine's refusals.
    """
    case, record, task = _task(work, case_id, key, comment)
    person = colleagues.one(work, to)
    row = store.open_task(work.connection, case_id, key)
    perform.perform(work, case, record, Transferred(**_told(work, key, comment), to=person))
    detail = {"text": comment.strip(), "by": work.actor.name, "case": case_id}
    handed, taken = (
        Notice(about, detail=detail, document_id=record.id)
        for about in ("flow.notice.handed", "flow.notice.removed")
    )
    told = [dataclasses.replace(handed, account_id=person)]
    if task.owner:
        told.append(dataclasses.replace(taken, account_id=task.owner))
    elif row and row["role"]:
        place = row["organisation_code"]
        told.append(dataclasses.replace(taken, organisation_code=place, role=row["role"]))
    notices.tell(work, told)


def take_off(work: Work, case_id: str, key: str, *, comment: str) -> None:
    """Others decide without them; they are told, with the reason.

    Raises CannotRemove where nobody would be left, and as `replace`.
    """
    case, record, task = _task(work, case_id, key, comment)
    if not task.owner:  # a position's: there is no one signer to take off
        step = store.flow(work.connection, case.flow_code, case.flow_version).by_code[task.step]
        raise CannotRemove(person=step.title())
    event = SignersRemoved(**_told(work, key, comment), people=(task.owner,), duty=True)
    perform.perform(work, case, record, event)


def held(case: CaseRecord) -> list[Task]:
    """The tasks that somebody has by name, or a position has, and that can change hands."""
    running = case.status == "running"
    return [one for one in case.state.tasks if running and one.status in ("open", "waiting")]


def _task(
    work: Work, case_id: str, key: str, comment: str
) -> tuple[CaseRecord, DocumentRecord, Task]:
    case, record = course_of_case.managed(work, case_id)
    task = case.state.task(key)
    if task is None:
        raise TaskUnknown(task=key[:80])
    if not comment.strip():
        step = store.flow(work.connection, case.flow_code, case.flow_version).by_code[task.step]
        raise OpinionNeeded(step=step.code, titles=step.titles)
    return case, record, task


def _told(work: Work, key: str, comment: str) -> dict[str, Any]:
    return {"at": work.now, "by": work.actor.id, "task": key, "comment": comment.strip()}
