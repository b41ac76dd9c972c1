"""Coming and going: log-in, log-out, language and type size, one's own account."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from admin.web import html
from admin.web.login import (
    device_cookie,
    device_of,
    mark_of,
    open_session,
    proven,
    session_cookie,
)
from admin.web.threads import threaded
from admin.web.visit import (
    EVERY,
    FIRST,
    LANGUAGE,
    NOBODY,
    SESSION,
    TYPE,
    Form,
    Posted,
    Visit,
    Visiting,
    own_path,
)
from engine.errors import Problem
from engine.identity import oidc, own, sessions
from engine.identity.factors import passkey

YEAR = 365 * 24 * 3600


@get("/login", half=EVERY)
@threaded
def login_page(
    visit: Visiting,
    back: Annotated[str, QueryParameter(name="next")] = "/",
    left: FromQuery[str] = "",
) -> Response[Any]:
    """Where to log in."""
    if visit.actor is not None:
        return Redirect(own_path(back))
    return door_page(visit, back=back, left=left == "sso")


@post("/login", half=EVERY)
@threaded
def login(visit: Visiting, form: Posted, request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session; a wrong password is counted and told without saying which half was wrong."""
    name, back = form.get("login").strip(), form.get("next", "/")
    try:
        actor = proven(visit.system, name, form.get("password"))
    except Problem as problem:
        return door_page(visit, back=back, name=name, problem=problem)
    mark = mark_of(request)
    token = open_session(visit.system, actor, device_of(request, mark))
    response = Redirect(own_path(back), status_code=303)
    response.set_cookie(session_cookie(visit.system, token))
    response.set_cookie(device_cookie(visit.system, mark))
    response.delete_cookie(FIRST)
    return response


@post("/logout", half=EVERY)
@threaded
def logout(visit: Visiting, form: Posted) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """End the session."""
    way = visit.system.write(
        NOBODY, lambda work: sessions.log_out(work.connection, visit.session_token)
    )
    response = Redirect("/login?left=sso" if way else "/login", status_code=303)
    response.delete_cookie(SESSION)
    return response


@get("/settings", half=EVERY)
@threaded
def settings_page(visit: Visiting) -> Response[str]:
    """Language and type size."""
    return html.page(visit, "settings.html")


@post("/settings/display", half=EVERY)
@threaded
def display(visit: Visiting, form: Posted) -> Response[Any]:
    """Keep the language and type size in this browser, and the language for what is sent to whoever it is."""
    language = form.get("lang")
    if language in html.LANGUAGES and visit.actor is not None and visit.held is None:
        who = visit.actor.id
        visit.write(lambda work: own.set_language(work.connection, who, language))
    return display_of(form, form.get("next", "/"))


def display_of(form: Form, back: str) -> Redirect:
    """What was pressed of language and type size, as cookies, and back to where it was pressed."""
    response = Redirect(own_path(back), status_code=303)
    if form.get("lang") in ("zh", "en"):
        response.set_cookie(
            Cookie(LANGUAGE, value=form.get("lang"), path="/", max_age=YEAR, samesite="lax")
        )
    if form.get("type") in ("normal", "large"):
        response.set_cookie(
            Cookie(TYPE, value=form.get("type"), path="/", max_age=YEAR, samesite="lax")
        )
    return response


def door_page(
    visit: Visit, *, back: str, name: str = "", problem: Problem | None = None, left: bool = False
) -> Response[str]:
    """The page to log in on, with what went wrong, or for who has just left a log-in by the provider."""
    settings = visit.system.settings
    return html.page(
        visit,
        "login.html",
        http_status=200 if problem is None else problem.status,
        login=name,
        error=problem.text(visit.language) if problem else None,
        next=own_path(back),
        passkeys=passkey.place_of(settings) is not None,
        sso=(settings.oidc_label or html.text(visit.language, "login.sso"))
        if oidc.is_on(settings)
        else None,
        left=left and oidc.is_on(settings),
        demo=None,
    )
