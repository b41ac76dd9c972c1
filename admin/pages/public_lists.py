"""公示: a list made public from a ledger; seen dry, approved by a second person, open to everybody."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from admin.pages.files import attachment
from admin.views import ledger_showing, ledger_view, public_view
from admin.views.ledger_view import Query
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import NOBODY, Posted, Visit, Visiting
from engine.errors import Problem
from engine.ledgers import page
from engine.work import Work
from forms.public import lists as public_lists
from forms.public.lists import Contents, PublicList, PublicListWrong, Wish
from renderers import csv_table, pdf

PAGE = 200
HIDE = {"x-robots-tag": "noindex, nofollow, noarchive"}
Asked = Annotated[list[str] | None, QueryParameter(name="f", max_items=20)]
Short = Annotated[str, QueryParameter(max_length=400)]
From = Annotated[int, QueryParameter(name="from", ge=0, le=10**6)]


@get("/public-lists")
@threaded
def public_list_list(visit: Visiting) -> Response[str]:
    """Lists that are public, wait for a word, or were."""
    with visit.read() as work:
        rows = [public_view.row(work, one, visit.language) for one in public_lists.listed(work)]
    return html.page(visit, "public_lists.html", rows=rows)


@get("/ledgers/{code:str}/publish")
@threaded
def publish_page(
    visit: Visiting, code: FromPath[str], *, q: Short = "", asked: Asked = None
) -> Response[str]:
    """Which columns of the rows in view may be public, and how each would be masked."""
    return _publish(visit, Query(code, q, tuple(asked or ())), {})


@post("/ledgers/{code:str}/publish")
@threaded
def make_draft(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Make what would be public, to be looked at dry."""
    query = Query(code, form.get("q"), tuple(form.all("f"))[:20])
    names = ("title", "first_day", "last_day", "about", "contact")
    given = {name: form.get(name) for name in names}
    wish = Wish(columns=form.all("column"), **given)
    try:
        own = visit.write(lambda work: public_lists.draft(work, code, query.ask(), wish))
    except PublicListWrong as problem:
        return _publish(visit, query, {**given, "columns": form.all("column")}, problem)
    return leave(visit, f"/public-lists/{own}")


@get("/public-lists/{own:str}")
@threaded
def public_list_page(visit: Visiting, own: FromPath[str], *, start: From = 0) -> Response[str]:
    """Exactly what the public sees or would see, and what can be done with it."""
    return _shown(visit, own, start)


@post("/public-lists/{own:str}")
@threaded
def act(visit: Visiting, form: Posted, own: FromPath[str]) -> Response[Any]:
    """Ask for a second person, approve, refuse, withdraw: the button's `action` says which."""
    action, reason = form.pressed("submit", "approve", "refuse", "withdraw"), form.get("reason")

    def command(work: Work) -> None:
        if action == "submit":
            public_lists.submit(work, own)
        elif action == "withdraw":
            public_lists.withdraw(work, own, reason)
        else:
            public_lists.decide(
                work, own, accept=action == "approve", digest=form.get("digest"), reason=reason
            )

    try:
        visit.write(command)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _shown(visit, own, 0, problem)
    visit.tell("ok", text(visit.language, f"publish.told.{action}"))
    return leave(visit, f"/public-lists/{own}")


@get("/open/{address:str}")
@threaded
def open_list(visit: Visiting, address: FromPath[str], *, start: From = 0) -> Response[str]:
    """What everybody sees under the address while the list is public."""
    found, contents = _open(visit, address)
    with visit.system.read(NOBODY) as work:
        told = public_view.row(work, found, visit.language)
    more = f"/open/{address}?from={start + PAGE}" if len(contents.rows) > start + PAGE else None
    response = html.page(
        visit,
        "public_list_open.html",
        list=told,
        heads=contents.heads,
        rows=contents.rows[start : start + PAGE],
        start=start,
        total=len(contents.rows),
        more=more,
    )
    response.headers.update(HIDE)
    return response


@get("/open/{address:str}/csv")
@threaded
def open_csv(visit: Visiting, address: FromPath[str]) -> Response[bytes]:
    """The public list as CSV."""
    found, contents = _open(visit, address)
    content = csv_table.render(public_view.table(found, contents))
    return _file(f"{found.title}.csv", content, csv_table.MEDIA_TYPE)


@get("/open/{address:str}/pdf")
@threaded
def open_pdf(visit: Visiting, address: FromPath[str]) -> Response[bytes]:
    """The public list for the notice board."""
    found, contents = _open(visit, address)
    with visit.system.read(NOBODY) as work:
        document = public_view.document(work, found, contents)
    return _file(f"{found.title}.pdf", pdf.render(document, language="zh"), pdf.MEDIA_TYPE)


def _open(visit: Visit, address: str) -> tuple[PublicList, Contents]:
    with visit.system.read(NOBODY) as work:
        return public_lists.public(work, address)


def _file(name: str, content: bytes, media_type: str) -> Response[bytes]:
    response = attachment(name, content, media_type)
    response.headers.update(HIDE)
    return response


def _publish(
    visit: Visit, query: Query, given: dict[str, Any], problem: Problem | None = None
) -> Response[str]:
    with visit.read() as work:
        form, here = public_lists.opened(work, query.code)
        shown = ledger_showing.showing(work, form, here, [], visit.language)
        context = {
            "source": {
                "above": text(visit.language, "nav.ledgers"),
                "crumb": "/ledgers",
                "title": here.lens.title(visit.language),
                "href": query.href(),
                "action": f"/ledgers/{query.code}/publish",
                "hidden": [
                    *([("q", query.q)] if query.q else []),
                    *(("f", one) for one in query.f),
                ],
            },
            "chips": [
                *([{"text": query.q}] if query.q else []),
                *ledger_view.chips(shown, query, visit.language),
            ],
            "rows": page.count(work, here, query.ask(), most=public_lists.MOST_ROWS + 1),
            "columns": public_view.columns(shown, public_lists.masks(here), visit.language),
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


def _shown(visit: Visit, own: str, start: int, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        found, contents = public_lists.get(work, own)
        told = public_view.row(work, found, visit.language)
        mine, decides = found.made_by == work.actor.id, public_lists.may_decide(work, found)
    more = None
    if len(contents.rows) > start + PAGE:
        more = f"/public-lists/{own}?from={start + PAGE}"
    return html.page(
        visit,
        "public_list.html",
        http_status=200 if problem is None else problem.status,
        error=problem.text(visit.language) if problem else "",
        list=told,
        heads=public_view.heads(contents, visit.language),
        cost=public_view.cost(contents, visit.language),
        rows=contents.rows[start : start + PAGE],
        start=start,
        total=len(contents.rows),
        more=more,
        mine=mine,
        decides=decides,
    )
