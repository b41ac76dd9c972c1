"""The people of a task were looked up, or nobody was found: what the step makes of that.

Never silently stuck: whoever filled it in does not verify it, somebody who has just passed it may
be passed again by the flow, and an empty chair is an incident unless the step says otherwise. Where
a 准强制 check stands that nobody allowed, the last to decide is a person, whatever the step says.
"""

from collections.abc import Sequence

from workflows.core import signing
from workflows.core.backwards import line
from workflows.core.conclude import conclude, decide_alone
from workflows.core.decision import IncidentSolved
from workflows.core.guards import known
from workflows.core.refusals import NotStuck, TaskClosed, TaskWaiting
from workflows.core.run import Run
from workflows.core.state import Task
from workflows.events import SYSTEM, Assigned, Unassignable
from workflows.flow import Assign

LEADER = "leader"
"""The rule that finds a person's leader; `person` says whose."""


def assigned(run: Run, event: Assigned) -> None:
    """These people may do it: open it to them, or decide what needs no asking."""
    task = _unsettled(run, event)
    people = tuple(dict.fromkeys(event.people))
    named = task.status == "stuck"
    if named:
        task = _unstuck(run, task)
    if not people:
        _nobody(run, task)
        return
    barred = signing.barred(run, run.step_of(task))
    others = tuple(person for person in people if person not in barred)
    if not others:
        _only_the_author(run, task, people[0])
    elif task.status == "asking":
        _seat(run, task, others, event)
    else:
        owner = others[0] if named and len(others) == 1 else task.owner
        task = run.change_task(task, candidates=others, owner=owner)
        if named:
            run.open_task(task, people=() if task.owner else others)
        if len(others) == 1 and _repeats(run, task, others[0]):
            decide_alone(run, run.tasks[task.key], "repeat", by=others[0])


def unassignable(run: Run, event: Unassignable) -> None:
    """Nobody was found; or who had it has left and nobody may take it over, as whoever looks after it says."""
    task = _unsettled(run, event)
    if task.status == "stuck":
        raise NotStuck(step=task.step, titles=run.step_of(task).titles)
    _nobody(run, run.change_task(task, owner=""))


def _unsettled(run: Run, event: Assigned | Unassignable) -> Task:
    """The task must still be waiting for people, or be a position's."""
    task = known(run, event)
    step = run.step_of(task)
    stuck = task.status == "stuck" and task.reason in ("unassigned", "own-work")
    leaver = isinstance(event, Unassignable) and event.by != SYSTEM
    if task.status == "waiting" and leaver:
        raise TaskWaiting(step=step.code, titles=step.titles)
    taken = task.owner and not leaver
    if not stuck and (task.status not in ("asking", "open") or taken):
        raise TaskClosed(
            task=task.key, step=step.code, titles=step.titles, state=task.status, by=task.by
        )
    return task


def _unstuck(run: Run, task: Task) -> Task:
    """Somebody was found after all: a new task in the place of the one that was stuck."""
    run.emit(IncidentSolved(task.key))
    new = signing.successor(run, task, "replaced", task.reason)
    several = run.step_of(task).sign.several and not task.waits and not task.gate
    return run.change_task(new, status="asking" if several else "waiting")


def _seat(run: Run, task: Task, people: Sequence[str], event: Assigned) -> None:
    seated = signing.seat(run, task, tuple(people), dict(event.weights))
    for one in seated:
        if _repeats(run, one, one.owner):
            values = {"by": one.owner, "at": run.event.at, "verdict": "passed"}
            run.change_task(one, status="done", reason="repeat", **values)
    auto = "repeat" if all(run.tasks[one.key].verdict for one in seated) else ""
    conclude(run, run.visits[task.visit], auto=auto)


def _repeats(run: Run, task: Task, person: str) -> bool:
    """Whether this person has passed it since it was last filled in, and the flow spares them.

    Nobody is spared a step that asks for their signature.
    """
    here = run.step_of(task)
    if run.flow.repeat == "ask" or here.kind == "fill" or here.signature:
        return False
    if run.must_be_allowed(here):
        return False
    for visit in line(run, run.visits[task.visit]):
        step = run.step_of(visit)
        if step.kind == "fill":
            return False
        if not step.people or visit.auto == "empty":
            continue
        if any(done.verdict == "passed" and done.by == person for done in run.tasks_of(visit)):
            return True
        if run.flow.repeat == "consecutive":
            return False
    return False


def _only_the_author(run: Run, task: Task, author: str) -> None:
    """Whoever filled it in is the only one found."""
    own = run.step_of(task).own
    if own == "skip" and not run.must_be_allowed(run.step_of(task)):
        decide_alone(run, task, "own-work")
    elif own == "leader" and not _asked_leader(task):
        _ask_instead(run, task, Assign(rule=LEADER, person=author))
    else:
        _nobody(run, task, "own-work")


def _nobody(run: Run, task: Task, reason: str = "unassigned") -> None:
    """What the step says about an empty chair; filling in is never skipped."""
    step = run.step_of(task)
    empty = step.empty
    if empty == "assign" and step.otherwise and task.assign != step.otherwise:
        _ask_instead(run, task, step.otherwise)
    elif empty == "reject":
        decide_alone(run, task, "empty", "rejected")
    elif empty == "pass" and step.kind != "fill" and not run.must_be_allowed(step):
        decide_alone(run, task, "empty")
    else:
        signing.jam(run, task, reason)


def _ask_instead(run: Run, task: Task, assign: Assign) -> None:
    if task.status == "asking":
        signing.ask(run, task, assign)
        return
    new = signing.successor(run, task, "replaced", "unassigned", assign=assign, prefer="")
    run.open_task(new, replaces=task.key)


def _asked_leader(task: Task) -> bool:
    return task.assign is not None and task.assign.rule == LEADER
