"""A step is opened again for somebody who has left since: what becomes of their part. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from workflows import machine
from workflows.core.refusals import AlreadySigner, OwnWork
from workflows.core.state import State
from workflows.events import SYSTEM, Event, SignersRemoved, Transferred, Unassignable
from workflows.flow import Flow

LEAVER = "离职转办"
"""Why, in the history."""


def passed_on(
    flow: Flow,
    state: State,
    task: str,
    leaver: str,
    to: str,
    *,
    at: datetime,
    by: str,
    besides: Iterable[Event] = (),
) -> Event | None:
    """The task is `to`'s; where they sign there already, one vote is enough; where they may not, nobody's.

    `besides` are events that will happen before it. None: it stays as it is.
    """  # fmt: skip
    told: dict[str, Any] = {"at": at, "task": task, "comment": LEAVER}
    moved = Transferred(by=SYSTEM, to=to, **told)
    refused = machine.refusal(flow, state, moved)
    signs = any(isinstance(one, Transferred) and one.to == to for one in besides)
    if isinstance(refused, AlreadySigner) or signs:
        removed = SignersRemoved(by=SYSTEM, people=(leaver,), duty=True, **told)
        return _lawful(flow, state, removed)
    if isinstance(refused, OwnWork):
        return _lawful(flow, state, Unassignable(by=by, **told))
    return moved if refused is None else None


def _lawful(flow: Flow, state: State, event: Event) -> Event | None:
    return event if machine.refusal(flow, state, event) is None else None
