"""Documents over the API: read one, save its cells."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, patch
from litestar.params import Body, FromPath, QueryParameter

from admin.views import posted, record_view, task_view, veils
from admin.web.answer import Day, Revision, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine import clock
from engine.dictionary.store import dictionary
from engine.privacy.lifts import Purpose
from engine.work import Work
from forms import documents, filing, versions
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.filing import Edit, Opened, Saved
from workflows import commands
from workflows.versions import told

Stated = Annotated[str, QueryParameter(name="purpose", max_length=200)]


class Rows(msgspec.Struct, forbid_unknown_fields=True):
    """Rows that came and went in one floating table."""

    add: list[str] = []
    remove: list[str] = []


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """What was typed since `revision`: values by cell path.

    `visit` is any word that tells this window from others of the same person.
    """

    revision: Revision
    changes: dict[str, Any] = {}
    confirm: list[str] = []
    rows: dict[str, Rows] = {}
    explain: dict[str, str] = {}
    visit: Annotated[str, msgspec.Meta(max_length=40)] = ""
    version: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    """Which version of the form the caller shows, as `form_version` said; 0: the document's own."""


class Filled(msgspec.Struct):
    """A document: its values by the form's schema, and by cell path what is known of the cell."""

    id: str
    form: str
    form_version: int
    organisation: str
    period: str
    status: str
    revision: int
    values: dict[str, Any]
    cells: dict[str, Any]


class Fault(msgspec.Struct):
    """One thing wrong: at which cell it is told, and all cells concerned.

    `explanation` is what the filler wrote to a soft check.
    """

    path: str
    severity: str
    text: str
    code: str
    explanation: str
    paths: list[str]


class Collided(msgspec.Struct):
    """A cell that somebody else changed since `revision`: theirs stands, yours was not saved."""

    path: str
    yours: Any
    theirs: Any
    display: Any
    by: str


class Changed(msgspec.Struct):
    """A cell as it stands since somebody else changed it after `revision`; `by` as in a conflict."""

    path: str
    value: Any
    by: str


class Left(msgspec.Struct):
    """What was typed into a cell that the form has no more: kept in the history, not in the document."""

    path: str
    label: str
    value: Any


class FormChanged(msgspec.Struct):
    """The caller shows an older version of the form than the document is on by now: load it again."""

    version: int
    by: str
    at: str
    items: list[str]
    """What is new, by name."""
    left: list[Left]


class SavedCells(msgspec.Struct):
    """What a save came to: the new revision, cells whose state changed, computed values.

    `elsewhere` are the cells that changed under the page while it did not look: who saves against the
    new revision has seen them.
    """

    revision: int
    cells: Any
    computed: dict[str, Any]
    problems: list[Fault]
    conflicts: list[Collided]
    elsewhere: list[Changed]
    form_changed: FormChanged | None = None


@get("/api/documents/{document_id:str}")
@threaded
def read_document(
    caller: Visiting,
    document_id: FromPath[str],
    on: Day = "",
    purpose: Stated = "",
    purpose_kind: Annotated[str, QueryParameter(name="for", max_length=20)] = "other",
) -> Response[Filled]:
    """A document with its values, and by cell its state and source; with `on` its values as they
    stood at the end of that day, without what is known of cells now.

    Protected values are masked for whoever neither fills the document in nor has a task at it; a
    stated `purpose` (of the kind `for`) shows them whole and is kept with who asked.
    """
    day = clock.asked_day(on)

    def inside(work: Work) -> DocumentRecord:
        found = documents.read(work, document_id)
        form = filing.opened(work, found).form
        veil = veils.over(work, form, found)
        if purpose.strip():
            veil = veil.lifted(
                work,
                Purpose.given(purpose, purpose_kind),
                target=document_id,
                path=found.organisation_path,
            )
        if day is None:
            return veil.record(found)
        then = record_view.reading(work, found, on=day).record
        return veil.record(then._replace(cells={}))

    if purpose.strip():
        record = caller.write(inside)
    else:
        with caller.read() as work:
            record = inside(work)
    return answer(
        Filled(
            id=record.id,
            form=record.form_code,
            form_version=record.form_version,
            organisation=record.organisation_code,
            period=record.period,
            status=record.status,
            revision=record.revision,
            values=record.contents,
            cells=record.cells,
        )
    )


@patch("/api/documents/{document_id:str}/cells")
@threaded
def save_cells(
    caller: Visiting, document_id: FromPath[str], data: Annotated[Changes, Body()]
) -> Response[SavedCells]:
    """Save changed cells; answers with new states, computed values, problems and conflicts.

    A cell that was not sent is not touched. A cell that somebody else changed meanwhile is not
    overwritten but comes back under `conflicts`; with a `visit` the same person in another window is
    somebody else.
    """

    def inside(work: Work) -> SavedCells:
        record = documents.get(work.connection, document_id)
        form = filing.opened(work, record).form
        if older := versions.is_older(record, data.version):
            form = versions.lies(work, record, data.version).old
        edit = Edit(
            revision=data.revision,
            changes={path: posted.value(form, path, value) for path, value in data.changes.items()},
            confirm=data.confirm,
            added={table: rows.add for table, rows in data.rows.items() if rows.add},
            removed={table: rows.remove for table, rows in data.rows.items() if rows.remove},
            explanations=data.explain,
            visit=data.visit,
            version=data.version,
        )
        saved = commands.save_cells(work, document_id, edit, language=caller.language)
        now = filing.opened(work, documents.get(work.connection, document_id))
        done = _answer(work, saved, now, caller.language)
        if older:
            done.form_changed = _form_changed(work, saved, now, form, caller.language)
        return done

    return answer(caller.write(inside, brief=True))


def _form_changed(
    work: Work, saved: Saved, now: Opened, shown: CompiledForm, language: str
) -> FormChanged:
    """What the caller is told whose page shows an older version."""
    found = told.changed(work, now.record)
    return FormChanged(
        version=now.record.form_version,
        by=found.by if found else "",
        at=found.at if found else "",
        items=[now.form.name_of(path, language) for path in found.new] if found else [],
        left=[Left(path, shown.name_of(path, language), one) for path, one in saved.left.items()],
    )


def _answer(work: Work, saved: Saved, opened: Opened, language: str) -> SavedCells:
    reader = task_view.Reader(opened, dictionary(work.connection), language)
    computed = {
        path: cell.value
        for path, cell in saved.cells.items()
        if (item := opened.form.item(path)) is not None and item.compute
    }
    unseen = {
        one.path: cell
        for one in saved.elsewhere
        if (cell := opened.cells.get(one.path)) is not None
    }
    return SavedCells(
        revision=saved.revision,
        cells=task_view.json_cells(work, {**unseen, **saved.cells}, opened, language),
        computed=computed,
        problems=[
            Fault(
                path=one.path,
                severity=one.severity,
                text=one.text,
                code=one.code,
                explanation=opened.record.explanations.get(f"{one.code}:{one.path}", ""),
                paths=list(one.paths),
            )
            for one in saved.problems
        ],
        conflicts=[
            Collided(
                path=one.path,
                yours=one.yours,
                theirs=one.theirs,
                display=reader.shown(one.path, one.theirs),
                by=one.by,
            )
            for one in saved.conflicts
        ],
        elsewhere=[Changed(one.path, one.value, one.by) for one in saved.elsewhere],
    )
