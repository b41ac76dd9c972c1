"""What happens around a case: its document opens, closes and becomes final; the case ends."""

from sqlalchemy import bindparam, select

from engine.storage.prepared import Prepared
from engine.work import Work
from forms import nil, writeback
from forms import store as forms
from workflows import beside, decision, sealing, store
from workflows.course import Course
from workflows.store import TASK, TaskRecord

_DONE_OF_CASE = Prepared(
    select(TASK)
    .where(TASK.c.case_id == bindparam("case"), TASK.c.status == "done")
    .order_by(TASK.c.closed_at, TASK.c.id)
)
STATUS = {"done": "final", "rejected": "rejected", "revoked": "withdrawn"}


def unlock(course: Course, effect: decision.UnlockCells) -> None:
    """A filler has it; cells that a later step may fill in do not make it a draft again."""
    if course.step(effect.task).kind == "fill":
        course.document.update(status="open")


def lock(course: Course, effect: decision.LockCells) -> None:
    """Handed in, unless somebody else still fills in another branch."""
    if course.step(effect.task).kind != "fill":
        return
    if not any(course.flow.by_code[one.step].kind == "fill" for one in course.state.open_tasks):
        course.document.update(status="submitted", submitted_at=course.work.at)


def write_back(course: Course, _effect: decision.WriteBack) -> None:
    """What the document says goes to the registers, as far as its form may set them."""
    record = course.record
    if course.below or nil.is_nil(record):
        return
    form = forms.published(course.work.connection, record.form_code, record.form_version)
    writeback.write_back(course.work, record, form, signed_by(course.work, course.case_id))


def finished(course: Course, effect: decision.Finished) -> None:
    """The case is over, and the document with it, unless a case above goes on with it."""
    beside.solve_incident(course.work, course.case_id)
    if course.below:
        return
    status = STATUS.get(effect.outcome, effect.outcome)
    course.document.update(status=status)
    if status == "final":
        course.document.update(final_at=course.work.at)


def signed_by(work: Work, case_id: str) -> writeback.SignedBy:
    """Who filled, verified and approved last, by the history of the case and the act under way."""
    names = {"fill": "", "verify": "", "approve": ""}
    for task in _done(work, case_id):
        if task.kind in names and task.closed_by:
            name = store.name_of(work, task.closed_by)
            principal = store.name_of(work, task.closed_for) if task.closed_for else ""
            names[task.kind] = f"{name}（代 {principal}）" if principal else name
    return writeback.SignedBy(names["fill"], names["verify"], names["approve"])


def _done(work: Work, case_id: str) -> list[TaskRecord]:
    """The tasks of a case that were done, in the order in which they were."""
    rows = _DONE_OF_CASE.all(work.connection, case=case_id)
    return [TaskRecord(**sealing.opened_task(work.connection, row)) for row in rows]
