"""Open data from a ledger: which columns, how anonymous, what it costs; a second person decides."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import public_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Form, Posted, Visit, Visiting
from engine.errors import Problem
from engine.privacy.anonymity import Demand, ReleaseWrong
from forms.public import decided as public_data
from forms.public import open_data
from forms.public.lists import Wish

ROLES = ("quasi", "sensitive")
GIVEN = ("title", "last_day", "about", "contact", "k", "l", "left_out")
USUAL = {"k": "5", "l": "2", "left_out": "5"}


@get("/ledgers/{code:str}/release")
@threaded
def release_page(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """What of a ledger may be open data, and how it is asked for."""
    return _page(visit, code, dict(USUAL))


@post("/ledgers/{code:str}/release")
@threaded
def make_release(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Make the table, to be looked at dry with what was told less and left out."""
    given = {name: form.get(name).strip() for name in form.names()}
    with visit.read() as work:
        open_data.opened(work, code)
    try:
        asked, wish = _asked(form), _wish(visit, form)
        own = visit.write(lambda work: public_data.draft(work, code, asked, wish))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _page(visit, code, given, problem)
    return leave(visit, f"/public-lists/{own}")


def _asked(form: Form) -> open_data.Wish:
    roles = {
        role: [name[2:] for name in form.names() if name[:2] == "c:" and form.get(name) == role]
        for role in ROLES
    }
    widths = {
        name[2:]: _bands(form.get(name))
        for name in form.names()
        if name[:2] == "b:" and form.get(name).strip()
    }
    diverse = _number(form.get("l"), "l") if roles["sensitive"] else 1
    left_out = _number(form.get("left_out"), "left-out") / 100
    demand = Demand(_number(form.get("k"), "k"), diverse, left_out)
    return open_data.Wish(roles["quasi"], roles["sensitive"], demand, widths)


def _wish(visit: Visit, form: Form) -> Wish:
    with visit.read() as work:
        today = work.today.isoformat()
    told = {name: form.get(name) for name in ("title", "about", "contact", "last_day")}
    return Wish(columns=(), first_day=today, **told)


def _number(given: str, reason: str) -> int:
    plain = given.strip()
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 6):
        raise ReleaseWrong(reason=reason)
    return int(plain)


def _bands(given: str) -> list[int]:
    return [_number(one, "bands") for one in given.replace("，", ",").split(",")]


def _page(
    visit: Visit, code: str, given: dict[str, str], problem: Problem | None = None
) -> Response[str]:
    with visit.read() as work:
        form, here = open_data.opened(work, code)
        context = {
            "ledger": {"code": code, "title": here.lens.title(visit.language)},
            "columns": public_view.open_columns(form, here, visit.language),
            "roles": [
                {"value": one, "text": text(visit.language, f"release.role.{one or 'none'}")}
                for one in ("", *ROLES)
            ],
        }
    return html.page(
        visit,
        "open_data.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else "",
        given=given,
        **context,
    )
