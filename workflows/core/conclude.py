"""After a vote: is the visit decided, and where does that lead?

Decisions without a person (auto-pass) are here too; each keeps its reason.
"""

from workflows.core import signing
from workflows.core.backwards import jump_back, line
from workflows.core.run import Run
from workflows.core.state import Task, Visit
from workflows.core.tokens import finish, leave
from workflows.events import SYSTEM


def conclude(run: Run, visit: Visit, *, auto: str = "") -> None:
    """Somebody voted: pass the step, reject the case, or open who is next."""
    result = signing.tally(run, visit)
    if not result:
        signing.release(run, visit)
        return
    for task in run.tasks_of(visit):
        if task.pending:
            run.take_away(task, "cancelled", "decided")
    if result == "passed":
        onward(run, run.visits[visit.id], auto=auto)
        return
    run.change_visit(visit, status="rejected", by=run.event.person, auto=auto)
    finish(run, "rejected")


def onward(run: Run, visit: Visit, *, auto: str = "") -> None:
    """From a step that is done, along its routes or straight back to who returned it."""
    by = "" if auto else run.event.person
    if visit.back:
        jump_back(run, run.change_visit(visit, status="passed", by=by, auto=auto))
    else:
        leave(run, visit, by=by, auto=auto)


def decide_alone(
    run: Run, task: Task, reason: str, verdict: str = "passed", by: str = SYSTEM
) -> None:
    """Decide a task without asking, with the reason; going in circles that way is an incident."""
    if verdict == "passed" and _circles(run, run.visits[task.visit]):
        signing.jam(run, task, "endless")
        return
    run.close_task(task, "done", reason=reason, by=by, verdict=verdict, at=run.event.at)
    conclude(run, run.visits[task.visit], auto=reason)


def _circles(run: Run, visit: Visit) -> bool:
    """Whether no person has decided anything since this step was last passed without one."""
    for passed in line(run, visit):
        if passed.step == visit.step and passed.auto:
            return True
        if run.step_of(passed).people and not passed.auto:
            return False
    return False
