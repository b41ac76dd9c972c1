"""A ledger as a map."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from admin.views import ledger_map, ledger_showing, ledger_view
from admin.views.ledger_view import Query
from admin.web import html
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.ledgers import spots
from engine.ledgers.ground import ground
from engine.work import Work
from forms.kinds import ledger

Asked = Annotated[list[str] | None, QueryParameter(name="f", max_items=20)]
Short = Annotated[str, QueryParameter(max_length=400)]


@get("/ledgers/{code:str}/map")
@threaded
def ledger_map_page(
    visit: Visiting, code: FromPath[str], *, q: Short = "", asked: Asked = None, at: Short = ""
) -> Response[str]:
    """The rows that the ledger's page would show, where they are; `at` is the column that is drawn."""
    query = Query(code, q, tuple(asked or ()))

    def command(work: Work) -> dict[str, Any]:
        form = ledger.form(work.connection, code)
        here = ground(work, ledger.lens(work.connection, form))
        column = spots.chosen(here.lens, at)
        shown = ledger_showing.showing(work, form, here, [], visit.language)
        found, context = ledger_map.page(work, shown, here, query, column)
        work.note("ledger.looked", code, rows=found.placed, columns=1)
        return {
            **context,
            "ledger": {"code": code, "title": here.lens.title(visit.language)},
            "query": query,
            "at": column.name,
            "chips": [
                {**one, "href": one["href"].replace(f"/ledgers/{code}", f"/ledgers/{code}/map", 1)}
                for one in ledger_view.chips(shown, query, visit.language)
            ],
        }

    return html.page(visit, "ledger_map.html", **visit.write(command))
