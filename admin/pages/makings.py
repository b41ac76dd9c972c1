"""One-click reports (一键报表) as pages: what needs nobody, made for one or for all, watched, opened."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from admin.views import making_view
from admin.web import html
from admin.web.html import leave
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting, require_role
from engine.errors import NotFound
from engine.work import Work
from forms import store
from workflows.dispatching import making


@get("/makings")
@threaded
def making_list(
    visit: Visiting, org: FromQuery[str] = "", month: FromQuery[str] = ""
) -> Response[str]:
    """Which reports of the office are all known or computed, and the makings so far."""
    require_role(visit, "department")
    with visit.read() as work:
        context = making_view.page(work, org, month, visit.language)
    return html.page(visit, "makings.html", **context)


@post("/makings")
@threaded
def begin(visit: Visiting, form: Posted) -> Response[Any]:
    """Have a report made, by a durable job."""

    def command(work: Work) -> str:
        try:
            report = store.published(work.connection, form.get("form"))
        except store.FormUnknown as unknown:
            raise NotFound from unknown
        work.require("dispatch.create", owner=report.owner)
        codes = making_view.organisations(work, report, form.get("scope", "one"), form.get("org"))
        return making.begin(work, report.code, codes, form.get("period")).id

    return leave(visit, f"/makings/{visit.write(command)}")


@get("/makings/{making_id:str}")
@threaded
def making_page(visit: Visiting, making_id: FromPath[str]) -> Response[str]:
    """How far a making is, what was made, what was not and why."""
    with visit.read() as work:
        context = making_view.progress(work, making_id, visit.language)
    return html.page(visit, "making.html", **context)


@get("/makings/{making_id:str}/state")
@threaded
def making_state(visit: Visiting, making_id: FromPath[str]) -> Response[str]:
    """The part of the page that refreshes itself."""
    with visit.read() as work:
        context = making_view.progress(work, making_id, visit.language)
    return html.page(visit, "components/making_state.html", **context)
