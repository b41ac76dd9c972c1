"""The self-assessment, for the security administrator: each clause with its proof, measured as the page is opened."""

from litestar import Response, get

from admin import compliance
from admin.views import compliance_view
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting


@get("/compliance")
@threaded
def compliance_page(visit: Visiting) -> Response[str]:
    """Every clause: in force, wanting, or the operator's to do."""
    with visit.read() as work:
        found = compliance.clauses(work)
        at = work.at
    return html.page(visit, "compliance.html", **compliance_view.page(found, at, visit.language))
