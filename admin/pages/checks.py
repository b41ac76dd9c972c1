"""Every check of a report over everything collected: lists of failures told, and units sent back with them."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import allow_view, dispatch_view, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.access import policy
from engine.errors import Forbidden, NotFound, Problem
from engine.work import Work
from forms.validate import CellProblem
from workflows import allowing, checking
from workflows.dispatching import terms

LONGEST_REASON = 500
REASON = "reason:"
"""The field of a unit's reason, before its code."""


@get("/dispatches/{dispatch_id:str}/checks")
@threaded
def checks_page(visit: Visiting, dispatch_id: FromPath[str]) -> Response[str]:
    """What does not hold, document by document, and of the totals."""
    return _page(visit, dispatch_id)


@post("/dispatches/{dispatch_id:str}/checks")
@threaded
def send_back(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Response[Any]:
    """Send each list of failures to whoever has the document now; or return what came in already."""
    if form.get("action") == "return":
        return _return(visit, form, dispatch_id)
    count = visit.write(lambda work: checking.send_back(work, dispatch_id, visit.language))
    key = "checks.sent" if count else "checks.sent_none"
    visit.tell("ok" if count else "soon", text(visit.language, key, n=count))
    return leave(visit, f"/dispatches/{dispatch_id}/checks")


def _return(visit: Visit, form: Form, dispatch_id: str) -> Response[Any]:
    """The units that were ticked, each with its own reason; all of them or none."""
    chosen = dict.fromkeys(form.all("org"))

    def inside(work: Work) -> int:
        if not chosen:
            terms.send_back(work, dispatch_id, [], "退回")  # says that none was chosen
        return sum(
            terms.send_back(work, dispatch_id, [code], form.get(REASON + code)[:LONGEST_REASON])
            for code in chosen
        )

    try:
        count = visit.write(inside)
    except (Forbidden, NotFound):
        raise
    except Problem as problem:
        return _page(visit, dispatch_id, form=form, problem=problem)
    visit.tell("ok", text(visit.language, "flash.dispatch.send_back", n=count))
    return leave(visit, f"/dispatches/{dispatch_id}/checks")


def _page(
    visit: Visit, dispatch_id: str, *, form: Form | None = None, problem: Problem | None = None
) -> Response[str]:
    language = visit.language
    with visit.read() as work:
        checked = checking.check(work, dispatch_id, language)
        dispatch = checked.progress.dispatch
        mine = policy.covers(work.actor, "dispatch.create", owner=dispatch.owner)
        running = mine and dispatch.status in terms.RUNNING
        groups = [_group(work, one, language, form, returns=running) for one in checked.failed]
        if checked.whole:
            told = [
                {"severity": one.severity, "text": one.text, "reason": "", "allowed": ""}
                for one in checked.whole
            ]
            title = text(language, "checks.whole")
            whole = {"title": title, "href": None, "state": "", "problems": told, "back": None}
            groups.insert(0, whole)
        context: dict[str, Any] = {
            "dispatch": {
                "id": dispatch.id,
                "title": dispatch_view.title(work, dispatch, language),
                "period": words.period(dispatch.period, language),
            },
            "summary": text(language, "checks.looked", n=checked.looked_at, m=len(checked.failed)),
            "may_send": mine and any(one.under_way for one in checked.failed),
            "groups": groups,
            "may_return": any(one["back"] for one in groups),
        }
    return html.page(
        visit,
        "checks.html",
        http_status=200 if problem is None else problem.status,
        error=problem.text(language) if problem else None,
        **context,
    )


def _group(
    work: Work, one: checking.Failed, language: str, form: Form | None, *, returns: bool
) -> dict[str, Any]:
    """One unit with what does not hold; what came in can be sent back, with that as the reason."""
    record = one.standing.document
    code = record.organisation_code
    back = None
    if returns and record.status == "final":
        said = text(language, "checks.apart").join(found.text for found in one.open or one.problems)
        typed = form.get(REASON + code) if form else ""
        back = {
            "code": code,
            "reason": typed or said[:LONGEST_REASON],
            "ticked": form is not None and code in form.all("org"),
        }
    return {
        "title": one.standing.organisation,
        "href": f"/records/{record.id}",
        "state": "" if record.status == "final" else text(language, "checks.under_way"),
        "back": back,
        "problems": [
            {
                "severity": found.severity,
                "text": found.text,
                "reason": one.explained(found),
                "allowed": _allowed(work, one, found, language),
            }
            for found in one.problems
        ],
    }


def _allowed(work: Work, one: checking.Failed, found: CellProblem, language: str) -> str:
    allowance = one.allowed.get(allowing.key_of(found))
    return allow_view.said(work, allowance, language) if allowance else ""
