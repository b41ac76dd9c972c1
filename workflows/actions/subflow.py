"""Flows below this one: started, ended one by one, refused or not."""

from workflows.core.decision import CancelSubflows
from workflows.core.guards import known
from workflows.core.refusals import TaskClosed, TaskUnknown
from workflows.core.run import Run
from workflows.core.state import Task, Visit
from workflows.core.tokens import finish, leave
from workflows.events import ChildEnded, ChildrenStarted


def started(run: Run, event: ChildrenStarted) -> None:
    """These are the flows below; none at all is through at once."""
    task = _waiting(run, event)
    task = run.change_task(task, children=event.children)
    _through(run, task)


def ended(run: Run, event: ChildEnded) -> None:
    """One of them is over. Refused, it refuses the whole unless the step goes on regardless."""
    task = _waiting(run, event)
    if event.child not in task.children:
        raise TaskUnknown(task=event.child)
    rest = tuple(child for child in task.children if child != event.child)
    task = run.change_task(task, children=rest, ended_below=True)
    if event.outcome != "done" and run.step_of(task).refused == "reject":
        if rest:
            run.emit(CancelSubflows(rest))
        run.change_task(task, status="done", verdict="rejected", children=(), at=event.at)
        run.change_visit(task.visit, status="rejected")
        finish(run, "rejected")
        return
    _through(run, task)


def _waiting(run: Run, event: ChildrenStarted | ChildEnded) -> Task:
    task = known(run, event)
    step = run.step_of(task)
    if task.status != "running":
        raise TaskClosed(
            task=task.key, step=step.code, titles=step.titles, state=task.status, by=task.by
        )
    return task


def _through(run: Run, task: Task) -> None:
    if not task.children:
        visit: Visit = run.visits[task.visit]
        run.change_task(task, status="done", verdict="passed", at=run.event.at)
        leave(run, visit, auto="subflow")
