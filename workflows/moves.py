"""Running cases to a new version of their flow: a plan that is computed, shown and tried dry.

A case moves when everything it stands on and passed is in the new version as it was: its steps, their
kinds, the branches that are taken. Open tasks stay with whoever has them and keep their due dates; the
rules of the new version hold from the next step on. What cannot move stays on its version, with why.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select, update

from engine.errors import Problem
from engine.jobs.registry import JOBS
from engine.work import Work
from forms.documents import DOCUMENT
from workflows import machine, sealing, store
from workflows.core.graph import region
from workflows.core.state import State, Visit
from workflows.events import SYSTEM, Moved, Passed, Submitted
from workflows.flow import Flow
from workflows.store import CASE

RUNNING = ("running", "suspended")
AT_ONCE = 500
"""So many cases in one transaction."""


@dataclass(frozen=True, slots=True)
class Move:
    """One running case: where it stands, and why it cannot move (empty: it can)."""

    case: str
    document: str
    title: str
    organisation: str
    version: int
    steps: tuple[str, ...]
    reason: str = ""
    at: str = ""
    """The step that is the reason."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What moving to a version would do."""

    flow: str
    version: int
    moves: tuple[Move, ...]

    @property
    def able(self) -> tuple[Move, ...]:
        """Those that move."""
        return tuple(one for one in self.moves if not one.reason)

    @property
    def staying(self) -> tuple[Move, ...]:
        """Those that stay where they are, each with its reason."""
        return tuple(one for one in self.moves if one.reason)

    def counted(self) -> Mapping[tuple[str, str], int]:
        """How many stay for which reason, at which step."""
        return Counter((one.reason, one.at) for one in self.staying)


def plan(work: Work, code: str, target: Flow, *, limit: int = 20_000) -> Plan:
    """What moving every running case of a flow to a version would do; nothing is changed.

    Every case that can move is tried: it is moved in memory, and each open task finished on the new
    version, so that what the plan promises has been done once.
    """
    query = (
        select(CASE, DOCUMENT.c.organisation_code)
        .join(DOCUMENT, DOCUMENT.c.id == CASE.c.document_id)
        .where(CASE.c.flow_code == code, CASE.c.status.in_(RUNNING))
        .where(CASE.c.flow_version != target.version)
        .order_by(CASE.c.flow_version, CASE.c.started_at, CASE.c.id)
        .limit(limit)
    )
    moves = []
    for row in work.connection.execute(query):
        flow = store.flow(work.connection, code, row.flow_version)
        state = sealing.opened_state(work.connection, row.id, row.state)
        live = tuple(dict.fromkeys(one.step for one in state.visits if one.live))
        reason, at = judged(flow, target, state)
        moves.append(
            Move(
                row.id, row.document_id, row.title, row.organisation_code, row.flow_version, live,
                reason, at,
            )
        )  # fmt: skip
    return Plan(code, target.version, tuple(moves))


def judged(old: Flow, new: Flow, state: State) -> tuple[str, str]:
    """Why a case cannot move, and at which step; both empty when it can, which was then tried."""
    for reason, step in _hindrances(old, new, state):
        return reason, step
    try:
        moved = machine.step(
            new, state, Moved(at=machine.NOTHING.at, by=SYSTEM, version=new.version)
        )
        _tried(new, moved.state)
    except Problem:
        return "dry-run", state.open_tasks[0].step if state.open_tasks else ""
    return "", ""


def carry_out(work: Work, code: str, version: int) -> Plan:
    """Move what can be moved, and leave the rest; the plan is computed anew, under the same lock.

    Raises FlowUnknown, Conflict.
    """
    work.require("form.design")
    target = store.flow(work.connection, code, version)
    done = plan(work, code, target)
    for number, move in enumerate(done.able):
        if number == AT_ONCE:
            work.later("flow.move", {"flow": code, "version": version})
            break
        _move(work, move, target)
    work.note("flow.moved", f"{code}@{version}", moved=len(done.able), staying=len(done.staying))
    return done


@JOBS.job("flow.move")
def go_on(work: Work, payload: Mapping[str, Any]) -> int:
    """The next cases of a move that is too large for one transaction."""
    return len(carry_out(work, payload["flow"], payload["version"]).able)


def _move(work: Work, move: Move, target: Flow) -> None:
    case = store.get_case(work.connection, move.case)
    event = Moved(at=work.now, by=work.actor.id, version=target.version)
    made = machine.step(target, case.state, event)
    store.save_case(work, case, made.state, 1)
    work.connection.execute(
        update(CASE).where(CASE.c.id == case.id).values(flow_version=target.version)
    )
    store.add_events(work, case.id, case.revision, [made.event])


def _hindrances(old: Flow, new: Flow, state: State) -> Iterator[tuple[str, str]]:
    for visit in state.visits:
        was, now = old.by_code[visit.step], new.by_code.get(visit.step)
        if now is None:
            yield "gone", visit.step
        elif now.kind != was.kind:
            yield "kind", visit.step
        elif region(old, visit.step) != region(new, visit.step) or (
            visit.status == "forked" and _branches(old, visit) != _branches(new, visit)
        ):
            yield "branch", visit.step
        elif visit.live and was.sign.several != now.sign.several:
            yield "signing", visit.step


def _branches(flow: Flow, visit: Visit) -> tuple[str, list[str | None]]:
    """The join of a fork and where its taken branches begin."""
    step = flow.by_code[visit.step]
    ways = [step.next[n].to if n < len(step.next) else None for n in visit.branches]
    return step.join, ways


def _tried(flow: Flow, state: State) -> None:
    """Each open task is finished once on the new version; raises what would stand in the way."""
    for task in state.open_tasks:
        step = flow.by_code[task.step]
        if task.side == "opinion" or (not task.owner and step.sign.mode == "pool"):
            continue
        kind = Submitted if step.kind == "fill" else Passed
        event = kind(
            at=machine.NOTHING.at,
            by=task.owner or SYSTEM,
            task=task.key,
            comment="x",
            signature="x",
        )
        machine.step(flow, _awake(state), event)


def _awake(state: State) -> State:
    """The state as it is when nothing is on hold: a suspended case is tried as it will run."""
    return replace(state, status="running") if state.status == "suspended" else state
