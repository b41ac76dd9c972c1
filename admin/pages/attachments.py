"""Photos, files and signatures of a task's cells: put in, taken out, looked at, kept."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from admin.pages import typed
from admin.pages.files import attachment
from admin.views import attachment_view, veils
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.attachments import store
from engine.attachments.problems import AttachmentEmpty
from engine.attachments.store import Home
from engine.errors import Problem
from forms import attaching, documents, filing
from forms.filing import Saved
from renderers import signature
from workflows import attaching as filling
from workflows import handwriting

MOST = 64 * 1024 * 1024
"""More is never read into memory; a cell's own limit is smaller."""


@post("/tasks/{task_id:str}/files/sent")
async def send(
    request: Request[Any, Any, Any],
    visit: Visiting,
    task_id: FromPath[str],
    path: FromQuery[str] = "",
    name: FromQuery[str] = "",
) -> Response[Any]:
    """A file for a cell, sent by the page's script as the request's content: it is taken piece by
    piece into memory and nowhere else, since a file on its way is not sealed yet.
    """
    visit.check_csrf(request.headers.get("x-csrf-token"))
    content = bytearray()
    async for piece in request.stream():
        content += piece

    def put() -> Response[Any]:
        try:
            saved = taken_in(visit, task_id, path, bytes(content), name)
        except Problem as problem:
            return _told(visit, problem)
        return _cell(visit, task_id, path, saved)

    return await threaded(put)()


@post("/tasks/{task_id:str}/files")
@threaded
def put_in(visit: Visiting, form: Posted, task_id: FromPath[str]) -> Response[Any]:
    """A file for a cell from a page without scripts; a signature may be typed instead of drawn."""
    path = form.get("cell")
    try:
        _save_typed(visit, form, task_id)
        content, name = _sent(visit, form, path)
        saved = taken_in(visit, task_id, path, content, name)
    except Problem as problem:
        return _refused(visit, form, task_id, problem)
    return _answer(visit, form, task_id, path, saved)


@post("/tasks/{task_id:str}/files/{mark:str}/remove")
@threaded
def take_out(
    visit: Visiting, form: Posted, task_id: FromPath[str], mark: FromPath[str]
) -> Response[Any]:
    """Take a file out of a cell."""
    path = form.get("cell")
    try:
        _save_typed(visit, form, task_id)
        saved = visit.write(
            lambda work: filling.detach(work, task_id, path, mark, language=visit.language)
        )
    except Problem as problem:
        return _refused(visit, form, task_id, problem)
    return _answer(visit, form, task_id, path, saved)


@get("/tasks/{task_id:str}/files/{mark:str}")
@threaded
def of_task(
    visit: Visiting, task_id: FromPath[str], mark: FromPath[str], little: FromQuery[int] = 0
) -> Response[bytes]:
    """A file of the document in hand, as far as the step shows it."""
    with visit.read() as work:
        record, _ = filling.shown(work, task_id, mark)
    return _file(visit, record.id, mark, little=bool(little))


@get("/records/{record_id:str}/files/{mark:str}")
@threaded
def of_record(
    visit: Visiting, record_id: FromPath[str], mark: FromPath[str], little: FromQuery[int] = 0
) -> Response[bytes]:
    """A file of a record that the visitor may read."""
    with visit.read() as work:
        record = documents.read(work, record_id)
        form = filing.opened(work, record).form
        attaching.require_seen(work, form, record, veils.over(work, form, record), mark)
    return _file(visit, record.id, mark, little=bool(little))


@get("/records/{record_id:str}/signatures/{mark:str}")
@threaded
def signature_of_record(
    visit: Visiting, record_id: FromPath[str], mark: FromPath[str], little: FromQuery[int] = 0
) -> Response[bytes]:
    """A signature under a record that the visitor may read."""
    with visit.read() as work:
        home = handwriting.home(documents.read(work, record_id).id)
    return served(visit, home, mark, little=bool(little))


@get("/tasks/{task_id:str}/signatures/{mark:str}")
@threaded
def signature_of_task(
    visit: Visiting, task_id: FromPath[str], mark: FromPath[str], little: FromQuery[int] = 0
) -> Response[bytes]:
    """A signature given at an earlier step of the document in hand."""
    with visit.read() as work:
        home = filling.signature(work, task_id, mark)
    return served(visit, home, mark, little=bool(little))


def _file(visit: Visit, document_id: str, mark: str, *, little: bool) -> Response[bytes]:
    return served(visit, attaching.home(document_id), mark, little=little)


def taken_in(visit: Visit, task_id: str, path: str, content: bytes, name: str) -> Saved:
    """Make a file safe, which takes a while, and then write it into a cell, while which others wait."""
    with visit.read() as work:
        rule = filling.rule(work, task_id, path)
    clean = store.cleaned(rule, content, name)
    return visit.write(
        lambda work: filling.attach(work, task_id, path, clean, language=visit.language)
    )


def served(visit: Visit, home: Home, mark: str, *, little: bool) -> Response[bytes]:
    """The little picture for a page, or the file to keep; that it was taken is on the trail.

    Who asks was found to be somebody who may see what it belongs to.
    """
    with visit.read() as work:
        found = store.one(work.connection, home, mark)
        content = store.content(work.connection, home, mark, little=little)
    if little:
        return Response(content, media_type="image/jpeg")
    visit.write(lambda work: work.note("export", home.target, kind="attachment", what=mark))
    return attachment(found.name, content, found.media_type)


def _save_typed(visit: Visit, form: Form, task_id: str) -> None:
    """Without scripts the whole page comes with the file: what was typed is saved first."""
    if not form.get("part"):
        visit.write(lambda work: typed.save(work, visit, form, task_id))


def _sent(visit: Visit, form: Form, path: str) -> tuple[bytes, str]:
    """The file, or the picture of a typed name."""
    file = form.file(f"file:{path}")
    if file is not None:
        return file.file.read(MOST), file.filename
    typed = form.get(f"typed:{path}").strip()
    if not typed:
        raise AttachmentEmpty
    return signature.drawn(typed), f"{text(visit.language, 'attach.typed_name')}.png"


def _refused(visit: Visit, form: Form, task_id: str, problem: Problem) -> Response[Any]:
    """Told in the cell, or above the page where there are no scripts."""
    if form.get("part"):
        return _told(visit, problem)
    if problem.status in (403, 404) or problem.status >= 500:
        raise problem
    visit.tell("late", problem.text(visit.language))
    return leave(visit, f"/tasks/{task_id}")


def _told(visit: Visit, problem: Problem) -> Response[Any]:
    """A refusal for the script."""
    body = {"code": problem.code, "text": problem.text(visit.language)}
    return Response(body, status_code=problem.status)


def _answer(visit: Visit, form: Form, task_id: str, path: str, saved: Saved) -> Response[Any]:
    """The cell anew for the script, or the whole page."""
    if form.get("part"):
        return _cell(visit, task_id, path, saved)
    visit.tell("ok", text(visit.language, "flash.saved"))
    return leave(visit, f"/tasks/{task_id}#v{path.replace('/', '.')}")


def _cell(visit: Visit, task_id: str, path: str, saved: Saved) -> Response[Any]:
    """The cell's files as they are now, and the document's revision."""
    with visit.read() as work:
        context = attachment_view.cell_again(work, task_id, path, saved, visit.language)
    page = html.fragment(visit, "attachment_cell.html", "files", **context)
    page.headers["x-revision"] = str(saved.revision)
    return page
