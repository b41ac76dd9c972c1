"""Why a cell holds what it holds, and saying that it is wrong; the steward's list of disputes."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.views import cell_trail, posted, why_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.errors import Problem
from engine.json_text import Json
from engine.work import Work
from forms import disputes, documents, store
from forms.prefill.why import why


@get("/documents/{document_id:str}/why")
@threaded
def why_page(
    visit: Visiting, document_id: FromPath[str], path: FromQuery[str] = ""
) -> Response[str]:
    """The chain of sources behind one cell: asked again, in their order, and who won."""
    with visit.read() as work:
        return _shown(visit, work, document_id, path)


@post("/documents/{document_id:str}/dispute")
@threaded
def dispute(visit: Visiting, form: Posted, document_id: FromPath[str]) -> Response[Any]:
    """Say that the known value is wrong; what is wrong with that is told on the same page."""
    path = form.get("path")
    try:
        visit.write(
            lambda work: disputes.begin(
                work, document_id, path, _claimed(work, document_id, form), form.get("reason")
            )
        )
    except Problem as problem:
        if problem.status not in (409, 422) or problem.code == "document.unknown-cell":
            raise
        with visit.read() as work:
            return _shown(visit, work, document_id, path, form=form, problem=problem)
    visit.tell("ok", text(visit.language, "flash.disputed"))
    return leave(visit, why_view.address(document_id, path))


@get("/disputes")
@threaded
def dispute_list(visit: Visiting) -> Response[str]:
    """What waits for this office's word, and what one raised oneself."""
    with visit.read() as work:
        rows = why_view.rows(work, disputes.listed(work), visit.language)
    return html.page(visit, "disputes.html", disputes=rows)


@post("/disputes/{dispute_id:str}")
@threaded
def decide(visit: Visiting, form: Posted, dispute_id: FromPath[str]) -> Redirect:
    """The steward's word."""
    upheld = form.get("action") == "uphold"
    try:
        visit.write(
            lambda work: disputes.decide(work, dispute_id, upheld=upheld, answer=form.get("answer"))
        )
    except (disputes.ReasonNeeded, disputes.Decided) as problem:
        visit.tell("late", problem.text(visit.language))
        return leave(visit, "/disputes")
    told = "flash.dispute_upheld" if upheld else "flash.dispute_rejected"
    visit.tell("ok", text(visit.language, told))
    return leave(visit, "/disputes")


def _claimed(work: Work, document_id: str, form: Form) -> Json:
    record = documents.read(work, document_id)
    compiled = store.published(work.connection, record.form_code, record.form_version)
    return posted.value(compiled, form.get("path"), form.get("claimed"))


def _shown(
    visit: Visit,
    work: Work,
    document_id: str,
    path: str,
    *,
    form: Form | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    record = documents.read(work, document_id)
    found = why(work, record, path)
    context = why_view.page(work, record, path, found, visit.language)
    return html.page(
        visit,
        "why.html",
        http_status=200 if problem is None else problem.status,
        error=problem.text(visit.language) if problem else "",
        claimed=form.get("claimed") if form else "",
        reason=form.get("reason") if form else "",
        trail=cell_trail.shown(work, record, found.form, path, visit.language),
        **context,
    )
