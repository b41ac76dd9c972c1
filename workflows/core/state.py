"""Where a running case is: visits of steps (its tokens and its past) and the tasks of each visit.

A value that any process can load: `State.load(state.dump()) == state`. It never holds a part of
the flow; the two meet in `machine.step`. Structs, for every event reads, makes and writes several:
what is said by default is left out of their JSON.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct, field

from engine.json_text import Json, encoded, trusted
from workflows.flow import Assign

LIVE = ("open", "forked", "stuck")
PENDING = ("asking", "waiting", "open", "running", "stuck")
ENDED = ("done", "rejected", "revoked", "terminated", "voided")


class Task(Struct, frozen=True, omit_defaults=True):
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


class Visit(Struct, frozen=True, omit_defaults=True):
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


class State(Struct, frozen=True):
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
        """As JSON."""
        said: dict[str, Json] = trusted(encoded(self))
        return said

    @classmethod
    def load(cls, document: Mapping[str, Json]) -> "State":
        """The state that was dumped."""
        return cls.read(encoded(document))

    @classmethod
    def read(cls, text: bytes | str) -> "State":
        """The state from the text of its JSON."""
        return _decoder.decode(text)


_decoder = msgspec.json.Decoder(State)
