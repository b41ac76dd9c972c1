"""Moving the running reports of a dispatch to the newest version of their form: tried, done, stopped, gone on with.

A move is a row with a row for each report. It is tried first, which writes nothing but what would
happen; carried out it goes through the reports again, a batch a transaction.
"""

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from engine.errors import NotFound, Problem
from engine.work import Work
from forms import documents
from forms import store as forms
from workflows.dispatch import DISPATCH
from workflows.versions import fate as fates
from workflows.versions.batch import later
from workflows.versions.store import (
    MOVE,
    Move,
    behind,
    change,
    dispatch_of,
    failed,
    get,
    latest,
    reports_of,
    to,
)

OPEN = ("trying", "tried", "running", "stopped")


class MoveThere(Problem):
    """Somebody else is at it: a dispatch is moved by one at a time."""

    code, status = "form-move.there", 409
    by: str
    version: int


class MoveState(Problem):
    """The move is not in a state in which this can be done."""

    code, status = "form-move.state", 409
    state: str


class NothingToMove(Problem):
    """Every report is on the newest version already, or there is none that runs."""

    code, status = "form-move.nothing", 409


class NewerPublished(Problem):
    """A still newer version was published since it was tried."""

    code, status = "form-move.newer", 409
    version: int


class NotRunning(Problem):
    """The dispatch is over, frozen or still being sent."""

    code, status = "form-move.not-running", 409
    state: str


def try_dry(work: Work, dispatch_id: str, handed_in: str) -> Move:
    """Have it found out what moving a dispatch would do; a plan of one's own is replaced.

    Raises NotFound, NotRunning, MoveThere, NothingToMove.
    """
    dispatch = dispatch_of(work, dispatch_id)
    if dispatch.status != "running":
        raise NotRunning(state=dispatch.status)
    if handed_in not in fates.HANDED_IN:
        raise NotFound
    target = forms.published(work.connection, dispatch.form_code)
    before = latest(work, dispatch_id)
    if before is not None and before.status in ("trying", "running", "stopped"):
        raise MoveThere(by=before.begun_name or before.created_name, version=before.version)
    if not behind(work, [dispatch_id], target.version):
        raise NothingToMove
    if before is not None and before.status == "tried":
        change(work, before.id, status="dropped", ended_at=work.at)
    move_id = work.new_id()
    row = {
        "id": move_id,
        "dispatch_id": dispatch_id,
        "form_code": dispatch.form_code,
        "version": target.version,
        "handed_in": handed_in,
        "status": "trying",
        "total": documents.count(work.connection, *reports_of(dispatch_id)),
        "looked_at": 0,
        "job_id": "",
        "turn": "",
        "created_at": work.at,
        "created_by": work.actor.id,
        "created_name": work.actor.name,
        "begun_by": "",
        "begun_name": "",
    }
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(MOVE), row)
    except IntegrityError as error:  # somebody else tried in this very moment
        other = latest(work, dispatch_id)
        raise MoveThere(by=other.created_name if other else "", version=target.version) from error
    later(work, move_id, "")
    work.note("form-move.tried", dispatch_id, version=target.version, handed_in=handed_in)
    return get(work, move_id)


def carry_out(work: Work, dispatch_id: str) -> Move:
    """Do what was tried. Raises NotFound, MoveState, NewerPublished, NotRunning."""
    move = _own(work, dispatch_id, "tried")
    dispatch = dispatch_of(work, dispatch_id)
    if dispatch.status != "running":
        raise NotRunning(state=dispatch.status)
    newest = forms.published(work.connection, move.form_code)
    if newest.version != move.version:
        raise NewerPublished(version=newest.version)
    began = {"begun_at": work.at, "begun_by": work.actor.id, "begun_name": work.actor.name}
    _to(work, move, "running", looked_at=0, **began)
    changed = update(DISPATCH).where(DISPATCH.c.id == dispatch_id)
    work.connection.execute(changed.values(form_version=move.version))
    before = {"form_version": dispatch.form_version}
    after = {"form_version": move.version, "handed_in": move.handed_in}
    work.record("dispatch", dispatch_id, before=before, after=after, reason="form-move")
    work.note("form-move.begun", dispatch_id, version=move.version, handed_in=move.handed_in)
    later(work, move.id, "")
    return get(work, move.id)


def stop(work: Work, dispatch_id: str) -> Move:
    """Stop after the present batch; what is moved stays moved. Raises NotFound, MoveState."""
    move = _own(work, dispatch_id, "running")
    _to(work, move, "stopped")
    work.note("form-move.stopped", dispatch_id, looked_at=move.looked_at)
    return get(work, move.id)


def go_on(work: Work, dispatch_id: str) -> Move:
    """Go on with what was stopped, or whose job was given up. Raises NotFound, MoveState."""
    move = _own(work, dispatch_id, *OPEN)
    if move.status != "stopped" and not failed(work, move):
        raise MoveState(state=move.status)
    if move.status == "stopped":
        _to(work, move, "running")
    work.note("form-move.gone-on", dispatch_id, looked_at=move.looked_at)
    later(work, move.id, "")
    return get(work, move.id)


def drop(work: Work, dispatch_id: str) -> None:
    """Give a plan up: nothing was moved by it. Raises NotFound, MoveState."""
    move = _own(work, dispatch_id, "trying", "tried")
    _to(work, move, "dropped", ended_at=work.at)
    work.note("form-move.dropped", dispatch_id, version=move.version)


def _own(work: Work, dispatch_id: str, *states: str) -> Move:
    dispatch_of(work, dispatch_id)
    move = latest(work, dispatch_id)
    if move is None:
        raise NotFound
    if move.status not in states:
        raise MoveState(state=move.status)
    return move


def _to(work: Work, move: Move, status: str, **more: Any) -> None:
    if not to(work, move, status, **more):
        raise MoveState(state=get(work, move.id).status)
