"""How tokens move: enter a step, leave it, fork, join, cancel, finish.

One token stands at the root while a case runs; a fork's visit is live while its branches are, and
holds one token for each. Going backwards is `backwards.py`.
"""

from typing import NamedTuple

from workflows.core import signing
from workflows.core.decision import (
    ArmTimer,
    CallOut,
    CancelSubflows,
    CopyTo,
    Finished,
    Incident,
    StartSubflow,
    WriteBack,
)
from workflows.core.run import MOST_ENTRIES, Run
from workflows.core.state import Visit
from workflows.flow import END, Step


class Place(NamedTuple):
    """Where a visit stands: in which fork's branch, and after which visit."""

    inside: int = 0
    branch: int = 0
    came_from: int = 0


class Entry(NamedTuple):
    """How a step is entered when it is not for the first time."""

    again: Visit
    """The earlier visit whose people do it again."""
    keep: bool = False
    signers: tuple[str, ...] = ()
    back: int = 0
    returned: bool = False
    cells: tuple[tuple[str, str], ...] = ()


def enter(run: Run, code: str, place: Place, entry: Entry | None = None) -> None:
    """Put the token on a step (or the end) and do what the step does by itself."""
    if code == END:
        finish(run, "done")
        return
    step = run.flow.by_code[code]
    if step.kind == "join":
        _arrive(run, step, place)
        return
    visit = run.add_visit(code, "open", **place._asdict())
    run.entries += 1
    if run.entries > MOST_ENTRIES:
        stick(run, visit, "endless")
    elif step.people:
        _open_people(run, visit, step, entry)
    elif step.kind == "fork":
        _fork(run, visit, step)
    else:
        _serve(run, visit, step)


def _open_people(run: Run, visit: Visit, step: Step, entry: Entry | None) -> None:
    if entry is None:
        signing.open_tasks(run, visit, step)
        return
    visit = run.change_visit(
        visit, back=entry.back, returned=entry.returned, cells=dict(entry.cells)
    )
    if not signing.open_again(run, visit, entry.again, keep=entry.keep, again=entry.signers):
        signing.open_tasks(run, visit, step)


def _serve(run: Run, visit: Visit, step: Step) -> None:
    """Steps without people: a mere route, copies, a pause, a call, flows below."""
    if step.kind == "notify" and step.assign:
        run.emit(CopyTo(step.code, step.assign))
    if step.kind == "wait" and step.due:
        run.emit(ArmTimer(run.add_task(visit, "running").key, step.due))
        return
    if step.kind == "http":
        run.emit(CallOut(run.add_task(visit, "running").key, step.code))
        return
    if step.kind == "subflow":
        task = run.add_task(visit, "running")
        run.emit(StartSubflow(task.key, step.code, step.flow, step.each))
        if step.wait:
            return
        run.change_task(task, status="done")
    leave(run, visit)


def leave(run: Run, visit: Visit, *, by: str = "", auto: str = "") -> None:
    """The step is done: take the first route whose condition holds, else the default."""
    visit = run.change_visit(visit, status="passed", by=by, auto=auto)
    step = run.step_of(visit)
    chosen = next((way for way in step.next if way.when and run.asks(way.when)), None)
    chosen = chosen or next((way for way in step.next if not way.when), None)
    if chosen is None:
        stick(run, visit, "no-route")
    else:
        enter(run, chosen.to, Place(visit.inside, visit.branch, visit.id))


def _fork(run: Run, visit: Visit, step: Step) -> None:
    chosen = tuple(range(len(step.next)))
    if step.branches == "matching":
        chosen = tuple(n for n in chosen if (when := step.next[n].when) and run.asks(when))
        chosen = chosen or tuple(n for n, way in enumerate(step.next) if not way.when)[:1]
    if not chosen:
        stick(run, visit, "no-route")
        return
    run.change_visit(visit, status="forked", branches=chosen)
    for branch in chosen:
        if run.visits[visit.id].live:
            enter(run, step.next[branch].to, Place(visit.id, branch, visit.id))


def _arrive(run: Run, step: Step, place: Place) -> None:
    """A branch has reached a join; the last one passes it."""
    fork = run.visits.get(place.inside)
    if fork is None or run.step_of(fork).join != step.code:
        stick(run, run.add_visit(step.code, "open", **place._asdict()), "join")
        return
    joined = close_branch(run, fork, place)
    if joined:
        leave(run, joined)


def close_branch(run: Run, fork: Visit, place: Place) -> Visit | None:
    """One branch is through; the visit of the join when it was the last."""
    fork = run.change_visit(fork, arrived={**fork.arrived, place.branch: place.came_from})
    if set(fork.branches) - set(fork.arrived):
        return None
    run.change_visit(fork, status="passed")
    join = run.step_of(fork).join
    return run.add_visit(join, "passed", inside=fork.inside, branch=fork.branch, came_from=fork.id)


def stick(run: Run, visit: Visit, reason: str) -> None:
    """The token cannot go on by itself: an incident, never silence."""
    visit = run.change_visit(visit, status="stuck", reason=reason)
    task = run.add_task(visit, "stuck", reason=reason)
    run.emit(Incident(task.key, visit.step, reason))


def cancel(run: Run, visit: Visit, status: str, reason: str) -> None:
    """Take the token off a step, with everything in its branches."""
    for task in run.tasks_of(visit):
        if task.children:
            run.emit(CancelSubflows(task.children))
        if task.pending:
            run.take_away(task, "withdrawn" if status == "withdrawn" else "cancelled", reason)
    for inner in list(run.visits.values()):
        if inner.inside == visit.id and inner.live:
            cancel(run, inner, status if status == "withdrawn" else "cancelled", reason)
    run.change_visit(visit, status=status)


def finish(run: Run, outcome: str) -> None:
    """The case ends; nobody has anything left to do."""
    for visit in list(run.visits.values()):
        if run.visits[visit.id].live and visit.inside == 0:
            cancel(run, visit, "cancelled", outcome)
    run.status = outcome
    if outcome == "done":
        run.emit(WriteBack())
    run.emit(Finished(outcome))
