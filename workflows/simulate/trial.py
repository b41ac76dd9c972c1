"""One case of a try-out: events go through the machine, and what follows is done at once.

People are looked up in the script's town, timers armed on its clock, cells opened and closed, flows
below begun: as in an office, without a database.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse
from engine.json_text import Json
from workflows import machine, numbering
from workflows.core import decision as effects
from workflows.core import following, leaving, signing
from workflows.core.decision import Effect
from workflows.core.refusals import TooLate
from workflows.core.state import State, Task
from workflows.events import (
    SYSTEM,
    UNALLOWED,
    Assigned,
    ChildrenStarted,
    Copied,
    Event,
    Numbered,
    Started,
    Submitted,
    TakingBack,
    Terminated,
    Unassignable,
)
from workflows.flow import Assign, Flow
from workflows.numbering import Given
from workflows.simulate import cells, report
from workflows.simulate.people import Asked, Town
from workflows.simulate.script import OFFICE
from workflows.simulate.timers import Timers


@dataclass
class Happened:
    """What came of one thing that was done, follow-ups included."""

    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)


@dataclass
class Trial:
    """A case that is being tried out."""

    name: str
    flow: Flow
    town: Town
    timers: Timers
    organisation: str
    document: Any
    parent: "tuple[Trial, str] | None" = None
    begin: "Callable[[Trial, effects.StartSubflow], list[Trial]] | None" = None
    state: State = field(default_factory=State)
    history: list[Event] = field(default_factory=list)
    children: "dict[str, Trial]" = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    """Flows below that are not played, with how they stand: the script says how they end."""
    incidents: dict[str, tuple[effects.Incident, datetime]] = field(default_factory=dict)
    began: dict[str, datetime] = field(default_factory=dict)
    """When each task came to somebody's list."""
    chosen: dict[str, list[str]] = field(default_factory=dict)
    finished: list[tuple["Trial", str, str]] = field(default_factory=list)
    """Flows above to be told: (parent, task, outcome)."""
    due: datetime | None = None
    """When the report is due that the case is about."""
    handed_in: datetime | None = None
    """When it was; nothing for what went back since."""

    def start(self, now: datetime) -> Happened:
        """The case begins."""
        return self.send(Started(at=now, by=SYSTEM))

    def send(self, event: Event) -> Happened:
        """Carry an event out with all that follows; a refusal of the event itself changes nothing."""
        happened = Happened()
        waiting: deque[Event] = deque([event])
        while waiting:
            one = waiting.popleft()
            if one is not event and not following.wanted(self.state, one):
                continue
            made = machine.step(self.flow, self.state, one, self._holds(one.at))
            self._refuse_if_acted_below(one, made.effects)
            self.state = made.state
            self.history.append(made.event)
            self._handed_in(made.event)
            happened.events.append(made.event)
            for effect in made.effects:
                happened.effects.append(effect)
                if rule := _EFFECTS.get(type(effect)):
                    rule(self, effect, one.at, waiting)
        return happened

    def _handed_in(self, event: Event) -> None:
        kinds = {self.flow.by_code[task.step].kind for task in self.state.open_tasks}
        if "fill" in kinds:
            self.handed_in = None
        elif isinstance(event, Submitted):
            self.handed_in = event.at

    def _refuse_if_acted_below(self, event: Event, made: Sequence[Effect]) -> None:
        """Taken back is what nobody has acted on since, in the flows below neither."""
        for effect in made if isinstance(event, TakingBack) else ():
            for name in effect.children if isinstance(effect, effects.CancelSubflows) else ():
                child = self.children.get(name)
                if child is not None and child.acted_in and child.parent is not None:
                    step = self.flow.by_code[child.parent[1].rpartition(".")[0]]
                    raise TooLate(step=step.code, titles=step.titles, by="")

    @property
    def acted_in(self) -> bool:
        """Whether somebody has done something here or in the flows below."""
        return self.state.acted_in or any(one.acted_in for one in self.children.values())

    def task(self, key: str) -> Task | None:
        """A task of the case."""
        return self.state.task(key)

    def people_of(self, task: Task) -> tuple[str, ...]:
        """Whose it is: its owner, else those it was found for; nobody where that is not known."""
        return (task.owner,) if task.owner else task.candidates

    def may(self, task: Task, person: str) -> bool:
        """Whether a task is this person's to do; where the script names no people, anybody's."""
        people = self.people_of(task)
        return not people or person in people

    def left_out(self, task: Task, person: str, now: datetime) -> bool:
        """Whether the step's rule finds somebody who only does not have it because it is their own work."""
        step = self.flow.by_code[task.step]
        if step.own == "allow" or person not in signing.authors(self.flow, self.state.tasks):
            return False
        rule = step.assign and replace(step.assign, pick="")
        return person in (self._find(step.code, rule, now) or ())

    def _holds(self, now: datetime) -> Callable[[str], bool | None]:
        def holds(formula: str) -> bool | None:
            if formula == UNALLOWED:
                return False  # a trial's document has no checks
            answer = evaluate(parse(formula), Document(self.document, today=now.date()))
            return answer if isinstance(answer, bool) else None

        return holds

    def _find(
        self, step: str, assign: Assign | None, now: datetime, waiting: Iterable[Event] = ()
    ) -> dict[str, int] | None:
        done = [task for task in self.state.tasks if task.verdict and task.by != SYSTEM]
        filled = [task.by for task in done if self.flow.by_code[task.step].kind == "fill"]
        named = [self.people_of(task) for task in self.state.open_tasks]
        named += [one.people for one in waiting if isinstance(one, Assigned)]
        busy = Counter(people[0] for people in named if len(people) == 1)
        asked = Asked(
            step,
            assign is None or assign == self.flow.by_code[step].assign,
            self.organisation,
            self.document,
            now,
            submitter=filled[-1] if filled else "",
            did=_last_of_each(done),
            chosen=self.chosen,
            busy=busy,
        )
        return self.town.find(assign, asked)

    def open_to(self, effect: effects.OpenTask, now: datetime, waiting: deque[Event]) -> None:
        """A task opens: its time starts, and a position's people are found."""
        self.began[effect.key] = now
        if effect.due:
            self.timers.arm(effect.key, effect.due, now, replaces=effect.replaces)
        elif self.due:
            self.timers.tell(effect.key, self.due, report.notices(self.due, now))
        if effect.actor or effect.people:
            self._leavers(effect, now, waiting)
        if effect.actor or effect.people or effect.assign is None:
            return
        found = self._find(effect.step, effect.assign, now, waiting)
        self._answer(effect.key, found, now, waiting)

    def _leavers(self, effect: effects.OpenTask, now: datetime, waiting: deque[Event]) -> None:
        """Who left since they had it is followed by who took over."""
        if effect.actor:
            to = self.town.after(effect.actor)
            if to != effect.actor:
                told: dict[str, Any] = {"at": now, "by": OFFICE, "besides": waiting}
                event = leaving.passed_on(
                    self.flow, self.state, effect.key, effect.actor, to, **told
                )
                waiting += [event] if event else []
        elif any(self.town.after(one) != one for one in effect.people):
            people = tuple(dict.fromkeys(map(self.town.after, effect.people)))
            waiting.append(Assigned(at=now, by=SYSTEM, task=effect.key, people=people))

    def seat(self, effect: effects.AskSigners, now: datetime, waiting: deque[Event]) -> None:
        """Several decide: they must be known first."""
        found = self._find(effect.step, effect.assign, now)
        if effect.step not in self.town.script.steps and found:
            votes = self.flow.by_code[effect.step].sign.weights
            found = {name: votes.get(name, weight) for name, weight in found.items()}
        self._answer(effect.key, found, now, waiting)

    def _answer(
        self, key: str, found: Mapping[str, int] | None, now: datetime, waiting: deque[Event]
    ) -> None:
        if found:
            weights = {name: weight for name, weight in found.items() if weight != 1}
            waiting.append(
                Assigned(at=now, by=SYSTEM, task=key, people=tuple(found), weights=weights)
            )
        elif found is not None:
            waiting.append(Unassignable(at=now, by=SYSTEM, task=key))

    def given_back(self, effect: effects.ChangeTask, now: datetime, waiting: deque[Event]) -> None:
        """Nobody's by name any more: where it is not known whose it was before, they are found again."""
        task = self.state.task(effect.key)
        if task is not None and not effect.actor and not task.candidates:
            self._answer(effect.key, self._find(task.step, task.assign, now), now, waiting)

    def copy_in(self, effect: effects.CopyTo, now: datetime, waiting: deque[Event]) -> None:
        """The flow copies somebody in."""
        if found := self._find(effect.step, effect.assign, now):
            waiting.append(Copied(at=now, by=SYSTEM, to=tuple(found)))

    def begin_below(
        self, effect: effects.StartSubflow, now: datetime, waiting: deque[Event]
    ) -> None:
        """Flows below begin, where the script has them; else it says itself how they end."""
        task = self.state.task(effect.key)
        waits = task is not None and task.status == "running"
        if self.begin is None:
            rows = cells.value_at(self.document, effect.each) if effect.each else [None]
            names = tuple(f"{effect.key}/{number}" for number, _ in enumerate(rows or (), 1))
            self.unseen |= dict.fromkeys(names if waits else (), "running")
        else:
            begun = self.begin(self, effect)
            names = tuple(child.name for child in begun)
            self.children |= {child.name: child for child in begun}
        if waits:
            waiting.appendleft(ChildrenStarted(at=now, by=SYSTEM, task=effect.key, children=names))

    def end_below(self, effect: effects.CancelSubflows, now: datetime, _: deque[Event]) -> None:
        """The case went elsewhere: the flows below it are over."""
        for name in effect.children:
            self.unseen |= {name: "terminated"} if name in self.unseen else {}
            child = self.children.get(name)
            if child is not None and child.state.status == "new":
                child.start(now)
            if child is not None and child.state.status in ("running", "suspended"):
                child.parent = None
                child.send(Terminated(at=now, by=SYSTEM, outcome="terminated", comment="cancelled"))

    def end(self, effect: effects.Finished, _now: datetime, _waiting: deque[Event]) -> None:
        """The case has ended, and the flow above is told."""
        if self.parent is not None:
            self.finished.append((*self.parent, effect.outcome))

    def give_number(self, effect: effects.GiveNumber, now: datetime, waiting: deque[Event]) -> None:
        """The next number of its counter; a script has no forms, the flow stands for one."""
        place, title = self.organisation, self.flow.title()
        given = Given(now.date(), "", place, place, "", "", self.flow.code, title)
        counted = numbering.counted(effect.number.template, given)
        running = self.town.counters.get(counted.counter, effect.number.first - 1) + 1
        self.town.counters[counted.counter] = running
        waiting.appendleft(Numbered(at=now, by=SYSTEM, number=counted.text(running)))

    def document_of(self) -> Json:
        """The document as it stands."""
        return self.document


def _last_of_each(done: list[Task]) -> dict[str, str]:
    """Who did each step last, in that order."""
    found: dict[str, str] = {}
    for task in done:
        found.pop(task.step, None)
        found[task.step] = task.by
    return found


def _stop(trial: Trial, effect: effects.CloseTask, _now: datetime, _waiting: deque[Event]) -> None:
    trial.timers.stop(effect.key)


def _arm(trial: Trial, effect: effects.ArmTimer, now: datetime, _waiting: deque[Event]) -> None:
    trial.timers.arm(effect.key, effect.due, now)


def _incident(trial: Trial, effect: effects.Incident, now: datetime, _: deque[Event]) -> None:
    trial.incidents[effect.key] = (effect, now)


def _solved(trial: Trial, effect: effects.IncidentSolved, _now: datetime, _: deque[Event]) -> None:
    trial.incidents.pop(effect.key, None)


_EFFECTS: Mapping[type[Any], Callable[[Trial, Any, datetime, deque[Event]], None]] = {
    effects.OpenTask: Trial.open_to,
    effects.AskSigners: Trial.seat,
    effects.ChangeTask: Trial.given_back,
    effects.CopyTo: Trial.copy_in,
    effects.StartSubflow: Trial.begin_below,
    effects.CancelSubflows: Trial.end_below,
    effects.Finished: Trial.end,
    effects.GiveNumber: Trial.give_number,
    effects.CloseTask: _stop,
    effects.ArmTimer: _arm,
    effects.Incident: _incident,
    effects.IncidentSolved: _solved,
    effects.PauseTimers: lambda trial, _effect, now, _waiting: trial.timers.pause(now),
    effects.ResumeTimers: lambda trial, _effect, now, _waiting: trial.timers.resume(now),
}
