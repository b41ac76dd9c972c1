"""Figures of the work: by organisation, month or form, each with its formula and the reports behind it."""

from litestar import Response, get
from litestar.params import FromQuery

from admin.views import measure_view
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting, require_role


@get("/measures")
@threaded
def measures_page(
    visit: Visiting,
    by: FromQuery[str] = "organisation",
    month: FromQuery[str] = "",
    org: FromQuery[str] = "",
    report: FromQuery[str] = "",
) -> Response[str]:
    """For whoever may read reports in their place: figures add nothing to what they may see."""
    require_role(visit, "department", "verifier", "leader", "auditor")
    asked = measure_view.Asked(by, month, org, report)
    with visit.read() as work:
        context = measure_view.page(work, asked, visit.language)
    return html.page(visit, "measures.html", **context)
