"""Something is stuck: a row with an owner, who is told; and solved."""

from engine.errors import Problem
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import Work
from forms import documents
from forms.documents import DocumentRecord
from workflows import beside
from workflows.core import decision
from workflows.core.state import Task
from workflows.course import Course
from workflows.store import CaseRecord

KEEPER = "department"
"""The position in the issuing office that looks after what is stuck."""


def opened(course: Course, effect: decision.Incident) -> None:
    """The office that issued the form must see to it."""
    title = course.flow.by_code[effect.step].title()
    _note(
        course.work, course.record, course.case_id, course.title,
        key=effect.key, step=effect.step, reason=effect.reason, called=title,
    )  # fmt: skip


def unexpected(work: Work, case: CaseRecord, task: Task, problem: Problem) -> None:
    """The time of a task is over and what should happen then was refused; nobody else would see it."""
    record = documents.get(work.connection, case.document_id)
    _note(
        work, record, case.id, case.title,
        key=task.key, step=task.step, reason="timer", called=problem.text(),
    )  # fmt: skip


def _note(
    work: Work,
    record: DocumentRecord,
    case_id: str,
    title: str,
    *,
    key: str,
    step: str,
    reason: str,
    called: str,
) -> None:
    beside.add_incident(
        work,
        {
            "id": work.new_id(),
            "case_id": case_id,
            "document_id": record.id,
            "key": key,
            "step": step,
            "reason": reason,
            "owner": record.owner,
            "title": title,
            "subject_code": record.organisation_code,
            "opened_at": work.at,
            "solved_by": "",
        },
    )
    detail = {"text": called, "by": "", "case": case_id}
    told = Notice(
        "flow.notice.incident", None, record.owner, KEEPER, detail=detail, document_id=record.id
    )
    notices.tell(work, [told])
    work.note("flow.incident", record.id, step=step, key=key, reason=reason)


def solved(course: Course, effect: decision.IncidentSolved) -> None:
    """And they have."""
    beside.solve_incident(course.work, course.case_id, key=effect.key)
