"""Who looked at values in clear, and why: for the offices that answer for the fields, and the auditor."""

from typing import Annotated
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from admin.views import rule_view
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.privacy import lifts

PAGE = 50


@get("/lifts")
@threaded
def lift_list(
    visit: Visiting,
    *,
    q: FromQuery[str] = "",
    start: Annotated[int, QueryParameter(name="from", ge=0, le=10**6)] = 0,
) -> Response[str]:
    """Looks at fields in the visitor's care, the newest first."""
    words = q.strip()[:100]
    with visit.read() as work:
        found = lifts.listed(work, words=words, limit=PAGE + 1, after=start)
        rows = rule_view.looked(work, found[:PAGE], visit.language)
    more = None
    if len(found) > PAGE:
        more = "/lifts?" + urlencode({"q": q, "from": start + PAGE})
    return html.page(visit, "lifts.html", q=q, rows=rows, more=more)
