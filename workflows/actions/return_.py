"""Send it back to a step passed before, naming the cells at fault: 退回.

What others did stays done. Resubmitted, it walks the steps in between again or goes straight back.
"""

from workflows.core.backwards import reopen, returnable
from workflows.core.decision import Notify
from workflows.core.guards import deciding
from workflows.core.refusals import CannotReturnThere, NotASigner, OpinionNeeded
from workflows.core.run import Run
from workflows.core.state import Visit
from workflows.core.tokens import Entry
from workflows.events import Returned


def return_(run: Run, event: Returned) -> None:
    """The named step opens again; only the named cells may change."""
    task = deciding(run, event)
    step, visit = run.step_of(task), run.visits[task.visit]
    if not (event.comment.strip() or event.cells) or not all(
        reason.strip() for reason in event.cells.values()
    ):
        raise OpinionNeeded(step=step.code, titles=step.titles)
    choices = returnable(run, visit)
    target = choices.get(event.to)
    if target is None:
        names = "、".join(run.flow.by_code[code].title() for code in choices)
        raise CannotReturnThere(to=event.to, choices=names)
    _check_signers(run, event, target)
    back = visit.id if (event.resubmit or step.resubmit) == "back" else 0
    run.decide_task(task, "returned", "returned")
    entry = Entry(
        target,
        signers=event.signers,
        back=back,
        returned=True,
        cells=tuple(event.cells.items()),
    )
    reopen(run, target, entry, status="returned", reason="returned")
    run.emit(Notify("flow.notice.returned", _who_did(run, target), text=event.comment))


def _check_signers(run: Run, event: Returned, target: Visit) -> None:
    signed = {task.owner for task in run.tasks_of(target) if task.verdict}
    for person in event.signers:
        if person not in signed:
            raise NotASigner(person=person)


def _who_did(run: Run, target: Visit) -> tuple[str, ...]:
    people = (task.by for task in run.tasks_of(target) if task.verdict and not task.reason)
    return tuple(dict.fromkeys(people))
