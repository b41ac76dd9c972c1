"""Ledgers over the API: which there are, their rows, cells changed one by one, what others changed meanwhile."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, patch
from litestar.params import Body, FromPath, FromQuery, QueryParameter

from admin.views import ledger_showing, ledger_view, posted
from admin.views.ledger_view import Query
from admin.web.answer import Day, Limit, Remark, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine import clock
from engine.access import policy
from engine.errors import Forbidden
from engine.ledgers import edit, history, page, past
from engine.ledgers.edit import Edit
from engine.ledgers.ground import Ground, ground
from engine.ledgers.rows import Row
from engine.work import Work
from forms.compiled import CompiledForm
from forms.kinds import ledger, ledger_files

Asked = Annotated[
    list[str] | None,
    QueryParameter(
        name="filter", max_items=20, description="`column:operator:value|value`, e.g. `age:ge:80`"
    ),
]
Text = Annotated[str, QueryParameter(max_length=400)]
Mark = Annotated[str, QueryParameter(max_length=4000, description="`next` of the page before")]
Ids = Annotated[str, QueryParameter(max_length=5_000, description="Ids of rows, by commas")]
Stamp = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Ledger(msgspec.Struct):
    """A ledger: what it is about, and its columns."""

    code: str
    title: str
    owner: str
    subject: str
    members: str
    """The rule; empty if members are entered by hand."""
    columns: list[dict[str, Any]]


class LedgerList(msgspec.Struct):
    """The ledgers that the caller may open."""

    ledgers: list[Ledger]


class OneRow(msgspec.Struct):
    """One row with its cells."""

    row: Any


class RowList(msgspec.Struct):
    """A page of rows; protected values are masked. `next` is the mark for `after`, null at the end."""

    rows: list[dict[str, Any]]
    next: str | None


class CellEdit(msgspec.Struct, forbid_unknown_fields=True):
    """A cell to be changed; `seen` is its stamp as the caller saw it."""

    row: Annotated[str, msgspec.Meta(max_length=64)]
    column: Annotated[str, msgspec.Meta(max_length=48)]
    value: Any
    seen: Stamp
    reason: Remark = ""
    over: bool = False


class Edits(msgspec.Struct, forbid_unknown_fields=True):
    """Cells to be changed, each on its own merits."""

    edits: Annotated[list[CellEdit], msgspec.Meta(min_length=1, max_length=1000)]


class EditResult(msgspec.Struct):
    """What became of each: saved, same, proposed, clash (with what is there now) or refused (why)."""

    outcomes: list[dict[str, Any]]


class OthersChanges(msgspec.Struct):
    """Cells that others changed, and where somebody wrote at the same cell as the caller."""

    cells: list[dict[str, Any]]
    clashes: list[dict[str, Any]]
    now: str


class Happenings(msgspec.Struct):
    """What happened to a row, the newest first."""

    history: list[dict[str, Any]]


@get("/api/ledgers")
@threaded
def list_ledgers(caller: Visiting) -> Response[LedgerList]:
    """Ledgers that the caller may open."""
    with caller.read() as work:
        if not policy.reaches(work.actor, "ledger.read"):
            raise Forbidden
        allowed = {one["code"] for one in ledger_view.listing(work, caller.language)}
        found = [
            _ledger(work, form, caller.language)
            for form in ledger.forms(work.connection)
            if form.code in allowed
        ]
    return answer(LedgerList(found))


@get("/api/ledgers/{code:str}/rows")
@threaded
def list_rows(
    caller: Visiting,
    code: FromPath[str],
    *,
    q: Text = "",
    asked: Asked = None,
    sort: Text = "",
    descending: FromQuery[bool] = False,
    on: Text = "",
    after: Mark = "",
    limit: Limit = 100,
) -> Response[RowList]:
    """Rows of a ledger within the caller's area, filtered and in order."""
    query = Query(code, q, tuple(asked or ()), sort, "1" if descending else "", on)

    def command(work: Work) -> RowList:
        form, here = _opened(work, code, query)
        ask = query.ask()
        if ask.on is None:
            found = page.page(work, here, ask, after=after, limit=limit)
        else:
            found = past.page_on(work, here, ask, after=after)
        work.note("ledger.looked", code, rows=len(found.rows))
        shown = ledger_showing.showing(work, form, here, found.rows, caller.language)
        return RowList([_row(shown, row) for row in found.rows], found.next)

    return answer(caller.write(command))


@patch("/api/ledgers/{code:str}/cells")
@threaded
def edit_cells(
    caller: Visiting, code: FromPath[str], data: Annotated[Edits, Body()]
) -> Response[EditResult]:
    """Change cells. One that somebody else changed meanwhile is not overwritten unless `over` says so."""

    def command(work: Work) -> EditResult:
        form = ledger.form(work.connection, code)
        wanted = [
            Edit(
                one.row,
                one.column,
                posted.value(form, f"/{one.column}", one.value),
                one.seen,
                one.reason,
                one.over,
            )
            for one in data.edits
        ]
        ledger_files.refuse_unknown(work, form, wanted)
        done = ledger.save(work, form, wanted, language=caller.language)
        return EditResult(_outcomes(work, form, done, caller.language))

    return answer(caller.write(command))


@get("/api/ledgers/{code:str}/changes")
@threaded
def changes(
    caller: Visiting,
    code: FromPath[str],
    *,
    rows: Ids = "",
    since: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    moment: Text = "",
) -> Response[OthersChanges]:
    """What changed in these rows since a stamp, whoever changed it and wherever."""
    ids = [one for one in rows.split(",") if one][:500]
    with caller.read() as work:
        form, here = _opened(work, code, Query(code))
        found = page.by_ids(work, here, ids)
        shown = ledger_showing.showing(work, form, here, found.values(), caller.language)
        told = [
            {
                "row": row.id,
                **ledger_view.changed(shown, here.lens.by_name[name], cell, caller.language),
            }
            for row in found.values()
            for name, cell in row.cells.items()
            if cell.stamp > max(since - page.OVERLAP, 0)
        ]
        clashed = [
            {
                "row": one["row_id"],
                "column": one["column"],
                "label": shown.label(here.lens.by_name[str(one["column"])]),
                "by": one["second_name"],
                "overridden": one["overridden"],
                "id": one["id"],
            }
            for one in edit.clashes(work, here.lens, ids, moment)
            if one["column"] in here.lens.by_name
        ]
        now = work.at
    return answer(OthersChanges(told, clashed, now))


@get("/api/ledgers/{code:str}/rows/{row_id:str}")
@threaded
def read_row(
    caller: Visiting, code: FromPath[str], row_id: FromPath[str], on: Day = ""
) -> Response[OneRow]:
    """One row of a ledger; with `on` as it stood at the end of that day, also if it left since."""
    day = clock.asked_day(on)

    def command(work: Work) -> OneRow:
        form = ledger.form(work.connection, code)
        here = ground(work, ledger.lens(work.connection, form), on=day)
        row = past.row_on(work, here, row_id, day) if day else page.one(work, here, row_id)
        work.note("ledger.looked", code, row=row_id, columns=len(here.lens.columns))
        shown = ledger_showing.showing(work, form, here, [row], caller.language)
        return OneRow(_row(shown, row))

    return answer(caller.write(command))


@get("/api/ledgers/{code:str}/rows/{row_id:str}/history")
@threaded
def row_history(
    caller: Visiting, code: FromPath[str], row_id: FromPath[str], *, column: Text = ""
) -> Response[Happenings]:
    """Who changed what of a row, when, why; of one cell with `column`. Protected values are masked."""

    def command(work: Work) -> Happenings:
        form, here = _opened(work, code, Query(code))
        row = page.one(work, here, row_id)
        if column:
            page.known(here, column)
        shown = ledger_showing.showing(work, form, here, [row], caller.language)
        work.note("ledger.looked", code, row=row_id)
        return Happenings(
            [
                {
                    "at": one.at,
                    "by": one.by,
                    "column": one.column,
                    "before": shown.display(here.lens.by_name[one.column], one.before),
                    "after": shown.display(here.lens.by_name[one.column], one.after),
                    "reason": one.reason,
                }
                for one in history.of_row(work, here, row, column=column)
            ]
        )

    return answer(caller.write(command))


def _opened(work: Work, code: str, query: Query) -> tuple[CompiledForm, Ground]:
    form = ledger.form(work.connection, code)
    return form, ground(work, ledger.lens(work.connection, form), on=query.ask().on)


def _ledger(work: Work, form: CompiledForm, language: str) -> Ledger:
    lens = ledger.lens(work.connection, form).seen_by(work.rules)
    columns = [
        {
            "name": one.name,
            "label": ledger.item(form, one.name).label(language),
            "kind": one.kind,
            "field": "" if one.kind == "local" else one.field.code,
            "masked": one.masked,
            "direct": edit.may_directly(work, lens, one),
        }
        for one in lens.columns
    ]
    return Ledger(lens.code, lens.title(language), lens.owner, lens.subject, lens.rule, columns)


def _row(shown: ledger_showing.Showing, row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "cells": {
            one.name: {
                "value": shown.display(one, row.cell(one.name).value)
                if one.masked
                else row.cell(one.name).value,
                "stamp": row.cell(one.name).stamp,
                "stale": row.cell(one.name).stale,
            }
            for one in shown.lens.columns
        },
    }


def _outcomes(
    work: Work, form: CompiledForm, done: ledger.Saved, language: str
) -> list[dict[str, Any]]:
    here = ground(work, ledger.lens(work.connection, form))
    rows = page.by_ids(work, here, sorted({one.row for one in done.outcomes}))
    shown = ledger_showing.showing(work, form, here, rows.values(), language)
    told: list[dict[str, Any]] = [
        {
            "row": one.row,
            "kind": one.kind,
            "proposal": one.proposal,
            **ledger_view.changed(shown, here.lens.by_name[one.column], one.cell, language),
        }
        for one in done.outcomes
    ]
    told += [
        {"row": one.row, "column": one.column, "kind": "refused", "text": problem.text}
        for one, problem in done.problems
    ]
    return told
