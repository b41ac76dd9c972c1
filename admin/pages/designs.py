"""From an upload to a published form: the upload page, the designer, the preview of a draft."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import design_view, document_view, print_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting, require_role
from engine import clock
from engine.dictionary.store import dictionary
from engine.errors import Forbidden, Problem
from engine.formula.document import Document
from engine.identity import store as identity
from engine.json_text import Json
from engine.periods import Period
from engine.work import Work
from forms import conditions, defaults, document, publish, store
from forms.compiled import CompiledForm
from forms.designing import intake
from forms.documents import DocumentRecord
from forms.filing import Opened
from forms.importers.excel.several import recognise as sheet_roles
from forms.importers.excel.several.recognise import Seen
from forms.store import Draft
from renderers import legacy_sheet, pdf
from renderers.ooxml.package import WorkbookUnreadable

BLANK_ROWS = 12
"""Empty rows of each list where a draft is looked at on paper."""


@get("/forms/upload")
@threaded
def upload_page(visit: Visiting) -> Response[str]:
    """Where a department's workbook comes in."""
    require_role(visit, "designer")
    return _upload(visit)


@post("/forms/upload")
@threaded
def upload(visit: Visiting, form: Posted) -> Response[Any]:
    """Recognise a workbook and start a draft from it."""
    require_role(visit, "designer")
    owner, sheet = form.get("owner"), form.get("sheet") or None
    try:
        content, name = _content(visit, form)
        if intake.is_survey(content):
            made = visit.write(lambda work: intake.start_from_file(work, content, owner=owner))
            return begun(visit, made)
        seen = sheet_roles.look(content) if sheet is None and not form.all("join") else []
        shown = [one for one in seen if one.role not in ("hidden", "empty")]
        if len(shown) > 1 and form.get("upload"):
            raise intake.NoSheets
        if len(shown) > 1:
            kept = visit.write(lambda work: intake.keep(work, content, name))
            return _upload(visit, sheets=seen, upload=kept, owner=owner)
        draft = _started(visit, form, content, name)
    except Problem as problem:
        if isinstance(problem, Forbidden) or problem.status >= 500:
            raise
        return _asked_again(visit, form, problem)
    visit.tell("ok", text(visit.language, "flash.recognised"))
    return leave(visit, f"/designs/{draft.code}")


def _asked_again(visit: Visit, form: Form, problem: Problem) -> Response[str]:
    """The page with what was wrong; whoever was choosing worksheets goes on choosing."""
    kept, owner = form.get("upload"), form.get("owner")
    error = problem.text(visit.language)
    try:
        seen = sheet_roles.look(_content(visit, form)[0]) if kept else None
    except Problem:
        seen = None
    return _upload(visit, error=error, sheets=seen, upload=kept if seen else None, owner=owner)


def _started(visit: Visit, form: Form, content: bytes, name: str) -> Draft:
    """A draft from one sheet, or one of all that were ticked; the writer waits for nobody's large sheet."""
    owner, sheet, joined = form.get("owner"), form.get("sheet") or None, form.all("join")
    if sheet is None and joined:
        with visit.read() as work:
            found = intake.recognise_several(work, content, joined)
        template = _fillable(content)
        return visit.write(
            lambda work: intake.start_several(work, template, name, owner=owner, found=found)
        )
    with visit.read() as work:
        proposal = intake.recognise(work, content, sheet)
    template = _fillable(content)
    return visit.write(
        lambda work: intake.start(work, template, name, sheet=sheet, owner=owner, proposal=proposal)
    )


@get("/designs/{code:str}")
@threaded
def designer_page(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """The designer's page."""
    with visit.read() as work:
        work.require("form.design")
        draft = store.draft(work.connection, code)
        context = design_view.design(work, draft, visit.language)
    return html.page(
        visit, "designer.html", design=context, title=str(draft.document.get("title", code))
    )


@post("/forms/{code:str}/design")
@threaded
def redesign(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """Start the next version of a published form."""
    visit.write(lambda work: intake.redesign(work, code))
    return leave(visit, f"/designs/{code}")


@get("/designs/{code:str}/preview")
@threaded
def preview(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """The draft as the fill page that staff will see, empty."""
    with visit.read() as work:
        work.require("form.design")
        draft = store.draft(work.connection, code)
        form = publish.compiled_now(work.connection, draft.document)
        values, cells = defaults.of_form(form)
        opened = _empty(work, form, values, document.dump_cells(cells))
        owner = identity.organisation_names(work.connection, [form.owner]).get(form.owner, "")
        told, _ = conditions.apply(form, Document(values, today=work.now.date()))
        shown = document_view.sections(
            opened, dictionary(work.connection), language=visit.language, editable=True, told=told
        )
        counts = document_view.counts(opened, told=told)
    period = (
        Period.of(form.period, clock.day(visit.system.now())).label(visit.language)
        if form.period != "once"
        else ""
    )
    return html.page(
        visit,
        "fill.html",
        more=None,
        task={
            "id": "",
            "kind": "fill",
            "title": form.title(visit.language),
            "subtitle": None,
            "organisation": text(visit.language, "designer.preview_organisation"),
            "period": period,
            "owner": owner,
            "legal": None,
            "due": None,
            "number": "",
            "returned": None,
        },
        document={"id": "", "revision": 0, "confirm_only": False, "notes": form.notes or None},
        show="all",
        counts=counts,
        sections=shown,
        problems=[],
        saved_at=None,
        workbook=False,
    )


@get("/designs/{code:str}/preview/pdf")
@threaded
def preview_pdf(visit: Visiting, code: FromPath[str]) -> Response[bytes]:
    """The draft on paper, without values: what its print layout makes of it; shown, not kept."""
    with visit.read() as work:
        work.require("form.design")
        form = publish.compiled_now(work.connection, store.draft(work.connection, code).document)
        lists = [one for one in form.tables if one.kind == "floating" and "*" not in one.path]
        blank: dict[str, Json] = {}
        for table in lists:
            rows = [f"k{number}" for number in range(1, BLANK_ROWS + 1)]
            blank = document.add_rows(blank, table.path, rows)
        place = text(visit.language, "designer.preview_organisation")
        frame = print_view.Frame(place, "", visit.language, final=False)
        printed = print_view.printed(_empty(work, form, blank), dictionary(work.connection), frame)
    content = pdf.render(printed, language="en" if visit.language == "en" else "zh")
    return Response(content, media_type=pdf.MEDIA_TYPE, headers={"content-disposition": "inline"})


def _empty(
    work: Work,
    form: CompiledForm,
    values: Mapping[str, Json] | None = None,
    cells: Mapping[str, Json] | None = None,
) -> Opened:
    record = DocumentRecord(
        id="",
        form_code=form.code,
        form_version=0,
        organisation_code="",
        organisation_path="",
        owner=form.owner,
        period="",
        dispatch_id=None,
        case_id=None,
        status="open",
        revision=0,
        contents=dict(values or {}),
        cells=dict(cells or {}),
        explanations={},
        created_at=work.at,
        opened_at=None,
        submitted_at=None,
        final_at=None,
    )
    return Opened(record, form)


def _content(visit: Visit, form: Form) -> tuple[bytes, str]:
    kept = form.get("upload")
    if kept:
        with visit.read() as work:
            blob = intake.kept(work, kept)
        return blob.content, blob.name
    file = form.file("file")
    if file is None:
        raise intake.NoFile
    return file.file.read(), file.filename


def begun(visit: Visit, made: intake.Started) -> Response[Any]:
    """To the designer; where something did not come along, by way of a page that names it."""
    if not made.left:
        visit.tell("ok", text(visit.language, "start.done"))
        return leave(visit, f"/designs/{made.draft.code}")
    draft = {"code": made.draft.code, "title": str(made.draft.document.get("title", ""))}
    left = [one.to_json(visit.language) for one in made.left]
    return html.page(visit, "import_report.html", draft=draft, left=left)


def _fillable(content: bytes) -> bytes:
    """An old .xls or a web page of that name as a workbook that can be filled; else what came."""
    try:
        return legacy_sheet.to_workbook(content)
    except WorkbookUnreadable:
        return content


def upload_again(visit: Visit, error: str, owner: str) -> Response[str]:
    """The upload page with what was wrong."""
    return _upload(visit, error=error, owner=owner)


def _upload(
    visit: Visit,
    *,
    error: str | None = None,
    sheets: list[Seen] | None = None,
    upload: str | None = None,
    owner: str = "",
) -> Response[str]:
    with visit.read() as work:
        owners = [
            {"code": one.code, "name": one.name, "chosen": one.code == owner}
            for one in identity.holding(work.connection, "department", now=work.now)
        ]
        published = [
            {"code": one.code, "title": one.title(visit.language)}
            for one in store.published_forms(work.connection)
        ]
    return html.page(
        visit,
        "upload.html",
        http_status=422 if error else 200,
        error=error,
        sheets=_choices(sheets) if sheets else None,
        upload=upload,
        owners=owners,
        published=published,
        limit_mb=visit.system.settings.max_upload_mb,
    )


def _choices(sheets: list[Seen]) -> list[dict[str, Any]]:
    """The worksheets of a workbook as the page asks which are to be the form."""
    return [
        {
            "name": one.name,
            "role": one.role,
            "title": one.title if one.title != one.name else "",
            "rows": one.rows,
            "columns": one.columns,
            "usable": one.role != "empty",
            "joined": one.role in sheet_roles.JOINED,
        }
        for one in sheets
    ]
