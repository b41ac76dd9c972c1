"""A resident's own data, opened with a slip from the counter: to be read, corrected and taken along.

No page of these knows a log-in, and no other page knows a resident's visit.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Redirect

from admin.pages.files import attachment
from admin.pages.session import display_of
from admin.views import own_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import FIRST, NOBODY, RESIDENT, Posted, Visit, Visiting
from engine.erasure import copy as copies
from engine.erasure.copy import Copy
from engine.errors import NotFound, Problem
from engine.json_text import dumps
from engine.residents import store
from engine.residents.store import PERSON, ResidentCodeWrong, ResidentOver
from engine.work import Work
from forms import own_facts
from renderers import pdf

PATH = "/mine"
Short = Annotated[str, QueryParameter(max_length=100)]
T = TypeVar("T")


@get(PATH, resident=True)
@threaded
def own_page(visit: Visiting) -> Response[str]:
    """What is held of the resident; for anybody else the place to type a slip's code."""
    if visit.resident is None:
        return _door(visit)
    return _shown(visit, "resident.looked")


@post(PATH, resident=True)
@threaded
def open_(visit: Visiting, form: Posted) -> Response[Any]:
    """Open a slip: its code, and the last four of one's own number."""
    code, last = form.get("code"), form.get("last")
    token = visit.system.write(
        NOBODY, lambda work: store.open_(work, code, last), request_id=visit.request_id
    )
    if token is None:
        return _door(visit, ResidentCodeWrong())
    response = Redirect(PATH, status_code=303)
    response.set_cookie(
        Cookie(
            RESIDENT,
            value=token,
            httponly=True,
            samesite="strict",
            secure=visit.system.settings.secure_cookies,
            path=PATH,
        )
    )
    return response


@post(f"{PATH}/whole", resident=True, status_code=200)
@threaded
def whole(visit: Visiting, form: Posted) -> Response[str]:  # noqa: ARG001 - taking the form checks its token
    """The same without masks, this once: not while somebody looks over the shoulder."""
    return _shown(visit, "resident.shown", whole=True)


@post(f"{PATH}/copy", resident=True, status_code=200)
@threaded
def copy(visit: Visiting, form: Posted) -> Response[Any]:
    """A copy to keep, as a document or with `as=json` for another program; not on a shared machine."""
    kind = "json" if form.get("as") == "json" else "pdf"

    def inside(work: Work) -> tuple[Copy, Any]:
        if _visit(visit).place != store.PHONE:
            raise NotFound
        found = _own(work, visit, "resident.copied")
        view = own_view.copied if kind == "json" else own_view.document
        return found, view(work, found, visit.language)

    _, told = _write(visit, inside)
    name = text(visit.language, "mine.title")
    if kind == "json":
        return attachment(f"{name}.json", dumps(told).encode(), "application/json")
    return attachment(f"{name}.pdf", pdf.render(told, language=_language(visit)), pdf.MEDIA_TYPE)


@get(f"{PATH}/fix", resident=True)
@threaded
def fix_page(visit: Visiting, *, field: Short = "", period: Short = "") -> Response[str]:
    """Say that one fact is wrong."""
    if visit.resident is None:
        return _door(visit, ResidentOver())
    return _fix(visit, field, period)


@post(f"{PATH}/fix", resident=True)
@threaded
def fix(visit: Visiting, form: Posted) -> Response[Any]:
    """Hand it to the office that answers for the fact."""
    code, period = form.get("field"), form.get("period")
    given = {"claimed": form.get("claimed"), "reason": form.get("reason")}
    try:
        _write(
            visit,
            lambda work: own_facts.ask(
                work, _seen(work, visit), code, period, given=given["claimed"], reason=given["reason"]
            ),
        )  # fmt: skip
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return _fix(visit, code, period, given=given, problem=problem)
    visit.tell("ok", text(visit.language, "mine.told.asked"))
    return leave(visit, PATH)


@post(f"{PATH}/leave", resident=True)
@threaded
def go(visit: Visiting, form: Posted) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """End the visit; the next person at this machine begins with nothing of it."""
    if visit.resident is not None:
        found = visit.resident
        visit.system.write(found.actor, lambda work: store.leave(work, found))
    visit.tell("ok", text(visit.language, "mine.told.left"))
    response = leave(visit, PATH)
    response.delete_cookie(RESIDENT, path=PATH)
    response.delete_cookie(FIRST)
    response.headers["clear-site-data"] = '"cache"'
    return response


@post(f"{PATH}/display", resident=True)
@threaded
def display(visit: Visiting, form: Posted) -> Response[Any]:  # noqa: ARG001 - who it is does not matter here
    """Language and type size."""
    return display_of(form, PATH)


def _visit(visit: Visit) -> store.Visit:
    if visit.resident is None:
        raise ResidentOver
    return visit.resident


def _write(visit: Visit, command: Callable[[Work], T]) -> T:
    return visit.system.write(_visit(visit).actor, command, request_id=visit.request_id)


def _seen(work: Work, visit: Visit) -> store.Visit:
    found = _visit(visit)
    store.seen(work, found)
    return found


def _own(work: Work, visit: Visit, act: str) -> Copy:
    found = _seen(work, visit)
    told = copies.of_own(work, PERSON, found.subject_id)
    work.note(act, found.subject_id, slip=found.id)
    return told


def _shown(visit: Visit, act: str, *, whole: bool = False) -> Response[str]:
    def inside(work: Work) -> dict[str, Any]:
        found = _own(work, visit, act)
        return own_view.page(work, _visit(visit), found, visit.language, whole=whole)

    return html.page(visit, "mine.html", **_write(visit, inside), **_times(visit))


def _fix(
    visit: Visit,
    code: str,
    period: str,
    *,
    given: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    def inside(work: Work) -> dict[str, Any]:
        return own_view.fix(work, _seen(work, visit), code, period, visit.language)

    return html.page(
        visit,
        "mine_fix.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        given=given or {},
        **_write(visit, inside),
        **_times(visit),
    )


def _times(visit: Visit) -> dict[str, int]:
    """When the page leaves by itself: just after nobody has pressed anything for too long."""
    idle = int(store.IDLE[_visit(visit).place].total_seconds())
    return {"idle": idle, "minutes": idle // 60}


def _door(visit: Visit, problem: Problem | None = None) -> Response[str]:
    response = html.page(
        visit,
        "mine_door.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
    )
    if visit.session_token:
        response.delete_cookie(RESIDENT, path=PATH)
    return response


def _language(visit: Visit) -> Any:
    return visit.language
