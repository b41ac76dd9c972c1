"""Stop the clock and every decision for a while, and let them go on: 挂起, 唤醒."""

from workflows.core.decision import PauseTimers, ResumeTimers
from workflows.core.guards import going
from workflows.core.refusals import NotOnHold
from workflows.core.run import Run
from workflows.events import Resumed, Suspended


def suspend(run: Run, _event: Suspended) -> None:
    """Tasks stay with their owners, but nobody decides and no time passes."""
    going(run)
    run.status = "suspended"
    run.emit(PauseTimers(_timed(run)))


def resume(run: Run, _event: Resumed) -> None:
    """And on."""
    if run.status != "suspended":
        raise NotOnHold
    run.status = "running"
    run.emit(ResumeTimers(_timed(run)))


def _timed(run: Run) -> tuple[str, ...]:
    return tuple(
        task.key
        for task in run.tasks.values()
        if task.status in ("open", "running") and run.step_of(task).due
    )
