"""One event being applied: a working copy of a state, what is asked of the conditions, the effects.

It lives for one `step` and is thrown away when an action refuses, so a refusal changes nothing.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from workflows.core import graph
from workflows.core.decision import (
    CloseTask,
    Decision,
    Effect,
    GiveNumber,
    LockCells,
    Notify,
    OpenTask,
    UnlockCells,
)
from workflows.core.state import State, Task, Visit
from workflows.events import UNALLOWED, Condition, Event
from workflows.flow import END, Flow, Step
from workflows.numbering import Number

MOST_ENTRIES = 100
"""More steps than this in one event is a loop that no person stands in."""


class Run:
    """The state as it becomes, while one event is applied."""

    def __init__(self, flow: Flow, state: State, event: Event, holds: Condition) -> None:
        self.flow = flow
        self.event = event
        self.before = state
        self.status = state.status
        self.counter = state.counter
        self.copied = state.copied
        self.case_number = state.number
        self.visits: dict[int, Visit] = {visit.id: visit for visit in state.visits}
        self.tasks: dict[str, Task] = {task.key: task for task in state.tasks}
        self.effects: list[Effect] = []
        self.entries = 0
        self._answers = dict(event.answers)
        self._holds = holds

    def decision(self) -> Decision:
        """What became of it."""
        state = State(
            status=self.status,
            visits=tuple(self.visits.values()),
            tasks=tuple(self.tasks.values()),
            counter=self.counter,
            revision=self.before.revision + 1,
            copied=self.copied,
            number=self.case_number,
        )
        if rule := self._to_be_numbered():
            self.emit(GiveNumber(rule))
        return Decision(state, tuple(self.effects), self.event.answered(self._answers))

    def _to_be_numbered(self) -> Number | None:
        """How it is to be numbered, if it has come to where the flow does that and has no number."""
        rule = self.flow.number
        if rule is None or self.case_number or not self.visits:
            return None
        if rule.at == END:
            there = self.status == "done"
        else:
            there = not rule.at or any(visit.step == rule.at for visit in self.visits.values())
        return rule if there else None

    def must_be_allowed(self, step: Step) -> bool:
        """Whether only a person may pass a step: nobody after it could allow a check that stands."""
        last = step.kind in graph.DECIDING and graph.may_be_last(self.flow, step.code)
        return last and self.asks(UNALLOWED)

    def asks(self, formula: str) -> bool:
        """Whether a condition holds; asked once an event, and remembered with the event."""
        if formula not in self._answers:
            self._answers[formula] = self._holds(formula)
        return self._answers[formula] is True

    def emit(self, effect: Effect) -> None:
        """Somebody else is to do this."""
        self.effects.append(effect)

    def number(self) -> int:
        """The next number of this case."""
        self.counter += 1
        return self.counter

    def step_of(self, of: Visit | Task) -> Step:
        """The declaration of the step."""
        return self.flow.by_code[of.step]

    def add_visit(self, step: str, status: str, **values: Any) -> Visit:
        """A step is entered."""
        visit = Visit(id=self.number(), step=step, status=status, **values)
        self.visits[visit.id] = visit
        return visit

    def change_visit(self, visit: Visit | int, **values: Any) -> Visit:
        """The same visit, with other values; from now on this one."""
        number = visit if isinstance(visit, int) else visit.id
        visit = self.visits[number] = replace(self.visits[number], **values)
        return visit

    def add_task(self, visit: Visit, status: str, **values: Any) -> Task:
        """Somebody's part in a visit."""
        key = f"{visit.step}.{self.number()}"
        task = Task(key=key, step=visit.step, visit=visit.id, status=status, **values)
        self.tasks[key] = task
        return task

    def change_task(self, task: Task | str, **values: Any) -> Task:
        """The same task, with other values; from now on this one."""
        key = task if isinstance(task, str) else task.key
        task = self.tasks[key] = replace(self.tasks[key], **values)
        return task

    def tasks_of(self, visit: Visit | int) -> list[Task]:
        """Every task of a visit, in the order they were made."""
        number = visit if isinstance(visit, int) else visit.id
        return [task for task in self.tasks.values() if task.visit == number]

    def live(self, inside: int, branch: int) -> Iterator[Visit]:
        """The token at one level: the root, or one branch of a fork."""
        for visit in list(self.visits.values()):
            if visit.live and visit.inside == inside and visit.branch == branch:
                yield visit

    def open_task(self, task: Task, *, replaces: str = "", people: tuple[str, ...] = ()) -> Task:
        """From now on somebody can do it; these people, where somebody has named them."""
        task = self.change_task(task, status="open")
        step, visit = self.step_of(task), self.visits[task.visit]
        opinion = task.side == "opinion"
        self.emit(
            OpenTask(
                key=task.key,
                step=step.code,
                kind="opinion" if opinion else step.kind,
                mode=step.sign.mode,
                actor=task.owner,
                assign=task.assign,
                prefer=task.prefer or (task.owner if task.waits else ""),
                due=step.due,
                replaces=replaces,
                people=people,
                returned=visit.returned,
                cells=visit.cells,
            )
        )
        if step.editable and not opinion:
            named = tuple(visit.cells) if visit.returned and step.kind == "fill" else ()
            self.emit(UnlockCells(task.key, named or step.editable))
        return task

    def close_task(self, task: Task, status: str, *, reason: str = "", **values: Any) -> Task:
        """From now on nobody can do it."""
        was_open = task.status == "open"
        by = values.get("by", "")
        task = self.change_task(task, status=status, reason=reason or task.reason, **values)
        if was_open:
            self.emit(CloseTask(task.key, status, by=by, reason=reason))
            if self.step_of(task).editable and task.side != "opinion":
                self.emit(LockCells(task.key))
        return task

    def decide_task(self, task: Task, verdict: str, status: str = "done") -> Task:
        """The person in front of us did it."""
        event = self.event
        hand = event.by if event.acting_for else ""
        return self.close_task(
            task, status, by=event.person, hand=hand, verdict=verdict, at=event.at
        )

    def take_away(self, task: Task, status: str, reason: str, text: str = "") -> None:
        """Nobody needs to do it any more, and who had it is told, in words where somebody gave them."""
        people = (task.owner,) if task.owner else task.candidates
        told = task.status == "open" and [who for who in people if who != self.event.person]
        self.close_task(task, status, reason=reason)
        if told:
            self.emit(Notify(f"flow.notice.{status}", tuple(told), task=task.key, text=text))
