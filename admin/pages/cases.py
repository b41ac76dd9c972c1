"""The page of a case, and the page of what is stuck."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from admin.views import case_view, incident_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.access import policy
from engine.errors import Forbidden, NotFound, Problem
from engine.work import Work
from workflows import beside, cases
from workflows.acting import by_office, course_of_case, incident, signers, take_back, talk

Act = Callable[[Work, str, Form], object]


@get("/cases/{case_id:str}")
@threaded
def case_page(visit: Visiting, case_id: FromPath[str]) -> Response[str]:
    """Where a case is; who was let know is noted to have looked."""
    with visit.read() as work:
        seen = cases.read(work, case_id)
        copied = beside.copied_to(work.connection, case_id, visit.who())
        context = case_view.page(work, seen, visit.language)
    if copied:
        visit.write(lambda work: beside.read_copy(work, case_id))
    return html.page(visit, "case.html", **context)


@post("/cases/{case_id:str}")
@threaded
def act(visit: Visiting, form: Posted, case_id: FromPath[str]) -> Redirect:
    """Do what the button's `action` says; a refusal is told on the page."""
    return _done(visit, form, case_id, CASE_ACTS, back=f"/cases/{case_id}", told="case.done")


@get("/incidents")
@threaded
def incidents_page(visit: Visiting) -> Response[str]:
    """What is stuck in the flows that the visitor's office looks after."""
    if not policy.reaches(visit.who(), "case.manage"):
        raise Forbidden(reason="")
    with visit.read() as work:
        rows = [incident_view.row(work, one, visit.language) for one in beside.incidents(work)]
    return html.page(visit, "incidents.html", incidents=rows)


@post("/incidents/{incident_id:str}")
@threaded
def solve(visit: Visiting, form: Posted, incident_id: FromPath[str]) -> Redirect:
    """Find somebody, send it elsewhere, or end it."""
    return _done(visit, form, incident_id, INCIDENT_ACTS, back="/incidents", told="incident.done")


def _done(
    visit: Visit, form: Form, target: str, acts: Mapping[str, Act], *, back: str, told: str
) -> Redirect:
    doing = acts.get(form.get("action"))
    if doing is None:
        raise NotFound
    try:
        visit.write(lambda work: doing(work, target, form))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        visit.tell("late", problem.text(visit.language))
    else:
        visit.tell("ok", text(visit.language, f"{told}.{form.get('action')}"))
    return leave(visit, back)


def _take_back(work: Work, case_id: str, form: Form) -> Any:
    cases.read(work, case_id)
    return take_back.take_back(work, form.get("task"))


def _call_off(work: Work, case_id: str, form: Form) -> Any:
    cases.read(work, case_id)
    return signers.call_off(work, form.get("task"))


def _end(outcome: str) -> Act:
    def end(work: Work, case_id: str, form: Form) -> None:
        course_of_case.terminate(work, case_id, comment=form.get("comment"), outcome=outcome)

    return end


def _terminate(work: Work, incident_id: str, form: Form) -> None:
    found = beside.incident(work, incident_id)
    course_of_case.terminate(work, found.case_id, comment=form.get("comment"))


CASE_ACTS: Mapping[str, Act] = {
    "comment": lambda work, case, form: talk.comment(
        work, case, form.get("comment"), to=form.all("person")
    ),
    "copy": lambda work, case, form: talk.copy(work, case, form.all("person")),
    "urge": lambda work, case, form: talk.urge(work, case, text=form.get("comment")),
    "suspend": lambda work, case, form: course_of_case.suspend(
        work, case, comment=form.get("comment")
    ),
    "resume": lambda work, case, form: course_of_case.resume(
        work, case, comment=form.get("comment")
    ),
    "restart": lambda work, case, form: course_of_case.restart(
        work, case, comment=form.get("comment")
    ),
    "terminate": _end("terminated"),
    "void": _end("voided"),
    "replace": lambda work, case, form: by_office.replace(
        work, case, form.get("task"), form.get("person"), comment=form.get("comment")
    ),
    "take_off": lambda work, case, form: by_office.take_off(
        work, case, form.get("task"), comment=form.get("comment")
    ),
    "take_back": _take_back,
    "call_off": _call_off,
}
INCIDENT_ACTS: Mapping[str, Act] = {
    "assign": lambda work, found, form: incident.assign(
        work, found, form.all("person"), comment=form.get("comment")
    ),
    "again": lambda work, found, form: incident.call_again(
        work, found, comment=form.get("comment")
    ),
    "reroute": lambda work, found, form: incident.reroute(
        work, found, form.get("to"), comment=form.get("comment")
    ),
    "terminate": _terminate,
}
