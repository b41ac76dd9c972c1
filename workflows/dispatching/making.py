"""One-click reports (一键报表): reports whose cells are all known, made without asking anybody.

A making is one dispatch and one durable job that goes through the organisations a few hundred at a
time; each batch is one transaction, so that a killed worker's making goes on where it was. What
cannot be made without a person (something required is missing, does not pass a check, or must be
confirmed) is left, with the reason, and can be sent out as an ordinary task.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, select, update

from engine.access import policy
from engine.errors import NotFound
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.jobs.registry import JOBS
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import document, documents, surroundings, validate
from forms import store as forms
from forms.checks import run
from forms.compiled import CompiledForm
from forms.documents import DOCUMENT
from forms.filing import UNCONFIRMED
from forms.prefill.prefill import Prefilled, prefill
from workflows import dispatches
from workflows.dispatch import DispatchRecord
from workflows.dispatches import NoTargets
from workflows.tables import MakingRow

MAKING = MakingRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
BATCH = 250
MOST_TOLD = 2_000
KIND = "report.make"


@dataclass(frozen=True, slots=True)
class Left:
    """An organisation whose report could not be made, with the first reason."""

    organisation: str
    path: str
    code: str
    """missing | check | confirm | there, or the schema's rule that does not hold"""


@dataclass(frozen=True, slots=True)
class Making:
    """How far a making is."""

    id: str
    form_code: str
    form_version: int
    owner: str
    period: str
    total: int
    made: int
    not_made: int
    left: Sequence[Left]
    status: str
    """running | done"""
    created_at: str
    created_name: str
    ended_at: str | None

    @property
    def done(self) -> int:
        """How many organisations were gone through."""
        return self.made + self.not_made


def begin(work: Work, form_code: str, organisations: Sequence[str], period: str) -> DispatchRecord:
    """Have a report made for these organisations. Raises Forbidden, FormUnknown, NoTargets,
    PeriodWrong, OutsideArea.
    """
    form = forms.published(work.connection, form_code)
    chosen = list(dict.fromkeys(organisations))
    if not chosen:
        raise NoTargets
    dispatch = dispatches.create_empty(work, form, chosen, period)
    row = {
        "id": dispatch.id,
        "form_code": form.code,
        "form_version": form.version,
        "owner": form.owner,
        "period": period,
        "total": len(chosen),
        "made": 0,
        "not_made": 0,
        "left": [],
        "status": "running",
        "created_at": work.at,
        "created_by": work.actor.id,
        "created_name": work.actor.name,
    }
    work.connection.execute(insert(MAKING), row)
    work.later(
        KIND, {"making": dispatch.id, "organisations": chosen}, key=f"{KIND} {dispatch.id} 0"
    )
    work.note("report.making", dispatch.id, form=form.code, period=period, targets=len(chosen))
    return dispatch


def below(work: Work, code: str, kind: str) -> list[str]:
    """The organisations of one level below another, or everywhere."""
    place = identity.ORGANISATION
    query = select(place.c.code).where(place.c.kind == kind).order_by(place.c.code)
    if code:
        path = identity.organisation(work.connection, code).path
        query = query.where(place.c.path.startswith(path, autoescape=True))
    return list(work.connection.execute(query).scalars())


@JOBS.job(KIND)
def make(work: Work, payload: Mapping[str, Any]) -> dict[str, Json]:
    """The next few hundred organisations, and the job for those after them."""
    making = _row(work, payload["making"])
    here, rest = payload["organisations"][:BATCH], payload["organisations"][BATCH:]
    made, left = make_some(work, making, here)
    kept = [*making.left, *left][:MOST_TOLD]
    values: dict[str, Any] = {
        "made": making.made + made,
        "not_made": making.not_made + len(left),
        "left": [[one.organisation, one.path, one.code] for one in kept],
    }
    if not rest:
        values |= {"status": "done", "ended_at": work.at}
    work.connection.execute(update(MAKING).where(MAKING.c.id == making.id).values(**values))
    if rest:
        key = f"{KIND} {making.id} {making.done + len(here)}"
        work.later(KIND, {"making": making.id, "organisations": rest}, key=key)
    else:
        work.note("report.made", making.id, made=values["made"], left=values["not_made"])
    return {"made": made, "left": len(left)}


def make_some(work: Work, making: Making, codes: Sequence[str]) -> tuple[int, list[Left]]:
    """Make the report for some organisations; how many were made, and which were not and why."""
    form = forms.published(work.connection, making.form_code, making.form_version)
    places = identity.organisations(work.connection, codes)
    taken = _taken(work, form.code, making.period, codes)
    left = [Left(code, "", "there") for code in codes if code in taken]
    asked = [places[code] for code in codes if code in places and code not in taken]
    whole = []
    for code, (filled, reason) in known(work, form, asked, making.period).items():
        if reason is None:
            cells = document.dump_cells(filled.cells)
            whole.append((places[code], filled.contents, cells))
        else:
            left.append(Left(code, *reason))
    about = {"code": form.code, "version": form.version, "owner": making.owner}
    return documents.add_made(work, about, whole, making.period, making.id), left


def known(
    work: Work, form: CompiledForm, organisations: Sequence[OrganisationValue], period: str
) -> dict[str, tuple[Prefilled, tuple[str, str] | None]]:
    """The report of each organisation as prefill makes it, and what keeps it from being whole."""
    if not organisations:
        return {}
    filled = prefill(work, form, organisations, period)
    when = Period.parse(period) if period else None
    contents = {code: one.contents for code, one in filled.items()}
    around = surroundings.of_many(work, form, when, contents)
    return {
        code: (one, _obstacle(form, one, run.failures(form, around[code])))
        for code, one in filled.items()
    }


def missing(
    work: Work, form: CompiledForm, organisation: OrganisationValue, period: str
) -> tuple[list[tuple[str, str]], int]:
    """What a person would have to do before the report could be made: cells and reasons; empty if
    all that is required is known or computed, or the one reason `there` if it exists already. And how
    many cells would stay blank.
    """
    if _taken(work, form.code, period, [organisation.code]):
        return [("", "there")], 0
    filled = prefill(work, form, [organisation], period)[organisation.code]
    when = Period.parse(period) if period else None
    around = surroundings.of_many(work, form, when, {organisation.code: filled.contents})
    obstacles = list(_obstacles(form, filled, run.failures(form, around[organisation.code])))
    cells = [path for path, _ in document.cells(form, filled.contents)]
    values = document.get_all(filled.contents, cells)
    return obstacles, sum(document.blank(value) for value in values.values())


def listed(work: Work, *, limit: int = 20) -> list[Making]:
    """The makings of the actor's office, the newest first."""
    columns = [MAKING.c[name] for name in Making.__slots__]
    query = (
        select(*columns)
        .where(policy.sees(work.actor, "plan.read", owner=MAKING.c.owner))
        .order_by(MAKING.c.created_at.desc())
        .limit(limit)
    )
    return [_making(row) for row in work.connection.execute(query).mappings()]


def get(work: Work, making_id: str) -> Making:
    """A making the actor may see. Raises NotFound."""
    found = _row(work, making_id)
    if not policy.covers(work.actor, "plan.read", owner=found.owner):
        raise NotFound
    return found


def _obstacle(
    form: CompiledForm, filled: Prefilled, failures: Sequence[run.CheckResult]
) -> tuple[str, str] | None:
    """The first thing that a person would have to do, by cell and reason."""
    return next(_obstacles(form, filled, failures), None)


def _obstacles(
    form: CompiledForm, filled: Prefilled, failures: Sequence[run.CheckResult]
) -> Iterator[tuple[str, str]]:
    for path, cell in filled.cells.items():
        if cell.state in UNCONFIRMED and cell.filled:
            yield path, "confirm"
    for problem in validate.problems(form, filled.contents):
        yield problem.path, "missing" if problem.code.startswith("required") else problem.code
    for failure in failures:
        yield failure.paths[0] if failure.paths else "", "check"


def _taken(work: Work, form_code: str, period: str, codes: Sequence[str]) -> set[str]:
    query = select(DOCUMENT.c.organisation_code).where(
        DOCUMENT.c.form_code == form_code,
        DOCUMENT.c.period == period,
        DOCUMENT.c.status.in_(documents.LIVE),
        DOCUMENT.c.organisation_code.in_(codes),
    )
    return set(work.connection.execute(query).scalars())


def _of(making_id: str) -> Select[Any]:
    columns = [MAKING.c[name] for name in Making.__slots__]
    return select(*columns).where(MAKING.c.id == making_id)


def _row(work: Work, making_id: str) -> Making:
    row = work.connection.execute(_of(making_id)).mappings().first()
    if row is None:
        raise NotFound
    return _making(row)


def _making(row: Mapping[Any, Any]) -> Making:
    return Making(**{**row, "left": [Left(*one) for one in row["left"]]})
