"""加签, 减签: more people must agree, before, after or beside; or some need not any longer."""

from collections.abc import Sequence

from engine.work import Work
from forms import documents
from workflows import colleagues, commands, perform, standing, store
from workflows.core.refusals import NothingToTakeBack
from workflows.core.state import State
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
    there = {one.owner for one in held.case.state.tasks if one.owner}
    # who is on leave, or has left, is the very one to be taken off: not looked for among those who can be asked
    found = [one if one in there else colleagues.one(work, one) for one in people]
    told = commands.told(work, held.task)
    commands.act(
        work, held, SignersRemoved(**told, people=tuple(dict.fromkeys(found)), comment=comment)
    )


def call_off(work: Work, task_id: str) -> None:
    """Wait no longer for who was asked first (委派, 前加签): one does it oneself after all.

    Raises NothingToTakeBack where everybody has answered, NotFound for somebody else's task.
    """
    task = store.task(work, task_id)
    name = standing.in_the_name_of(work, task)
    case = store.get_case(work.connection, task.case_id)
    asked = asked_first(case.state, task.key, name or work.actor.id)
    if not asked:
        raise NothingToTakeBack
    work.task_id = task.id
    event = SignersRemoved(**commands.told(work, task), people=asked)
    perform.perform(work, case, documents.get(work.connection, task.document_id), event)


def asked_first(state: State, key: str, person: str) -> tuple[str, ...]:
    """Whom a task of this person's waits for since they asked them first."""
    held = state.task(key)
    if held is None or held.status != "waiting" or held.owner != person:
        return ()
    return tuple(
        one.owner
        for one in state.tasks
        if one.gate == key and one.key in held.waits and one.pending and one.owner
    )
