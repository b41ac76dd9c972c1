"""Whoever looks after the flow sends on what was stuck, with a reason."""

from workflows.core.decision import IncidentSolved
from workflows.core.graph import region
from workflows.core.guards import known
from workflows.core.refusals import CannotGoThere, NotStuck, OpinionNeeded
from workflows.core.run import Run
from workflows.core.tokens import Place, cancel, enter
from workflows.events import Rerouted
from workflows.flow import END


def reroute(run: Run, event: Rerouted) -> None:
    """The token leaves where it stood and enters the named step of the same branch."""
    task = known(run, event)
    step = run.step_of(task)
    if task.status != "stuck":
        raise NotStuck(step=step.code, titles=step.titles)
    if not event.comment.strip():
        raise OpinionNeeded(step=step.code, titles=step.titles)
    visit = run.visits[task.visit]
    fork = run.visits[visit.inside].step if visit.inside else ""
    if event.to != END and event.to not in run.flow.by_code:
        raise CannotGoThere(to=event.to)
    inside = "" if event.to == END else region(run.flow, event.to)
    if inside != fork:
        raise CannotGoThere(to=event.to)
    run.close_task(task, "replaced", by=event.person)
    run.emit(IncidentSolved(task.key))
    cancel(run, visit, "passed", "rerouted")
    enter(run, event.to, Place(visit.inside, visit.branch, visit.id))
