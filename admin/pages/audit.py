"""The audit trail, for the auditor alone: what was done by whom, and whether the chain is whole."""

from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter

from admin.views import audit_view, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine import clock
from engine.alerts import store
from engine.audit import checks, reading, trail
from engine.audit.reading import Wanted

PAGE = 50


@get("/audit")
@threaded
def audit_page(
    visit: Visiting,
    *,
    q: FromQuery[str] = "",
    action: FromQuery[str] = "",
    start: Annotated[str, QueryParameter(name="from")] = "",
    end: Annotated[str, QueryParameter(name="to")] = "",
    before: Annotated[int | None, QueryParameter(ge=1, le=2**53)] = None,
) -> Response[str]:
    """Entries, the newest first, and what the last verification found."""
    wanted = Wanted(
        words=q.strip()[:100],
        action=action,
        since=_midnight(start),
        until=_midnight(end, days=1),
        before=before,
    )
    with visit.read() as work:
        work.require("audit.read")
        found = reading.entries(work.connection, wanted, limit=PAGE + 1)
        shown = audit_view.rows(work, found[:PAGE], visit.language)
        last = checks.last_check(work.connection)
        count = trail.count(work.connection)
        alerts = store.waiting(work)
    kept = {"q": q, "action": action, "from": start, "to": end}
    more = None
    if len(found) > PAGE:
        given = {name: value for name, value in kept.items() if value}
        more = "/audit?" + urlencode({**given, "before": found[PAGE - 1].seq})
    return html.page(
        visit,
        "audit.html",
        rows=shown,
        actions=audit_view.actions(visit.language),
        filter=kept,
        more=more,
        count=count,
        alerts=alerts,
        chain=audit_view.chain(last),
    )


@post("/audit/verify")
@threaded
def verify(visit: Visiting, form: Posted) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """Recompute the whole chain; takes seconds for a million entries, so nobody's write waits for it."""
    with visit.read() as work:
        work.require("audit.read")
        found = trail.verify(work.connection)
    visit.write(lambda work: checks.run_check(work, found))
    if found.whole:
        visit.tell("ok", text(visit.language, "flash.trail_whole", n=words.number(found.entries)))
    else:
        visit.tell("late", text(visit.language, "flash.trail_broken", n=found.broken_at))
    return leave(visit, "/audit")


def _midnight(day: str, *, days: int = 0) -> str:
    """The beginning of a day in the office's time as a kept moment; no such day asks for nothing."""
    try:
        begin = date.fromisoformat(day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    try:
        return clock.begin(begin).isoformat()
    except OverflowError:
        return ""
