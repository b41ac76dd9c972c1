"""Dispatch (发表): one report sent to many organisations for a period, tracked to the last one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from engine import clock
from engine.access import policy
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.periods import Period
from engine.work import Work
from forms import documents
from forms import store as forms
from forms.compiled import CompiledForm
from forms.documents import DOCUMENT, DocumentRecord
from workflows import perform, store
from workflows.tables import DispatchRow

DISPATCH = DispatchRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
TASK = store.TASK


class DueInPast(Problem):
    """The due date has passed already."""

    code, status = "dispatch.due-in-past", 422
    due: str


class NoTargets(Problem):
    """Nobody was chosen to report."""

    code, status = "dispatch.no-targets", 422


class OutsideArea(Problem):
    """An organisation that the issuing office has no say over."""

    code, status = "dispatch.outside-area", 403


class AlreadyDispatched(Problem):
    """These organisations have this report for this period already."""

    code, status = "dispatch.already", 409
    organisations: str
    period: str


class PeriodWrong(Problem):
    """The period is not of the kind that the form reports by."""

    code, status = "dispatch.period-wrong", 422
    period: str
    kind: str


class NobodyToFill(Problem):
    """In these organisations nobody holds the position that fills; it would be stuck there."""

    code, status = "dispatch.nobody-to-fill", 422
    organisations: str


@dataclass(frozen=True, slots=True)
class DispatchRecord:
    """A dispatch as it is kept."""

    id: str
    form_code: str
    form_version: int
    title: str
    owner: str
    period: str
    due_at: str
    note: str
    status: str
    targets: int
    created_at: str
    created_by: str
    created_name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one organisation is."""

    document: DocumentRecord
    organisation: str
    step: str
    """fill | verify | approve | done | rejected …"""
    late: bool
    with_whom: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a dispatch is, by organisation and in sum."""

    dispatch: DispatchRecord
    standings: Sequence[Standing]
    counts: Mapping[str, int]

    @property
    def arrived(self) -> int:
        """How many are final."""
        return self.counts.get("done", 0)


def create(
    work: Work,
    form_code: str,
    organisations: Sequence[str],
    period: str,
    due_at: datetime,
    *,
    note: str = "",
) -> DispatchRecord:
    """Send a form's newest version to organisations; each gets a document, a case and a task.

    Raises Forbidden, FormUnknown, DueInPast, NoTargets, PeriodWrong, AlreadyDispatched, NobodyToFill.
    """
    form = forms.published(work.connection, form_code)
    work.require("dispatch.create", owner=form.owner)
    if due_at <= work.now:
        raise DueInPast(due=clock.day(due_at).isoformat())
    if not organisations:
        raise NoTargets
    when = _period(form, period)
    chosen = list(identity.organisations(work.connection, organisations).values())
    _refuse_outside(work, form.owner, chosen)
    _refuse_twice(work.connection, form_code, [one.code for one in chosen], period)
    row = _row(work, form, when, due_at=due_at.isoformat(), targets=len(chosen), note=note)
    work.connection.execute(insert(DISPATCH), row)
    about = {"code": form.code, "version": form.version, "owner": form.owner}
    try:
        ids = documents.new_documents(work, about, chosen, period, row["id"])
    except IntegrityError as error:  # somebody sent the same in this very moment
        raise AlreadyDispatched(organisations=chosen[0].name, period=period) from error
    _start_cases(work, form.flow, row, list(ids.values()))
    work.note("dispatch.created", row["id"], form=form.code, period=period, targets=len(chosen))
    return DispatchRecord(**row)


def create_empty(
    work: Work, form: CompiledForm, organisations: Sequence[str], period: str
) -> DispatchRecord:
    """A dispatch whose documents somebody else makes. Raises Forbidden, PeriodWrong, OutsideArea."""
    work.require("dispatch.create", owner=form.owner)
    chosen = list(identity.organisations(work.connection, organisations).values())
    when = _period(form, period)
    _refuse_outside(work, form.owner, chosen)
    row = _row(work, form, when, due_at=work.at, targets=len(chosen))
    work.connection.execute(insert(DISPATCH), row)
    return DispatchRecord(**row)


def _period(form: CompiledForm, period: str) -> Period:
    when = Period.parse(period)
    if form.period not in ("once", when.kind):
        raise PeriodWrong(period=period, kind=form.period)
    return when


def _row(
    work: Work, form: CompiledForm, when: Period, *, due_at: str, targets: int, note: str = ""
) -> dict[str, Any]:
    return {
        "id": work.new_id(),
        "form_code": form.code,
        "form_version": form.version,
        "title": f"{form.title()}（{when.label('zh')}）",
        "owner": form.owner,
        "period": str(when),
        "due_at": due_at,
        "note": note,
        "status": "running",
        "targets": targets,
        "created_at": work.at,
        "created_by": work.actor.id,
        "created_name": work.actor.name,
    }


def _refuse_outside(work: Work, owner: str, chosen: Sequence[identity.OrganisationValue]) -> None:
    """An office sends to organisations of the area it sits in, and to no others."""
    office = identity.organisation(work.connection, owner)
    area = office.path.removesuffix(f"{office.code}/") if office.kind == "office" else office.path
    if not all(one.path.startswith(area) for one in chosen):
        raise OutsideArea


def _refuse_twice(
    connection: Connection, form_code: str, organisations: Sequence[str], period: str
) -> None:
    query = select(DOCUMENT.c.organisation_code).where(
        DOCUMENT.c.form_code == form_code,
        DOCUMENT.c.period == period,
        DOCUMENT.c.status.in_(documents.LIVE),
        DOCUMENT.c.organisation_code.in_(organisations),
    )
    taken = set(connection.execute(query).scalars())
    if taken:
        names = [one.name for one in identity.organisations(connection, sorted(taken)).values()]
        raise AlreadyDispatched(organisations="、".join(names[:5]), period=period)


def _start_cases(
    work: Work, flow_code: str, row: Mapping[str, Any], document_ids: Sequence[str]
) -> None:
    flow = store.flow(work.connection, flow_code)
    cases, tasks, stuck = [], [], []
    started = []
    for record in documents.several(work.connection, document_ids):
        case, opened, events = perform.start(
            work, flow, record, title=row["title"], due_at=row["due_at"]
        )
        if not opened:
            stuck.append(record.organisation_code)
        cases.append(case)
        tasks += opened
        started.append((case["id"], record.id, events))
    if stuck:
        names = [one.name for one in identity.organisations(work.connection, stuck).values()]
        raise NobodyToFill(organisations="、".join(names[:5]))
    store.add_cases(work, cases)
    store.add_tasks(work, tasks)
    store.add_first_events(work, started)
    documents.set_cases(work, {document: case for case, document, _ in started})


def get(work: Work, dispatch_id: str) -> DispatchRecord:
    """A dispatch the actor may see. Raises NotFound."""
    row = (
        work.connection.execute(select(DISPATCH).where(DISPATCH.c.id == dispatch_id))
        .mappings()
        .first()
    )
    if row is None or not policy.covers(work.actor, "dispatch.read", owner=row["owner"]):
        raise NotFound
    return DispatchRecord(**row)


def listed(work: Work, *conditions: ColumnElement[bool], limit: int = 100) -> list[DispatchRecord]:
    """Dispatches the actor may see, newest first."""
    query = (
        select(DISPATCH)
        .where(policy.sees(work.actor, "dispatch.read", owner=DISPATCH.c.owner), *conditions)
        .order_by(DISPATCH.c.created_at.desc())
        .limit(limit)
    )
    return [DispatchRecord(**row) for row in work.connection.execute(query).mappings()]


def progress(work: Work, dispatch_id: str) -> Progress:
    """How far everybody is: two queries whatever the number of organisations."""
    dispatch = get(work, dispatch_id)
    records = documents.of_dispatch(work.connection, dispatch.id)
    names = identity.organisations(
        work.connection, [record.organisation_code for record in records]
    )
    query = select(TASK.c.document_id, TASK.c.kind, TASK.c.account_id).where(
        TASK.c.dispatch_id == dispatch.id, TASK.c.status == "open"
    )
    waiting = {row.document_id: row.kind for row in work.connection.execute(query)}
    late = dispatch.due_at < work.at
    standings = []
    for record in records:
        step = "done" if record.status == "final" else waiting.get(record.id, record.status)
        is_late = (late and record.status not in ("final", "submitted")) or (
            record.submitted_at is not None and record.submitted_at > dispatch.due_at
        )
        standings.append(Standing(record, names[record.organisation_code].name, step, is_late, ""))
    return Progress(dispatch, standings, Counter(one.step for one in standings))


def arrived_counts(work: Work, dispatch_ids: Sequence[str]) -> dict[str, int]:
    """How many documents of each dispatch are final."""
    query = (
        select(DOCUMENT.c.dispatch_id, func.count())
        .where(DOCUMENT.c.dispatch_id.in_(dispatch_ids), DOCUMENT.c.status == "final")
        .group_by(DOCUMENT.c.dispatch_id)
    )
    return {str(row[0]): row[1] for row in work.connection.execute(query)}
