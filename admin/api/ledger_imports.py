"""Sheets into ledgers over the API: planned row by row, applied by a durable job, taken back as a whole."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.pages.ledger_imports import FileMissing, planned
from admin.views import ledger_showing
from admin.views.ledger_showing import Showing
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.ledgers import edit, imports
from engine.ledgers.ground import ground
from engine.work import Work
from forms.kinds import ledger, ledger_jobs

SHOWN = 200
Name = Annotated[str, QueryParameter(max_length=200, description="What the file is called")]


class ImportAction(msgspec.Struct, forbid_unknown_fields=True):
    """What is to become of an import."""

    action: Literal["apply", "undo"]


class ImportedCell(msgspec.Struct):
    """One cell that a row of the sheet changes. Protected values are masked."""

    column: str
    before: Any
    after: Any
    proposed: bool
    """Whether it counts only when the office that answers for the column agrees."""


class ImportedLine(msgspec.Struct):
    """What becomes of one row of the sheet: `new`, `changed`, `entered`, `same` or `rejected`."""

    number: int
    row: str
    kind: str
    cells: list[ImportedCell]
    problems: dict[str, str]
    """By column, why the row is rejected."""


class LedgerImport(msgspec.Struct):
    """An import: which column of the sheet is which of the ledger, how many rows of which kind, how far
    it is, and 200 of its lines after `after`.
    """

    id: str
    state: Literal["previewed", "applying", "applied", "undoing", "undone"]
    file: str
    columns: list[tuple[int, str, str]]
    """Number and heading in the sheet, and the ledger's column; empty: not taken."""
    counts: dict[str, int]
    total: int
    done: int
    lines: list[ImportedLine]
    next: int | None
    """For `after`; null at the end."""


@post("/api/ledgers/{code:str}/imports", status_code=201)
async def import_sheet(
    request: Request[Any, Any, Any], caller: Visiting, code: FromPath[str], *, name: Name = ""
) -> Response[LedgerImport]:
    """Plan what each row of a sheet (xlsx, xls, csv; GeoJSON for positions) would do; the request's
    content is the file. Nothing is written to any register.
    """
    await threaded(_may)(caller, code)
    content = bytearray()
    async for piece in request.stream():
        content += piece

    def plan() -> Response[LedgerImport]:
        if not content:
            raise FileMissing
        number = planned(caller, code, bytes(content), name or "sheet")
        return answer(_told(caller, code, number), 201)

    return await threaded(plan)()


@get("/api/ledgers/{code:str}/imports/{number:str}")
@threaded
def read_import(
    caller: Visiting,
    code: FromPath[str],
    number: FromPath[str],
    *,
    after: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
) -> Response[LedgerImport]:
    """An import of the caller's own, row by row."""
    return answer(_told(caller, code, number, after))


@post("/api/ledgers/{code:str}/imports/{number:str}", status_code=200)
@threaded
def act_on_sheet(
    caller: Visiting,
    code: FromPath[str],
    number: FromPath[str],
    data: Annotated[ImportAction, Body()],
) -> Response[LedgerImport]:
    """Have an import applied, or taken back as a whole, by a durable job."""
    caller.write(lambda work: ledger_jobs.ask(work, code, number, undo=data.action == "undo"))
    return answer(_told(caller, code, number))


def _may(caller: Visit, code: str) -> None:
    """Refused before anything is read of what is sent."""
    with caller.read() as work:
        form = ledger.form(work.connection, code)
        ground(work, ledger.lens(work.connection, form), verb="ledger.edit")


def _told(caller: Visit, code: str, number: str, after: int = 0) -> LedgerImport:
    def command(work: Work) -> LedgerImport:
        form = ledger.form(work.connection, code)
        lens = ledger.lens(work.connection, form)
        here = ground(work, lens, verb="ledger.edit")
        found = imports.get(work, lens, number)
        lines = imports.lines(work, number, after=after, limit=SHOWN + 1)
        shown = ledger_showing.showing(work, form, here, [], caller.language)
        work.note("ledger.looked", code, rows=min(len(lines), SHOWN))
        return LedgerImport(
            id=found.id,
            state=found.state,  # type: ignore[arg-type]  # one of the five
            file=found.file,
            columns=[(one[0], str(one[1]), str(one[2] or "")) for one in found.columns],
            counts=dict(found.counts),
            total=found.total,
            done=min(found.done, found.total),
            lines=[_line(work, shown, row, detail) for row, detail in lines[:SHOWN]],
            next=lines[SHOWN - 1][0]["number"] if len(lines) > SHOWN else None,
        )

    return caller.write(command)


def _line(work: Work, shown: Showing, row: Any, detail: Any) -> ImportedLine:
    known = shown.lens.by_name
    cells = []
    for name, old, new, _ in (detail or {}).get("changes", ()):
        if (column := known.get(name)) is None:  # withheld, or the ledger has it no more
            continue
        both = (shown.display(column, one) if column.masked else one for one in (old, new))
        before, after = both
        proposed = not edit.may_directly(work, shown.lens, column)
        cells.append(ImportedCell(name, before, after, proposed))
    problems = {name or "": told for name, told in (detail or {}).get("problems", ())}
    return ImportedLine(row["number"], row["subject_id"], row["kind"], cells, problems)
