"""Passkeys: made on one's own account; at the door in the place of a code, or of the password too."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from admin.pages.factors import factors_after, same_person
from admin.web import html
from admin.web.html import leave, text
from admin.web.login import (
    device_cookie,
    device_of,
    mark_of,
    open_session,
    prove_passkey,
    session_cookie,
)
from admin.web.threads import threaded
from admin.web.visit import FIRST, NOBODY, Posted, Visit, Visiting, first_cookie, own_path
from engine.errors import LoginRequired, Problem
from engine.identity import sessions
from engine.identity import store as identity
from engine.identity.factors import passkey
from engine.identity.factors import store as factors
from engine.identity.factors.passkey import PasskeyElsewhere
from engine.work import Work


@post("/account/factors/passkey/begin", half=("enrol",))
@threaded
def begin(visit: Visiting, form: Posted) -> Response[Any]:
    """Ask for a passkey to be made: the page that follows speaks to the device."""
    try:
        same_person(visit, form.get("password"))
        _place(visit)
    except Problem as problem:
        return factors_after(visit, problem=problem)
    visit.write(lambda work: passkey.challenge(work, visit.csrf))
    return leave(visit, "/account/factors/passkey")


@get("/account/factors/passkey", half=("enrol",))
@threaded
def create_page(visit: Visiting) -> Response[Any]:
    """Where the browser makes the passkey."""
    visit.who()
    place = passkey.place_of(visit.system.settings)
    with visit.read() as work:
        given = passkey.challenged(work, visit.csrf)
        if place is None or given is None:
            return Redirect("/account/factors", status_code=303)
        options = passkey.creation_options(work, place, given)
    return _page(
        visit, "create", options, action="/account/factors/passkey", back="/account/factors"
    )


@post("/account/factors/passkey", half=("enrol",))
@threaded
def create(visit: Visiting, form: Posted) -> Response[Any]:
    """Put the passkey in force."""

    def inside(work: Work) -> list[str]:
        first = not factors.listed(work.connection, work.actor.id)
        passkey.add(work, visit.csrf, form.get("answer"), form.get("name").strip())
        sessions.prove(work.connection, visit.session_token, factors.PASSKEY)
        return factors.new_codes(work) if first else []

    try:
        codes = visit.write(inside)
    except Problem as problem:
        return factors_after(visit, problem=problem)
    return factors_after(visit, codes=codes, told=text(visit.language, "factors.told.added"))


@post("/login/passkey/begin", half=("factor",))
@threaded
def ask(visit: Visiting, form: Posted) -> Response[Any]:
    """Ask for a passkey at the door, after the password or without one."""
    _place(visit)
    actor = visit.actor or NOBODY
    visit.system.write(actor, lambda work: passkey.challenge(work, visit.csrf))
    back = own_path(form.get("next", "/"))
    response = Redirect("/login/passkey", status_code=303, query_params={"next": back})
    if visit.actor is None:
        response.set_cookie(first_cookie(visit))
    return response


@get("/login/passkey", half=("factor",))
@threaded
def prove_page(visit: Visiting, request: Request[Any, Any, Any]) -> Response[Any]:
    """Where the browser asks the device."""
    place, known = passkey.place_of(visit.system.settings), visit.actor is not None
    back = own_path(request.query_params.get("next", "/"))
    with visit.system.read(visit.actor or NOBODY) as work:
        given = passkey.challenged(work, visit.csrf)
        if place is None or given is None:
            return Redirect(_door(visit), status_code=303)
        options = passkey.request_options(work, place, given, of_actor=known)
    return _page(visit, "get", options, action="/login/passkey", back=_door(visit), then=back)


@post("/login/passkey", half=("factor",))
@threaded
def prove(visit: Visiting, form: Posted, request: Request[Any, Any, Any]) -> Response[Any]:
    """Take the device's answer: it finishes a log-in, or is one."""
    answer, back = form.get("answer"), own_path(form.get("next", "/"))
    known = visit.actor is not None
    try:
        account = prove_passkey(visit, answer)
    except Problem as problem:
        return _page(visit, back=_door(visit), then=back, problem=problem)
    response = Redirect(back, status_code=303)
    if known:
        return response
    with visit.system.read(NOBODY) as work:
        actor = identity.actor_of(work.connection, account, now=work.now)
    if actor is None:
        raise LoginRequired
    mark = mark_of(request)
    token = open_session(visit.system, actor, device_of(request, mark), proved=factors.PASSKEY)
    response.set_cookie(session_cookie(visit.system, token))
    response.set_cookie(device_cookie(visit.system, mark))
    response.delete_cookie(FIRST)
    return response


def _door(visit: Visit) -> str:
    return "/login/factor" if visit.actor else "/login"


def _place(visit: Visit) -> None:
    if passkey.place_of(visit.system.settings) is None:
        raise PasskeyElsewhere


def _page(
    visit: Visit,
    kind: str = "",
    options: str = "{}",
    *,
    action: str = "",
    back: str,
    then: str = "/",
    problem: Problem | None = None,
) -> Response[str]:
    return html.page(
        visit,
        "passkey.html",
        http_status=problem.status if problem else 200,
        kind=kind,
        options=options,
        action=action,
        back=back,
        next=then,
        error=problem.text(visit.language) if problem else None,
    )
