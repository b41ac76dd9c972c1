"""The counter: a resident is looked up and handed a slip, with which they open their own data themselves."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import own_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.residents import store
from engine.residents.store import Found
from renderers import qr

PATH = "/residents"


@get(PATH)
@threaded
def counter(visit: Visiting) -> Response[str]:
    """Look somebody up, and what became of the slips of this office."""
    return _page(visit)


@post(PATH, status_code=200)
@threaded
def look_up(visit: Visiting, form: Posted) -> Response[str]:
    """Whose number it is, to be compared with the card before a slip is handed out."""
    try:
        found = visit.write(lambda work: store.find(work, form.get("key")))
    except store.ResidentUnknown as problem:
        return _page(visit, problem=problem)
    return _page(visit, found)


@post(f"{PATH}/slips", status_code=200)
@threaded
def hand_out(visit: Visiting, form: Posted) -> Response[str]:
    """The slip, to be printed or scanned from the screen; it is shown this once."""
    try:
        slip = visit.write(
            lambda work: store.hand_out(
                work, form.get("person"), proof=form.get("proof"), place=form.get("place")
            )
        )
    except store.ResidentProof as problem:
        return _page(visit, problem=problem)
    address = f"{visit.system.settings.public_url}/mine"
    code = slip.code
    return html.page(
        visit,
        "resident_slip.html",
        code=f"{code[:3]} {code[3:6]} {code[6:]}",
        until=own_view.until(slip),
        address=address,
        qr=qr.svg(f"{address}#{code}"),
        place=slip.place,
        slip=slip.id,
    )


@post(f"{PATH}/slips/{{slip_id:str}}/withdraw")
@threaded
def withdraw(visit: Visiting, form: Posted, slip_id: FromPath[str]) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """A slip that went astray opens nothing any more, and ends what it opened."""
    visit.write(lambda work: store.withdraw(work, slip_id))
    visit.tell("ok", text(visit.language, "slip.told.withdrawn"))
    return leave(visit, PATH)


def _page(
    visit: Visit, found: Found | None = None, problem: Problem | None = None
) -> Response[str]:
    with visit.read() as work:
        rows = own_view.slips(work, visit.language)
        whose = own_view.found(work, found) if found else None
    return html.page(
        visit,
        "residents.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        found=whose,
        rows=rows,
        proofs=store.PROOFS,
        minutes=store.CODE_MINUTES,
    )
