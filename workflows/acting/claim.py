"""认领: one of those who may do a shared task takes it, or gives it back."""

from engine.errors import NotFound
from engine.work import Work
from workflows import commands, standing, store
from workflows.core.refusals import ClaimedByOther
from workflows.events import Claimed, Unclaimed


def claim(work: Work, task_id: str) -> None:
    """Take it. The first has it, the second is told who. Raises NotFound, TaskDone, ClaimedByOther."""
    try:
        held = commands.hold(work, task_id)
    except NotFound:
        _refuse_claimed(work, task_id)
        raise
    commands.act(work, held, Claimed(**commands.told(work, held.task)))


def unclaim(work: Work, task_id: str) -> None:
    """Give it back to the others."""
    held = commands.hold(work, task_id)
    commands.act(work, held, Unclaimed(**commands.told(work, held.task)))


def _refuse_claimed(work: Work, task_id: str) -> None:
    """It was theirs to claim until somebody did: their list may be a minute old."""
    task = store.task_by_id(work.connection, task_id)
    shared = task._replace(account_id=None)
    if task.account_id and standing.in_the_name_of(work, shared) is not None:
        commands.refuse_done(work, task)
        raise ClaimedByOther(holder=store.name_of(work, task.account_id))
