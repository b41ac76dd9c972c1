"""More people must agree, before, after or beside somebody; or some need not any longer: 加签 减签."""

from workflows.actions.transfer import refuse_signer
from workflows.core import signing
from workflows.core.conclude import conclude
from workflows.core.decision import ChangeTask
from workflows.core.guards import deciding, known, not_own
from workflows.core.refusals import CannotRemove, NamedByFlow, NobodyNamed, ToOneself, WrongAction
from workflows.core.run import Run
from workflows.core.state import Task
from workflows.events import SignersAdded, SignersRemoved

SIDES = ("before", "after", "beside")


def add(run: Run, event: SignersAdded) -> None:
    """before: this task waits for them; after: its agreement waits for them; beside: they vote too."""
    task = deciding(run, event)
    step = run.step_of(task)
    if event.where not in SIDES or step.kind == "fill":
        raise WrongAction(step=step.code, titles=step.titles, action=event.kind)
    people = tuple(dict.fromkeys(event.people))
    if not people:
        raise NobodyNamed
    for person in people:
        if person == event.person:
            raise ToOneself
        not_own(run, task, person)
        refuse_signer(run, task, person)
    if not task.owner:  # a position's: whoever adds signers has taken it
        run.change_task(task, owner=event.person)
        run.emit(ChangeTask(task.key, event.person))
    added = [_added(run, task, event, person) for person in people]
    if event.where == "before":
        signing.hold(run, run.tasks[task.key], "held", *(one.key for one in added))
    signing.release(run, run.visits[task.visit])


def _added(run: Run, task: Task, event: SignersAdded, person: str) -> Task:
    gate = "" if event.where == "beside" else task.key
    waits = (task.key,) if event.where == "after" else ()
    return run.add_task(
        run.visits[task.visit],
        "waiting",
        owner=person,
        gate=gate,
        side=event.where,
        waits=waits,
        added_by=event.person,
    )


def remove(run: Run, event: SignersRemoved) -> None:
    """Only who was added and has not acted, and never the last: somebody must decide.

    Whom the flow named signs because it says so: no colleague spares them that.
    """
    task = known(run, event)
    if not event.people:
        raise NobodyNamed
    for person in dict.fromkeys(event.people):
        for one in run.tasks_of(task.visit):
            if one.owner == person and one.pending:
                if not (one.added_by or event.duty):
                    raise NamedByFlow(
                        step=run.step_of(one).code, titles=run.step_of(one).titles, person=person
                    )
                _take_off(run, one, event.comment)
                break
        else:
            raise CannotRemove(person=person)
        if not _somebody_decides(run, task):
            raise CannotRemove(person=person)
    conclude(run, run.visits[task.visit])


def _take_off(run: Run, task: Task, why: str) -> None:
    """With whoever was added before or after this one."""
    run.take_away(task, "removed", "removed", why)
    signing.wait_instead(run, task)
    for gate in run.tasks_of(task.visit):
        if gate.gate == task.key and gate.pending:
            _take_off(run, gate, why)


def _somebody_decides(run: Run, task: Task) -> bool:
    return any(one.voter and one.status not in signing.GONE for one in run.tasks_of(task.visit))
