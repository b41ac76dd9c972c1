"""Take one's own work back before the next person has acted: 撤回 by who submitted, 拿回 by who passed."""

from workflows.core import signing
from workflows.core.backwards import line, reopen
from workflows.core.guards import going
from workflows.core.refusals import NothingToTakeBack, TooLate
from workflows.core.run import Run
from workflows.core.state import Task, Visit
from workflows.core.tokens import Entry
from workflows.events import TakenBack, Withdrawn


def withdraw(run: Run, event: Withdrawn) -> None:
    """Whoever handed it in has it again; the next person's task is gone."""
    going(run)
    passed = [v for v in _passed_by(run, event.person) if run.step_of(v).kind == "fill"]
    _pull(run, event.person, passed)


def take_back(run: Run, event: TakenBack) -> None:
    """Whoever passed a step (or voted in one that is still open) may think again."""
    going(run)
    for task in run.tasks.values():
        here = task.step == event.step and run.visits[task.visit].status == "open"
        if here and task.by == event.person and task.status == "done":
            _unvote(run, task)
            return
    passed = [v for v in _passed_by(run, event.person) if v.step == event.step]
    _pull(run, event.person, passed)


def _passed_by(run: Run, person: str) -> list[Visit]:
    """The visits this person passed, which the present tokens came from."""
    past: set[int] = set()
    for visit in run.visits.values():
        if visit.live:
            past.update(before.id for before in line(run, visit))
            past.update(v.id for last in visit.arrived.values() for v in _ending(run, last))
    return [
        run.visits[number]
        for number in sorted(past)
        if run.visits[number].status == "passed"
        and any(task.by == person and task.verdict for task in run.tasks_of(number))
    ]


def _ending(run: Run, last: int) -> list[Visit]:
    visit = run.visits[last]
    return [visit, *line(run, visit)]


def _pull(run: Run, person: str, passed: list[Visit]) -> None:
    if not passed or run.flow.withdraw == "never":
        raise NothingToTakeBack
    target = passed[-1]
    for visit in list(run.visits.values()):
        if visit.id > target.id and any(v.id == target.id for v in line(run, visit)):
            _refuse_if_acted(run, visit)
    cells = tuple(target.cells.items())
    entry = Entry(target, True, (person,), target.back, target.returned, cells)
    reopen(run, target, entry, status="withdrawn", reason="withdrawn")
    run.change_visit(target, status="withdrawn")


def _refuse_if_acted(run: Run, visit: Visit) -> None:
    """What somebody did and took back themselves is not done; that they have looked stays."""
    step = run.step_of(visit)
    undone = visit.status == "withdrawn"
    for task in run.tasks_of(visit):
        acted = task.decided and not undone
        if acted or task.ended_below or (run.flow.withdraw == "seen" and task.seen_at):
            raise TooLate(step=step.code, titles=step.titles, by=task.by)


def _unvote(run: Run, task: Task) -> None:
    """A vote in a step that others still decide."""
    step = run.step_of(task)
    after = [t for t in run.tasks_of(task.visit) if task.key in t.waits]
    for other in after:
        if other.verdict:
            raise TooLate(step=step.code, titles=step.titles, by=other.by)
    for other in after:
        if other.status == "open":
            signing.hold(run, other, "withdrawn")
    again = signing.successor(run, task, "replaced", "withdrawn")
    run.open_task(again, replaces=task.key)
