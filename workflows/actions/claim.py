"""One of those who may do a task takes it, or gives it back: 认领."""

from workflows.core.decision import ChangeTask
from workflows.core.guards import held, not_own, still_open
from workflows.core.refusals import ClaimedByOther, NotClaimable
from workflows.core.run import Run
from workflows.events import Claimed, Unclaimed


def claim(run: Run, event: Claimed) -> None:
    """Two at once: the first has it, the second is told who."""
    task = still_open(run, event)
    step = run.step_of(task)
    if not task.assign:
        raise NotClaimable(step=step.code, titles=step.titles)
    if task.owner:
        raise ClaimedByOther(holder=task.owner)
    not_own(run, task, event.person, event.by)
    run.change_task(task, owner=event.person)
    run.emit(ChangeTask(task.key, event.person))


def unclaim(run: Run, event: Unclaimed) -> None:
    """The others see it again."""
    task = still_open(run, event)
    step = run.step_of(task)
    if not task.assign or not task.owner:
        raise NotClaimable(step=step.code, titles=step.titles)
    held(run, event)
    run.change_task(task, owner="")
    run.emit(ChangeTask(task.key, ""))
