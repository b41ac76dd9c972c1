"""People are told, or let know of the whole case."""

from typing import Any

from engine.notices import store as notices
from engine.notices.store import Notice
from workflows import beside, store
from workflows.assignees import finding
from workflows.core import decision
from workflows.course import Course
from workflows.effects.tasks import asked
from workflows.events import SYSTEM, Copied

COPIED = "flow.notice.copied"


def notify(course: Course, effect: decision.Notify) -> None:
    """The people named, or whoever holds the position that the task waits for.

    Who is let know of the case may look at it from now on.
    """
    if effect.about == COPIED:
        beside.add_copies(course.work, course.case_id, effect.people)
    task = course.opened.get(effect.task) or store.open_task(
        course.work.connection, course.case_id, effect.task
    )
    people: list[dict[str, Any]] = [{"account_id": one} for one in dict.fromkeys(effect.people)]
    if not people and task:
        places = ("account_id",) if task["account_id"] else ("organisation_code", "role")
        people = [{name: task[name] for name in places}]
    detail = {
        "text": effect.text,
        "by": "" if course.work.actor.is_system else course.work.actor.name,
        "case": course.case_id,
    }
    about = {"task_id": task["id"] if task else "", "document_id": course.record.id}
    notices.tell(
        course.work, [Notice(effect.about, detail=detail, **one, **about) for one in people]
    )


def copy_to(course: Course, effect: decision.CopyTo) -> None:
    """The flow lets people know; that nobody was found holds nothing up."""
    found = finding.find(asked(course, effect.step, effect.assign))
    if found.people:
        course.waiting.append(Copied(at=course.work.now, by=SYSTEM, to=found.people))
