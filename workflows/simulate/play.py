"""Playing a script: action by action, with the clock between them; a refusal changes nothing."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.errors import Problem
from engine.json_text import Json
from workflows import deadlines
from workflows.core import decision as effects
from workflows.core.decision import Notify
from workflows.events import SYSTEM, ChildEnded, Terminated, TimedOut, Urged
from workflows.flow import Flow
from workflows.simulate import acts, cells, duty, names
from workflows.simulate import report as reports
from workflows.simulate.people import Town
from workflows.simulate.report import NoReport, NotSent, Report, Through
from workflows.simulate.script import Action, Script, ScriptInvalid, moment
from workflows.simulate.timers import Timers, calendar_of
from workflows.simulate.trial import Happened, Trial

MAIN = "main"
MINUTES = timedelta(minutes=1)
MOST_FIRED = 5000


class NoSuchCase(Problem):
    """The script names a case that was not begun."""

    code, status = "simulate.no-such-case", 422
    case: str


class NothingToWaitFor(Problem):
    """Time is to pass until something fires, and nothing is due."""

    code, status = "simulate.nothing-to-wait-for", 409


class ClockBack(Problem):
    """A script waits until a time that is over."""

    code, status = "simulate.clock-back", 409
    now: str
    until: str


class TooMuchFired(Problem):
    """Time-outs follow each other without end."""

    code, status = "simulate.too-much-fired", 422


@dataclass
class Played:
    """One step of the play: what was done, and what came of it."""

    number: int
    """The action's; 0: by the clock or by what was done before."""
    time: datetime
    case: str
    do: str
    by: str
    task: str = ""
    comment: str = ""
    happened: Happened = field(default_factory=Happened)
    refused: Problem | None = None
    as_told: bool = True
    """Whether a refusal came exactly where the script says so."""
    differs: list[tuple[str, Json, Json]] = field(default_factory=list)
    """(what, expected, found)"""
    after: dict[str, Any] = field(default_factory=dict)


class Play:
    """A script being played on a flow."""

    def __init__(self, flow: Flow, script: Script) -> None:
        self.flow, self.script, self.now = flow, script, script.at
        self.town = Town(script)
        self.cases: dict[str, Trial] = {}
        self.steps: list[Played] = []
        self.fired = 0
        self.report = reports.read(script.report, script.at) if script.report else None
        self.exempt = False
        """Nothing need be reported: the period is exempt, or the office said so of this unit."""

    def begin(self) -> None:
        """The first case begins, if its report is sent."""
        document = deepcopy(dict(self.script.document))
        trial = self._trial(MAIN, self.flow, self.script.organisation, document)
        played = Played(0, self.now, MAIN, "started", SYSTEM)
        if self.report is not None:
            self._send(self.report, trial, played)
        if not self.exempt and played.refused is None:
            played.happened = trial.start(self.now)
        self._record(played)

    def _send(self, report: Report, trial: Trial, played: Played) -> None:
        trial.due, self.exempt = report.due(trial.timers.calendar), report.exempt
        try:
            report.refuse_hurry(self.now, trial.timers.calendar)
        except Problem as problem:
            played.refused = problem
        played.as_told = _as_expected(report.refused, played.refused)

    def act(self, action: Action) -> Played:
        """Do what an action says, after letting pass the time that it names."""
        if span := action.get("after"):
            self.advance(self.later(span))
        played = Played(
            action.number,
            self.now,
            self._name(action.get("case") or MAIN),
            action.do,
            action.get("by") or SYSTEM,
            comment=action.get("comment"),
        )
        try:
            self._do(action, played)
        except ScriptInvalid:
            raise
        except Problem as problem:
            played.refused = problem
        played.as_told = _as_expected(action.refused, played.refused)
        played.time = self.now
        self._record(played)
        return played

    def _do(self, action: Action, played: Played) -> None:
        if action.do == "wait":
            self._wait(action)
        elif self.cases[MAIN].state.status == "new":
            raise NotSent
        elif action.do in ("extend", "exempt"):
            self._by_office(action, played)
        elif action.do == "hand_over":
            acts.hand_over(self.town, list(self.cases.values()), self.now, action, played.happened)
        else:
            trial = self.case(played.case)
            played.task, played.happened = acts.act(self.town, trial, self.now, action)

    def _by_office(self, action: Action, played: Played) -> None:
        """More time for this unit, or no report of it at all; with a reason, and not once it is through."""
        trial = self.cases[MAIN]
        duty.refuse(self.town, trial, self.now, action)
        if trial.due is None:
            raise NoReport
        reason = reports.why(action)
        if trial.state.status not in ("running", "suspended"):
            raise Through
        if action.do == "exempt":
            ended = Terminated(at=self.now, by=played.by, outcome="terminated", comment=reason)
            played.happened, self.exempt = trial.send(ended), True
            return
        trial.due = due = reports.until(action, self.now)
        for task in trial.state.open_tasks:
            if self.flow.by_code[task.step].due is None:
                trial.timers.tell(task.key, due, reports.notices(due, self.now))
            else:
                trial.timers.put_off(task.key, due, self.now)
            told = Notify("dispatch.notice.extended", trial.people_of(task), task.key, reason)
            played.happened.effects.append(told)

    def case(self, name: str) -> Trial:
        """A case by its name; flows below are `main/<task>/<number>`."""
        found = self.cases.get(self._name(name))
        if found is None:
            raise NoSuchCase(case=name)
        return found

    def _name(self, name: str) -> str:
        """The whole name of a case; `main/` need not be said, nor which task of the step it was."""
        return names.found(name, MAIN, self.cases)

    # time

    def later(self, span: str) -> datetime:
        """So much later than now."""
        amount, _, unit = span.partition(" ")
        unit = unit if unit.endswith("s") else f"{unit}s"
        if unit == "minutes":
            return self.now + int(amount) * MINUTES
        return deadlines.after(self._calendar(), self.now, int(amount), unit)

    def advance(self, until: datetime) -> None:
        """Let time pass; whatever is due on the way fires at its time."""
        while (due := self._next_due()) and due[0] <= until:
            self._fire(*due)
        self.now = max(self.now, until)

    def _next_due(self) -> tuple[datetime, Trial, str, str] | None:
        found = [
            (due[0], name, due[1], due[2])
            for name, trial in self.cases.items()
            if (due := trial.timers.next())
        ]
        if not found:
            return None
        at, name, key, what = min(found)
        return at, self.cases[name], key, what

    def _fire(self, at: datetime, trial: Trial, key: str, what: str) -> None:
        self.fired += 1
        if self.fired > MOST_FIRED:
            raise TooMuchFired
        self.now = max(self.now, at)
        trial.timers.running[key].spent()
        task = trial.task(key)
        if task is None or task.status not in ("open", "running"):
            trial.timers.stop(key)
            return
        if what == "soon" and trial.due is not None and trial.due <= self.now:
            return  # it stood still meanwhile: that it is late is told next
        if what in ("soon", "late"):
            told = Notify(f"notice.{what}", trial.people_of(task), key)
            happened = Happened(effects=[told])
            self._record(Played(0, self.now, trial.name, what, "clock", key, happened=happened))
            return
        kind = Urged if what == "urged" else TimedOut
        if kind is Urged and task.status == "running":
            return
        happened = trial.send(kind(at=self.now, by=SYSTEM, task=key))
        self._record(Played(0, self.now, trial.name, what, "clock", key, happened=happened))

    def _wait(self, action: Action) -> None:
        if until := action.get("until"):
            then = moment(until, self.now)
            if then < self.now:
                raise ClockBack(now=self.now.isoformat(), until=then.isoformat())
            self.advance(then)
        elif span := action.get("span"):
            self.advance(self.later(span))
        else:
            due = self._next_due()
            if due is None:
                raise NothingToWaitFor
            self.advance(due[0])

    def _calendar(self) -> Any:
        return self.cases[MAIN].timers.calendar

    # flows below

    def _trial(
        self, name: str, flow: Flow, organisation: str, document: Json, parent: Any = None
    ) -> Trial:
        timers = Timers(calendar_of(self.script.calendar, self.script.at))
        trial = Trial(name, flow, self.town, timers, organisation, document, parent)
        if self.script.flows:
            trial.begin = self._begin_below
        self.cases[name] = trial
        return trial

    def _begin_below(self, above: Trial, effect: effects.StartSubflow) -> list[Trial]:
        flow = self.script.flows.get(effect.flow)
        if flow is None:
            raise ScriptInvalid(where="/flows", reason="missing", detail=effect.flow)
        rows = cells.value_at(above.document, effect.each) if effect.each else [None]
        rows = list(rows.values()) if isinstance(rows, Mapping) else rows or []
        begun = []
        for number, row in enumerate(rows, 1):
            organisation = row if isinstance(row, str) else above.organisation
            document = row if isinstance(row, dict) else above.document
            name = f"{above.name}/{effect.key}/{number}"
            parent = (above, effect.key)
            begun.append(self._trial(name, flow, organisation, deepcopy(document), parent))
        return begun

    def _tell_above(self) -> None:
        """Start the flows that were just begun, and tell those above of the ones that ended."""
        again = True
        while again:
            again = False
            for trial in list(self.cases.values()):
                if trial.state.status == "new" and trial.name != MAIN:
                    again = True
                    started = trial.start(self.now)
                    self._record(
                        Played(0, self.now, trial.name, "started", SYSTEM, happened=started)
                    )
                told, trial.finished = trial.finished, []
                for above, key, outcome in told:
                    if above.state.status == "suspended":  # it hears of it when it runs on
                        trial.finished.append((above, key, outcome))
                        continue
                    again = True
                    self._child_ended(above, key, trial.name, outcome)

    def _child_ended(self, above: Trial, key: str, child: str, outcome: str) -> None:
        task = above.task(key)
        if task is None or child not in task.children:
            return
        event = ChildEnded(at=self.now, by=SYSTEM, task=key, child=child, outcome=outcome)
        happened = above.send(event)
        self._record(Played(0, self.now, above.name, "child_ended", SYSTEM, key, happened=happened))

    def _record(self, played: Played) -> None:
        self.steps.append(played)
        self._tell_above()
        self.after_each(played)

    def is_late(self, trial: Trial) -> bool:
        """Whether the report of the script is late, or came late."""
        due = trial.due
        if due is None or self.exempt:
            return False
        return reports.is_late(due, trial.handed_in, self.now)

    after_each: Callable[[Played], None] = staticmethod(lambda _played: None)
    """Called after every step, before the next changes anything."""


def _as_expected(expected: str | bool, came: Problem | None) -> bool:
    """Whether a refusal came exactly where the script says so."""
    if isinstance(expected, bool):
        return expected == (came is not None)
    return came is not None and came.code in (expected, f"flow.{expected}")
