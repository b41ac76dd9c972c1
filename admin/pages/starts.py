"""A draft begun from an XLSForm, a JSON Schema, a published form, or nothing."""

from typing import Any

from litestar import Response, post

from admin.pages.designs import begun, upload_again
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting, require_role
from engine.errors import Forbidden, Problem
from forms.designing import intake
from forms.designing.intake import Started


@post("/forms/start")
@threaded
def start(visit: Visiting, form: Posted) -> Response[Any]:
    """Start a draft: the button's `from` says from what. What did not come along is listed."""
    require_role(visit, "designer")
    owner = form.get("owner")
    try:
        made = _started(visit, form, owner)
    except Problem as problem:
        if isinstance(problem, Forbidden) or problem.status >= 500:
            raise
        return upload_again(visit, problem.text(visit.language), owner)
    return begun(visit, made)


def _started(visit: Visit, form: Form, owner: str) -> Started:
    match form.get("from", "file"):
        case "form":
            source = form.get("form")
            return visit.write(lambda work: intake.start_from_form(work, source, owner=owner))
        case "empty":
            title = form.get("title")
            return visit.write(lambda work: intake.start_empty(work, title, owner=owner))
    file = form.file("file")
    if file is None:
        raise intake.NoFile
    content, name = file.file.read(), file.filename or ""
    return visit.write(lambda work: intake.start_from_file(work, content, owner=owner, name=name))
