"""Ledgers: which there are, one as a table to filter, sort, search and look at as it was, kept views."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from admin.views import ledger_showing, ledger_view, words
from admin.views.ledger_view import Query
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine.access import policy
from engine.errors import Forbidden
from engine.ledgers import bulk, filters, page, past, proposals, spots, views
from engine.ledgers.filters import Filter
from engine.ledgers.ground import ground
from engine.work import Work
from forms import joining
from forms.kinds import ledger
from forms.public import lists as public_lists

Asked = Annotated[list[str] | None, QueryParameter(name="f", max_items=20)]
Short = Annotated[str, QueryParameter(max_length=400)]
Mark = Annotated[str, QueryParameter(max_length=4000)]


@get("/ledgers")
@threaded
def ledger_list(visit: Visiting) -> Response[str]:
    """The ledgers that the visitor may open."""
    with visit.read() as work:
        if not policy.reaches(work.actor, "ledger.read"):
            raise Forbidden
        found = ledger_view.listing(work, visit.language)
        waiting = proposals.waiting(work)
        joins = policy.reaches(work.actor, joining.VERB) != () and joining.subjects(work) != []
        asked = joining.waiting(work)
    return html.page(
        visit, "ledgers.html", ledgers=found, waiting=waiting, joins=joins, asked=asked
    )


@get("/ledgers/{code:str}")
@threaded
def ledger_page(
    visit: Visiting,
    code: FromPath[str],
    *,
    q: Short = "",
    asked: Asked = None,
    sort: Short = "",
    desc: Short = "",
    on: Short = "",
    view: Short = "",
    after: Mark = "",
    fc: Short = "",
    fo: Short = "",
    fv: Annotated[list[str] | None, QueryParameter(max_items=200)] = None,
) -> Response[Any]:
    """One ledger: a page of its rows. A filter that is being added leads to the address with it."""
    query = Query(code, q, tuple(asked or ()), sort, desc, on, view, after)
    if fc and fo:
        given = tuple(value for value in fv or () if value.strip())
        added = ledger_view.written(Filter(fc, fo, given))
        return Redirect(query.href(f=(*query.f, added), after=""), status_code=303)
    context = visit.write(lambda work: _context(work, query, visit.language))
    return html.page(visit, "ledger.html", **context)


@get("/ledgers/{code:str}/totals")
@threaded
def ledger_totals(
    visit: Visiting,
    code: FromPath[str],
    *,
    q: Short = "",
    asked: Asked = None,
    on: Short = "",
) -> Response[str]:
    """How many rows there are and what they add up to; asked for by the page after it is shown."""
    query = Query(code, q, tuple(asked or ()), on=on)
    with visit.read() as work:
        form = ledger.form(work.connection, code)
        here = ground(work, ledger.lens(work.connection, form), on=query.ask().on)
        day = query.ask().on
        if day is None:
            number, sums = page.totals(work, here, query.ask())
        else:
            number, sums = past.count_on(work, here, day), {}
        shown = ledger_showing.showing(work, form, here, [], visit.language)
    told = [
        {
            "label": shown.label(here.lens.by_name[name]),
            "value": "" if value is None else words.number(value),
            "unit": here.lens.by_name[name].field.unit or "",
        }
        for name, value in sums.items()
    ]
    return html.page(
        visit, "components/ledger_totals.html", number=words.number(number), totals=told
    )


@post("/ledgers/{code:str}/views")
@threaded
def keep_view(visit: Visiting, form: Posted, code: FromPath[str]) -> Redirect:
    """Keep the filters and the order in force under a name."""
    query = Query(code, form.get("q"), tuple(form.all("f")), form.get("sort"), form.get("desc"))
    title = form.get("title").strip()[:60]

    def command(work: Work) -> str:
        lens = ledger.lens(work.connection, ledger.form(work.connection, code))
        ground(work, lens)
        ask = query.ask()
        filters.columns_of(lens, ask)
        return views.keep(work, lens.code, title, ask, shared=bool(form.get("shared")))

    number = visit.write(command)
    visit.tell("ok", text(visit.language, "ledger.view_kept", title=title))
    return leave(visit, query.href(view=number))


@post("/ledgers/{code:str}/views/{view:str}/forget")
@threaded
def forget_view(
    visit: Visiting,
    form: Posted,  # noqa: ARG001 - taking the form checks its token
    code: FromPath[str],
    view: FromPath[str],
) -> Redirect:
    """Forget a kept view; only whoever kept it may."""
    visit.write(lambda work: views.forget(work, code, view))
    return leave(visit, f"/ledgers/{code}")


def _context(work: Work, query: Query, language: str) -> dict[str, Any]:
    form = ledger.form(work.connection, query.code)
    lens = ledger.lens(work.connection, form)
    ask = query.ask()
    here = ground(work, lens, on=ask.on)
    if ask.on is None:
        found = page.page(work, here, ask, after=query.after)
    else:
        found = past.page_on(work, here, ask, after=query.after)
    shown = ledger_showing.showing(work, form, here, found.rows, language)
    masked = [one.name for one in lens.columns if one.masked]
    if masked and found.rows:
        work.note("ledger.looked", lens.code, rows=len(found.rows), columns=len(masked))
    kept = views.listed(work, lens.code)
    return {
        "ledger": {
            "code": lens.code,
            "title": lens.title(language),
            "subject": ledger_view.subject_name(here.dictionary, lens.subject, language),
            "by_hand": lens.by_hand,
            "notes": form.notes,
            "files": any(one.files for one in here.lens.columns),
            "map": bool(spots.columns(here.lens)),
            "key": _key(shown),
        },
        "query": query,
        "chips": ledger_view.chips(shown, query, language),
        "choices": ledger_view.filter_choices(shown, language),
        "head": ledger_view.head(shown, ask, query),
        "rows": ledger_view.rows(work, shown, found.rows, ask.words),
        "more": query.href(after=found.next) if found.next else None,
        "first": query.href(after="") if query.after else None,
        "totals": query.href("/totals", sort="", desc="", view="", after=""),
        "views": [
            {
                "id": one.id,
                "title": one.title,
                "href": _view_href(query, one),
                "current": one.id == query.view,
                "mine": one.account_id == work.actor.id,
            }
            for one in kept
        ],
        "most_picked": bulk.MOST_PICKED,
        "can_publish": ask.on is None
        and policy.covers(work.actor, public_lists.MAKE, owner=form.owner),
        "can_edit": policy.reaches(work.actor, "ledger.edit") != () and ask.on is None,
        "since": max((one.stamp for row in found.rows for one in row.cells.values()), default=0),
        "now": work.at,
        "today": work.today.isoformat(),
    }


def _key(shown: ledger_showing.Showing) -> dict[str, str] | None:
    """By which number a subject is entered into a ledger kept by hand."""
    keys = shown.dictionary.subjects[shown.lens.subject].keys
    field = shown.dictionary.fields.get(f"{shown.lens.subject}.{keys[0]}") if keys else None
    return {"name": field.name, "label": field.label(shown.language)} if field else None


def _view_href(query: Query, one: views.View) -> str:
    ask = one.ask
    return query.href(
        q=ask.words,
        f=tuple(ledger_view.written(part) for part in ask.filters),
        sort=ask.sort,
        desc="1" if ask.descending else "",
        view=one.id,
        after="",
    )
