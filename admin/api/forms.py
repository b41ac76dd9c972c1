"""Published forms over the API: what there is, one as a plain JSON Schema, is this document right."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, QueryParameter

from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.dictionary.store import dictionary
from engine.formula.document import Document
from engine.work import Work
from forms import judge, publish, store
from forms.compiled import CompiledForm
from forms.importers.excel.files import read
from forms.importers.excel.propose import propose

Version = Annotated[
    int | None,
    QueryParameter(name="version", ge=1, le=1_000_000, description="The newest if absent"),
]


class FormSummary(msgspec.Struct):
    """A published form in its newest version."""

    code: str
    version: int
    titles: dict[str, str]
    kind: str
    period: str
    subject: str
    owner: str
    items: int
    digest: str


class FormList(msgspec.Struct):
    """The forms in force."""

    forms: list[FormSummary]


class FormBundle(msgspec.Struct):
    """A form's exact version: a self-contained JSON Schema (2020-12) that any validator can run."""

    code: str
    version: int
    digest: str
    bundle: dict[str, Any]


class Validation(msgspec.Struct, forbid_unknown_fields=True):
    """A document, and the form it should follow: a published one's code, or a whole form document.

    A draft is not blamed for what is still missing.
    """

    form: str | dict[str, Any]
    document: dict[str, Any]
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    draft: bool = False


class CellFault(msgspec.Struct):
    """One thing wrong in one cell; `severity` is error, gated or explain."""

    path: str
    severity: str
    code: str
    text: str


class ValidationResult(msgspec.Struct):
    """Whether the document may stand, and everything wrong with it."""

    valid: bool
    problems: list[CellFault]


class Sheet(msgspec.Struct):
    """A department's workbook; `sheet` names the one to read, the first if absent."""

    file: UploadFile
    sheet: str | None = None


@get("/api/forms")
@threaded
def list_forms(caller: Visiting) -> Response[FormList]:
    """Every published form in its newest version."""
    with caller.read() as work:
        work.require("form.read")
        found = store.published_forms(work.connection)
    return answer(FormList([_summary(one) for one in found]))


@get("/api/forms/{code:str}")
@threaded
def read_form(
    caller: Visiting, code: FromPath[str], version: Version = None
) -> Response[FormBundle]:
    """A form's bundle, fixed for ever once published."""
    with caller.read() as work:
        work.require("form.read")
        found = store.published(work.connection, code, version)
    return answer(FormBundle(found.code, found.version, found.content_hash, dict(found.bundle)))


@post("/api/forms/validate", status_code=200)
@threaded
def validate_document(
    caller: Visiting, data: Annotated[Validation, Body()]
) -> Response[ValidationResult]:
    """What is wrong with a document, cell by cell. Nothing is kept.

    Rules and checks within the document are run; what looks at other periods or at the registers
    is not known here and counts as blank.
    """
    with caller.read() as work:
        work.require("form.read")
        form = _form(work, data)
        seen = Document(data.document, today=work.today)
        found = judge.problems(form, seen, language=caller.language, draft=data.draft)
    problems = [CellFault(one.path, one.severity, one.code, one.text) for one in found]
    return answer(ValidationResult(all(one.severity != "error" for one in found), problems))


@post("/api/sheets/propose", status_code=200, dto=None)
@threaded
def propose_form(
    caller: Visiting,
    data: Annotated[Sheet, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[dict[str, Any]]:
    """Recognise a workbook: title, blocks, tables, items and a dictionary field for each."""
    content = data.file.file.read()
    with caller.read() as work:
        work.require("form.design")
        known = dictionary(work.connection)
    grid = read.open_sheet(content, data.sheet or None)
    usable = [field for field in known.fields.values() if field.status != "retired"]
    return answer(propose(grid, usable).to_json())


def _form(work: Work, data: Validation) -> CompiledForm:
    if isinstance(data.form, str):
        return store.published(work.connection, data.form, data.version)
    return publish.compiled_now(work.connection, data.form)


def _summary(form: CompiledForm) -> FormSummary:
    return FormSummary(
        code=form.code,
        version=form.version,
        titles=dict(form.titles),
        kind=form.kind,
        period=form.period,
        subject=form.subject,
        owner=form.owner,
        items=len(form.items),
        digest=form.content_hash,
    )
