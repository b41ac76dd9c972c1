"""How several people decide one visit of a step: who is open, who waits, what the votes say.

Modes: one (whoever is found), pool (whoever claims it), all 会签, any 或签, in_order 依次, share 票签.
Somebody added before or after another (加签) is a gate: that one's vote counts when the gate agreed.
"""

from collections.abc import Iterable
from typing import Any

from workflows.core.decision import AskSigners, CloseTask, Incident, LockCells
from workflows.core.run import Run
from workflows.core.state import Task, Visit
from workflows.flow import Assign, Flow, Step

GONE = ("removed", "transferred", "replaced", "timed_out")


def open_tasks(run: Run, visit: Visit, step: Step) -> None:
    """A step of people is entered for the first time, or all of it anew."""
    ask(run, run.add_task(visit, "waiting", assign=step.assign))


def ask(run: Run, task: Task, assign: Assign | None = None) -> None:
    """Have the people of a task found; where several decide, before anything opens."""
    if assign:
        task = run.change_task(task, assign=assign)
    step = run.step_of(task)
    if step.sign.several and task.assign:
        run.change_task(task, status="asking")
        run.emit(AskSigners(task.key, step.code, step.sign.mode, task.assign))
    else:
        run.open_task(task)


def seat(run: Run, task: Task, people: tuple[str, ...], weights: dict[str, int]) -> list[Task]:
    """The people who decide are known: one task each instead of the one that asked."""
    visit, mode = run.visits[task.visit], run.step_of(task).sign.mode
    run.change_task(task, status="replaced")
    seated: list[Task] = []
    for person in people:
        waits = (seated[-1].key,) if seated and mode == "in_order" else ()
        weight = weights.get(person, 1)
        seated.append(run.add_task(visit, "waiting", owner=person, waits=waits, weight=weight))
    return seated


def open_again(run: Run, visit: Visit, old: Visit, *, keep: bool, again: tuple[str, ...]) -> bool:
    """Enter a step anew with the people of an earlier visit.

    keep: votes given then stay good, except of those who must sign again. Says whether anything
    could be taken over.
    """
    out = barred(run, run.step_of(visit))
    taken = [
        task
        for task in run.tasks_of(old)
        if task.owner not in out
        and (task.owner or task.assign or task.candidates)  # a leaver's seat is nobody's
        and _worth(task, keep=keep or bool(again))
    ]
    if not any(task.voter for task in taken):  # an opinion alone decides nothing
        return False
    copies: dict[str, Task] = {}
    for task in taken:
        good = task.verdict in ("passed", "answered")
        kept = good and (keep or bool(again)) and task.owner not in again
        copies[task.key] = run.add_task(
            visit,
            "kept" if kept else "waiting",
            owner=task.owner,
            assign=task.assign,
            candidates=task.candidates,
            prefer=task.by or task.prefer or task.owner,
            weight=task.weight,
            side=task.side,
            added_by=task.added_by,
            verdict=task.verdict if kept else "",
            by=task.by if kept else "",
            at=task.at if kept else None,
        )
    for task in taken:
        run.change_task(
            copies[task.key].key,
            waits=tuple(copies[key].key for key in task.waits if key in copies),
            gate=copies[task.gate].key if task.gate in copies else "",
        )
    if all(copy.status == "kept" for copy in copies.values()):
        for copy in copies.values():
            run.change_task(copy.key, status="waiting", verdict="", by="", at=None)
    release(run, visit)
    return bool(copies)


def _worth(task: Task, *, keep: bool) -> bool:
    """Whether a task of an earlier visit has a part in the next one."""
    if task.status in (*GONE, "asking") or task.reason == "unassigned":
        return False
    return task.voter or keep


def authors(flow: Flow, tasks: Iterable[Task]) -> set[str]:
    """Who filled the document in, with the deputies who did it for them."""
    return {
        who
        for task in tasks
        if task.verdict == "passed" and flow.by_code[task.step].kind == "fill"
        for who in (task.by, task.hand)
        if who
    }


def barred(run: Run, step: Step) -> set[str]:
    """Who may not decide here: nobody verifies their own work unless the flow allows it."""
    if step.kind == "fill" or step.own == "allow":
        return set()
    return authors(run.flow, run.tasks.values())


def successor(run: Run, task: Task, status: str, reason: str = "", **values: Any) -> Task:
    """A new task in the place of another, which is closed; whoever waits now waits for this one."""
    run.close_task(task, status, reason=reason, by=run.event.person)
    new = run.add_task(
        run.visits[task.visit],
        "waiting",
        **{
            "owner": task.owner,
            "assign": task.assign,
            "prefer": task.prefer,
            "weight": task.weight,
            "waits": task.waits,
            "gate": task.gate,
            "side": task.side,
            "added_by": task.added_by,
            **values,
        },
    )
    instead(run, task, new)
    return new


def instead(run: Run, task: Task, new: Task) -> None:
    """Whoever waited for a task, or was added to it, from now on does so with another."""
    for other in run.tasks_of(task.visit):
        if task.key in other.waits or other.gate == task.key:
            waits = tuple(new.key if key == task.key else key for key in other.waits)
            gate = new.key if other.gate == task.key else other.gate
            run.change_task(other, waits=waits, gate=gate)


def wait_instead(run: Run, gone: Task) -> None:
    """Whoever waited for a task that is taken away waits for what that one waited for: the order stays."""
    for other in run.tasks_of(gone.visit):
        if gone.key in other.waits:
            rest = [key for key in other.waits if key != gone.key]
            keys = dict.fromkeys((*rest, *(key for key in gone.waits if key != other.key)))
            run.change_task(other, waits=tuple(keys))


def hold(run: Run, task: Task, outcome: str, *waits: str) -> None:
    """Take a task from its owner until others are through; it then opens again."""
    was_open = task.status == "open"
    run.change_task(task, status="waiting", waits=(*task.waits, *waits))
    if was_open:
        run.emit(CloseTask(task.key, outcome, by=run.event.person))
        if run.step_of(task).editable and task.side != "opinion":
            run.emit(LockCells(task.key))


def jam(run: Run, task: Task, reason: str) -> None:
    """Nobody can do it: an incident, and the token waits."""
    run.close_task(task, "stuck", reason=reason)
    run.emit(Incident(task.key, task.step, reason))


def release(run: Run, visit: Visit) -> None:
    """Open what waited and need not any longer."""
    for task in run.tasks_of(visit):
        if task.status == "waiting" and all(_free(run, task, key) for key in task.waits):
            run.open_task(run.tasks[task.key])


def _free(run: Run, task: Task, key: str) -> bool:
    """Whether one need not wait for a task any longer; who was added after it waits only for it."""
    if task.side == "after" and task.gate == key:
        return run.tasks[key].verdict == "passed"
    return settled(run, key)


def settled(run: Run, key: str) -> bool:
    """Whether a task and everybody added after it have agreed."""
    task = run.tasks[key]
    if task.status in GONE:
        return True
    return task.verdict in ("passed", "answered") and all(
        settled(run, gate.key) for gate in run.tasks_of(task.visit) if gate.gate == key
    )


def refused(run: Run, task: Task) -> bool:
    """Whether a vote is against, its own or that of somebody added to it."""
    if task.status in GONE:
        return False
    return task.verdict == "rejected" or any(
        refused(run, gate) for gate in run.tasks_of(task.visit) if gate.gate == task.key
    )


def tally(run: Run, visit: Visit) -> str:
    """What the votes say: passed, rejected, or empty while it is open."""
    sign = run.step_of(visit).sign
    voters = [task for task in run.tasks_of(visit) if task.voter and task.status not in GONE]
    yes = [task for task in voters if settled(run, task.key)]
    no = [task for task in voters if refused(run, task)]
    if sign.mode == "any":
        return "passed" if yes else "rejected" if no else ""
    if sign.mode == "share":
        total = sum(task.weight for task in voters)
        if sign.agreed(sum(task.weight for task in yes), total):
            return "passed"
        reachable = total - sum(task.weight for task in no)
        return "" if sign.agreed(reachable, total) else "rejected"
    if no:
        return "rejected"
    return "passed" if len(yes) == len(voters) else ""
