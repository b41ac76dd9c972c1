"""Single sign-on: the way to the provider and back, leaving it, and whom an account is bound to."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from admin.pages.accounts import account_after
from admin.pages.session import door_page
from admin.web.html import leave, text
from admin.web.login import (
    device_cookie,
    device_of,
    mark_of,
    open_session,
    session_cookie,
)
from admin.web.threads import threaded
from admin.web.visit import EVERY, FIRST, NOBODY, Posted, Visit, Visiting, own_path
from engine.errors import NotFound, Problem
from engine.identity import bindings, oidc
from engine.identity.actor import Actor
from engine.identity.factors import rules
from engine.identity.oidc import Proof, SignOnStale

TRIP, PLACE = "yibiao_sso", "/login/sso"
"""The cookie that carries a trip's secret, and the only addresses it is sent to."""


@get("/login/sso", half=EVERY)
@threaded
def begin(
    visit: Visiting, back: Annotated[str, QueryParameter(name="next")] = "/"
) -> Response[Any]:
    """Send the browser to the provider."""
    _asked_for(visit)
    settings = visit.system.settings
    try:
        provider = oidc.discover(settings)
    except Problem as problem:
        return door_page(visit, back=back, problem=problem)
    secret = visit.system.write(NOBODY, lambda work: bindings.begin(work, own_path(back)))
    response = Redirect(oidc.address(provider, settings, oidc.trip_of(secret)), status_code=303)
    response.set_cookie(
        Cookie(
            TRIP,
            value=secret,
            httponly=True,
            samesite="lax",  # the provider's redirect is another site's
            secure=settings.secure_cookies,
            path=PLACE,
            max_age=int(bindings.LASTS.total_seconds()),
        )
    )
    return response


@get("/login/sso/back", half=EVERY)
@threaded
def arrive(visit: Visiting, request: Request[Any, Any, Any]) -> Response[Any]:
    """Take what the provider sent along: a log-in, or why there is none."""
    _asked_for(visit)
    secret, back = request.cookies.get(TRIP, ""), "/"
    try:
        trip = oidc.trip_of(secret)
        if not secret or request.query_params.get("state") != trip.state:
            raise SignOnStale
        back = visit.system.write(NOBODY, lambda work: bindings.arrive(work, secret))
        actor, proof = _proven(visit, trip, request.query_params)
        trusted = oidc.counts_as_factor(proof, visit.system.settings)
        mark = mark_of(request)
        token = open_session(
            visit.system, actor, device_of(request, mark),
            proved=rules.PROVIDER if trusted else "", way=bindings.WAY,
        )  # fmt: skip
    except Problem as problem:
        visit.system.write(NOBODY, lambda work: work.note("login.failed", "account"))
        return door_page(visit, back=back, problem=problem)
    response = Redirect(own_path(back), status_code=303)
    response.set_cookie(session_cookie(visit.system, token))
    response.set_cookie(device_cookie(visit.system, mark))
    response.delete_cookie(FIRST)
    response.delete_cookie(TRIP, path=PLACE)
    return response


@get("/logout/sso", half=EVERY)
@threaded
def leave_provider(visit: Visiting) -> Response[Any]:
    """Send the browser to log out at the provider as well."""
    _asked_for(visit)
    settings = visit.system.settings
    try:
        there = oidc.leaving(oidc.discover(settings), settings)
    except Problem as problem:
        return door_page(visit, back="/", problem=problem)
    if not there:
        visit.tell("soon", text(visit.language, "login.left_nowhere"))
        return leave(visit, "/login")
    return Redirect(there, status_code=303)


@post("/accounts/{account_id:str}/sso")
@threaded
def bind(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """Bind an account to whom the provider knows by this identifier."""
    subject = form.get("subject").strip()
    try:
        visit.write(lambda work: bindings.bind(work, account_id, subject))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return account_after(visit, account_id, subject=subject, unbound=problem)
    visit.tell("ok", text(visit.language, "accounts.told.bound"))
    return leave(visit, f"/accounts/{account_id}")


@post("/accounts/{account_id:str}/sso/end")
@threaded
def unbind(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """Take the binding away; log-ins made by it end."""
    visit.write(lambda work: bindings.unbind(work, account_id))
    visit.tell("ok", text(visit.language, "accounts.told.unbound"))
    return leave(visit, f"/accounts/{account_id}")


def _proven(visit: Visit, trip: oidc.Trip, said: Mapping[str, str]) -> tuple[Actor, Proof]:
    """Whose account it is. The provider is asked outside of any transaction."""
    settings = visit.system.settings
    if said.get("iss", settings.oidc_issuer) != settings.oidc_issuer:
        raise oidc.SignOnWrong(reason="issuer")
    oidc.refuse_error(said.get("error", ""))
    code = said.get("code", "")
    if not code:
        raise SignOnStale
    proof = oidc.prove(settings, code, trip, now=visit.system.now())
    with visit.system.read(NOBODY) as work:
        return bindings.owner(work, proof), proof


def _asked_for(visit: Visit) -> None:
    if not oidc.is_on(visit.system.settings):
        raise NotFound
