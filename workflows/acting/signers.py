"""加签, 减签: more people must agree, before, after or beside; or some need not any longer."""

from collections.abc import Sequence

from engine.work import Work
from workflows import colleagues, commands
from workflows.events import SignersAdded, SignersRemoved


def add(
    work: Work, task_id: str, people: Sequence[str], *, where: str = "beside", comment: str = ""
) -> None:
    """Ask more people to sign. Raises PersonUnknown and the machine's refusals."""
    held = commands.hold(work, task_id, "verify", "approve")
    found = colleagues.several(work, people)
    told = commands.told(work, held.task)
    commands.act(work, held, SignersAdded(**told, people=found, where=where, comment=comment))


def remove(work: Work, task_id: str, people: Sequence[str], *, comment: str = "") -> None:
    """Take people off who were added by 加签 and have not acted. Raises CannotRemove, NamedByFlow."""
    held = commands.hold(work, task_id, "verify", "approve")
    found = colleagues.several(work, people)
    commands.act(
        work, held, SignersRemoved(**commands.told(work, held.task), people=found, comment=comment)
    )
