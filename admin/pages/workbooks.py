"""A task's workbook: taken home to be filled in a spreadsheet program, and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.pages.files import attachment
from admin.views import (
    original_view,
    past,
    placing,
    task_view,
    veils,
    words,
    workbook_view,
)
from admin.views.print_view import Frame
from admin.views.workbook_view import Difference, Filled
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.dictionary.store import dictionary
from engine.errors import Forbidden, Problem
from engine.identity import store as identity
from engine.json_text import Json
from engine.work import Work, new_id
from forms import diff, documents, filing, picking, store, surroundings
from forms.compiled import CompiledForm
from forms.designing.intake import NoFile
from forms.filing import Opened
from forms.meanwhile import Collision
from forms.store import FormUnknown
from renderers import workbook
from renderers.placements import Identity, Origin
from workflows import commands
from workflows.in_hand import Held

SEVERITIES = ("error", "gated", "explain")
"""What stops a report first."""


class WorkbookOfAnotherDocument(Problem):
    """The workbook was filled from another organisation's or period's document."""

    code, status = "workbook.of-another-document", 409
    organisation: str
    period: str


@dataclass(frozen=True)
class Reading:
    """A workbook as it was read, and the document it was filled from, as that was then."""

    form: CompiledForm
    origin: Origin
    base: Mapping[str, Json]
    filled: Filled


@dataclass(frozen=True)
class Brought:
    """What came of an upload: how many cells were taken over, which were not, and why."""

    cells: int
    difference: Difference
    conflicts: list[Collision]


@get("/tasks/{task_id:str}/workbook")
@threaded
def take(visit: Visiting, task_id: FromPath[str]) -> Response[bytes]:
    """The department's sheet with all that is known, to be filled in a spreadsheet program."""
    held = visit.write(lambda work: _opened(work, task_id))
    with visit.read() as work:
        opened = filing.opened(work, held.record)
        veil = veils.at_task(work, opened.form, held.record)
        if veil.withheld or veil.rows:
            raise Forbidden  # read back, what is not on the sheet would be taken for emptied
        content = original_view.template(work, opened.form)
        unit = identity.organisation(work.connection, held.record.organisation_code).name
        period = words.period(held.record.period, "zh")
        placed = original_view.placed(work, opened.form, opened.contents, Frame(unit, period))
    filled = workbook.fill(
        content,
        placed,
        identity=placing.identity(opened.form),
        origin=Origin(held.record.id, held.record.revision),
    )
    name = f"{opened.form.title(visit.language)} {unit} {period}.xlsx"
    return attachment(name, filled, workbook.MEDIA_TYPE)


@post("/tasks/{task_id:str}/workbook")
@threaded
def bring(visit: Visiting, form: Posted, task_id: FromPath[str]) -> Response[Any]:
    """Take over what was filled in; with one faulty cell nothing is, and every one is named."""
    with visit.read() as work:
        held = commands.hold(work, task_id, "fill")
        opened = filing.opened(work, held.record)
        try:
            file = form.file("file")
            if file is None:
                raise NoFile
            content = file.file.read()
            found, looks = _read(work, opened, content, visit.language)
            if looks:
                visit.write(lambda noting: picking.noted(noting, looks))
        except Problem as problem:
            if problem.status >= 500:
                raise
            changes = _changes(work, opened.form, content, visit.language) if file else []
            said = problem.text(visit.language)
            return _report(visit, work, held, opened, said=said, changes=changes)
        if found.filled.faults:
            return _report(visit, work, held, opened, faults=list(found.filled.faults))
    brought = visit.write(lambda work: _saved(work, task_id, found, visit.language))
    with visit.read() as work:
        failing = _failing(work, opened, found.filled, visit.language)
        if brought.conflicts or brought.difference.notes or failing:
            report = partial(_report, visit, work, held, opened, brought=brought)
            return report(filled=found.filled, failing=failing)
    visit.tell("ok", text(visit.language, "workbook.taken", n=brought.cells))
    return leave(visit, f"/tasks/{task_id}")


def _opened(work: Work, task_id: str) -> Held:
    held = commands.open_task(work, task_id)
    if held.task.kind != "fill":
        raise commands.WrongKind
    work.note("export", held.record.id, kind="task", what="xlsx")
    return held


def _origin(work: Work, opened: Opened, content: bytes) -> Origin:
    """Which document the workbook was filled from, and how far that one was.

    Raises WorkbookOfAnotherForm, WorkbookOfAnotherDocument, WorkbookUnreadable.
    """
    workbook.require_identity(content, placing.identity(opened.form))
    found = workbook.origin(content)
    if found is None:  # the empty sheet: everything in it was filled in by hand
        return Origin(opened.record.id, opened.record.revision)
    if found.document == opened.record.id:
        return found
    try:
        other = documents.read(work, found.document)
    except Problem:
        raise WorkbookOfAnotherDocument(organisation="—", period="—") from None
    unit = identity.organisation(work.connection, other.organisation_code).name
    raise WorkbookOfAnotherDocument(organisation=unit, period=words.period(other.period, "zh"))


def _read(work: Work, opened: Opened, content: bytes, language: str) -> tuple[Reading, int]:
    """What the workbook says, and how many people had to be looked for. Raises what `_origin` raises, NoTemplate, SheetMissing."""
    origin = _origin(work, opened, content)
    later = documents.changes_since(work.connection, opened.record.id, origin.revision)
    base = past.undone(opened.form, opened.contents, later)
    known = picking.labels(work, opened.form, base)
    named = picking.Named(work, opened.record, known)
    found = workbook_view.read(
        opened.form,
        original_view.template(work, opened.form),
        content,
        base=base,
        dictionary=dictionary(work.connection),
        language=language,
        fresh=new_id,
        named=named.values,
    )
    return Reading(opened.form, origin, base, found), named.looks


def _saved(work: Work, task_id: str, found: Reading, language: str) -> Brought:
    held = commands.hold(work, task_id, "fill")
    made = workbook_view.difference(
        found.form,
        found.base,
        found.filled,
        revision=found.origin.revision,
        only=held.task.cells,
        language=language,
    )
    conflicts: list[Collision] = []
    for edit in made.edits:
        conflicts += commands.save_cells(work, held.record.id, edit, language=language).conflicts
    work.note("document.workbook-read", held.record.id, cells=made.cells)
    return Brought(made.cells - len(conflicts), made, conflicts)


def _failing(work: Work, opened: Opened, filled: Filled, language: str) -> list[dict[str, str]]:
    """The checks that do not hold now, by the cells of the workbook, those that block first: as the
    page tells them while somebody types.
    """
    record = documents.read(work, opened.record.id)
    found = surroundings.problems(work, opened.form, record, language=language, draft=True)
    told = [one for one in found if one.code.startswith("check.") and one.path in filled.addresses]
    told.sort(key=lambda one: SEVERITIES.index(one.severity))
    return [
        {
            "address": filled.addresses[one.path],
            "label": opened.form.name_of(one.path, language),
            "severity": one.severity,
            "text": one.text,
        }
        for one in told[: workbook_view.SHOWN]
    ]


def _changes(work: Work, form: CompiledForm, content: bytes, language: str) -> list[str]:
    """What the form is different in from the version that the workbook was made for, in words."""
    try:
        found: Identity | None = workbook.identity(content)
        if found is None or found.form_code != form.code or found.version == form.version:
            return []
        old = store.published(work.connection, found.form_code, found.version)
    except (FormUnknown, Problem):
        return []
    return [one.text(language) for one in diff.diff(old, form)]


def _report(
    visit: Visit,
    work: Work,
    held: Held,
    opened: Opened,
    *,
    said: str = "",
    changes: list[str] | None = None,
    faults: list[Any] | None = None,
    brought: Brought | None = None,
    filled: Filled | None = None,
    failing: list[dict[str, str]] | None = None,
) -> Response[str]:
    return html.page(
        visit,
        "workbook_report.html",
        http_status=200 if brought else 422,
        task=task_view.heading(work, held.task, opened, visit.language),
        said=said,
        changes=changes or [],
        faults=faults or [],
        taken=brought.cells if brought else None,
        notes=list(brought.difference.notes) if brought else [],
        failing=failing or [],
        conflicts=[
            {
                "address": filled.addresses.get(one.path, "") if filled else "",
                "label": opened.form.name_of(one.path, visit.language),
                "yours": words.typed(one.yours),
                "theirs": words.typed(one.theirs),
                "by": one.by,
            }
            for one in (brought.conflicts if brought else [])
        ],
    )
