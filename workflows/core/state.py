"""Where a running case is: visits of steps (its tokens and its past) and the tasks of each visit.

A value that any process can load: `State.load(state.dump()) == state`. It never holds a part of
the flow; the two meet in `machine.step`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from engine.json_text import Json
from workflows.flow import Assign

LIVE = ("open", "forked", "stuck")
PENDING = ("asking", "waiting", "open", "running", "stuck")
ENDED = ("done", "rejected", "revoked", "terminated", "voided")

_Value = TypeVar("_Value")
_Part = TypeVar("_Part", "Visit", "Task")


@dataclass(frozen=True, slots=True)
class Task:
    """One person's (or position's) part in a visit of a step.

    status: asking (people not known yet), waiting (for other tasks), open, running (a timer or flows
    below), stuck, done, kept (done in an earlier visit and still good), or how it was closed.
    """

    key: str
    step: str
    visit: int
    status: str
    owner: str = ""
    assign: Assign | None = None
    candidates: tuple[str, ...] = ()
    prefer: str = ""
    weight: int = 1
    waits: tuple[str, ...] = ()
    """Keys of tasks that must be settled before this one opens."""
    gate: str = ""
    """The task this one was added before or after (加签), or gives an opinion for (委派)."""
    side: str = ""
    """before, after, beside, opinion; empty for who was there from the start."""
    added_by: str = ""
    verdict: str = ""
    """passed, rejected, answered, returned."""
    by: str = ""
    hand: str = ""
    """Who really did it, where a deputy acted in the name of `by`."""
    at: datetime | None = None
    reason: str = ""
    """Why it was decided without a person, or closed."""
    seen_at: datetime | None = None
    urged_at: datetime | None = None
    children: tuple[str, ...] = ()
    """subflow: those that still run."""
    ended_below: bool = False
    """subflow: at least one of them has ended."""

    @property
    def decided(self) -> bool:
        """Whether a person has had their say, in this visit and not in an earlier one."""
        return bool(self.verdict and self.by and self.status != "kept" and not self.reason)

    @property
    def pending(self) -> bool:
        """Whether something is still expected of it."""
        return self.status in PENDING

    @property
    def voter(self) -> bool:
        """Whether it counts when the step is decided (others are gates before or after one)."""
        return self.side in ("", "beside")


@dataclass(frozen=True, slots=True)
class Visit:
    """One entry of a step: a token while it is live, the past afterwards."""

    id: int
    step: str
    status: str
    """open, forked, stuck; passed, returned, rejected, withdrawn, cancelled."""
    inside: int = 0
    """The visit of the fork whose branch this is; 0: not in a branch."""
    branch: int = 0
    came_from: int = 0
    back: int = 0
    """The visit that returned it here and wants it straight back; of a fork, the visit it continues."""
    branches: tuple[int, ...] = ()
    """fork: the branches that were taken."""
    arrived: Mapping[int, int] = field(default_factory=dict)
    """fork: the last visit of each branch that has reached the join."""
    cells: Mapping[str, str] = field(default_factory=dict)
    returned: bool = False
    by: str = ""
    auto: str = ""
    """Why it was passed without a person."""
    reason: str = ""
    """stuck: why."""

    @property
    def live(self) -> bool:
        """Whether a token stands here."""
        return self.status in LIVE


@dataclass(frozen=True, slots=True)
class State:
    """Everything the machine knows of a case."""

    status: str = "new"
    """new, running, suspended, or how it ended."""
    visits: tuple[Visit, ...] = ()
    tasks: tuple[Task, ...] = ()
    counter: int = 0
    revision: int = 0
    """How many events were applied."""
    copied: tuple[str, ...] = ()
    number: str = ""
    """流程编号, 发文字号; empty until it is given."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.status in ENDED

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """What somebody can do now."""
        return tuple(task for task in self.tasks if task.status == "open")

    @property
    def acted_in(self) -> bool:
        """Whether somebody has done something here: 撤回 of what lies above comes too late then."""
        return any(task.decided or task.ended_below for task in self.tasks)

    @property
    def stuck(self) -> tuple[Visit, ...]:
        """Incidents that wait for whoever looks after the flow."""
        return tuple(visit for visit in self.visits if visit.status == "stuck")

    def task(self, key: str) -> Task | None:
        """The task with this key."""
        for task in self.tasks:
            if task.key == key:
                return task
        return None

    def dump(self) -> dict[str, Json]:
        """As JSON, without what is said by default."""
        return {
            "status": self.status,
            "counter": self.counter,
            "revision": self.revision,
            "copied": list(self.copied),
            **({"number": self.number} if self.number else {}),
            "visits": [_spoken(visit) for visit in self.visits],
            "tasks": [_spoken(task) for task in self.tasks],
        }

    @classmethod
    def load(cls, document: Mapping[str, Json]) -> "State":
        """The state that was dumped."""
        return cls(
            status=document["status"],
            counter=document["counter"],
            revision=document["revision"],
            copied=tuple(document["copied"]),
            number=document.get("number", ""),
            visits=tuple(_read(Visit, each) for each in document["visits"]),
            tasks=tuple(_read(Task, each) for each in document["tasks"]),
        )


def _spoken(value: Visit | Task) -> dict[str, Json]:
    kind = type(value)
    return {
        name: now if type(now) in _PLAIN else _json(now)
        for name, default, now in zip(
            _NAMES[kind], _DEFAULTS[kind], _VALUES[kind](value), strict=True
        )
        if now is not default and now != default
    }


_PLAIN = (str, int, bool)
_NAMES = {kind: tuple(one.name for one in fields(kind)) for kind in (Visit, Task)}
_DEFAULTS = {
    kind: tuple(
        one.default if one.default_factory is MISSING else one.default_factory()
        for one in fields(kind)
    )
    for kind in (Visit, Task)
}
"""MISSING, which nothing equals, where there is none."""
_VALUES = {kind: attrgetter(*names) for kind, names in _NAMES.items()}


_PUT = {kind: {name: kind.__dict__[name].__set__ for name in _NAMES[kind]} for kind in _NAMES}
"""How the parts of a value that is being made are put in: made by itself, a frozen one takes twice as long."""
_PUT_ALL = {kind: tuple(puts.values()) for kind, puts in _PUT.items()}


def changed(value: _Part, **values: Any) -> _Part:
    """The same visit or task with other values: what `replace` does, without asking what each field is."""
    kind = type(value)
    new = object.__new__(kind)
    for put, now in zip(_PUT_ALL[kind], _VALUES[kind](value), strict=True):
        put(new, now)
    puts = _PUT[kind]
    for name, now in values.items():
        puts[name](new, now)
    return new


def _json(value: Any) -> Json:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Assign):
        return value.dump()
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    return value


def _read(kind: type[_Value], document: Mapping[str, Json]) -> _Value:
    values: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, list):
            values[name] = tuple(value)
        elif name in ("at", "seen_at", "urged_at"):
            values[name] = datetime.fromisoformat(value)
        elif name == "assign":
            values[name] = Assign.load(value)
        elif name == "arrived":
            values[name] = {int(branch): visit for branch, visit in value.items()}
        else:
            values[name] = value
    return kind(**values)
