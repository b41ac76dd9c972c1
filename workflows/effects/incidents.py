"""Something is stuck: a row with an owner, who is told; and solved."""

from engine.notices import store as notices
from engine.notices.store import Notice
from workflows import beside, decision
from workflows.course import Course

KEEPER = "department"
"""The position in the issuing office that looks after what is stuck."""


def opened(course: Course, effect: decision.Incident) -> None:
    """The office that issued the form must see to it."""
    work, record = course.work, course.record
    beside.add_incident(
        work,
        {
            "id": work.new_id(),
            "case_id": course.case_id,
            "document_id": record.id,
            "key": effect.key,
            "step": effect.step,
            "reason": effect.reason,
            "owner": record.owner,
            "title": course.title,
            "subject_code": record.organisation_code,
            "opened_at": work.at,
            "solved_by": "",
        },
    )
    detail = {"text": course.flow.by_code[effect.step].title(), "by": "", "case": course.case_id}
    told = Notice(
        "flow.notice.incident", None, record.owner, KEEPER, detail=detail, document_id=record.id
    )
    notices.tell(work, [told])
    work.note("flow.incident", record.id, step=effect.step, key=effect.key, reason=effect.reason)


def solved(course: Course, effect: decision.IncidentSolved) -> None:
    """And they have."""
    beside.solve_incident(course.work, course.case_id, key=effect.key)
