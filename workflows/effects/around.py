"""What happens around a case: its document opens, closes and becomes final; the case ends."""

from forms import nil, writeback
from forms import store as forms
from workflows import store
from workflows.core import decision
from workflows.course import Course
from workflows.events import SYSTEM

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
    writeback.write_back(course.work, record, form, signed_by(course))


def finished(course: Course, effect: decision.Finished) -> None:
    """The case is over, and the document with it, unless a case above goes on with it."""
    course.over = True
    if course.below:
        return
    status = STATUS.get(effect.outcome, effect.outcome)
    course.document.update(status=status)
    if status == "final":
        course.document.update(final_at=course.work.at)


def signed_by(course: Course) -> writeback.SignedBy:
    """Who filled, verified and approved last, the act under way included."""
    last = {"fill": ("", ""), "verify": ("", ""), "approve": ("", "")}
    done = [one for one in course.state.tasks if one.status == "done" and one.side != "opinion"]
    for task in sorted(done, key=lambda one: one.at or course.work.now):
        step = course.flow.by_code.get(task.step)
        if step is not None and step.kind in last and task.by:
            last[step.kind] = (task.hand or task.by, task.by if task.hand else "")
    people = {who for pair in last.values() for who in pair if who not in ("", SYSTEM)}
    names = store.names_of(course.work, people)

    def said(pair: tuple[str, str]) -> str:
        hand, principal = (names.get(who, "") for who in pair)
        return f"{hand}（代 {principal}）" if pair[1] and principal else hand

    return writeback.SignedBy(*(said(pair) for pair in last.values()))
