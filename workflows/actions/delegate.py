"""Ask somebody for an opinion and decide oneself: 委派. The task always comes back."""

from workflows.actions.transfer import refuse_signer
from workflows.core import signing
from workflows.core.conclude import conclude
from workflows.core.guards import held
from workflows.core.refusals import NobodyNamed, OpinionNeeded, ToOneself, WrongAction
from workflows.core.run import Run
from workflows.events import Answered, Delegated


def delegate(run: Run, event: Delegated) -> None:
    """The task waits; the other has an opinion to give."""
    task = held(run, event)
    if not event.to:
        raise NobodyNamed
    if event.to == event.person:
        raise ToOneself
    refuse_signer(run, task, event.to)
    visit = run.visits[task.visit]
    asked = run.add_task(
        visit, "waiting", owner=event.to, gate=task.key, side="opinion", added_by=event.person
    )
    run.change_task(task, owner=event.person)
    signing.hold(run, run.tasks[task.key], "delegated", asked.key)
    run.open_task(asked, replaces=task.key)


def answer(run: Run, event: Answered) -> None:
    """The opinion is given, and the task is back with who asked."""
    task = held(run, event)
    step = run.step_of(task)
    if task.side != "opinion":
        raise WrongAction(step=step.code, titles=step.titles, action=event.kind)
    if not event.comment.strip():
        raise OpinionNeeded(step=step.code, titles=step.titles)
    run.decide_task(task, "answered")
    conclude(run, run.visits[task.visit])
