"""Another program is to be asked: a job does it, as soon as what led to it is committed."""

from workflows.core import decision
from workflows.course import Course


def begin(course: Course, effect: decision.CallOut) -> None:
    """`workflows/calls.py` goes on with it."""
    payload = {"case": course.case_id, "key": effect.key, "tries": 0}
    course.work.later("flow.call", payload, key=f"flow.call {course.case_id} {effect.key}")
