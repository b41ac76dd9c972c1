"""Bulk changes of ledgers over the API: previewed, applied by a durable job, taken back as a whole."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.views import ledger_bulk, ledger_showing, posted
from admin.views.ledger_bulk import Wanted
from admin.views.ledger_showing import Showing
from admin.views.ledger_view import Query
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting
from engine.ledgers import bulk, edit, imports
from engine.ledgers.ground import ground
from engine.work import Work
from forms.kinds import ledger, ledger_jobs

SHOWN = 200
Condition = Annotated[str, msgspec.Meta(max_length=400)]
RowId = Annotated[str, msgspec.Meta(max_length=64)]


class NewBulkChange(msgspec.Struct, forbid_unknown_fields=True):
    """One column of the rows in question set to a value; `null` empties it.

    `filter` is as of the operation that lists rows: `column:operator:value|value`.
    """

    column: Annotated[str, msgspec.Meta(max_length=48)]
    value: Any
    filter: Annotated[list[Condition], msgspec.Meta(max_length=20)] = []
    q: Condition = ""
    reason: Annotated[str, msgspec.Meta(max_length=100)] = ""
    rows: Annotated[list[RowId], msgspec.Meta(max_length=bulk.MOST_PICKED)] | None = None
    """Only these rows of the question; others' and unknown ids are passed over."""


class BulkAction(msgspec.Struct, forbid_unknown_fields=True):
    """What is to become of a bulk change."""

    action: Literal["apply", "undo"]


class BulkLine(msgspec.Struct):
    """What becomes of one row: `changed`, `same` or `rejected`. Protected values are masked."""

    number: int
    row: str
    kind: str
    before: Any
    after: Any
    proposed: bool
    """Whether it counts only when the office that answers for the column agrees."""
    reason: str


class BulkChange(msgspec.Struct):
    """A bulk change: how many rows of which kind, how far it is, and 200 of its lines after `after`."""

    id: str
    state: Literal["previewed", "applying", "applied", "undoing", "undone"]
    counts: dict[str, int]
    total: int
    done: int
    outcome: dict[str, int]
    """Of what was applied: cells saved, proposed, left alone because somebody else changed them."""
    lines: list[BulkLine]
    next: int | None
    """For `after`; null at the end."""


@post("/api/ledgers/{code:str}/bulk", status_code=201)
@threaded
def plan_bulk_change(
    caller: Visiting, code: FromPath[str], data: Annotated[NewBulkChange, Body()]
) -> Response[BulkChange]:
    """Plan what setting a column would do to each row; nothing is written to any register."""
    with caller.read() as work:
        form = ledger.form(work.connection, code)
        ground(work, ledger.lens(work.connection, form), verb="ledger.edit")
    value = posted.value(form, f"/{data.column}", data.value)
    picked = None if data.rows is None else tuple(data.rows)
    query = Query(code, data.q, tuple(data.filter), picked=picked)
    number = ledger_bulk.planned(caller, Wanted(query, data.column, value, data.reason))
    return answer(_told(caller, code, number), 201)


@get("/api/ledgers/{code:str}/bulk/{number:str}")
@threaded
def read_bulk_change(
    caller: Visiting,
    code: FromPath[str],
    number: FromPath[str],
    *,
    after: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
) -> Response[BulkChange]:
    """A bulk change of the caller's own, row by row."""
    return answer(_told(caller, code, number, after))


@post("/api/ledgers/{code:str}/bulk/{number:str}", status_code=200)
@threaded
def act_on_bulk_change(
    caller: Visiting,
    code: FromPath[str],
    number: FromPath[str],
    data: Annotated[BulkAction, Body()],
) -> Response[BulkChange]:
    """Have a bulk change applied, or taken back as a whole, by a durable job."""
    caller.write(lambda work: ledger_jobs.ask(work, code, number, undo=data.action == "undo"))
    return answer(_told(caller, code, number))


def _told(caller: Visit, code: str, number: str, after: int = 0) -> BulkChange:
    def command(work: Work) -> BulkChange:
        form = ledger.form(work.connection, code)
        lens = ledger.lens(work.connection, form)
        here = ground(work, lens, verb="ledger.edit")
        found = imports.get(work, lens, number)
        lines = imports.lines(work, number, after=after, limit=SHOWN + 1)
        shown = ledger_showing.showing(work, form, here, [], caller.language)
        work.note("ledger.looked", code, rows=min(len(lines), SHOWN))
        over = found.state in (imports.APPLIED, imports.UNDONE)
        return BulkChange(
            id=found.id,
            state=found.state,  # type: ignore[arg-type]  # one of the five
            counts=dict(found.counts),
            total=found.total,
            done=min(found.done, found.total),
            outcome=imports.outcome(work, number) if over else {},
            lines=[_line(work, shown, row, detail) for row, detail in lines[:SHOWN]],
            next=lines[SHOWN - 1][0]["number"] if len(lines) > SHOWN else None,
        )

    return caller.write(command)


def _line(work: Work, shown: Showing, row: Any, detail: Any) -> BulkLine:
    name, old, new, _ = next(iter(detail.get("changes") or ()), ("", None, None, 0))
    column = shown.lens.by_name.get(name)
    if column is None:  # nothing changes, or the ledger has the column no more
        old = new = None
    elif column.masked:
        old, new = shown.display(column, old), shown.display(column, new)
    return BulkLine(
        number=row["number"],
        row=row["subject_id"],
        kind=row["kind"],
        before=old,
        after=new,
        proposed=column is not None and not edit.may_directly(work, shown.lens, column),
        reason="；".join(told for _, told in detail.get("problems", ())),
    )
