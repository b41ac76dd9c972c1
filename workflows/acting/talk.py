"""What moves nothing: ask and answer (沟通), let know (抄送), please (催办)."""

from collections.abc import Sequence

from engine.errors import Forbidden
from engine.work import Work
from workflows import beside, cases, colleagues, perform, store
from workflows.core.refusals import NobodyNamed, UrgedTooOften
from workflows.events import Commented, Copied, Urged


def comment(work: Work, case_id: str, text: str, *, to: Sequence[str] = ()) -> None:
    """Write into the case, for everybody who may see it; those named are told."""
    seen = cases.read(work, case_id)
    if not seen.may_speak:
        raise Forbidden(reason="")
    people = colleagues.several(work, to) if to else ()
    event = Commented(at=work.now, by=work.actor.id, comment=text, to=people)
    perform.perform(work, seen.case, seen.record, event)
    beside.add_copies(work, case_id, people)


def copy(work: Work, case_id: str, people: Sequence[str], *, text: str = "") -> None:
    """Let people know of the case: they may look, each once, and cannot act.

    Raises NobodyNamed, PersonUnknown.
    """
    seen = cases.read(work, case_id)
    if not seen.may_act:
        raise Forbidden(reason="")
    if not any(one.strip() for one in people):
        raise NobodyNamed
    found = colleagues.several(work, people)
    event = Copied(at=work.now, by=work.actor.id, to=found, comment=text)
    perform.perform(work, seen.case, seen.record, event)


def urge(work: Work, case_id: str, *, text: str = "") -> int:
    """Remind everybody who has the case now; each task once an hour at most. Gives how many.

    Raises UrgedTooOften when all of them were reminded a moment ago.
    """
    seen = cases.read(work, case_id)
    if not seen.may_act:
        raise Forbidden(reason="")
    reminded = 0
    refused: UrgedTooOften | None = None
    for task in seen.case.state.open_tasks:
        case = store.get_case(work.connection, case_id)
        event = Urged(at=work.now, by=work.actor.id, task=task.key, comment=text)
        try:
            perform.perform(work, case, seen.record, event)
        except UrgedTooOften as problem:
            refused = problem
            continue
        store.change_task(work, case_id, task.key, urged_at=work.at)
        reminded += 1
    if refused and not reminded:
        raise refused
    return reminded
