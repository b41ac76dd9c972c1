"""What can happen to a running flow: frozen values that carry their time and their people.

An event holds everything the machine needs, so that the list of events alone rebuilds a state.
`kind` is the stored name; renaming a class changes no row.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar, Self, TypeAlias

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from engine.json_text import Json, encoded, trusted

Condition: TypeAlias = Callable[[str], bool | None]
"""Whether a formula of the flow holds for the document now; None when it cannot be told."""

UNALLOWED = "#unallowed"
"""Asked like a condition: whether a 准强制 check stands that nobody has allowed (allowing.py)."""
SYSTEM = "system"


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something happened at a time, by somebody, perhaps in the name of somebody else."""

    kind: ClassVar[str] = ""
    at: datetime
    by: str
    acting_for: str = ""
    """A deputy acts in this person's name: 代理."""
    comment: str = ""
    dated: str = ""
    """A decision taken earlier and entered now bears this date too: 事后补录."""
    answers: Mapping[str, bool | None] = field(default_factory=dict)
    """What the conditions said when it happened. The machine fills it in; a replay reads it."""

    @property
    def person(self) -> str:
        """In whose name it was done."""
        return self.acting_for or self.by

    def answered(self, answers: Mapping[str, bool | None]) -> Self:
        """The same event with the answers that were needed."""
        return replace(self, answers=dict(answers)) if answers != self.answers else self

    def dump(self) -> dict[str, Json]:
        """As JSON; `load` gives an equal event."""
        return {"kind": self.kind, **trusted(encoded(self)), "at": self.at.isoformat()}


class OnTask(Event, frozen=True, kw_only=True):
    """Something happened to one task."""

    task: str


class Started(Event, frozen=True, kw_only=True):
    """The case begins."""

    kind: ClassVar[str] = "started"


class Assigned(OnTask, frozen=True, kw_only=True):
    """The rule was looked up: these people may do it (each has a vote where several decide)."""

    kind: ClassVar[str] = "assigned"
    people: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict)


class Unassignable(OnTask, frozen=True, kw_only=True):
    """The rule was looked up and found nobody."""

    kind: ClassVar[str] = "unassignable"


class Seen(OnTask, frozen=True, kw_only=True):
    """Somebody opened the task for the first time: 已阅."""

    kind: ClassVar[str] = "seen"


class Submitted(OnTask, frozen=True, kw_only=True):
    """A filled document is handed in."""

    kind: ClassVar[str] = "submitted"
    nil: bool = False
    """It says that there was nothing to report: 零报告."""
    signature: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Whom they want at later steps that leave the choice to them."""


class Passed(OnTask, frozen=True, kw_only=True):
    """It is right: 通过."""

    kind: ClassVar[str] = "passed"
    signature: str = ""
    handwriting: str = ""
    """Their handwritten signature, by how the store of files names it."""
    typed: bool = False
    """It is their name, typed."""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Whom they want at later steps that leave the choice to them."""
    allowed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Checks they allowed not to hold, with the reason and what was seen: 准予通过."""


class Returned(OnTask, frozen=True, kw_only=True):
    """It goes back to a step passed before, with the cells at fault and a reason for each: 退回."""

    kind: ClassVar[str] = "returned"
    to: str
    cells: Mapping[str, str] = field(default_factory=dict)
    resubmit: str = ""
    """ "walk" or "back"; empty: as the step says."""
    signers: tuple[str, ...] = ()
    """Returned into a countersign: who must sign again; empty: everybody who did."""


class Rejected(OnTask, frozen=True, kw_only=True):
    """No: 拒绝. Where votes are counted it is a vote against."""

    kind: ClassVar[str] = "rejected"
    signature: str = ""
    handwriting: str = ""
    typed: bool = False
    """As of a pass."""


class TakingBack(Event, frozen=True, kw_only=True):
    """Somebody wants their own work back; too late once anybody has acted on it."""


class Withdrawn(TakingBack, frozen=True, kw_only=True):
    """Who handed it in takes it back before the next person has acted: 撤回."""

    kind: ClassVar[str] = "withdrawn"


class TakenBack(TakingBack, frozen=True, kw_only=True):
    """Who passed a step takes that back before the next person has acted: 拿回."""

    kind: ClassVar[str] = "taken_back"
    step: str


class Transferred(OnTask, frozen=True, kw_only=True):
    """Somebody else does it from now on: 转办."""

    kind: ClassVar[str] = "transferred"
    to: str


class Delegated(OnTask, frozen=True, kw_only=True):
    """Somebody else gives an opinion, then it comes back: 委派."""

    kind: ClassVar[str] = "delegated"
    to: str


class Answered(OnTask, frozen=True, kw_only=True):
    """The opinion that was asked for; it moves nothing onward."""

    kind: ClassVar[str] = "answered"


class SignersAdded(OnTask, frozen=True, kw_only=True):
    """More people must agree, before, after or beside this one: 加签."""

    kind: ClassVar[str] = "signers_added"
    people: tuple[str, ...]
    where: str = "beside"


class SignersRemoved(OnTask, frozen=True, kw_only=True):
    """People who have not acted need not: 减签. `task` is any task of the same step."""

    kind: ClassVar[str] = "signers_removed"
    people: tuple[str, ...]
    duty: bool = False
    """By whoever looks after flows, or because somebody left: then also whom the flow itself named."""


class Claimed(OnTask, frozen=True, kw_only=True):
    """One of those who may do it takes it: 认领."""

    kind: ClassVar[str] = "claimed"


class Unclaimed(OnTask, frozen=True, kw_only=True):
    """And gives it back to the others."""

    kind: ClassVar[str] = "unclaimed"


class Terminated(Event, frozen=True, kw_only=True):
    """It ends here: revoked by its author 撤销, terminated 终止 or voided 作废 by the office."""

    kind: ClassVar[str] = "terminated"
    outcome: str = "terminated"


class Restarted(Event, frozen=True, kw_only=True):
    """What had ended begins anew: 重启. History stays."""

    kind: ClassVar[str] = "restarted"


class Suspended(Event, frozen=True, kw_only=True):
    """Nothing may be decided for the time being: 挂起."""

    kind: ClassVar[str] = "suspended"


class Resumed(Event, frozen=True, kw_only=True):
    """And now it may: 唤醒."""

    kind: ClassVar[str] = "resumed"


class Numbered(Event, frozen=True, kw_only=True):
    """The case gets its number: 流程编号, 发文字号."""

    kind: ClassVar[str] = "numbered"
    number: str


class Moved(Event, frozen=True, kw_only=True):
    """From here on the case follows another version of its flow."""

    kind: ClassVar[str] = "moved"
    version: int


class FormMoved(Event, frozen=True, kw_only=True):
    """From here on the document follows another version of its form: 换版."""

    kind: ClassVar[str] = "form_moved"
    was: int
    version: int
    cells: Mapping[str, str] = field(default_factory=dict)
    """What is to be answered or put right, each with the reason."""
    back: bool = False
    """It was handed in, and is given back to whoever filled it in."""


class TimedOut(OnTask, frozen=True, kw_only=True):
    """The time of a task is over; its step says what that means."""

    kind: ClassVar[str] = "timed_out"


class Rerouted(OnTask, frozen=True, kw_only=True):
    """Whoever looks after the flow sends on what was stuck."""

    kind: ClassVar[str] = "rerouted"
    to: str


class Commented(Event, frozen=True, kw_only=True):
    """A question or an answer; nothing moves: 沟通."""

    kind: ClassVar[str] = "commented"
    to: tuple[str, ...] = ()


class Urged(OnTask, frozen=True, kw_only=True):
    """Please: 催办. By a person once an hour at most; by the timer (`by` is "system") any time."""

    kind: ClassVar[str] = "urged"


class Copied(Event, frozen=True, kw_only=True):
    """People are let know, once each: 抄送."""

    kind: ClassVar[str] = "copied"
    to: tuple[str, ...]


class ChildrenStarted(OnTask, frozen=True, kw_only=True):
    """The flows below were started, with these ids."""

    kind: ClassVar[str] = "children_started"
    children: tuple[str, ...]


class ChildEnded(OnTask, frozen=True, kw_only=True):
    """One of the flows below has ended."""

    kind: ClassVar[str] = "child_ended"
    child: str
    outcome: str


class CallEnded(OnTask, frozen=True, kw_only=True):
    """The other program answered, and the document holds what it said."""

    kind: ClassVar[str] = "called"


class CallGivenUp(OnTask, frozen=True, kw_only=True):
    """It did not, or what it said is of no use; the comment says what came of it."""

    kind: ClassVar[str] = "call_failed"


class CalledAgain(OnTask, frozen=True, kw_only=True):
    """Whoever looks after the flow has it asked once more."""

    kind: ClassVar[str] = "call_again"


def _kinds(of: type[Event]) -> dict[str, type[Event]]:
    found = {of.kind: of} if of.kind else {}
    for below in of.__subclasses__():
        found |= _kinds(below)
    return found


KINDS: Mapping[str, type[Event]] = _kinds(Event)
"""Every event by its stored name."""


def load(document: Mapping[str, Json]) -> Event:
    """An event from its JSON."""
    return msgspec.convert(document, KINDS[document["kind"]])
