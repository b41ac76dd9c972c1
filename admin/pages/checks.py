"""Every check of a report over everything collected, and the lists of failures sent back."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from admin.views import allow_view, dispatch_view, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine.access import policy
from engine.work import Work
from forms.validate import CellProblem
from workflows import allowing, checking


@get("/dispatches/{dispatch_id:str}/checks")
@threaded
def checks_page(visit: Visiting, dispatch_id: FromPath[str]) -> Response[str]:
    """What does not hold, document by document, and of the totals."""
    language = visit.language
    with visit.read() as work:
        checked = checking.check(work, dispatch_id, language)
        dispatch = checked.progress.dispatch
        groups: list[dict[str, Any]] = [
            {
                "title": one.standing.organisation,
                "href": f"/records/{one.standing.document.id}",
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
            for one in checked.failed
        ]
        if checked.whole:
            told = [
                {"severity": one.severity, "text": one.text, "reason": "", "allowed": ""}
                for one in checked.whole
            ]
            whole = {"title": text(language, "checks.whole"), "href": None, "problems": told}
            groups.insert(0, whole)
        context: dict[str, Any] = {
            "dispatch": {
                "id": dispatch.id,
                "title": dispatch_view.title(work, dispatch, language),
                "period": words.period(dispatch.period, language),
            },
            "summary": text(language, "checks.looked", n=checked.looked_at, m=len(checked.failed)),
            "may_send": bool(checked.failed)
            and policy.covers(work.actor, "dispatch.create", owner=dispatch.owner),
            "groups": groups,
        }
    return html.page(visit, "checks.html", **context)


def _allowed(work: Work, one: checking.Failed, found: CellProblem, language: str) -> str:
    allowance = one.allowed.get(allowing.key_of(found))
    return allow_view.said(work, allowance, language) if allowance else ""


@post("/dispatches/{dispatch_id:str}/checks")
@threaded
def send_back(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Redirect:  # noqa: ARG001 - the form carries the token
    """Send each list of failures to whoever has the document now."""
    count = visit.write(lambda work: checking.send_back(work, dispatch_id, visit.language))
    key = "checks.sent" if count else "checks.sent_none"
    visit.tell("ok", text(visit.language, key, n=count))
    return leave(visit, f"/dispatches/{dispatch_id}/checks")
