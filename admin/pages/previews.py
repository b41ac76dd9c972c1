"""A draft with real data, as any role would see it: shown in the designer's frame, kept nowhere."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from admin.views import preview_view
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting
from workflows import previews

Code = Annotated[str, QueryParameter(max_length=60)]


@get("/designs/{code:str}/preview/real")
@threaded
def real(
    visit: Visiting,
    code: FromPath[str],
    *,
    organisation: Code = "",
    period: Code = "",
    role: Code = "staff",
    plain: FromQuery[int] = 1,
) -> Response[str]:
    """What a role in an organisation would find; that somebody looked is on the trail before they see it."""
    with visit.read() as work:
        work.require("form.design")
        seen = previews.look(work, code, organisation, period, role, language=visit.language)
        context = preview_view.page(work, seen, visit.language, plain=plain)
    visit.write(lambda work: previews.note(work, code, seen))
    template = "fill.html" if role == "staff" else "design_look.html"
    return html.page(visit, template, **context)
