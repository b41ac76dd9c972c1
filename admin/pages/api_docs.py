"""The page that tells programmers about the API: made on the server, from the API's own document."""

from typing import Any

from litestar import Request, Response, get

from admin.views import api_view
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting


@get("/api/docs")
@threaded
def api_docs(visit: Visiting, request: Request[Any, Any, Any]) -> Response[str]:
    """Every operation, with its bodies, answers and refusals; anybody may read it."""
    document = request.app.openapi_schema.to_schema()
    return html.page(
        visit,
        "api_docs.html",
        version=document["info"]["version"],
        groups=api_view.groups(document, visit.language),
        shapes=api_view.shapes(document, visit.language),
    )
