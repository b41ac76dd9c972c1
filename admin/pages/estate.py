"""The whole estate of forms: what is asked, by whom, how often, and what could be merged."""

from litestar import Response, get

from admin.views import estate_view
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting, require_role


@get("/estate")
@threaded
def estate_page(visit: Visiting) -> Response[str]:
    """For whoever orders the reports of a place: designers, departments, leaders, auditors."""
    require_role(visit, "designer", "department", "leader", "auditor")
    with visit.read() as work:
        context = estate_view.page(work, visit.language)
    return html.page(visit, "estate.html", **context)
