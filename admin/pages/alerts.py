"""What the rules over the trail found, for the auditor: the list, one with its entries, what came of it."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from admin.views import alert_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.alerts import store
from engine.alerts.store import AlertReasonMissing
from engine.errors import NotFound, Problem

Short = Annotated[str, QueryParameter(max_length=20)]


@get("/alerts")
@threaded
def alert_list(visit: Visiting, show: Short = "") -> Response[str]:
    """Those that wait, or with `show=closed` those that are done."""
    with visit.read() as work:
        found = store.listed(work, closed=show == "closed")
        shown = alert_view.rows(work, found, visit.language)
        waiting = store.waiting(work)
    tabs = [
        {"text": text(visit.language, "alerts.tab.open", n=waiting), "href": "/alerts", "current": show != "closed"},
        {"text": text(visit.language, "alerts.tab.closed"), "href": "/alerts?show=closed", "current": show == "closed"},
    ]  # fmt: skip
    return html.page(visit, "alerts.html", rows=shown, tabs=tabs)


@get("/alerts/{alert_id:str}")
@threaded
def alert_page(visit: Visiting, alert_id: FromPath[str]) -> Response[str]:
    """One alert and the entries of the trail behind it."""
    return _page(visit, alert_id)


@post("/alerts/{alert_id:str}")
@threaded
def act(visit: Visiting, form: Posted, alert_id: FromPath[str]) -> Response[Any]:
    """Look into it, or close it with what came out: the button's `action` says which."""
    action = form.get("action")
    try:
        if action == "look":
            visit.write(lambda work: store.look_into(work, alert_id))
        elif action == "close":
            visit.write(lambda work: store.close(work, alert_id, form.get("reason")))
        else:
            with visit.read() as work:
                store.get(work, alert_id)
            raise NotFound
    except AlertReasonMissing as problem:
        return _page(visit, alert_id, problem)
    visit.tell("ok", text(visit.language, f"alerts.done.{action}"))
    return leave(visit, f"/alerts/{alert_id}" if action == "look" else "/alerts")


def _page(visit: Visit, alert_id: str, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        context = alert_view.page(work, store.get(work, alert_id), visit.language)
    return html.page(
        visit,
        "alert.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        **context,
    )
