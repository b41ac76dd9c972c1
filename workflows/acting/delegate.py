"""委派: ask somebody for an opinion; the task comes back and one decides oneself."""

from engine.work import Work
from workflows import colleagues, commands
from workflows.events import Answered, Delegated


def delegate(work: Work, task_id: str, to: str, *, comment: str = "") -> None:
    """Ask. Raises PersonUnknown and the machine's refusals."""
    held = commands.hold(work, task_id)
    person = colleagues.one(work, to)
    event = Delegated(**commands.told(work, held.task), to=person, comment=comment)
    commands.act(work, held, event)
    colleagues.tell_new(work, held, person, comment)


def answer(work: Work, task_id: str, *, comment: str) -> None:
    """Give the opinion that was asked for; it moves nothing onward."""
    held = commands.hold(work, task_id, "opinion")
    commands.act(work, held, Answered(**commands.told(work, held.task), comment=comment))
