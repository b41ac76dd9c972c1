"""转办: somebody else does it from now on; the reason is kept."""

from engine.work import Work
from workflows import colleagues, commands
from workflows.events import Transferred


def transfer(work: Work, task_id: str, to: str, *, comment: str) -> None:
    """Hand a task over for good. Raises PersonUnknown and the machine's refusals."""
    held = commands.hold(work, task_id)
    person = colleagues.one(work, to)
    event = Transferred(**commands.told(work, held.task), to=person, comment=comment)
    commands.act(work, held, event)
    colleagues.tell_new(work, held, person, comment)
