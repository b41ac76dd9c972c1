"""Reports sent again and again: when a period is over its dispatch is made by itself, once.

A cadence is kept by its owner's choice of organisations and by a deadline. What is due within its
period, or so soon after it that nobody could fill it in, is sent when the period begins. The job that
sends and the step to the next period are one transaction, so that ten nodes and a killed worker send
once; a period that is exempt is passed over. What cannot be sent is told on the cadence and to whoever
set it, and tried again until it would be due; then it goes on with the next period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine import deadlines, json_text, messages
from engine.access import policy
from engine.deadlines import Deadline
from engine.errors import NotFound, Problem
from engine.holidays.store import calendar
from engine.identity import store as identity
from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.json_text import Json
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.periods import Period
from engine.work import Work
from engine.workdays.calendar import Calendar
from forms import store as forms
from workflows import dispatches
from workflows.dispatches import DueInPast, PeriodWrong, ShortNotice
from workflows.dispatching import targets
from workflows.dispatching.targets import Targets
from workflows.tables import CadenceRow

COMING = 3
"""So many of the next periods are shown with their dates."""
CADENCE = CadenceRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


@dataclass(frozen=True, slots=True)
class CadenceRecord:
    """A cadence as it is kept."""

    id: str
    form_code: str
    owner: str
    targets: Json
    deadline: Json
    note: str
    next_period: str
    status: str
    problem: str
    """Why the next period could not be sent: code and details as JSON; words in older ones."""
    created_at: str
    created_by: str
    created_name: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A period that a cadence will come to."""

    period: Period
    sent: date
    due: datetime
    by_level: Mapping[str, datetime]
    exempt: bool
    planned: bool
    """Whether the notice of days off is known for the year it is due in; else weekends alone count."""


def begin(
    work: Work, form_code: str, chosen: Targets, deadline: Deadline, first: str, *, note: str = ""
) -> CadenceRecord:
    """Send a form for this period and every following one, when it is over.

    Raises Forbidden, FormUnknown, PeriodWrong, NoTargets, TargetsInvalid, DueInPast, ShortNotice where
    it is due so early that it could never be sent in time.
    """
    form = forms.published(work.connection, form_code)
    work.require("dispatch.create", owner=form.owner)
    period = Period.parse(first)
    if form.period != period.kind:
        raise PeriodWrong(period=first, kind=form.period)
    _refuse_hurry(work, deadline, period)
    if not targets.resolve(work, form.owner, dispatches.area_of(work, form.owner), chosen):
        raise dispatches.NoTargets
    record = CadenceRecord(
        id=work.new_id(),
        form_code=form.code,
        owner=form.owner,
        targets=chosen.to_json(),
        deadline=deadline.to_json(),
        note=note,
        next_period=str(period),
        status="running",
        problem="",
        created_at=work.at,
        created_by=work.actor.id,
        created_name=work.actor.name,
    )
    work.connection.execute(insert(CADENCE), asdict(record))
    work.note("cadence.begun", record.id, form=form.code, first=first)
    return record


def _refuse_hurry(work: Work, deadline: Deadline, period: Period) -> None:
    if deadline.is_exempt(period):
        return
    known = calendar(work)
    ends = _first_end(deadline, period, known)
    if ends <= work.now:
        raise DueInPast(due=known.local_day(ends).isoformat())
    begins = datetime.combine(period.bounds()[0], time(), known.zone)
    hours = work.settings.lead_hours
    if known.hours_between(max(begins, work.now), ends) < timedelta(hours=hours):
        raise ShortNotice(hours=hours)


def _first_end(deadline: Deadline, period: Period, known: Calendar) -> datetime:
    return min([deadline.due(period, known), *deadline.levels(period, known).values()])


def sent_on(work: Work, deadline: Deadline, period: Period, known: Calendar) -> date:
    """The day on which the report of a period is sent: after its end, or at its beginning."""
    first, last = period.bounds()
    after = last + timedelta(1)
    begins = datetime.combine(after, time(), known.zone)
    least = timedelta(hours=work.settings.lead_hours)
    early = known.hours_between(begins, _first_end(deadline, period, known)) < least
    return first if early else after


def coming(work: Work, record: CadenceRecord, count: int = COMING) -> list[Coming]:
    """The next periods with the days on which they are sent and due."""
    deadline, known = deadlines.read(record.deadline), calendar(work)
    period = Period.parse(record.next_period)
    found = []
    for _ in range(count):
        due = deadline.due(period, known)
        found.append(
            Coming(
                period,
                sent_on(work, deadline, period, known),
                due,
                deadline.levels(period, known),
                deadline.is_exempt(period),
                known.planned(known.local_day(due)),
            )
        )
        period = period.following()
    return found


def told(record: CadenceRecord, language: str) -> str:
    """Why its next period could not be sent; empty when nothing is wrong."""
    if not record.problem.startswith("{"):
        return record.problem
    problem: Any = json_text.loads(record.problem)
    said = messages.text(problem["code"], language, problem["details"])
    period = Period.parse(problem["period"]).label(language)
    code = "cadence.missed" if problem.get("missed") else "cadence.waits"
    return messages.text(code, language, {"period": period, "reason": said})


def stop(work: Work, cadence_id: str) -> None:
    """Send no more; what was sent stays. Raises NotFound."""
    record = get(work, cadence_id)
    work.require("dispatch.create", owner=record.owner)
    work.connection.execute(
        update(CADENCE).where(CADENCE.c.id == cadence_id).values(status="stopped")
    )
    work.note("cadence.stopped", cadence_id)


def get(work: Work, cadence_id: str) -> CadenceRecord:
    """A cadence of the actor's office. Raises NotFound."""
    query = select(CADENCE).where(CADENCE.c.id == cadence_id)
    row = work.connection.execute(query).mappings().first()
    if row is None or not policy.covers(work.actor, "plan.read", owner=row["owner"]):
        raise NotFound
    return CadenceRecord(**row)


def listed(work: Work) -> list[CadenceRecord]:
    """The cadences the actor may see, the running ones first."""
    query = (
        select(CADENCE)
        .where(policy.sees(work.actor, "plan.read", owner=CADENCE.c.owner))
        .order_by(CADENCE.c.status, CADENCE.c.created_at.desc())
        .limit(200)
    )
    return [CadenceRecord(**row) for row in work.connection.execute(query).mappings()]


@JOBS.job("dispatch.cadence", slots=every(minutes=30))
def send_due(work: Work, _payload: Mapping[str, Any]) -> list[str]:
    """Send for every period that is over, one each; gives what was sent or passed over."""
    query = select(CADENCE).where(CADENCE.c.status == "running").order_by(CADENCE.c.id)
    found: Sequence[Any] = work.connection.execute(query).mappings().all()
    told = [_next(work, CadenceRecord(**row)) for row in found]
    return [one for one in told if one]


def _next(work: Work, record: CadenceRecord) -> str:
    period = Period.parse(record.next_period)
    if work.today < sent_on(work, deadlines.read(record.deadline), period, calendar(work)):
        return ""
    system = work.actor
    work.actor = identity.actor_of(work.connection, record.created_by, now=work.now) or system
    try:
        with work.attempt():
            _send(work, record, period)
    except Problem as problem:
        missed = isinstance(problem, DueInPast)
        _cannot(work, record, period, problem, missed=missed)
        return f"{record.id} {period} {problem.code}"
    finally:
        work.actor = system
    _set(work, record, problem="", next_period=str(period.following()))
    return f"{record.id} {period}"


def _cannot(
    work: Work, record: CadenceRecord, period: Period, problem: Problem, *, missed: bool
) -> None:
    """Keep why and tell whoever set it, once; what would be due already is passed over."""
    details = {"period": str(period), "code": problem.code, "details": problem.details()}
    kept = json_text.dumps({**details, "missed": missed})
    values = {"problem": kept}
    if missed:
        work.note("cadence.missed", record.id, period=str(period))
        values["next_period"] = str(period.following())
    _set(work, record, **values)
    notice = Notice(
        "cadence.notice.missed" if missed else "cadence.notice.waits",
        record.created_by,
        detail={"period": str(period)},
        key=f"cadence {record.id} {period} {problem.code}",
    )
    notices.tell(work, [notice])


def _send(work: Work, record: CadenceRecord, period: Period) -> None:
    deadline = deadlines.read(record.deadline)
    if deadline.is_exempt(period):
        work.note("cadence.exempt", record.id, period=str(period))
        return
    known = calendar(work)
    area = dispatches.area_of(work, record.owner)
    chosen = targets.resolve(work, record.owner, area, Targets.read(record.targets))
    dispatches.create(
        work,
        record.form_code,
        [one.code for one in chosen],
        str(period),
        deadline.due(period, known),
        note=record.note,
        due_by_level=deadline.levels(period, known),
        cadence_id=record.id,
    )


def _set(work: Work, record: CadenceRecord, **values: str) -> None:
    """Only if nobody stepped on meanwhile."""
    same = (CADENCE.c.id == record.id) & (CADENCE.c.next_period == record.next_period)
    work.connection.execute(update(CADENCE).where(same).values(**values))
