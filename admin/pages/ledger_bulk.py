"""One column of all the rows a ledger shows, set to one value: a form that leads to a preview."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from admin.views import ledger_bulk, ledger_showing, ledger_view, posted
from admin.views.ledger_bulk import Wanted
from admin.views.ledger_view import Query
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import NotFound
from engine.ledgers import bulk, page
from engine.ledgers.ground import ground
from engine.ledgers.rows import BLANK
from engine.work import Work
from forms.kinds import ledger

Asked = Annotated[list[str] | None, QueryParameter(name="f", max_items=20)]
Short = Annotated[str, QueryParameter(max_length=400)]
Ticked = Annotated[list[str] | None, QueryParameter(max_items=bulk.MOST_PICKED)]
TICKS = "ticks"


@get("/ledgers/{code:str}/bulk")
@threaded
def bulk_page(
    visit: Visiting,
    code: FromPath[str],
    *,
    q: Short = "",
    asked: Asked = None,
    column: Short = "",
    by: Short = "",
    row: Ticked = None,
) -> Response[str]:
    """Choose a column for the rows in view or those that were ticked, then its new value."""
    return _page(visit, _query(code, q, asked or (), by, row or ()), column)


@post("/ledgers/{code:str}/bulk")
@threaded
def preview_bulk(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Plan what setting the column would do to each row; nothing is written to any register."""
    query = _query(code, form.get("q"), form.all("f")[:20], form.get("by"), form.all("row"))
    column = form.get("column")
    given, absent = form.get(f"v:/{column}"), form.all(f"absent:/{column}")
    with visit.read() as work:
        found = ledger.form(work.connection, code)
        ground(work, ledger.lens(work.connection, found), verb="ledger.edit")
    value = None if form.get("clear") else posted.answer(found, f"/{column}", given, absent)
    if value is None and not form.get("clear"):
        return _page(visit, query, column, problem=text(visit.language, "ledger.bulk_nothing"))
    try:
        number = ledger_bulk.planned(visit, Wanted(query, column, value, form.get("reason")[:100]))
    except ledger_bulk.ValueInvalid as wrong:
        return _page(visit, query, column, typed=given, problem=wrong.reason)
    return leave(visit, f"/ledgers/{code}/imports/{number}")


def _query(code: str, q: str, asked: Sequence[str], by: str, rows: Sequence[str]) -> Query:
    """Which rows are meant: `by=ticks` those that were ticked and no others, else those of a question."""
    if by == TICKS:
        return Query(code, picked=tuple(dict.fromkeys(rows))[: bulk.MOST_PICKED])
    return Query(code, q, tuple(asked))


def _page(
    visit: Visit, query: Query, column: str, *, typed: str | None = None, problem: str = ""
) -> Response[str]:
    language = visit.language
    ask = query.ask()

    def look(work: Work) -> dict[str, Any]:
        form = ledger.form(work.connection, query.code)
        here = ground(work, ledger.lens(work.connection, form), verb="ledger.edit")
        shown = ledger_showing.showing(work, form, here, [], language)
        able = bulk.columns(here)
        if column and column not in {one.name for one in able}:
            raise NotFound
        cell = None
        if column:
            known = here.lens.by_name[column]
            cell = ledger_view.control(work, shown, known, BLANK, typed=typed, problem=problem)
        return {
            "ledger": {"code": query.code, "title": here.lens.title(language)},
            "query": query,
            "chips": ledger_view.chips(shown, query, language),
            "rows": page.count(work, here, ask),
            "choices": [{"name": one.name, "label": shown.label(one)} for one in able],
            "column": column,
            "cell": cell,
        }

    with visit.read() as work:
        context = look(work)
    return html.page(visit, "ledger_bulk.html", http_status=422 if problem else 200, **context)
