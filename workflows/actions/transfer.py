"""Hand a task to somebody else for good: 转办. Also how a leaver's tasks change hands.

By its owner or, where whoever runs the flow allows it, by the office; the reason is kept.
"""

from workflows.core import signing
from workflows.core.guards import known, not_own, still_open
from workflows.core.refusals import AlreadySigner, NobodyNamed, OpinionNeeded, ToOneself
from workflows.core.run import Run
from workflows.core.state import Task
from workflows.events import Transferred


def transfer(run: Run, event: Transferred) -> None:
    """The other does it from now on, with the same due date; then the flow moves as before."""
    task = known(run, event)
    if task.status != "waiting":
        task = still_open(run, event)
    step = run.step_of(task)
    if not event.to:
        raise NobodyNamed
    if event.to == (task.owner or event.person):
        raise ToOneself
    if not event.comment.strip():
        raise OpinionNeeded(step=step.code, titles=step.titles)
    if task.side != "opinion":
        not_own(run, task, event.to)
    refuse_signer(run, task, event.to)
    was_open = task.status == "open"
    new = signing.successor(run, task, "transferred", event.comment, owner=event.to, prefer="")
    if was_open:
        run.open_task(new, replaces=task.key)


def refuse_signer(run: Run, task: Task, person: str) -> None:
    """One person has one part in a step."""
    for other in run.tasks_of(task.visit):
        if other.key != task.key and other.owner == person and other.status not in signing.GONE:
            raise AlreadySigner(person=person)
