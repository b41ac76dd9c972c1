"""Who is late with what: every organisation by every report and period, drilled down and taken along."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from admin.pages.files import attachment
from admin.views import overview_view
from admin.views.overview_view import SORTS, Asked
from admin.web import html
from admin.web.html import text
from admin.web.threads import threaded
from admin.web.visit import Visiting, require_role
from renderers import csv_table

LOOKING = ("department", "leader", "verifier", "auditor")


@get("/progress")
@threaded
def progress_overview(
    visit: Visiting,
    *,
    period: FromQuery[str] = "",
    report: Annotated[str, QueryParameter(name="form")] = "",
    below: FromQuery[str] = "",
    sort: FromQuery[str] = "name",
    view: FromQuery[str] = "table",
) -> Response[str]:
    """Organisations down, reports and periods across; or as tiles."""
    require_role(visit, *LOOKING)
    asked = Asked(
        period,
        report,
        below,
        sort if sort in SORTS else "name",
        "tiles" if view == "tiles" else "table",
    )
    with visit.read() as work:
        context = overview_view.page(work, asked, visit.language)
    return html.page(visit, "overview.html", **context)


@get("/progress/csv")
@threaded
def progress_file(
    visit: Visiting,
    *,
    period: FromQuery[str] = "",
    report: Annotated[str, QueryParameter(name="form")] = "",
    below: FromQuery[str] = "",
) -> Response[bytes]:
    """The same unit by unit, as CSV."""
    require_role(visit, *LOOKING)
    with visit.read() as work:
        content = csv_table.render(
            overview_view.table(work, Asked(period, report, below), visit.language)
        )
    visit.write(lambda work: work.note("export", below or "all", kind="progress", what="csv"))
    name = f"{text(visit.language, 'overview.title')}.csv"
    return attachment(name, content, csv_table.MEDIA_TYPE)
