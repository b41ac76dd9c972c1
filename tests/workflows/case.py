"""A running case for tests: plays events against the machine, and checks what must always hold.

After each event the state must survive its dump, the stored events must rebuild it, and the tokens
must be whole.
"""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.workflows.wholeness import assert_whole
from workflows import events, flow
from workflows.core.decision import CloseTask, Decision, Effect, Notify, OpenTask
from workflows.core.state import State
from workflows.machine import replay, step

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Case:
    """One document on its way, with people named by single words."""

    def __init__(
        self, document: Mapping[str, Any], holds: Callable[[str], bool | None] | None = None
    ):
        self.flow = flow.load(document)
        self.holds = holds or (lambda formula: None)
        self.state = State()
        self.history: list[events.Event] = []
        self.effects: tuple[Effect, ...] = ()
        self.now = NOON

    def send(self, event: events.Event) -> "Case":
        before = self.state.dump()
        decision: Decision = step(self.flow, self.state, event, self.holds)
        assert self.state.dump() == before, "the old state was touched"
        self.state, self.effects = decision.state, decision.effects
        self.history.append(events.load(decision.event.dump()))
        assert State.load(self.state.dump()) == self.state
        assert replay(self.flow, self.history) == self.state
        assert_whole(self.flow, self.state)
        return self

    def copied(self) -> "Case":
        """The same case, to try another order of things."""
        other = copy(self)
        other.history = list(self.history)
        return other

    def do(self, kind: str, by: str = "system", at: str | None = None, **values: Any) -> "Case":
        """An event by its stored name; `at` names a step whose open task it is about."""
        self.now += timedelta(minutes=1)
        if at is not None:
            values["task"] = self.key(at, by)
        return self.send(events.KINDS[kind](at=self.now, by=by, **values))

    def key(self, where: str, by: str = "") -> str:
        """The task of a step: this person's, else a position's, else any."""
        here = [task for task in self.state.tasks if task.step == where and task.pending]
        for wanted in (by, "", None):
            for task in here:
                if (
                    task.owner == (task.owner if wanted is None else wanted)
                    and task.status == "open"
                ):
                    return task.key
        if here:
            return here[0].key
        return next(task.key for task in reversed(self.state.tasks) if task.step == where)

    @property
    def todo(self) -> list[str]:
        """Who has what to do: `step` for a position's task, `step:person` for a named one's."""
        return sorted(
            f"{task.step}:{task.owner}" if task.owner else task.step
            for task in self.state.open_tasks
        )

    def seen(self, kind: type[Effect]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def closed(self) -> dict[str, str]:
        """What the last event closed, by step and owner."""
        tasks = {task.key: task for task in self.state.tasks}
        return {
            f"{tasks[one.key].step}:{tasks[one.key].owner}".rstrip(":"): one.outcome
            for one in self.seen(CloseTask)
        }

    @property
    def opened(self) -> list[OpenTask]:
        return self.seen(OpenTask)

    @property
    def notices(self) -> list[Notify]:
        return self.seen(Notify)


def person(role: str, at: str = "same") -> dict[str, str]:
    return {"rule": "position", "role": role, "at": at}


def one(code: str, kind: str, to: str | list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A step, short: `one("verify", "verify", "approve")`."""
    routes = [{"to": to}] if isinstance(to, str) else to
    step_: dict[str, Any] = {"code": code, "kind": kind, "next": routes, "titles": {"zh": code}}
    if kind in flow.PEOPLE or kind == "notify":
        step_["assign"] = person({"fill": "staff", "verify": "verifier"}.get(kind, "leader"))
    return {**step_, **more}


def made(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "code": "f",
        "titles": {"zh": "试"},
        "start": steps[0]["code"],
        "steps": list(steps),
        **more,
    }


def three(**more: Any) -> dict[str, Any]:
    """Fill, verify, approve."""
    return made(
        one("fill", "fill", "verify"),
        one("verify", "verify", "approve"),
        one("approve", "approve", "end"),
        **more,
    )
