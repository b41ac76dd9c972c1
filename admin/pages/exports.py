"""All workbooks of a dispatch in one file: asked for, watched, taken."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.pages.files import attachment
from admin.views import words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import NotFound
from engine.identity import store as identity
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import store
from renderers import workbook
from workflows import dispatches
from workflows.dispatching import exports

MEDIA = {"zip": "application/zip", "sheets": workbook.MEDIA_TYPE, "inspection": "application/zip"}
ENDINGS = {"zip": "zip", "sheets": "xlsx", "inspection": "zip"}


@post("/dispatches/{dispatch_id:str}/exports")
@threaded
def ask(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Response[Any]:
    """Have all workbooks packed: `kind` is zip or sheets; with a purpose, without masks."""
    kind = form.get("kind", "zip")
    purpose = Purpose.given(form.get("purpose"), form.get("for")) if form.get("whole") else None
    export_id = visit.write(lambda work: exports.ask(work, dispatch_id, kind, purpose))
    return leave(visit, f"/exports/{export_id}")


@get("/exports/{export_id:str}")
@threaded
def progress(visit: Visiting, export_id: FromPath[str]) -> Response[str]:
    """How far it is, and the file when it is there."""
    with visit.read() as work:
        context = _context(work, export_id, visit.language)
    return html.page(visit, "export.html", **context)


@get("/exports/{export_id:str}/state")
@threaded
def state(visit: Visiting, export_id: FromPath[str]) -> Response[str]:
    """The part of the page that refreshes itself."""
    with visit.read() as work:
        context = _context(work, export_id, visit.language)
    return html.page(visit, "components/export_state.html", **context)


@get("/exports/{export_id:str}/file")
@threaded
def file(visit: Visiting, export_id: FromPath[str]) -> Response[bytes]:
    """The packed file; not before all of it is there."""
    return taken(visit, export_id)


def taken(visit: Visit, export_id: str) -> Response[bytes]:
    """The packed file, noted on the trail. Raises NotFound before all of it is there."""
    with visit.read() as work:
        record = exports.get(work, export_id)
        if not record.finished:
            raise NotFound
        content = exports.content(work, export_id)
        name = _name(work, record, visit.language)
    visit.write(
        lambda work: work.note(
            "export", record.dispatch_id or record.id, kind="dispatch", what=record.kind
        )
    )
    return attachment(f"{name}.{ENDINGS[record.kind]}", content, MEDIA[record.kind])


def _name(work: Work, record: exports.ExportRecord, language: str) -> str:
    if record.kind == exports.INSPECTION:
        day = (words.moment(record.created_at) or "")[:10]
        return f"{text(language, 'inspection.title')} {day}"
    dispatch = dispatches.get(work, record.dispatch_id)
    form = store.published(work.connection, dispatch.form_code, dispatch.form_version)
    owner = identity.organisation(work.connection, dispatch.owner).name
    told = text(language, f"export.name.{record.kind}")
    return f"{form.title(language)} {told} {owner} {words.period(dispatch.period, language)}"


def _context(work: Work, export_id: str, language: str) -> dict[str, Any]:
    record = exports.get(work, export_id)
    return {
        "export": {
            "id": record.id,
            "kind": record.kind,
            "total": record.total,
            "done": record.done,
            "finished": record.finished,
            "failed": exports.failed(work, record),
            "name": f"{_name(work, record, language)}.{ENDINGS[record.kind]}",
        },
        "dispatch": {
            "id": record.dispatch_id,
            "title": dispatches.get(work, record.dispatch_id).title,
        }
        if record.dispatch_id
        else None,
    }
