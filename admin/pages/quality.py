"""Data quality: by field, organisation and month, each figure with its formula and the rows behind it."""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from admin.views import quality_view
from admin.views.quality_view import Asked
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting, require_role
from engine.errors import NotFound
from engine.registers import quality
from engine.work import Work
from renderers import csv_table
from renderers.contract import Table

ROLES = ("staff", "verifier", "leader", "department", "auditor")
Short = Annotated[str, QueryParameter(max_length=100)]


@get("/quality")
@threaded
def quality_page(
    visit: Visiting,
    *,
    subject: Short = "",
    field: Short = "",
    org: Short = "",
    month: Short = "",
    kind: Short = "",
) -> Response[str]:
    """The figures of a register, of one of its fields by organisation and month, the rows behind one."""
    require_role(visit, *ROLES)
    asked = Asked(subject, field, org, month, kind)

    def inside(work: Work) -> dict[str, Any]:
        context = quality_view.page(work, asked, visit.language)
        if context["behind"]:
            rows = len(context["behind"]["rows"])
            work.note("register.rows-seen", asked.subject, field=field, what=kind, rows=rows)
        return context

    if kind:
        context = visit.write(inside)
    else:
        with visit.read() as work:
            context = inside(work)
    return html.page(visit, "quality.html", **context)


@get("/quality/export")
@threaded
def export(
    visit: Visiting, *, subject: Short = "", field: Short = "", org: Short = "", month: Short = ""
) -> Response[bytes]:
    """The figures of the page as a file."""
    require_role(visit, *ROLES)
    asked = Asked(subject, field, org, month)

    def inside(work: Work) -> Table:
        table = quality_view.table(work, asked, visit.language)
        work.note("export", asked.subject, kind="csv", what="quality", field=field, org=org)
        return table

    made = visit.write(inside)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(made.title)}.csv"}
    return Response(csv_table.render(made), media_type=csv_table.MEDIA_TYPE, headers=headers)


@post("/quality/count")
@threaded
def count_now(visit: Visiting, form: Posted) -> Redirect:
    """Have a register counted now, in a job; several who ask within a minute get one count."""
    require_role(visit, *ROLES)
    subject = form.get("subject")

    def inside(work: Work) -> None:
        if subject not in quality_view.found(work, Asked(subject)).subjects:
            raise NotFound
        work.later(quality.KIND, {"subject": subject}, key=f"quality {subject} {work.at[:16]}")

    visit.write(inside)
    visit.tell("ok", text(visit.language, "quality.asked"))
    return leave(visit, Asked(subject).href())
