"""Where a running case is: visits of steps (its tokens and its past) and the tasks of each visit.

A value that any process can load: `State.load(state.dump()) == state`. It never holds a part of
the flow; the two meet in `machine.step`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from operator import ne
from typing import Any, NamedTuple, TypeVar

from engine.json_text import Json
from workflows.flow import Assign

LIVE = ("open", "forked", "stuck")
PENDING = ("asking", "waiting", "open", "running", "stuck")
ENDED = ("done", "rejected", "revoked", "terminated", "voided")

_NONE: Mapping[Any, Any] = {}
_Part = TypeVar("_Part", "Visit", "Task")


class Task(NamedTuple):
    """One person's (or position's) part in a visit of a step.

    A tuple, as a visit is: every event reads, copies and keeps several, and a frozen dataclass takes
    three times as long to make.

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


class Visit(NamedTuple):
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
    arrived: Mapping[int, int] = _NONE
    """fork: the last visit of each branch that has reached the join."""
    cells: Mapping[str, str] = _NONE
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
    """What is not as by default; told apart outside Python's own steps, for nearly everything is."""
    told = compress(zip(value._fields, value, strict=True), map(ne, value, _DEFAULTS[type(value)]))
    return {name: now if type(now) in _PLAIN else _json(now) for name, now in told}


_PLAIN = (str, int, bool)
_UNTOLD = object()
_DEFAULTS = {
    kind: tuple(kind._field_defaults.get(name, _UNTOLD) for name in kind._fields)
    for kind in (Visit, Task)
}


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


_READ: Mapping[str, Callable[[Json], Any]] = {
    "assign": Assign.load,
    "at": datetime.fromisoformat,
    "seen_at": datetime.fromisoformat,
    "urged_at": datetime.fromisoformat,
    "arrived": lambda value: {int(branch): visit for branch, visit in value.items()},
}
"""What is made of a value as JSON keeps it; a list becomes a tuple, the rest is as it is."""


def _read(kind: type[_Part], document: Mapping[str, Json]) -> _Part:
    values = dict(document)
    for name, value in document.items():
        if type(value) is list:
            values[name] = tuple(value)
        elif name in _READ:
            values[name] = _READ[name](value)
    return kind(**values)
