"""The time of a task is over: remind, decide, hand it up, or go elsewhere, as the step says."""

from workflows.core import signing
from workflows.core.conclude import conclude, decide_alone
from workflows.core.decision import Notify
from workflows.core.guards import known, still_open
from workflows.core.refusals import NotStuck
from workflows.core.run import Run
from workflows.core.state import Task
from workflows.core.tokens import Place, cancel, enter, leave
from workflows.events import TimedOut
from workflows.flow import Due


def time_out(run: Run, event: TimedOut) -> None:
    """Each entry of a step has a task of its own, so an old timer finds its task closed."""
    task = known(run, event)
    if task.status == "running" and run.step_of(task).kind == "wait":
        run.change_task(task, status="done", at=event.at)
        leave(run, run.visits[task.visit], auto="waited")
        return
    task = still_open(run, event)
    step = run.step_of(task)
    if step.due is None:
        raise NotStuck(step=step.code, titles=step.titles)
    _escalate(run, task, step.due)


def _escalate(run: Run, task: Task, due: Due) -> None:
    if task.side == "opinion" and due.then in ("pass", "reject", "assign"):
        at, by = run.event.at, run.event.by
        run.close_task(task, "done", reason="timeout", verdict="answered", at=at, by=by)
        conclude(run, run.visits[task.visit])
    elif due.then == "pass" and run.step_of(task).kind != "fill":
        decide_alone(run, task, "timeout")
    elif due.then == "reject":
        decide_alone(run, task, "timeout", "rejected")
    elif due.then == "assign" and (there := _asked_already(run, task, due)):
        run.close_task(task, "timed_out", reason="timeout", by=run.event.person)
        signing.instead(run, task, there)
        run.change_task(there.key, weight=there.weight + task.weight)
        conclude(run, run.visits[task.visit])
    elif due.then == "assign" and due.assign and task.assign != due.assign:
        new = signing.successor(
            run, task, "timed_out", "timeout", owner="", assign=due.assign, prefer=""
        )
        run.open_task(new)
    elif due.then == "jump":
        visit = run.visits[task.visit]
        cancel(run, visit, "cancelled", "timeout")
        enter(run, due.to, Place(visit.inside, visit.branch, visit.came_from))
    else:
        people = (task.owner,) if task.owner else task.candidates
        run.emit(Notify("flow.notice.overdue", people, task=task.key))


def _asked_already(run: Run, task: Task, due: Due) -> Task | None:
    """Where several signed and ran out of time: the others' parts went to the same people before."""
    if task.side or task.assign == due.assign:
        return None
    for other in run.tasks_of(task.visit):
        if other.status == "open" and other.assign == due.assign and not other.side:
            return other
    return None
