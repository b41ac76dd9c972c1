"""What every action asks first: does the case run, is the task open, is it theirs?"""

from datetime import date

from workflows.core import signing
from workflows.core.refusals import (
    ClaimFirst,
    DatedWrong,
    Ended,
    NotStarted,
    NotYours,
    OnHold,
    OpinionOnly,
    OwnWork,
    TaskClosed,
    TaskStuck,
    TaskUnknown,
    TaskWaiting,
)
from workflows.core.run import Run
from workflows.core.state import Task
from workflows.events import OnTask


def going(run: Run) -> None:
    """The case must be running."""
    if run.status == "new":
        raise NotStarted
    if run.status == "suspended":
        raise OnHold
    if run.status != "running":
        raise Ended(outcome=run.status)


def known(run: Run, event: OnTask) -> Task:
    """The task must exist in a case that runs."""
    going(run)
    task = run.tasks.get(event.task)
    if task is None:
        raise TaskUnknown(task=event.task)
    return task


def still_open(run: Run, event: OnTask) -> Task:
    """The task must be open now; who was faster is named."""
    task = known(run, event)
    step = run.step_of(task)
    if task.status == "stuck":
        raise TaskStuck(step=step.code, titles=step.titles)
    if task.status in ("waiting", "asking"):
        raise TaskWaiting(step=step.code, titles=step.titles)
    if task.status != "open":
        raise TaskClosed(
            task=task.key,
            step=step.code,
            titles=step.titles,
            state=task.status,
            by=task.by,
            at=task.at,
        )
    return task


def held(run: Run, event: OnTask) -> Task:
    """The task must be open and this person's.

    A named owner is asked for here; who may act through a position is whoever runs the flow to say.
    """
    task = still_open(run, event)
    step = run.step_of(task)
    if task.owner and task.owner != event.person:
        raise NotYours(step=step.code, titles=step.titles, holder=task.owner)
    if not task.owner and step.sign.mode == "pool":
        raise ClaimFirst(step=step.code, titles=step.titles)
    return task


def deciding(run: Run, event: OnTask) -> Task:
    """And this person must be one who decides, not one asked for an opinion, nor the author."""
    task = held(run, event)
    step = run.step_of(task)
    if task.side == "opinion":
        raise OpinionOnly(step=step.code, titles=step.titles)
    not_own(run, task, event.person, event.by)
    return task


def refuse_dated(day: date, since: date, today: date, why: str) -> None:
    """A decision entered afterwards: taken between the task's first day and today, and explained."""
    if not (since <= day <= today and why.strip()):
        raise DatedWrong(since=since.isoformat())


def not_own(run: Run, task: Task, *people: str) -> None:
    """Nobody verifies their own work, not even in another's name."""
    step = run.step_of(task)
    if signing.barred(run, step).intersection(people):
        raise OwnWork(step=step.code, titles=step.titles)
