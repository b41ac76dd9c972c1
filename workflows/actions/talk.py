"""What moves nothing: seen, urged, copied, commented."""

from datetime import timedelta
from math import ceil

from workflows.core.decision import Notify
from workflows.core.guards import known, still_open
from workflows.core.refusals import NobodyNamed, NotStarted, OpinionNeeded, UrgedTooOften
from workflows.core.run import Run
from workflows.events import SYSTEM, Commented, Copied, Seen, Urged

PAUSE = timedelta(hours=1)


def see(run: Run, event: Seen) -> None:
    """The first time counts."""
    task = known(run, event)
    if task.seen_at is None:
        run.change_task(task, seen_at=event.at)


def urge(run: Run, event: Urged) -> None:
    """Remind whoever holds the task: by a person once an hour at most, by the timer any time."""
    task = still_open(run, event)
    if event.by != SYSTEM:
        if task.urged_at and event.at - task.urged_at < PAUSE:
            again_at = task.urged_at + PAUSE
            minutes = ceil((again_at - event.at) / timedelta(minutes=1))
            raise UrgedTooOften(again_at=again_at, minutes=minutes)
        run.change_task(task, urged_at=event.at)
    people = (task.owner,) if task.owner else task.candidates
    run.emit(Notify("flow.notice.urged", people, task=task.key, text=event.comment))


def copy(run: Run, event: Copied) -> None:
    """People are let know, each once in a case; it gives them nothing to do."""
    if run.status == "new":
        raise NotStarted
    if not event.to:
        raise NobodyNamed
    new = tuple(who for who in dict.fromkeys(event.to) if who not in run.copied)
    run.copied = (*run.copied, *new)
    if new:
        run.emit(Notify("flow.notice.copied", new, text=event.comment))


def comment(run: Run, event: Commented) -> None:
    """A question or an answer; the event is the record."""
    if run.status == "new":
        raise NotStarted
    if not event.comment.strip():
        step = run.flow.by_code[run.flow.start]
        raise OpinionNeeded(step=step.code, titles=step.titles)
    if event.to:
        run.emit(Notify("flow.notice.commented", event.to, text=event.comment))
