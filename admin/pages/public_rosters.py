"""公示 from a report: the list that units filed, masked, seen dry, decided like a ledger's."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from admin.views import dispatch_view, public_view
from admin.web import html
from admin.web.html import leave
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.identity import store as identity
from engine.work import Work
from forms import documents, store, versions
from forms.public import lists as public_lists
from forms.public import rosters as public_rosters
from forms.public.lists import PublicListWrong, Wish
from forms.public.rosters import Roster
from workflows import dispatches
from workflows.dispatch import DispatchRecord

TablePath = Annotated[str, QueryParameter(max_length=200)]
Unit = Annotated[str, QueryParameter(max_length=60)]


@get("/dispatches/{dispatch_id:str}/publish")
@threaded
def publish_roster(
    visit: Visiting, dispatch_id: FromPath[str], *, table: TablePath = "", org: Unit = ""
) -> Response[str]:
    """Which columns of a report's list may be public, and how each would be masked."""
    return _page(visit, dispatch_id, (table, org), {})


@post("/dispatches/{dispatch_id:str}/publish")
@threaded
def make_roster_draft(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Response[Any]:
    """Make what would be public of a report's list, to be looked at dry."""
    table, org = form.get("table"), form.get("org")
    names = ("title", "first_day", "last_day", "about", "contact")
    given: dict[str, Any] = {name: form.get(name) for name in names}
    wish = Wish(columns=form.all("column"), **given)

    def command(work: Work) -> str:
        here, found = _roster(work, dispatch_id, table, org)
        return public_rosters.draft(work, here, wish, source=f"dispatch:{found.id}{table}")

    try:
        own = visit.write(command)
    except PublicListWrong as problem:
        return _page(
            visit, dispatch_id, (table, org), given | {"columns": form.all("column")}, problem
        )
    return leave(visit, f"/public-lists/{own}")


def _roster(work: Work, dispatch_id: str, table: str, org: str) -> tuple[Roster, DispatchRecord]:
    found = dispatches.get(work, dispatch_id)
    form = store.published(work.connection, found.form_code, found.form_version)
    records = documents.of_dispatch(work.connection, found.id, cells=False)
    records = versions.read_as(work, form, records)
    if org:
        records = [one for one in records if one.organisation_code == org]
    return public_rosters.roster(work, form, table, records), found


def _page(
    visit: Visit,
    dispatch_id: str,
    asked: tuple[str, str],
    given: dict[str, Any],
    problem: PublicListWrong | None = None,
) -> Response[str]:
    language, (table, org) = visit.language, asked
    with visit.read() as work:
        here, found = _roster(work, dispatch_id, table, org)
        rolled = f"/dispatches/{found.id}/rollup?table={table}"
        named = identity.organisation_names(work.connection, [org]) if org else {}
        context = {
            "source": {
                "above": dispatch_view.title(work, found, language),
                "crumb": f"/dispatches/{found.id}",
                "title": here.table.label(language),
                "href": rolled,
                "action": f"/dispatches/{found.id}/publish",
                "hidden": [("table", table), *([("org", org)] if org else [])],
            },
            "chips": [{"text": one} for one in named.values()],
            "rows": min(len(here.rows), public_lists.MOST_ROWS + 1),
            "columns": public_view.roster_columns(here, language),
            "today": work.today.isoformat(),
        }
    return html.page(
        visit,
        "publish.html",
        http_status=200 if problem is None else problem.status,
        given=given,
        error=problem.text(visit.language) if problem else "",
        **context,
    )
