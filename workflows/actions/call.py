"""Another program was asked: it answered, it did not, or it is asked once more."""

from workflows.core import signing
from workflows.core.decision import CallOut, IncidentSolved
from workflows.core.guards import known
from workflows.core.refusals import NotStuck, TaskClosed
from workflows.core.run import Run
from workflows.core.state import Task
from workflows.core.tokens import leave
from workflows.events import CalledAgain, CallEnded, CallGivenUp
from workflows.flow import Step

STUCK = "call"
"""Why a step that calls is stuck."""


def answered(run: Run, event: CallEnded) -> None:
    """What it said is in the document by now; on."""
    task = _asking(run, event)
    run.change_task(task, status="done", verdict="passed", at=event.at)
    leave(run, run.visits[task.visit], auto="called")


def given_up(run: Run, event: CallGivenUp) -> None:
    """It came to nothing: an incident, and the token waits."""
    signing.jam(run, _asking(run, event), STUCK)


def again(run: Run, event: CalledAgain) -> None:
    """Whoever looks after the flow has it asked once more."""
    task = known(run, event)
    step = run.step_of(task)
    if task.status != "stuck" or task.reason != STUCK:
        raise NotStuck(step=step.code, titles=step.titles)
    run.emit(IncidentSolved(task.key))
    run.close_task(task, "replaced", reason=STUCK, by=event.person)
    new = run.add_task(run.visits[task.visit], "running")
    run.emit(CallOut(new.key, step.code))


def _asking(run: Run, event: CallEnded | CallGivenUp) -> Task:
    task = known(run, event)
    step: Step = run.step_of(task)
    if task.status != "running" or step.kind != "http":
        raise TaskClosed(
            task=task.key, step=step.code, titles=step.titles, state=task.status, by=task.by
        )
    return task
