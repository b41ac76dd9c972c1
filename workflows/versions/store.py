"""Moves of running reports in the database: how far each is, and what became of each report. The only SQL on
`form_move` and `form_move_unit`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from engine.access import policy
from engine.errors import NotFound
from engine.jobs.outbox import JOB
from engine.work import Work
from forms import documents
from forms.documents import DOCUMENT
from workflows.dispatch import DISPATCH, DispatchRecord
from workflows.tables import FormMoveRow, FormMoveUnitRow
from workflows.versions.fate import Fate

MOVE = FormMoveRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
UNIT = FormMoveUnitRow.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class Move:
    """How far a move is."""

    id: str
    dispatch_id: str
    form_code: str
    version: int
    handed_in: str
    status: str
    total: int
    looked_at: int
    job_id: str
    turn: str
    created_at: str
    created_name: str
    begun_at: str | None
    begun_by: str
    begun_name: str
    ended_at: str | None

    @property
    def working(self) -> bool:
        """Whether a job is at it."""
        return self.status in ("trying", "running")


@dataclass(frozen=True, slots=True)
class Unit:
    """What would happen to one report of a move, or what did."""

    document_id: str
    organisation_code: str
    path: str
    version: int
    outcome: str
    reason: str
    found: Mapping[str, Mapping[str, int]]
    at: str | None


_COLUMNS = [MOVE.c[name] for name in Move.__slots__]
_UNIT = [UNIT.c[name] for name in Unit.__slots__]


def may(work: Work, dispatch: DispatchRecord) -> bool:
    """Whether the actor may move a dispatch: who sent it, or who designs forms."""
    sends = policy.covers(work.actor, "dispatch.create", owner=dispatch.owner)
    return sends or policy.covers(work.actor, "form.design")


def dispatch_of(work: Work, dispatch_id: str) -> DispatchRecord:
    """A dispatch that the actor may move. Raises NotFound."""
    query = select(DISPATCH).where(DISPATCH.c.id == dispatch_id)
    row = work.connection.execute(query).mappings().first()
    if row is None or not may(work, DispatchRecord(**row)):
        raise NotFound
    return DispatchRecord(**row)


def latest(work: Work, dispatch_id: str) -> Move | None:
    """The last move of a dispatch that was not dropped."""
    query = (
        select(*_COLUMNS)
        .where(MOVE.c.dispatch_id == dispatch_id, MOVE.c.status != "dropped")
        .order_by(MOVE.c.created_at.desc(), MOVE.c.id.desc())
        .limit(1)
    )
    row = work.connection.execute(query).mappings().first()
    return None if row is None else Move(**row)


def behind(work: Work, dispatch_ids: Sequence[str], version: int) -> dict[str, int]:
    """How many running reports of dispatches are on an older version than this."""
    query = (
        select(DOCUMENT.c.dispatch_id, func.count())
        .where(DOCUMENT.c.dispatch_id.in_(dispatch_ids), *on_older(version))
        .group_by(DOCUMENT.c.dispatch_id)
    )
    return {str(row[0]): int(row[1]) for row in work.connection.execute(query)}


def running_of(work: Work, form_code: str) -> list[DispatchRecord]:
    """The running dispatches of a form that the actor may move, newest first."""
    query = (
        select(DISPATCH)
        .where(DISPATCH.c.form_code == form_code, DISPATCH.c.status == "running")
        .order_by(DISPATCH.c.created_at.desc())
    )
    found = [DispatchRecord(**row) for row in work.connection.execute(query).mappings()]
    return [one for one in found if may(work, one)]


def on_older(version: int) -> tuple[ColumnElement[bool], ...]:
    """Running reports on an older version than this."""
    return (DOCUMENT.c.status.in_(("open", "submitted")), DOCUMENT.c.form_version < version)


def failed(work: Work, move: Move) -> bool:
    """Whether its job was given up."""
    state = select(JOB.c.state).where(JOB.c.id == move.job_id)
    return move.working and work.connection.execute(state).scalar() == "failed"


def counted(work: Work, move_id: str) -> Counter[tuple[str, str]]:
    """How many reports by outcome and reason."""
    query = (
        select(UNIT.c.outcome, UNIT.c.reason, func.count())
        .where(UNIT.c.move_id == move_id)
        .group_by(UNIT.c.outcome, UNIT.c.reason)
    )
    return Counter({(row[0], row[1]): int(row[2]) for row in work.connection.execute(query)})


def units(
    work: Work, move_id: str, *, outcome: str = "", after: str = "", limit: int = 100
) -> list[Unit]:
    """Reports of a move in the order of the tree, those of one outcome or all."""
    query = select(*_UNIT).where(UNIT.c.move_id == move_id, UNIT.c.path > after)
    if outcome:
        query = query.where(UNIT.c.outcome == outcome)
    rows = work.connection.execute(query.order_by(UNIT.c.path).limit(limit)).mappings()
    return [Unit(**row) for row in rows]


def summed(work: Work, move_id: str) -> dict[str, dict[str, tuple[int, int]]]:
    """By kind of finding and item, in how many reports and how many cells."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    query = select(UNIT.c.found).where(UNIT.c.move_id == move_id)
    for one in work.connection.execute(query).scalars():
        for kind, items in one.items():
            of_kind = found.setdefault(kind, {})
            for item, count in items.items():
                reports, cells = of_kind.get(item, (0, 0))
                of_kind[item] = (reports + 1, cells + count)
    return found


def reports_of(dispatch_id: str) -> tuple[ColumnElement[bool], ...]:
    """The reports of a dispatch that a move looks at."""
    return (DOCUMENT.c.dispatch_id == dispatch_id, DOCUMENT.c.status.in_(documents.LIVE))


def get(work: Work, move_id: str) -> Move:
    """A move by its id, whoever asks."""
    row = work.connection.execute(select(*_COLUMNS).where(MOVE.c.id == move_id)).mappings().one()
    return Move(**row)


def change(work: Work, move_id: str, **values: Any) -> None:
    """Set columns of a move."""
    work.connection.execute(update(MOVE).where(MOVE.c.id == move_id).values(**values))


def to(work: Work, move: Move, status: str, **more: Any) -> bool:
    """A state of its own, compared and set; False: of two at once this one came late."""
    same = (MOVE.c.id == move.id, MOVE.c.status == move.status)
    done = work.connection.execute(update(MOVE).where(*same).values(status=status, **more))
    return bool(done.rowcount)


def keep(work: Work, move: Move, found: Sequence[Fate], *, moved: bool) -> None:
    """A row for each; one that was moved before keeps what happened to it then."""
    ids = [one.record.id for one in found]
    kept = select(UNIT.c.document_id).where(
        UNIT.c.move_id == move.id, UNIT.c.document_id.in_(ids), UNIT.c.at.is_not(None)
    )
    before = set(work.connection.execute(kept).scalars())
    fresh = [one for one in found if one.record.id not in before]
    if not fresh:
        return
    old = delete(UNIT).where(
        UNIT.c.move_id == move.id, UNIT.c.document_id.in_([one.record.id for one in fresh])
    )
    work.connection.execute(old)
    revisions = _revisions(work, [one.record.id for one in fresh]) if moved else {}
    rows = [
        {
            "move_id": move.id,
            "document_id": one.record.id,
            "organisation_code": one.record.organisation_code,
            "path": one.record.organisation_path,
            "version": one.record.form_version,
            "outcome": one.outcome,
            "reason": one.reason,
            "found": {kind: dict(items) for kind, items in one.found.items()},
            "revision": revisions.get(one.record.id, one.record.revision),
            "at": work.at if moved and one.outcome in ("moved", "back") else None,
        }
        for one in fresh
    ]
    work.connection.execute(insert(UNIT), rows)


def _revisions(work: Work, ids: Sequence[str]) -> dict[str, int]:
    query = select(DOCUMENT.c.id, DOCUMENT.c.revision).where(DOCUMENT.c.id.in_(ids))
    return {str(row[0]): int(row[1]) for row in work.connection.execute(query)}
