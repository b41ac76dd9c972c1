"""A sheet into a ledger: what each row would do is shown first; applied as one job, undone as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.views import ledger_showing, words
from admin.views.ledger_showing import Showing
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.formats import registry as formats
from engine.ledgers import edit, imports, reach
from engine.ledgers.ground import Ground, ground
from engine.ledgers.lens import OWN
from engine.ledgers.rows import Cell, Row
from engine.work import Work
from forms import store
from forms.kinds import ledger, ledger_jobs, ledger_sheet
from forms.kinds.ledger_sheet import Reading, Sheet

SHOWN = 100
MEDIA = "application/octet-stream"
REASONS = ("no-key", "twice", "out-of-reach", "not-member", "no-home")


class FileMissing(Problem):
    """Nothing was uploaded."""

    code, status = "ledger.file-missing", 422


@get("/ledgers/{code:str}/imports")
@threaded
def import_list(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """Where a sheet is given, and the visitor's earlier imports."""
    with visit.read() as work:
        form = ledger.form(work.connection, code)
        lens = ledger.lens(work.connection, form)
        here = ground(work, lens, verb="ledger.edit")
        found = [_told(one) for one in imports.listed(work, lens)]
        labels = [
            ledger.item(form, one.name).label(visit.language)
            for one in here.lens.columns
            if not (one.computed or one.files)
        ]
    return html.page(
        visit, "ledger_imports.html", ledger={"code": code, "title": lens.title(visit.language)},
        imports=found, labels=labels, geojson=any(one.position for one in here.lens.columns),
    )  # fmt: skip


@post("/ledgers/{code:str}/imports")
@threaded
def preview_import(visit: Visiting, form: Posted, code: FromPath[str]) -> Redirect:
    """Read a sheet and plan what each of its rows would do; nothing is written to any register."""
    with visit.read() as work:
        ground(
            work,
            ledger.lens(work.connection, ledger.form(work.connection, code)),
            verb="ledger.edit",
        )
    given = form.file("sheet")
    if given is None:
        raise FileMissing
    content = given.file.read()
    number = planned(visit, code, content, given.filename)
    return leave(visit, f"/ledgers/{code}/imports/{number}")


@get("/ledgers/{code:str}/imports/{number:str}")
@threaded
def import_page(
    visit: Visiting,
    code: FromPath[str],
    number: FromPath[str],
    *,
    kind: FromQuery[str] = "",
    after: FromQuery[int] = 0,
) -> Response[str]:
    """What an import will do, does, or has done, row by row."""

    def command(work: Work) -> dict[str, Any]:
        form = ledger.form(work.connection, code)
        lens = ledger.lens(work.connection, form)
        here = ground(work, lens, verb="ledger.edit")
        found = imports.get(work, lens, number)
        lines = imports.lines(work, number, kind=kind, after=max(after, 0), limit=SHOWN + 1)
        shown = ledger_showing.showing(work, form, here, _sides(lines), visit.language)
        work.note("ledger.looked", code, rows=min(len(lines), SHOWN))
        return {
            "ledger": {"code": code, "title": lens.title(visit.language)},
            "import_": _told(found),
            "kinds": [{"kind": one, "count": found.counts.get(one, 0)} for one in (*(imports.DOES if found.blob_id else (imports.CHANGED,)), imports.SAME, imports.REJECTED)],
            "kind": kind,
            "lines": [_line(work, shown, row, detail, visit.language) for row, detail in lines[:SHOWN]],
            "more": lines[SHOWN - 1][0]["number"] if len(lines) > SHOWN else None,
            "heads": found.columns,
            "tells": any(formats.FORMATS[one].tells for one in _shapes(here) if one in formats.FORMATS),
            "choices": [{"name": one.name, "label": shown.label(one)} for one in here.lens.columns if not (one.computed or one.files)],
            "outcome": imports.outcome(work, number) if found.state in (imports.APPLIED, imports.UNDONE) else {},
        }  # fmt: skip

    return html.page(visit, "ledger_import.html", **visit.write(command))


@post("/ledgers/{code:str}/imports/{number:str}")
@threaded
def act_on_import(
    visit: Visiting, form: Posted, code: FromPath[str], number: FromPath[str]
) -> Redirect:
    """Apply an import, take it back, or plan it anew with other columns."""
    action = form.get("action")
    if action == "remap":
        with visit.read() as work:
            lens = ledger.lens(work.connection, ledger.form(work.connection, code))
            found = imports.get(work, lens, number)
            content = store.blob(work.connection, found.blob_id).content
        chosen = {
            int(name[1:]): form.get(name)
            for name in form.names()
            if name[:1] == "c" and name[1:].isdecimal()
        }
        again = planned(visit, code, content, found.file, chosen)
        return leave(visit, f"/ledgers/{code}/imports/{again}")
    visit.write(lambda work: ledger_jobs.ask(work, code, number, undo=action == "undo"))
    return leave(visit, f"/ledgers/{code}/imports/{number}")


def planned(
    visit: Visit, code: str, content: bytes, name: str, chosen: Mapping[int, str] | None = None
) -> str:
    """Plan an import and keep it; gives its id. The heavy part is done on a look, so that nobody's
    write waits for it.
    """
    why = {key: text(visit.language, f"ledger.why.{key}") for key in REASONS}
    with visit.read() as work:
        form = ledger.form(work.connection, code)
        lens = ledger.lens(work.connection, form)
        here = ground(work, lens, verb="ledger.edit")
        places = reach.places(work, here.areas)
        reading = Reading(form, here.lens, here.dictionary, places, visit.language)
        sheet: Sheet = ledger_sheet.read(reading, ledger_sheet.opened(reading, content), chosen)
        effects = imports.plan(work, lens, sheet.lines, why)

    def command(work: Work) -> str:
        blob = store.add_blob(work, content, name[:200], MEDIA)
        heads = [[one.number, one.label, one.column] for one in sheet.heads]
        return imports.keep(work, lens, file=name, blob=blob, columns=heads, effects=effects)

    return visit.write(command)


def _shapes(here: Ground) -> set[str]:
    return {str(one.field.schema.get("format")) for one in here.lens.columns if one.kind == OWN}


def _told(one: imports.Import) -> dict[str, Any]:
    return {
        "id": one.id,
        "file": one.file,
        "state": one.state,
        "at": words.moment(one.created_at),
        "total": one.total,
        "done": min(one.done, one.total),
        "running": one.state in (imports.APPLYING, imports.UNDOING),
        "can_apply": one.state == imports.PREVIEWED and one.total > 0,
        "can_undo": one.state == imports.APPLIED,
    }


def _sides(lines: Sequence[tuple[Any, Any]]) -> list[Row]:
    """What lines change, from and to, as rows: the places they name are called by their names."""
    return [
        Row("", {change[0]: Cell(change[side]) for change in detail.get("changes", ())}, {})
        for _, detail in lines
        for side in (1, 2)
    ]


def _line(work: Work, shown: Showing, row: Any, detail: Any, language: str) -> dict[str, Any]:
    none = text(language, "ledger.blank")
    by_name = shown.lens.by_name
    return {
        "number": row["number"],
        "kind": row["kind"],
        "title": detail.get("title", ""),
        "changes": [
            {
                "label": shown.label(by_name[name]),
                "before": shown.display(by_name[name], old) or none,
                "after": shown.display(by_name[name], new) or none,
                "proposed": not edit.may_directly(work, shown.lens, by_name[name]),
            }
            for name, old, new, _ in detail.get("changes", ())
            if name in by_name
        ],
        "problems": [
            {"label": "" if label in told else label, "text": told}
            for name, told in detail.get("problems", ())
            for label in [shown.label(by_name[name]) if name in by_name else name]
        ],
    }
