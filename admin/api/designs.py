"""Designs over the API: a draft form is read, changed step by step, compared and published."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, patch, post
from litestar.params import Body, FromPath

from admin.views import design_view
from admin.web.answer import Revision, answer
from admin.web.html import text
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.dictionary.store import dictionary
from engine.errors import Conflict
from engine.json_text import Json
from engine.work import Work
from forms import design, diff, documents, publish, store
from forms.documents import DOCUMENT
from forms.store import Draft


class FormHead(msgspec.Struct, forbid_unknown_fields=True):
    """What a form is called and how often it reports."""

    title: str | None = None
    title_en: str | None = None
    kind: str | None = None
    period: str | None = None
    subject: str | None = None
    nil: bool | None = None
    """Whether nil returns are taken."""
    version: int | None = None


class ItemChange(msgspec.Struct, forbid_unknown_fields=True):
    """What the designer changed of one item; absent means as it was."""

    label: str | msgspec.UnsetType = msgspec.UNSET
    field: str | msgspec.UnsetType | None = msgspec.UNSET
    unit: str | msgspec.UnsetType | None = msgspec.UNSET
    type: str | msgspec.UnsetType = msgspec.UNSET
    required: bool | msgspec.UnsetType = msgspec.UNSET
    compute: str | msgspec.UnsetType | None = msgspec.UNSET
    absences: list[str] | msgspec.UnsetType = msgspec.UNSET
    confirmed: bool | msgspec.UnsetType = msgspec.UNSET


class CheckDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A check as the designer writes it."""

    code: str
    formula: str
    severity: str = "error"
    text: str = ""
    over: str | None = None


class DesignChange(msgspec.Struct, forbid_unknown_fields=True):
    """One step of the designer, on the revision that they see."""

    revision: Revision
    form: FormHead | None = None
    items: dict[str, ItemChange] = {}
    checks: list[CheckDraft] | None = None


class Publishing(msgspec.Struct, forbid_unknown_fields=True):
    """Publish what stands at a revision."""

    revision: Revision
    note: str = ""


class Change(msgspec.Struct):
    """One difference between two versions, in words."""

    kind: str
    path: str
    label: str
    text: str


class Difference(msgspec.Struct):
    """What a new version changes, how much work is under way, and what becomes of that."""

    version: int
    changes: list[Change]
    running: int
    consequence: str
    repeats: str = ""
    """That another form asks most of the same, so that the note must give the reason."""


class Published(msgspec.Struct):
    """A published version and its page."""

    href: str
    version: int


@get("/api/designs/{code:str}")
@threaded
def read_design(caller: Visiting, code: FromPath[str]) -> Response[dict[str, Any]]:
    """A draft form with its sheet, items, candidates and checks."""
    with caller.read() as work:
        work.require("form.design")
        return answer(design_view.design(work, store.draft(work.connection, code), caller.language))


@patch("/api/designs/{code:str}")
@threaded
def change_design(
    caller: Visiting, code: FromPath[str], data: Annotated[DesignChange, Body()]
) -> Response[dict[str, Any]]:
    """Change a draft. A change that would break the form is refused and nothing is changed."""

    def inside(work: Work) -> dict[str, Any]:
        work.require("form.design")
        draft = store.draft(work.connection, code)
        document = _changed(work, draft.document, data)
        publish.compiled_now(work.connection, document)
        proposal = _confirmed(draft.proposal or {}, data)
        store.update_draft(work, code, data.revision, document, proposal=proposal)
        return design_view.design(work, store.draft(work.connection, code), caller.language)

    return answer(caller.write(inside))


@get("/api/designs/{code:str}/difference")
@threaded
def difference(caller: Visiting, code: FromPath[str]) -> Response[Difference]:
    """What publishing would change, in words, and what that means for work under way."""
    with caller.read() as work:
        work.require("form.design")
        draft = store.draft(work.connection, code)
        return answer(_difference(work, draft, caller.language))


@post("/api/designs/{code:str}/publish", status_code=200)
@threaded
def publish_design(
    caller: Visiting, code: FromPath[str], data: Annotated[Publishing, Body()]
) -> Response[Published]:
    """Publish a draft as the form's next version, fixed for ever."""

    def inside(work: Work) -> Published:
        draft = store.draft(work.connection, code)
        if draft.revision != data.revision:
            raise Conflict(what=code)
        compiled = publish.publish(work, code, note=data.note)
        return Published(f"/forms/{code}", compiled.version)

    return answer(caller.write(inside))


def _changed(work: Work, document: Json, change: DesignChange) -> Json:
    known = dictionary(work.connection)
    if change.form is not None:
        document = _head(document, change.form)
    for path, one in change.items.items():
        if one.field is None:
            bound = publish.compiled_now(work.connection, document).by_path[path].field
            if bound:
                document = design.unbind(document, path, known.field(bound))
        elif one.field is not msgspec.UNSET:
            known.field(one.field)
            document = design.bind(document, path, one.field)
        if one.label is not msgspec.UNSET:
            document = design.rename(document, path, one.label)
        keywords = {
            name: value
            for name in ("unit", "type", "compute", "absences")
            if (value := getattr(one, name)) is not msgspec.UNSET
        }
        if keywords:
            document = design.configure(document, path, keywords)
        if one.required is not msgspec.UNSET:
            document = design.set_required(document, path, one.required)
    if change.checks is not None:
        for check in document["form"].get("checks", ()):
            document = design.remove_check(document, check["code"])
        for wanted in change.checks:
            plain = {key: value for key, value in msgspec.to_builtins(wanted).items() if value}
            document = design.add_check(document, plain, known.fields, known.codes())
    return document


def _head(document: Json, head: FormHead) -> Json:
    if head.title is not None:
        document = design.rename(document, "", head.title)
    if head.title_en is not None:
        document = design.rename(document, "", head.title_en, "en")
    given = {
        name: value
        for name in ("kind", "period", "subject", "nil")
        if (value := getattr(head, name)) is not None
    }
    return {**document, "form": {**document["form"], **given}}


def _confirmed(proposal: dict[str, Json], change: DesignChange) -> dict[str, Json]:
    confirmed = dict.fromkeys(proposal.get("confirmed", ()))
    for path, one in change.items.items():
        if one.confirmed is True:
            confirmed[path] = None
        elif one.confirmed is False:
            confirmed.pop(path, None)
    return {**proposal, "confirmed": list(confirmed)}


def _difference(work: Work, draft: Draft, language: str) -> Difference:
    new = publish.compiled_now(work.connection, draft.document)
    before = [v for v in store.versions(work.connection, draft.code) if v.status == "published"]
    if not before:
        repeated = publish.repeats(work.connection, new)
        return Difference(
            draft.version,
            [],
            0,
            text(language, "designer.first_version"),
            repeated.text(language) if repeated else "",
        )
    old = store.published(work.connection, draft.code, before[0].version)
    running = documents.count(
        work.connection,
        DOCUMENT.c.form_code == draft.code,
        DOCUMENT.c.status.in_(("open", "submitted")),
    )
    changes = [
        Change(
            kind=_kind(one.kind),
            path=one.path,
            label=new.name_of(one.path, language) if one.path else new.title(language),
            text=one.text(language),
        )
        for one in diff.diff(old, new)
    ]
    return Difference(
        draft.version, changes, running, text(language, "designer.running", n=running)
    )


def _kind(kind: str) -> str:
    if kind.endswith("added"):
        return "added"
    return "removed" if kind.endswith("removed") else "changed"
