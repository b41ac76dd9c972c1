"""Dispatch (发表): one report sent to many organisations for a period, tracked to the last one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from engine import clock
from engine.access import policy
from engine.errors import NotFound, Problem
from engine.holidays.store import calendar
from engine.identity import store as identity
from engine.periods import Period
from engine.work import Work
from forms import documents
from forms import store as forms
from forms.compiled import CompiledForm
from forms.documents import DOCUMENT, DocumentRecord
from workflows import store
from workflows.dispatch import DISPATCH, DispatchRecord
from workflows.dispatching import reach, sending
from workflows.dispatching.sending import AlreadyDispatched

TASK = store.TASK
SHORTEST_REASON = 5


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


class PeriodWrong(Problem):
    """The period is not of the kind that the form reports by."""

    code, status = "dispatch.period-wrong", 422
    period: str
    kind: str


class ShortNotice(Problem):
    """Less notice than the rule allows, and it is not marked urgent."""

    code, status = "dispatch.short-notice", 422
    hours: int


class UrgentWithoutReason(Problem):
    """Urgent needs to be justified."""

    code, status = "dispatch.urgent-without-reason", 422


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
    due_by_level: Mapping[str, datetime] | None = None,
    urgent: bool = False,
    reason: str = "",
    cadence_id: str | None = None,
    nil_allowed: bool | None = None,
    chosen_by: Mapping[str, Any] | None = None,
) -> DispatchRecord:
    """Send a form's newest version to organisations; each gets a document, a case and a task.

    More than a batch of them get theirs by jobs, a transaction a batch; `due_by_level` gives kinds
    of organisations a due date of their own; `nil_allowed` overrules what the form says of nil returns.
    Raises Forbidden, FormUnknown, DueInPast, ShortNotice, NoTargets, PeriodWrong, AlreadyDispatched,
    NobodyToFill.
    """
    form = forms.published(work.connection, form_code)
    work.require("dispatch.create", owner=form.owner)
    levels = dict(due_by_level or {})
    _refuse_hurry(work, min([due_at, *levels.values()]), urgent=urgent, reason=reason)
    if not organisations:
        raise NoTargets
    when = _period(form, period)
    chosen = list(identity.organisations(work.connection, organisations).values())
    _refuse_outside(work, form.owner, chosen)
    _refuse_twice(work.connection, form_code, [one.code for one in chosen], period)
    record = _record(
        work,
        form,
        when,
        due_at=due_at.isoformat(),
        targets=len(chosen),
        note=note,
        status="running" if len(chosen) <= sending.AT_ONCE else "sending",
        urgent=urgent,
        reason=reason.strip(),
        cadence_id=cadence_id,
        chosen=chosen_by,
        nil_allowed=form.nil if nil_allowed is None else nil_allowed,
        due_by_level={kind: one.isoformat() for kind, one in levels.items()} or None,
    )
    work.connection.execute(insert(DISPATCH), asdict(record))
    if record.status == "running":
        sending.send(work, record, form.flow, chosen)
    else:
        sending.later(work, record, chosen)
    told = {"form": form.code, "period": period, "targets": len(chosen), "urgent": urgent}
    work.note("dispatch.created", record.id, **told)
    return record


def _refuse_hurry(work: Work, due_at: datetime, *, urgent: bool, reason: str) -> None:
    """上午发下午要: less notice than the rule allows needs to be marked urgent, and why."""
    if due_at <= work.now:
        raise DueInPast(due=clock.day(due_at).isoformat())
    least = timedelta(hours=work.settings.lead_hours)
    if urgent:
        if len(reason.strip()) < SHORTEST_REASON:
            raise UrgentWithoutReason
    elif calendar(work).hours_between(work.now, due_at) < least:
        raise ShortNotice(hours=work.settings.lead_hours)


def create_empty(
    work: Work, form: CompiledForm, organisations: Sequence[str], period: str
) -> DispatchRecord:
    """A dispatch whose documents somebody else makes. Raises Forbidden, PeriodWrong, OutsideArea."""
    work.require("dispatch.create", owner=form.owner)
    chosen = list(identity.organisations(work.connection, organisations).values())
    when = _period(form, period)
    _refuse_outside(work, form.owner, chosen)
    record = _record(work, form, when, due_at=work.at, targets=len(chosen))
    work.connection.execute(insert(DISPATCH), asdict(record))
    return record


def _period(form: CompiledForm, period: str) -> Period:
    when = Period.parse(period)
    if form.period not in ("once", when.kind):
        raise PeriodWrong(period=period, kind=form.period)
    return when


def _record(
    work: Work, form: CompiledForm, when: Period, *, due_at: str, targets: int, **more: Any
) -> DispatchRecord:
    values = {"note": "", "status": "running", **more}
    return DispatchRecord(
        id=work.new_id(),
        form_code=form.code,
        form_version=form.version,
        title=f"{form.title()}（{when.label('zh')}）",
        owner=form.owner,
        period=str(when),
        due_at=due_at,
        targets=targets,
        created_at=work.at,
        created_by=work.actor.id,
        created_name=work.actor.name,
        **values,
    )


def _refuse_outside(work: Work, owner: str, chosen: Sequence[identity.OrganisationValue]) -> None:
    """An office sends to organisations of the area it sits in, and to no others."""
    area = area_of(work, owner)
    if not all(one.path.startswith(area) for one in chosen):
        raise OutsideArea


def area_of(work: Work, owner: str) -> str:
    """The path of the area that an office has a say over: of the organisation it belongs to."""
    office = identity.organisation(work.connection, owner)
    return office.path.removesuffix(f"{office.code}/") if office.kind == "office" else office.path


def _refuse_twice(
    connection: Connection, form_code: str, organisations: Sequence[str], period: str
) -> None:
    taken = sending.taken(connection, form_code, organisations, period)
    if taken:
        names = [one.name for one in identity.organisations(connection, sorted(taken)[:5]).values()]
        raise AlreadyDispatched(organisations="、".join(names), period=period)


def get(work: Work, dispatch_id: str) -> DispatchRecord:
    """A dispatch the actor may see: whole, or what units of their area have of it. Raises NotFound."""
    query = select(DISPATCH).where(DISPATCH.c.id == dispatch_id)
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    record = DispatchRecord(**row)
    if not reach.whole(work, record):
        theirs = select(DOCUMENT.c.id).where(reach.seen(work, record), *reach.of(dispatch_id))
        if work.connection.execute(theirs.limit(1)).first() is None:
            raise NotFound
    return record


def listed(work: Work, *conditions: ColumnElement[bool], limit: int = 100) -> list[DispatchRecord]:
    """Dispatches the actor may see, newest first."""
    query = (
        select(DISPATCH)
        .where(reach.listed(work), *conditions)
        .order_by(DISPATCH.c.created_at.desc())
        .limit(limit)
    )
    return [DispatchRecord(**row) for row in work.connection.execute(query).mappings()]


def progress(work: Work, dispatch_id: str) -> Progress:
    """How far everybody is: two queries whatever the number of organisations."""
    dispatch = get(work, dispatch_id)
    records = [
        one
        for one in documents.of_dispatch(work.connection, dispatch.id)
        if one.status != "withdrawn" and reach.covers(work, dispatch, one.organisation_path)
    ]
    names = identity.organisations(
        work.connection, [record.organisation_code for record in records]
    )
    query = select(TASK.c.document_id, TASK.c.kind, TASK.c.account_id).where(
        TASK.c.dispatch_id == dispatch.id, TASK.c.status == "open"
    )
    waiting = {row.document_id: row.kind for row in work.connection.execute(query)}
    standings = []
    for record in records:
        step = "done" if record.status == "final" else waiting.get(record.id, record.status)
        due_at = record.due_at or dispatch.due_at
        out = record.status not in ("final", "submitted", "exempt")
        came = record.submitted_at
        is_late = due_at < work.at if out else came is not None and came > due_at
        is_late = is_late and record.status != "exempt"
        standings.append(Standing(record, names[record.organisation_code].name, step, is_late, ""))
    return Progress(dispatch, standings, Counter(one.step for one in standings))


def arrived_counts(
    work: Work, dispatch_ids: Sequence[str], status: str = "final"
) -> dict[str, int]:
    """How many documents of each dispatch are final, or `exempt`."""
    query = (
        select(DOCUMENT.c.dispatch_id, func.count())
        .where(DOCUMENT.c.dispatch_id.in_(dispatch_ids), DOCUMENT.c.status == status)
        .group_by(DOCUMENT.c.dispatch_id)
    )
    return {str(row[0]): row[1] for row in work.connection.execute(query)}


def urgent_counts(work: Work) -> list[tuple[str, int]]:
    """How often each office sent with less notice than the rule allows, the most often first."""
    count = func.count()
    query = (
        select(DISPATCH.c.owner, count)
        .where(
            DISPATCH.c.urgent.is_(True),
            policy.sees(work.actor, "plan.read", owner=DISPATCH.c.owner),
        )
        .group_by(DISPATCH.c.owner)
        .order_by(count.desc())
    )
    return [(str(row[0]), int(row[1])) for row in work.connection.execute(query)]
