"""Many dispatches side by side over the tree: organisation by report and period, level by level.

A level is counted by the database in one statement, whatever lies below it; only the units of one
place are read one by one. The same rule tells who is late as on the page of a single dispatch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select

from engine.access import policy
from engine.access.policy import within
from engine.identity.store import ORGANISATION
from engine.work import Work
from forms.documents import DOCUMENT
from workflows.dispatch import DISPATCH, DispatchRecord
from workflows.dispatching.progress import Unit, unit
from workflows.dispatching.reach import GONE
from workflows.store import TASK

MOST_COLUMNS = 12
NUMBERS = ("total", "done", "checking", "late", "came_late", "zero", "exempt")
D, P, O = DOCUMENT.c, DISPATCH.c, ORGANISATION.c  # noqa: E741 - three tables, told apart below


@dataclass(frozen=True, slots=True)
class Count:
    """How far the units of one part of the tree are with one dispatch."""

    total: int = 0
    done: int = 0
    checking: int = 0
    late: int = 0
    """Due, not handed in, and nobody let them off."""
    came_late: int = 0
    zero: int = 0
    exempt: int = 0
    oldest: str | None = None
    """When the longest overdue of them was due."""

    def and_(self, other: "Count") -> "Count":
        """Both together."""
        since = [one for one in (self.oldest, other.oldest) if one]
        return Count(
            self.total + other.total,
            self.done + other.done,
            self.checking + other.checking,
            self.late + other.late,
            self.came_late + other.came_late,
            self.zero + other.zero,
            self.exempt + other.exempt,
            min(since, default=None),
        )

    @property
    def share(self) -> int:
        """Per cent that are done, of those that must report."""
        asked = self.total - self.exempt
        return 100 if asked <= 0 else self.done * 100 // asked


def dispatches(
    work: Work, *, period: str = "", form: str = "", limit: int = MOST_COLUMNS
) -> list[DispatchRecord]:
    """The dispatches of which the actor may see units: of a period, of a form, or those due latest."""
    own = [_reach(one) for one in policy.reaches(work.actor, "document.read")]
    if not own:
        return []
    query = select(DISPATCH).where(P.status != GONE, or_(*own))
    if period:
        query = query.where(P.period == period)
    if form:
        query = query.where(P.form_code == form)
    query = query.order_by(P.due_at.desc(), P.id).limit(limit)
    found = [DispatchRecord(**row) for row in work.connection.execute(query).mappings()]
    return found[::-1]


def _reach(reach: policy.Reach) -> ColumnElement[bool]:
    """Dispatches with units that one post may see."""
    if reach.kind == "all":
        return literal(True)
    if reach.kind == "issued":
        return and_(P.owner == reach.code)
    place = (
        D.organisation_path == reach.path
        if reach.kind == "own"
        else within(D.organisation_path, reach.path)
    )
    return exists().where(D.dispatch_id == P.id, D.status != GONE, place)


def top(work: Work, ids: Sequence[str]) -> str:
    """The deepest path below which all units that the actor may see lie."""
    query = select(func.min(D.organisation_path), func.max(D.organisation_path)).where(
        *_of(work, ids)
    )
    first, last = work.connection.execute(query).one()
    if first is None:
        return ""
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    head = str(first[:shared])
    head = head[: head.rfind("/") + 1]
    return head.rstrip("/").rpartition("/")[0] + "/" if head == first == last else head


def _of(work: Work, ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    sees = policy.sees(work.actor, "document.read", path=D.organisation_path, owner=D.owner)
    return (D.dispatch_id.in_(ids), D.status != GONE, sees)


def levels(work: Work, ids: Sequence[str], above: str) -> dict[str, dict[str, Count]]:
    """Counts by the organisation directly below a path, then by dispatch; units at the path itself
    under their own code.
    """
    code = above.rstrip("/").rpartition("/")[2]
    beneath = and_(D.organisation_path >= O.path, D.organisation_path < O.path + "~")
    below = (
        select(O.code, D.dispatch_id, *_counts(work))
        .select_from(
            ORGANISATION.join(DOCUMENT, and_(D.dispatch_id.in_(ids), beneath)).join(
                DISPATCH, P.id == D.dispatch_id
            )
        )
        .where(O.parent_code == code, *_of(work, ids))
        .group_by(O.code, D.dispatch_id)
    )
    here = (
        select(D.organisation_code, D.dispatch_id, *_counts(work))
        .select_from(DOCUMENT.join(DISPATCH, P.id == D.dispatch_id))
        .where(D.organisation_path == above, *_of(work, ids))
        .group_by(D.organisation_code, D.dispatch_id)
    )
    found: dict[str, dict[str, Count]] = {}
    for query in (here, below):
        for row in work.connection.execute(query):
            code, dispatch, *numbers, oldest = row
            counted = dict(zip(NUMBERS, map(int, numbers), strict=True))
            found.setdefault(code, {})[dispatch] = Count(**counted, oldest=oldest)
    return found


def _counts(work: Work) -> list[ColumnElement[Any]]:
    due = func.coalesce(D.due_at, P.due_at)
    out = or_(D.status == "open", and_(D.status == "missing", D.submitted_at.is_(None)))
    late = and_(out, due < work.at)
    came_late = and_(D.submitted_at > due, D.status.not_in(("exempt", "open")))
    return [
        func.count(),
        _sum(D.status == "final"),
        _sum(D.status == "submitted"),
        _sum(late),
        _sum(came_late),
        _sum(D.mark == "zero"),
        _sum(D.status == "exempt"),
        func.min(case((late, due))),
    ]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def units(work: Work, chosen: Sequence[DispatchRecord], above: str) -> dict[str, dict[str, Unit]]:
    """Every unit at or below a path, by its code and the dispatch, in the order of the tree."""
    usual: Mapping[str, str] = {one.id: one.due_at for one in chosen}
    query = (
        select(
            D.id,
            D.organisation_code,
            D.organisation_path,
            D.status,
            D.mark,
            D.due_at,
            D.submitted_at,
            D.dispatch_id,
            TASK.c.kind,
            TASK.c.returned,
        )
        .select_from(
            DOCUMENT.outerjoin(
                TASK,
                and_(
                    TASK.c.dispatch_id == D.dispatch_id,
                    TASK.c.status == "open",
                    TASK.c.document_id == D.id,
                ),
            )
        )
        .where(*_of(work, list(usual)), within(D.organisation_path, above))
        .order_by(D.organisation_path)
    )
    found: dict[str, dict[str, Unit]] = {}
    for *row, dispatch, kind, returned in work.connection.execute(query):
        tasks = {row[0]: (kind, bool(returned))} if kind else {}
        found.setdefault(row[1], {})[dispatch] = unit(row, tasks, usual[dispatch], work.at)
    return found
