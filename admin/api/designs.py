"""Designs over the API: a draft form is read, changed step by step, compared and published."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from litestar import Response, get, patch, post
from litestar.params import Body, FromPath, FromQuery

from admin.api import design_changes
from admin.api.asked import FormulaDraft, FormulaTold
from admin.api.design_changes import DesignChange
from admin.views import design_view, draft_admission, formula_view, words
from admin.web.answer import Revision, answer
from admin.web.html import text
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting, flash_cookie
from engine.errors import Conflict
from engine.identity import store as identity
from engine.work import Work
from forms import diff, documents, publish, store
from forms.designing import replay
from forms.designing import store as design_store
from forms.designing import together as designing
from forms.designing.together import DesignClash
from forms.documents import DOCUMENT
from forms.store import Draft


class Publishing(msgspec.Struct, forbid_unknown_fields=True):
    """Publish what stands at a revision."""

    revision: Revision
    note: str = ""


class Turning(msgspec.Struct, forbid_unknown_fields=True):
    """Undo or redo; with `force` also where somebody else changed the same thing since."""

    tab: Annotated[str, msgspec.Meta(max_length=40)] = ""
    force: bool = False


class Presence(msgspec.Struct, forbid_unknown_fields=True):
    """Where somebody is on the page, and the last step that they know of."""

    tab: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    item: Annotated[str, msgspec.Meta(max_length=400)] = ""
    since: int = 0
    gone: bool = False
    """The page is being closed."""


class Beside(msgspec.Struct):
    """Somebody else who has the draft open."""

    name: str
    item: str


class Did(msgspec.Struct):
    """What somebody else did, in words; a clash with both values."""

    id: int
    kind: str
    who: str
    text: str
    at: str


class News(msgspec.Struct):
    """What goes on at a draft beside the caller."""

    revision: int
    last: int
    people: list[Beside]
    steps: list[Did]


class Change(msgspec.Struct):
    """One difference between two versions, in words."""

    kind: str
    path: str
    label: str
    text: str


class Admitted(msgspec.Struct):
    """One item of a new report: whether it is held already, can be computed, or must be asked."""

    label: str
    table: str | None
    known: str
    """register | ledger | form | computed | carried | new"""
    state: str
    """The same in words."""
    source: str
    filled: str
    """So many of its cells fill themselves, in a few organisations that were tried."""
    cells: str
    also_in: list[str]
    """Other reports and ledgers that have it."""


class Difference(msgspec.Struct):
    """What a new version changes, how much work is under way, and what becomes of that."""

    version: int
    changes: list[Change]
    running: int
    consequence: str
    repeats: str = ""
    """That another form asks most of the same, so that the note must give the reason."""
    items: list[Admitted] = []
    """Of a new report, item by item what is known beforehand."""


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
    """Change a draft; others' steps since the given revision stay. A change that would break the
    form, or that meets another's change of the same thing, is refused and nothing is changed.
    """

    def inside(work: Work) -> dict[str, Any]:
        work.require("form.design")
        said = design_changes.told(work, store.draft(work.connection, code).document, data)
        draft = designing.change(
            work,
            code,
            data.revision,
            lambda document, confirmed: (
                design_changes.changed(work, document, data),
                design_changes.confirmed(confirmed, data),
            ),
            told=said,
            tab=data.tab,
            force=data.force,
        )
        return design_view.design(work, draft, caller.language)

    return answer(_or_told(caller, inside, data.tab))


@post("/api/designs/{code:str}/undo", status_code=200)
@threaded
def undo_design(
    caller: Visiting, code: FromPath[str], data: Annotated[Turning, Body()]
) -> Response[dict[str, Any]]:
    """Take back the caller's own last step; what others did since then stays."""

    def inside(work: Work) -> dict[str, Any]:
        draft = designing.undo(work, code, tab=data.tab, force=data.force)
        return design_view.design(work, draft, caller.language)

    return answer(_or_told(caller, inside, data.tab))


@post("/api/designs/{code:str}/redo", status_code=200)
@threaded
def redo_design(
    caller: Visiting, code: FromPath[str], data: Annotated[Turning, Body()]
) -> Response[dict[str, Any]]:
    """Do again what the caller took back last."""

    def inside(work: Work) -> dict[str, Any]:
        draft = designing.redo(work, code, tab=data.tab, force=data.force)
        return design_view.design(work, draft, caller.language)

    return answer(_or_told(caller, inside, data.tab))


@post("/api/designs/{code:str}/formula", status_code=200)
@threaded
def tell_formula(
    caller: Visiting, code: FromPath[str], data: Annotated[FormulaDraft, Body()]
) -> Response[FormulaTold]:
    """A formula in words while it is written, its fault with the place, and its result for values."""
    with caller.read() as work:
        work.require("form.design")
        draft = store.draft(work.connection, code)
        told = formula_view.told(
            work,
            draft,
            data.formula,
            path=data.path,
            over=data.over,
            condition=data.condition,
            sample=data.sample,
            language=caller.language,
            given=data.picked,
        )
    return answer(msgspec.convert(told, FormulaTold))


@post("/api/designs/{code:str}/presence", status_code=200)
@threaded
def be_present(
    caller: Visiting, code: FromPath[str], data: Annotated[Presence, Body()]
) -> Response[News]:
    """Say which item one is at; who else is there, and what they did since a step."""
    with caller.read() as work:
        work.require("form.design")
        told = design_view.news(work, code, data.since, data.tab, caller.language)
        known = design_store.known(work.connection, code, data.tab, data.item, work.now)
    if data.gone:
        caller.write(lambda work: design_store.leave(work, code, data.tab))
    elif not known:
        caller.write(lambda work: design_store.enter(work, code, data.tab, data.item))
    return answer(News(**told))


@get("/api/designs/{code:str}/difference")
@threaded
def difference(caller: Visiting, code: FromPath[str]) -> Response[Difference]:
    """What publishing would change, in words, and what that means for work under way."""
    with caller.read() as work:
        work.require("form.design")
        draft = store.draft(work.connection, code)
        return answer(_difference(work, draft, caller.language))


@get("/api/designs/{code:str}/replay")
@threaded
def replay_design(
    caller: Visiting,
    code: FromPath[str],
    after: FromQuery[str] = "",
    period: FromQuery[str | None] = None,
) -> Response[dict[str, Any]]:
    """The draft over what was submitted for the last period, part by part: what would newly fail, be
    lost, have to be typed or fill itself. `after` of one answer asks for the next part; null is the end.
    """
    with caller.read() as work:
        found = replay.part(work, code, language=caller.language, period=period, after=after)
        return answer({**found.to_json(), "when": words.period(found.period, caller.language)})


@post("/api/designs/{code:str}/publish", status_code=200)
@threaded
def publish_design(
    caller: Visiting, code: FromPath[str], data: Annotated[Publishing, Body()]
) -> Response[Published]:
    """Publish a draft as the form's next version, fixed for ever."""

    def inside(work: Work) -> tuple[Published, str]:
        draft = store.draft(work.connection, code)
        if draft.revision != data.revision:
            raise Conflict(what=code)
        compiled = publish.publish(work, code, note=data.note)
        owner = identity.organisations(work.connection, [compiled.owner])[compiled.owner].name
        key = "flash.form.published_report" if compiled.kind == "report" else "flash.form.published"
        told = text(caller.language, key, n=compiled.version, owner=owner)
        return Published(f"/forms/{code}", compiled.version), told

    published, told = caller.write(inside)
    caller.tell("ok", told)
    response = answer(published)
    response.set_cookie(flash_cookie(caller.told))
    return response


def _or_told(caller: Visit, command: Callable[[Work], dict[str, Any]], tab: str) -> dict[str, Any]:
    """A step, or a clash that the other person is told of too, by a transaction of its own."""
    try:
        return caller.write(command)
    except DesignClash as clash:
        told = clash
    caller.write(lambda work: designing.note_clash(work, told, tab=tab))
    raise told


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
            [msgspec.convert(one, Admitted) for one in draft_admission.items(work, new, language)],
        )
    old = store.published(work.connection, draft.code, before[0].version)
    filling, handed_in = (
        documents.count(
            work.connection, DOCUMENT.c.form_code == draft.code, DOCUMENT.c.status == status
        )
        for status in ("open", "submitted")
    )
    changes = [
        Change(
            kind=_kind(one.kind),
            path=one.path,
            label=one.label.get(language) or new.title(language),
            text=one.text(language),
        )
        for one in diff.diff(old, new)
    ]
    running = filling + handed_in
    told = text(language, "designer.running", n=running, open=filling, submitted=handed_in)
    return Difference(draft.version, changes, running, told)


def _kind(kind: str) -> str:
    if kind.endswith("added"):
        return "added"
    return "removed" if kind.endswith("removed") else "changed"
