"""Dispatches: before sending, sending, watching them come in, reminding, the roll-up."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from admin.views import (
    dispatch_view,
    drill_view,
    map_view,
    progress_view,
    rollup_map_view,
    rollup_view,
    target_view,
    units_view,
    words,
)
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting, require_role
from engine import clock
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.work import Work
from forms import store as forms
from forms import validity
from forms.admission import admission
from forms.compiled import CompiledForm
from workflows import dispatches
from workflows.dispatch import DISPATCH, DispatchRecord
from workflows.dispatching import progress, sending, targets, urging
from workflows.dispatching.targets import Targets

SHOWN = 100
SHOWN_STATES = progress.SHOWN
FIELD_OF = {
    "dispatch.due-in-past": "due",
    "dispatch.short-notice": "due",
    "dispatch.urgent-without-reason": "due",
    "department.due-missing": "due",
    "dispatch.period-wrong": "period",
    "period.invalid": "period",
}
"""Beside which field of the page a refusal is told; all others are about whom."""


class DueMissing(Problem):
    """No due date was chosen, or it is no date."""

    code, status = "department.due-missing", 422


class NotWithin(Problem):
    """An organisation was named that the office cannot send to."""

    code, status = "department.not-within", 422


@dataclass(frozen=True)
class Given:
    """What a page says of a dispatch to be sent, besides to whom."""

    period: str = ""
    due: str | None = None
    urgent: bool = False
    reason: str = ""
    nil: bool | None = None
    skip: bool = False
    """Leave out who has the report for the period already."""


@get("/dispatches")
@threaded
def dispatch_list(visit: Visiting, show: FromQuery[str] = "open") -> Response[str]:
    """What an office sent, and how much has arrived."""
    require_role(visit, "department", "designer", "leader", "auditor")
    with visit.read() as work:
        rows = dispatch_view.rows(work, dispatches.listed(work, limit=SHOWN), visit.language)
    if show != "all":
        rows = [row for row in rows if row["state"] == "open"]
    return html.page(
        visit,
        "dispatches.html",
        show="all" if show == "all" else "open",
        dispatches=rows,
        can_send="department" in visit.who().roles(),
    )


@get("/forms/{code:str}/dispatch")
@threaded
def new_dispatch(
    visit: Visiting,
    code: FromPath[str],
    period: FromQuery[str] = "",
    org: Annotated[list[str] | None, QueryParameter(name="org")] = None,
) -> Response[str]:
    """What a report would ask and what is already known, then whom to send it to."""
    with visit.read() as work:
        form = _own_form(work, code)
        here = target_view.place(work, form.owner)
        if org:
            picked = Targets(picked=tuple(org))
        else:
            last = dispatches.listed(work, DISPATCH.c.form_code == form.code, limit=1)
            picked = target_view.usual(work, here, last[0].chosen if last else None)
        given = Given(period=period, nil=form.nil)
        return new_page(visit, work, form, picked=picked, given=given)


@post("/forms/{code:str}/dispatch")
@threaded
def send(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Send a report; what is wrong is told beside its field, and nothing is sent then."""
    given = Given(
        form.get("period"),
        form.get("due"),
        urgent=bool(form.get("urgent")),
        reason=form.get("reason"),
        nil=bool(form.get("nil")),
        skip=bool(form.get("skip")),
    )
    problem: Problem | None = None
    picked = Targets()
    try:
        picked = target_view.posted(form)
        if not target_view.asks_again(form):
            sent = visit.write(lambda work: issue(work, code, picked, given))
            visit.tell("ok", text(visit.language, "flash.sent", n=sent.targets))
            return leave(visit, f"/dispatches/{sent.id}")
    except Problem as refused:
        if refused.status not in (409, 422):
            raise
        problem = refused
    with visit.read() as work:
        own = _own_form(work, code)
        return new_page(visit, work, own, picked=picked, given=given, problem=problem)


@get("/dispatches/{dispatch_id:str}")
@threaded
def progress_page(
    visit: Visiting,
    dispatch_id: FromPath[str],
    *,
    below: FromQuery[str] = "",
    show: FromQuery[str] = "all",
    words_: Annotated[str, QueryParameter(name="q")] = "",
    after: FromQuery[str] = "",
    units: FromQuery[str] = "",
) -> Response[str]:
    """How far everybody is: level by level, and unit by unit."""
    asked = progress_view.Asked(
        below, show if show in SHOWN_STATES else "all", words_.strip()[:50], after, units
    )
    return _progress(visit, dispatch_id, asked, "progress.html")


@get("/dispatches/{dispatch_id:str}/matrix")
@threaded
def matrix(
    visit: Visiting,
    dispatch_id: FromPath[str],
    *,
    below: FromQuery[str] = "",
    show: FromQuery[str] = "all",
    words_: Annotated[str, QueryParameter(name="q")] = "",
    after: FromQuery[str] = "",
    units: FromQuery[str] = "",
) -> Response[str]:
    """The part of the progress page that refreshes itself."""
    asked = progress_view.Asked(
        below, show if show in SHOWN_STATES else "all", words_.strip()[:50], after, units
    )
    return _progress(visit, dispatch_id, asked, "components/progress_matrix.html")


@get("/dispatches/{dispatch_id:str}/map")
@threaded
def map_page(
    visit: Visiting,
    dispatch_id: FromPath[str],
    *,
    below: FromQuery[str] = "",
    units: FromQuery[str] = "",
) -> Response[str]:
    """The same as areas and units on a map."""
    with visit.read() as work:
        found = dispatches.get(work, dispatch_id)
        asked = progress_view.Asked(below, units=units)
        context = map_view.page(work, found, asked, visit.language)
    return html.page(visit, "progress_map.html", **context)


@post("/dispatches/{dispatch_id:str}/urge")
@threaded
def urge(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Redirect:
    """Remind one organisation, or all that are late."""
    told = visit.write(lambda work: urging.urge(work, dispatch_id, form.get("org")))
    count = told.reminded + told.later
    said = [text(visit.language, "flash.urged", n=count)] if count else []
    if told.again_at is not None:
        at = words.clock_time(told.again_at)
        key = "flash.urged_others" if count else "flash.urged_before"
        said.append(text(visit.language, key, n=told.paused, at=at))
    visit.tell(
        "ok" if count else "soon",
        " ".join(said) or text(visit.language, "flash.nobody_to_urge"),
    )
    return leave(visit, f"/dispatches/{dispatch_id}")


@get("/dispatches/{dispatch_id:str}/rollup")
@threaded
def rollup_page(
    visit: Visiting,
    dispatch_id: FromPath[str],
    *,
    table: FromQuery[str | None] = None,
    org: FromQuery[str] = "",
    cell: FromQuery[str] = "",
    rows: FromQuery[int] = rollup_view.ROWS,
    below: FromQuery[str] = "",
    after: FromQuery[str] = "",
    units: FromQuery[str] = units_view.THEN,
) -> Response[str]:
    """Organisations down, items across, totals above; every number leads to what it is made of."""
    with visit.read() as work:
        found = dispatches.progress(work, dispatch_id)
        most = max(1, min(rows, rollup_view.MOST_ROWS))
        asked = rollup_view.Asked(table, org, cell, most, below, after, units)
        shown = rollup_view.collected(work, found, asked.part, visit.language, units)
        context = rollup_view.page(work, shown, asked)
        if asked.cell:
            context["drill"] = drill_view.drill(work, shown, asked)
    return html.page(visit, "rollup.html", **context)


@get("/dispatches/{dispatch_id:str}/rollup/map")
@threaded
def rollup_map(
    visit: Visiting,
    dispatch_id: FromPath[str],
    *,
    table: FromQuery[str | None] = None,
    cell: FromQuery[str] = "",
    below: FromQuery[str] = "",
    units: FromQuery[str] = units_view.THEN,
) -> Response[str]:
    """One item of the roll-up, area by area or unit by unit."""
    with visit.read() as work:
        found = dispatches.progress(work, dispatch_id)
        asked = rollup_view.Asked(table, cell=cell, below=below, units=units)
        shown = rollup_view.collected(work, found, asked.part, visit.language, units)
        context = rollup_map_view.page(work, shown, asked)
    return html.page(visit, "rollup_map.html", **context)


def _progress(
    visit: Visit, dispatch_id: str, asked: progress_view.Asked, template: str
) -> Response[str]:
    with visit.read() as work:
        found = dispatches.get(work, dispatch_id)
        context = progress_view.page(work, found, asked, visit.language)
    return html.page(visit, template, **context)


def _own_form(work: Work, code: str) -> CompiledForm:
    """A published report that the visitor's office may send. Raises Forbidden, NotFound."""
    form = forms.published(work.connection, code)
    work.require("dispatch.create", owner=form.owner)
    if form.kind != "report":
        raise NotFound
    return form


def issue(work: Work, code: str, picked: Targets, given: Given) -> DispatchRecord:
    """Send a report, due at the end of a day in the office's time. Raises what `create` raises,
    NotWithin, DueMissing, TargetsInvalid.
    """
    form = _own_form(work, code)
    here = target_view.place(work, form.owner)
    known = {one.code for one in here.able}
    if not set(picked.picked) <= known:
        raise NotWithin
    codes = [one.code for one in targets.resolve(work, here.owner, here.area, picked, here.able)]
    if given.skip:
        had = sending.taken(work.connection, code, codes, given.period)
        codes = [one for one in codes if one not in had]
    try:
        day = date.fromisoformat(given.due or "")
    except ValueError as error:
        raise DueMissing from error
    return dispatches.create(
        work,
        code,
        codes,
        given.period,
        clock.end(day),
        urgent=given.urgent,
        reason=given.reason,
        nil_allowed=given.nil,
        chosen_by=picked.to_json(),
    )


def new_page(
    visit: Visit,
    work: Work,
    form: CompiledForm,
    *,
    picked: Targets,
    given: Given,
    problem: Problem | None = None,
) -> Response[str]:
    """What is known beforehand, and everything that is to be said of a dispatch."""
    language = visit.language
    periods = dispatch_view.periods(form, work, language)
    values = [one["value"] for one in periods]
    period = given.period if given.period in values else values[1 if len(values) > 1 else 0]
    here = target_view.place(work, form.owner)
    whom = target_view.chooser(work, here, picked, language)
    sample = target_view.sample(work, here, picked)
    found = admission(work, form, sample, period)
    owners = {one.owner for one in found.repeats} | {form.owner}
    told = identity.organisation_names(work.connection, sorted(owners))
    return html.page(
        visit,
        "dispatch_new.html",
        http_status=200 if problem is None else problem.status,
        form={
            "code": form.code,
            "title": form.title(language),
            "version": form.version,
            "period_kind": form.period,
            "owner": told[form.owner],
            "ended": validity.ended(form, work.today),
        },
        **dispatch_view.admitted(found, form, told, language),
        sampled=len(sample) if len(sample) < whom["count"] else 0,
        periods=periods,
        period=period,
        due=dispatch_view.suggested_due(work) if given.due is None else given.due,
        today=work.today.isoformat(),
        given=given,
        lead_hours=work.settings.lead_hours,
        whom=whom,
        errors=_errors(problem, language),
    )


def _errors(problem: Problem | None, language: str) -> dict[str, str]:
    told = {"period": "", "due": "", "org": ""}
    if problem is not None:
        told[FIELD_OF.get(problem.code, "org")] = problem.text(language)
    return told
