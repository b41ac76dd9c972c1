"""Dispatches: before sending, sending, watching them come in, reminding, the roll-up."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from admin.views import dispatch_view, drill_view, progress_view, rollup_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting, require_role
from engine import clock
from engine.access import policy
from engine.errors import NotFound, Problem
from engine.identity import store as identity
from engine.work import Work
from forms import store as forms
from forms.admission import admission
from forms.compiled import CompiledForm
from workflows import dispatches, progress, urging
from workflows.dispatch import DISPATCH, DispatchRecord

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
        return _new_page(visit, work, form, period=period, chosen=org)


@post("/forms/{code:str}/dispatch")
@threaded
def send(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Send a report; what is wrong is told beside its field, and nothing is sent then."""
    chosen, period, due = form.all("org"), form.get("period"), form.get("due")
    try:
        urgent, reason = bool(form.get("urgent")), form.get("reason")
        nil = bool(form.get("nil"))
        sent = visit.write(
            lambda work: issue(
                work, code, chosen, period, due, urgent=urgent, reason=reason, nil=nil
            )
        )
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        with visit.read() as work:
            return _new_page(
                visit,
                work,
                _own_form(work, code),
                period=period,
                chosen=chosen,
                due=due,
                urgent=bool(form.get("urgent")),
                reason=form.get("reason"),
                nil=bool(form.get("nil")),
                problem=problem,
            )
    visit.tell("ok", text(visit.language, "flash.sent", n=sent.targets))
    return leave(visit, f"/dispatches/{sent.id}")


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
) -> Response[str]:
    """How far everybody is: level by level, and unit by unit."""
    asked = progress_view.Asked(
        below, show if show in SHOWN_STATES else "all", words_.strip()[:50], after
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
) -> Response[str]:
    """The part of the progress page that refreshes itself."""
    asked = progress_view.Asked(
        below, show if show in SHOWN_STATES else "all", words_.strip()[:50], after
    )
    return _progress(visit, dispatch_id, asked, "components/progress_matrix.html")


@post("/dispatches/{dispatch_id:str}/urge")
@threaded
def urge(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Redirect:
    """Remind one organisation, or all that are late."""
    told = visit.write(lambda work: urging.urge(work, dispatch_id, form.get("org")))
    if told.reminded + told.later:
        visit.tell("ok", text(visit.language, "flash.urged", n=told.reminded + told.later))
    else:
        key = "flash.urged_before" if told.paused else "flash.nobody_to_urge"
        visit.tell("soon", text(visit.language, key))
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
) -> Response[str]:
    """Organisations down, items across, totals above; every number leads to what it is made of."""
    with visit.read() as work:
        found = dispatches.progress(work, dispatch_id)
        most = max(1, min(rows, rollup_view.MOST_ROWS))
        asked = rollup_view.Asked(table, org, cell, most, below, after)
        shown = rollup_view.collected(work, found, asked.part, visit.language)
        context = rollup_view.page(work, shown, asked)
        if asked.cell:
            context["drill"] = drill_view.drill(work, shown, asked)
    return html.page(visit, "rollup.html", **context)


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


def issue(
    work: Work,
    code: str,
    chosen: Sequence[str],
    period: str,
    due: str,
    *,
    urgent: bool = False,
    reason: str = "",
    nil: bool | None = None,
) -> DispatchRecord:
    """Send a report, due at the end of a day in the office's time. Raises what `create` raises,
    NotWithin, DueMissing.
    """
    form = _own_form(work, code)
    known = {one.code for one in dispatch_view.targets(work, form)}
    if not set(chosen) <= known:
        raise NotWithin
    try:
        day = date.fromisoformat(due)
    except ValueError as error:
        raise DueMissing from error
    return dispatches.create(
        work,
        code,
        list(dict.fromkeys(chosen)),
        period,
        clock.end(day),
        urgent=urgent,
        reason=reason,
        nil_allowed=nil,
    )


def _new_page(
    visit: Visit,
    work: Work,
    form: CompiledForm,
    *,
    period: str,
    chosen: Sequence[str] | None,
    due: str | None = None,
    urgent: bool = False,
    reason: str = "",
    nil: bool | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    language = visit.language
    periods = dispatch_view.periods(form, work, language)
    values = [one["value"] for one in periods]
    here = period if period in values else values[1 if len(values) > 1 else 0]
    targets = dispatch_view.targets(work, form)
    picked = list(chosen) if chosen is not None else _usual(work, form, [o.code for o in targets])
    asked = [one for one in targets if one.code in picked]
    found = admission(work, form, asked, here)
    owners = {one.owner for one in found.repeats} | {form.owner}
    names = identity.organisations(work.connection, sorted(owners))
    told = {code: one.name for code, one in names.items()}
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
        },
        **dispatch_view.admitted(found, form, told, language),
        periods=periods,
        period=here,
        due=dispatch_view.suggested_due(work) if due is None else due,
        today=work.today.isoformat(),
        urgent=urgent,
        reason=reason,
        nil=form.nil if nil is None else nil,
        lead_hours=work.settings.lead_hours,
        organisation_groups=dispatch_view.groups(work, targets, picked),
        errors=_errors(problem, language),
    )


def _errors(problem: Problem | None, language: str) -> dict[str, str]:
    told = {"period": "", "due": "", "org": ""}
    if problem is not None:
        told[FIELD_OF.get(problem.code, "org")] = problem.text(language)
    return told


def _usual(work: Work, form: CompiledForm, targets: Sequence[str]) -> list[str]:
    """Those asked last time; the first time all of the lowest level."""
    last = dispatches.listed(work, DISPATCH.c.form_code == form.code, limit=1)
    if last and policy.covers(work.actor, "dispatch.read", owner=last[0].owner):
        asked = {one.organisation for one in progress.units(work, last[0])}
        return [code for code in targets if code in asked]
    longest = max((len(code) for code in targets), default=0)
    return [code for code in targets if len(code) == longest]
