"""The flow's core: `step(flow, state, event) -> Decision(state, effects)`.

Pure: no clock, no database, no ids but those counted in the state. An action that is not allowed
raises a Problem and nothing has changed. Each action is a file in `actions/`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import Problem
from workflows import events
from workflows.actions import (
    assign,
    call,
    claim,
    delegate,
    end,
    hold,
    move,
    number,
    overdue,
    reform,
    reroute,
    return_,
    signers,
    start,
    subflow,
    submit,
    talk,
    transfer,
    withdraw,
)
from workflows.core import backwards
from workflows.core.decision import Decision
from workflows.core.run import Run
from workflows.core.state import State
from workflows.events import SYSTEM, Condition, Event
from workflows.flow import Flow

NOTHING = Event(at=datetime.min.replace(tzinfo=UTC), by=SYSTEM)
"""Nothing happened; somebody only looks."""

ACTIONS: Mapping[type[Event], Callable[[Run, Any], None]] = {
    events.Started: start.start,
    events.Restarted: start.restart,
    events.Submitted: submit.submit,
    events.Passed: submit.pass_on,
    events.Rejected: submit.reject,
    events.Returned: return_.return_,
    events.Withdrawn: withdraw.withdraw,
    events.TakenBack: withdraw.take_back,
    events.Assigned: assign.assigned,
    events.Unassignable: assign.unassignable,
    events.Transferred: transfer.transfer,
    events.Delegated: delegate.delegate,
    events.Answered: delegate.answer,
    events.SignersAdded: signers.add,
    events.SignersRemoved: signers.remove,
    events.Claimed: claim.claim,
    events.Unclaimed: claim.unclaim,
    events.Terminated: end.terminate,
    events.Suspended: hold.suspend,
    events.Resumed: hold.resume,
    events.Moved: move.move,
    events.FormMoved: reform.reform,
    events.Numbered: number.number,
    events.CallEnded: call.answered,
    events.CallGivenUp: call.given_up,
    events.CalledAgain: call.again,
    events.TimedOut: overdue.time_out,
    events.Rerouted: reroute.reroute,
    events.ChildrenStarted: subflow.started,
    events.ChildEnded: subflow.ended,
    events.Seen: talk.see,
    events.Urged: talk.urge,
    events.Copied: talk.copy,
    events.Commented: talk.comment,
}


def unanswerable(_formula: str) -> bool | None:
    """A condition nobody can evaluate: the default route is taken."""
    return None


def step(flow: Flow, state: State, event: Event, holds: Condition = unanswerable) -> Decision:
    """What follows from an event: the next state, and what somebody else is to do.

    Store `decision.event`, not the event handed in: it also holds what the conditions said.
    """
    run = Run(flow, state, event, holds)
    ACTIONS[type(event)](run, event)
    return run.decision()


def refusal(
    flow: Flow, state: State, event: Event, holds: Condition = unanswerable
) -> Problem | None:
    """Why an event would be refused, or nothing: for a button that is grey and tells why."""
    try:
        step(flow, state, event, holds)
    except Problem as problem:
        return problem
    return None


def returnable_steps(flow: Flow, state: State, task: str) -> tuple[str, ...]:
    """The steps a task may be returned to, nearest first: only those passed on the way to it."""
    run = Run(flow, state, NOTHING, unanswerable)
    held = run.tasks.get(task)
    return tuple(backwards.returnable(run, run.visits[held.visit])) if held else ()


def signers_before(flow: Flow, state: State, task: str) -> dict[str, tuple[str, ...]]:
    """Who signed each countersign that a task may be returned to: the return may name whom it asks again."""
    run = Run(flow, state, NOTHING, unanswerable)
    held = run.tasks.get(task)
    if held is None:
        return {}
    found = {}
    for code, visit in backwards.returnable(run, run.visits[held.visit]).items():
        signed = [one.owner for one in run.tasks_of(visit) if one.verdict and one.owner]
        if flow.by_code[code].sign.several and len(signed) > 1:
            found[code] = tuple(dict.fromkeys(signed))
    return found


def replay(flow: Flow, history: list[Event], versions: Mapping[int, Flow] | None = None) -> State:
    """The state that a history leads to; a case that was moved needs the versions it moved to."""
    state = State()
    for event in history:
        if isinstance(event, events.Moved) and versions:
            flow = versions[event.version]
        state = step(flow, state, event).state
    return state
