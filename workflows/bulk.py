"""Many approvals with one press: each is done or refused by itself, a batch of them a transaction.

Nobody else waits for the whole: between batches other people's writes go on. A process killed in the
middle leaves whole batches, and what was not done still waits in the list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict, NotFound, Problem
from engine.storage.failures import is_overtaken
from engine.work import Work
from workflows import cases, commands, in_hand, standing
from workflows.commands import DECIDED
from workflows.handwriting import Handwriting
from workflows.in_hand import Held

BATCH = 50
PLAIN: Mapping[str, Any] = {"comment": "", "dated": "", "chosen": {}}
"""What is said with an approval among many: nothing."""
Write = Callable[[Callable[[Any], Any]], Any]
"""Runs a command in a transaction, as the person who pressed."""
Result = tuple[str, Problem | None]


def pass_all(
    write: Write, task_ids: Sequence[str], signed: Handwriting | None = None
) -> Iterator[Result]:
    """Pass these tasks; gives each with why it could not be, as its batch is through.

    One signature holds for all of them whose step asks for one.
    """
    ids = list(dict.fromkeys(task_ids))
    for start in range(0, len(ids), BATCH):
        yield from write(partial(pass_each, task_ids=ids[start : start + BATCH], signed=signed))


def pass_each(
    work: Work, task_ids: Sequence[str], signed: Handwriting | None = None
) -> list[Result]:
    """Approve several, each by itself: what cannot be is told, the others are done.

    First as if all could be, with few messages to the database; where one cannot, one after the other.
    """
    try:
        with work.attempt():
            return _at_once(work, task_ids, signed)
    except (Problem, IntegrityError):
        return [(one, _alone(work, one, signed)) for one in task_ids]


def _alone(work: Work, task_id: str, signed: Handwriting | None) -> Problem | None:
    """Where somebody was faster it is looked at once more: then it says what they did."""

    def passed() -> Problem | None:
        try:
            with work.attempt():
                commands.pass_(work, task_id, signed=signed)
        except Problem as problem:
            return problem
        return None

    try:
        problem = passed()
    except IntegrityError as error:
        if not is_overtaken(error):
            raise
        return passed()
    return passed() if isinstance(problem, Conflict) else problem


def _at_once(work: Work, task_ids: Sequence[str], signed: Handwriting | None) -> list[Result]:
    """What is read, is read for all; whoever changed one of them meanwhile has it looked at again.

    Raises what refuses one of them after something was written, Conflict.
    """
    found = in_hand.several(work, task_ids)
    results: list[Result] = []
    done: dict[str, int] = {}
    for task_id in task_ids:
        held = found.get(task_id)
        refused = _not_theirs(work, held)
        results.append((task_id, refused))
        if held is None or refused:
            continue
        if held.record.id in done:
            raise Conflict(what=held.record.id)  # its case has moved with the other task
        done[held.record.id] = held.record.revision
        work.task_id = held.task.id
        commands.pass_held(work, held, PLAIN, {}, signed)
    if cases.revisions(work, done) != done:
        raise Conflict(what="document")
    return results


def _not_theirs(work: Work, held: Held | None) -> Problem | None:
    """Why a task is not there to be passed by the actor; nothing has been written yet."""
    if held is None or standing.in_the_name_of(work, held.task) is None:
        return NotFound()
    try:
        commands.refuse_done(work, held.task, *DECIDED)
    except Problem as problem:
        return problem
    return None
