"""How far a dispatch is: by level and unit by unit, read from indexes alone whatever its size.

Nothing here reads the contents of a document: two statements give the place, state and due date of
every unit, and counting them is done here, so that a level can be opened without asking again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.access.policy import within
from engine.identity import lineage
from engine.identity.store import organisation_paths
from engine.work import Work
from forms.documents import DOCUMENT
from workflows.dispatch import DispatchRecord
from workflows.dispatching import reach
from workflows.store import TASK

SHOWN = (
    "all",
    "late",
    "missing",
    "fill",
    "verify",
    "approve",
    "returned",
    "done",
    "zero",
    "exempt",
)
"""How the units of a dispatch can be filtered."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One organisation of a dispatch: where it is and whether it is late."""

    document_id: str
    organisation: str
    path: str
    step: str
    """fill | verify | approve | done | rejected | exempt …"""
    mark: str
    """zero: an explicit nil return; exempt: it need not report this time."""
    due_at: str
    submitted_at: str | None
    """When it was handed in; nothing for what was returned or taken back since."""
    late: bool
    """Not handed in although due, or handed in after it was due."""
    returned: bool = False

    @property
    def place(self) -> str:
        """The organisation at whose place it stands: another one where its own went into that."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def waiting(self) -> bool:
        """Whether something is still to be done."""
        return self.step not in ("done", "exempt", "rejected", "terminated", "voided")

    @property
    def missing(self) -> bool:
        """Whether it is due and nothing was handed in; what came and went back is returned."""
        return self.late and self.submitted_at is None and self.waiting and not self.returned

    def is_shown(self, show: str) -> bool:
        """Whether a filter of SHOWN lets it through."""
        match show:
            case "late":
                return self.late and self.waiting
            case "missing":
                return self.missing
            case "returned":
                return self.returned
            case "zero" | "exempt":
                return self.mark == show
            case "fill" | "verify" | "approve" | "done":
                return self.step == show
            case _:
                return True

    def overdue(self, now: datetime) -> int:
        """For how many days it is late, or was when it came: 0 if it is not."""
        if not self.late:
            return 0
        until = datetime.fromisoformat(self.submitted_at) if self.submitted_at else now
        return max((until - datetime.fromisoformat(self.due_at)).days + 1, 1)


@dataclass(slots=True)
class Tally:
    """How many units of a part of the tree are how far."""

    total: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    late: int = 0
    zero: int = 0
    exempt: int = 0

    def add(self, unit: Unit) -> None:
        """Count one in."""
        self.total += 1
        self.steps[unit.step] += 1
        self.late += unit.late and unit.waiting
        self.zero += unit.mark == "zero"
        self.exempt += unit.mark == "exempt"

    @property
    def done(self) -> int:
        """How many are final."""
        return self.steps["done"]

    @property
    def complete(self) -> bool:
        """Whether nobody has anything left to do."""
        return self.done + self.exempt >= self.total


def units(work: Work, dispatch: DispatchRecord, *, below: str = "") -> list[Unit]:
    """Every unit of a dispatch that the actor sees, or of the part of the tree below a path, in the order of the tree."""
    d = DOCUMENT.c
    part = (within(d.organisation_path, below),) if below else ()
    query = (
        select(
            d.id,
            d.organisation_code,
            d.organisation_path,
            d.status,
            d.mark,
            d.due_at,
            d.submitted_at,
        )
        .where(*reach.of(dispatch.id), reach.seen(work, dispatch), *part)
        .order_by(d.organisation_path)
    )
    open_tasks = _open_tasks(work.connection, dispatch.id)
    return [
        unit(row, open_tasks, dispatch.due_at, work.at) for row in work.connection.execute(query)
    ]


def by_today(work: Work, found: Sequence[Unit]) -> list[Unit] | None:
    """The same units where they stand in the tree of today; None if that is where they stood then. Of
    a unit that was parted the first part's place is taken.
    """
    if not lineage.changed(work.connection):
        return None
    codes = [one.organisation for one in found]
    today = lineage.today(work.connection, codes)
    after = {code: now[0] if now else code for code, now in today.items()}
    paths = organisation_paths(work.connection, [after.get(code, code) for code in codes])
    moved = [
        replace(one, path=paths[after.get(one.organisation, one.organisation)]) for one in found
    ]
    return None if moved == list(found) else sorted(moved, key=lambda one: one.path)


def tally(found: Sequence[Unit]) -> Tally:
    """All of them counted."""
    counted = Tally()
    for one in found:
        counted.add(one)
    return counted


def by_child(found: Sequence[Unit], above: str) -> dict[str, Tally]:
    """Counted by the organisation directly below a path in which, or below which, they are.

    A unit at the path itself counts under its own code. By code, in the order of the tree.
    """
    counted: dict[str, Tally] = {}
    for one in found:
        rest = one.path[len(above) :]
        code = rest.partition("/")[0] or one.organisation
        counted.setdefault(code, Tally()).add(one)
    return counted


def common_path(found: Sequence[Unit]) -> str:
    """The deepest path that all units lie below, where a page begins: not that of a unit itself."""
    if not found:
        return ""
    first, last = found[0].path, found[-1].path  # in order, so what these share all share
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    head = first[:shared]
    head = head[: head.rfind("/") + 1]
    return head.rstrip("/").rpartition("/")[0] + "/" if head == first else head


def _open_tasks(connection: Connection, dispatch_id: str) -> Mapping[str, tuple[str, bool]]:
    t = TASK.c
    query = select(t.document_id, t.kind, t.returned).where(
        t.dispatch_id == dispatch_id, t.status == "open"
    )
    return {row[0]: (row[1], bool(row[2])) for row in connection.execute(query)}


def unit(row: Any, tasks: Mapping[str, tuple[str, bool]], usual: str, at: str) -> Unit:
    """One row of documents, with the open tasks of all of them, as a unit."""
    document, organisation, path, status, mark, due_at, submitted = row
    submitted_at = None if status == "open" else submitted
    waits, returned = tasks.get(document, ("", False))
    due = due_at or usual
    late = False
    if status != "exempt":
        late = submitted_at > due if submitted_at else status in ("open", "missing") and due < at
    step = "done" if status == "final" else waits or status
    return Unit(document, organisation, path, step, mark, due, submitted_at, late, returned)
