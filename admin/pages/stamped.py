"""已用印: the scan of a record's stamped page, brought, looked at, taken away."""

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.pages.attachments import served
from admin.views import stamped_view, veils
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.attachments.problems import AttachmentEmpty
from engine.errors import NotFound, Problem
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import documents, filing
from forms.documents import DocumentRecord
from forms.masking import Veil
from workflows import stamping

MOST = 64 * 1024 * 1024
"""More is never read into memory; what is taken is smaller."""


@post("/records/{record_id:str}/stamped")
@threaded
def bring(visit: Visiting, form: Posted, record_id: FromPath[str]) -> Redirect:
    """One scan or several: all of them, or none."""
    with visit.read() as work:
        stamping.to_stamp(work, record_id)
    try:
        scans = [
            stamping.cleaned(one.file.read(MOST), one.filename or "") for one in form.files("scan")
        ]
        if not scans:
            raise AttachmentEmpty
        visit.write(lambda work: [stamping.add(work, record_id, one) for one in scans])
    except Problem as problem:
        return _back(visit, record_id, problem)
    visit.tell("ok", text(visit.language, "flash.stamped"))
    return leave(visit, f"/records/{record_id}#stamped")


@post("/records/{record_id:str}/stamped/{mark:str}/remove")
@threaded
def take_away(
    visit: Visiting, form: Posted, record_id: FromPath[str], mark: FromPath[str]
) -> Redirect:
    """The wrong page was scanned; why is asked for."""
    try:
        visit.write(lambda work: stamping.take_away(work, record_id, mark, form.get("reason")))
    except Problem as problem:
        return _back(visit, record_id, problem)
    visit.tell("ok", text(visit.language, "flash.unstamped"))
    return leave(visit, f"/records/{record_id}#stamped")


@get("/records/{record_id:str}/stamped/{mark:str}")
@threaded
def scan(
    visit: Visiting, record_id: FromPath[str], mark: FromPath[str], little: FromQuery[int] = 0
) -> Response[bytes]:
    """A stamped page, for whoever sees every value of the record."""
    with visit.read() as work:
        record, veil = veiled(work, record_id)
    if not stamped_view.sees_all(record, veil):
        raise NotFound
    return served(visit, stamping.home(record.id), mark, little=bool(little))


@post("/records/{record_id:str}/stamped/{mark:str}/open", status_code=200)
@threaded
def open_scan(
    visit: Visiting, form: Posted, record_id: FromPath[str], mark: FromPath[str]
) -> Response[bytes]:
    """The same for whoever sees masks, for a purpose and this once."""
    purpose = Purpose.given(form.get("purpose"), form.get("for"))

    def lift(work: Work) -> DocumentRecord:
        record, veil = veiled(work, record_id)
        if not stamped_view.opens_for_a_purpose(veil):
            raise NotFound
        veil.lifted(work, purpose, target=record.id, path=record.organisation_path)
        return record

    record = visit.write(lift)
    return served(visit, stamping.home(record.id), mark, little=False)


def veiled(work: Work, record_id: str) -> tuple[DocumentRecord, Veil]:
    """A record that the visitor may read, and the veil it has for them. Raises NotFound."""
    record = documents.read(work, record_id)
    return record, veils.over(work, filing.opened(work, record).form, record)


def _back(visit: Visit, record_id: str, problem: Problem) -> Redirect:
    if problem.status in (403, 404) or problem.status >= 500:
        raise problem
    visit.tell("late", problem.text(visit.language))
    return leave(visit, f"/records/{record_id}#stamped")
