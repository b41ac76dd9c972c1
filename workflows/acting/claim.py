"""认领: one of those who may do a shared task takes it, or gives it back."""

from engine.work import Work
from workflows import commands
from workflows.events import Claimed, Unclaimed


def claim(work: Work, task_id: str) -> None:
    """Take it. Two at once: the first has it, the second is told who."""
    held = commands.hold(work, task_id)
    commands.act(work, held, Claimed(**commands.told(work, held.task)))


def unclaim(work: Work, task_id: str) -> None:
    """Give it back to the others."""
    held = commands.hold(work, task_id)
    commands.act(work, held, Unclaimed(**commands.told(work, held.task)))
