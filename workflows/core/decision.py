"""What the machine answers: the next state and the effects somebody else carries out.

Effects are values. The one who runs the flow turns them into rows, notices and timers, in the
transaction that stores the event.
"""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field

from workflows.core.state import State
from workflows.events import Event
from workflows.flow import Assign, Due
from workflows.numbering import Number


class GiveNumber(Struct, frozen=True):
    """The case has come to where its number is given: `Numbered` answers."""

    number: Number


class CallOut(Struct, frozen=True):
    """Another program is to be asked: `CallEnded` or `CallGivenUp` answers."""

    key: str
    step: str


class OpenTask(Struct, frozen=True):
    """Somebody has something to do: `actor` by name, or whom the rule finds."""

    key: str
    step: str
    kind: str
    """fill, verify, approve, or opinion (asked for by a delegation)."""
    mode: str
    actor: str = ""
    assign: Assign | None = None
    prefer: str = ""
    """Who did or had it the last time the step was entered, or waited for others: they may have left since."""
    due: Due | None = None
    replaces: str = ""
    """The task it carries on; its due date stays."""
    people: tuple[str, ...] = ()
    """Named by somebody instead of being found by the rule."""
    returned: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)


class AskSigners(Struct, frozen=True):
    """Several people will decide and must be found first: answer Assigned or Unassignable."""

    key: str
    step: str
    mode: str
    assign: Assign


class CloseTask(Struct, frozen=True):
    """A task is no longer anybody's to do.

    outcome: done, returned, rejected, cancelled, withdrawn, transferred, delegated, held, removed,
    timed_out, auto.
    """

    key: str
    outcome: str
    by: str = ""
    reason: str = ""


class ChangeTask(Struct, frozen=True):
    """The same task, now with (or without) an owner: claimed and unclaimed."""

    key: str
    actor: str


class OpenCells(Struct, frozen=True):
    """A task that was returned for some cells has these open from now on."""

    key: str
    cells: Mapping[str, str]


class Notify(Struct, frozen=True):
    """People are told; `about` is a code with a text in `engine/messages`."""

    about: str
    people: tuple[str, ...] = ()
    task: str = ""
    text: str = ""


class CopyTo(Struct, frozen=True):
    """The flow copies in whom the rule finds: answer Copied."""

    step: str
    assign: Assign


class UnlockCells(Struct, frozen=True):
    """These cells may be edited under this task; the root path is the whole document."""

    task: str
    paths: tuple[str, ...]


class LockCells(Struct, frozen=True):
    """What this task had open is closed again."""

    task: str


class WriteBack(Struct, frozen=True):
    """The document is final: its values go to the registers."""


class Finished(Struct, frozen=True):
    """The case has ended: done, rejected, revoked, terminated, voided."""

    outcome: str


class Incident(Struct, frozen=True):
    """It cannot go on by itself; whoever looks after the flow must see to it."""

    key: str
    step: str
    reason: str


class IncidentSolved(Struct, frozen=True):
    """And they have."""

    key: str


class ArmTimer(Struct, frozen=True):
    """Send TimedOut for this key when the time is over (tasks bring their own `due`)."""

    key: str
    due: Due


class PauseTimers(Struct, frozen=True):
    """Suspended: no clock runs for these."""

    keys: tuple[str, ...]


class ResumeTimers(Struct, frozen=True):
    """And now they run on."""

    keys: tuple[str, ...]


class StartSubflow(Struct, frozen=True):
    """Start other flows: answer ChildrenStarted, then ChildEnded for each."""

    key: str
    step: str
    flow: str
    each: str


class CancelSubflows(Struct, frozen=True):
    """The case they belong to went elsewhere."""

    children: tuple[str, ...]


Effect: TypeAlias = (
    OpenTask
    | AskSigners
    | CloseTask
    | ChangeTask
    | OpenCells
    | Notify
    | CopyTo
    | UnlockCells
    | LockCells
    | WriteBack
    | Finished
    | Incident
    | IncidentSolved
    | ArmTimer
    | PauseTimers
    | ResumeTimers
    | StartSubflow
    | CancelSubflows
    | GiveNumber
    | CallOut
)


class Decision(Struct, frozen=True):
    """What follows from an event. Store `event`: it holds what the conditions said."""

    state: State
    effects: tuple[Effect, ...]
    event: Event
