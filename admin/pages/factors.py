"""Second factors: asked for at the door, and kept on one's own account."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from admin.views import words
from admin.web import html
from admin.web.html import leave, text
from admin.web.login import prove_factor, proven
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting, own_path
from engine.errors import Problem
from engine.identity import sessions
from engine.identity.door import LoginFailed
from engine.identity.factors import passkey, totp
from engine.identity.factors import store as factors
from engine.identity.factors.rules import FactorDue, required
from engine.identity.password import PasswordWrong
from engine.work import Work
from renderers import qr


@get("/login/factor", half=("factor",))
@threaded
def factor_page(
    visit: Visiting, back: Annotated[str, QueryParameter(name="next")] = "/"
) -> Response[Any]:
    """Where the second factor is asked for; whoever has given it, or has none, goes on."""
    return _door(visit, back) if _asked(visit) else Redirect(own_path(back))


@post("/login/factor", half=("factor",))
@threaded
def factor(visit: Visiting, form: Posted) -> Response[Any]:
    """Take a code of the app, or a recovery code."""
    back = form.get("next", "/")
    if not _asked(visit):
        return Redirect(own_path(back), status_code=303)
    try:
        prove_factor(visit, form.get("code"))
    except Problem as problem:
        return _door(visit, back, problem)
    return Redirect(own_path(back), status_code=303)


@get("/account/factors", half=("enrol",))
@threaded
def factors_page(visit: Visiting) -> Response[str]:
    """The factors one has."""
    return factors_after(visit)


@post("/account/factors/totp", half=("enrol",))
@threaded
def begin(visit: Visiting, form: Posted) -> Response[Any]:
    """Begin with an app: the page that follows shows its code for the phone."""
    try:
        same_person(visit, form.get("password"))
        visit.write(factors.begin_totp)
    except Problem as problem:
        return factors_after(visit, problem=problem)
    return leave(visit, "/account/factors/totp")


@get("/account/factors/totp", half=("enrol",))
@threaded
def totp_page(visit: Visiting) -> Response[Any]:
    """The secret to be read by the phone, until it is confirmed."""
    return _enrol(visit)


@post("/account/factors/totp/confirm", half=("enrol",))
@threaded
def confirm(visit: Visiting, form: Posted) -> Response[Any]:
    """Put the app in force by a code it shows; recovery codes are told this once."""

    def inside(work: Work) -> list[str]:
        first = not factors.listed(work.connection, work.actor.id)
        factors.confirm_totp(work, form.get("code"), form.get("name").strip())
        sessions.prove(work.connection, visit.session_token, factors.TOTP)
        return factors.new_codes(work) if first else []

    try:
        codes = visit.write(inside)
    except Problem as problem:
        if problem.status == 404:
            return leave(visit, "/account/factors")
        return _enrol(visit, problem)
    return factors_after(visit, codes=codes, told=text(visit.language, "factors.told.added"))


@post("/account/factors/codes")
@threaded
def new_codes(visit: Visiting, form: Posted) -> Response[Any]:
    """Fresh recovery codes in the place of the old ones."""

    def inside(work: Work) -> list[str]:
        return factors.new_codes(work) if factors.listed(work.connection, work.actor.id) else []

    try:
        same_person(visit, form.get("password"))
        codes = visit.write(inside)
    except Problem as problem:
        return factors_after(visit, problem=problem)
    return factors_after(visit, codes=codes)


@post("/account/factors/remove")
@threaded
def remove(visit: Visiting, form: Posted) -> Response[Any]:
    """Take a factor away."""
    must = required(visit.who().roles(), visit.system.settings)
    try:
        same_person(visit, form.get("password"))
        visit.write(lambda work: factors.remove(work, form.get("factor"), required=must))
    except Problem as problem:
        if problem.status == 404:
            raise
        return factors_after(visit, problem=problem)
    visit.tell("ok", text(visit.language, "factors.told.removed"))
    return leave(visit, "/account/factors")


def _asked(visit: Visit) -> bool:
    with visit.read() as work:
        found = sessions.session(
            work.connection, visit.session_token, now=work.now, settings=work.settings
        )
    return found is not None and found.stage == "factor"


def same_person(visit: Visit, password: str) -> None:
    """Somebody at an open screen is not yet its owner. Raises PasswordWrong, LoginLocked."""
    try:
        proven(visit.system, visit.who().login, password)
    except LoginFailed as wrong:
        raise PasswordWrong from wrong


def _door(visit: Visit, back: str, problem: Problem | None = None) -> Response[str]:
    actor = visit.who()
    with visit.read() as work:
        found = factors.listed(work.connection, actor.id)
    return html.page(
        visit,
        "login_factor.html",
        http_status=problem.status if problem else 200,
        next=own_path(back),
        kinds=sorted({one.kind for one in found}),
        error=problem.text(visit.language) if problem else None,
    )


def factors_after(
    visit: Visit,
    *,
    problem: Problem | None = None,
    codes: list[str] | None = None,
    told: str | None = None,
) -> Response[str]:
    """The page of one's factors, with what just became of them."""
    actor = visit.who()
    must = required(actor.roles(), visit.system.settings)
    with visit.read() as work:
        found = factors.listed(work.connection, actor.id)
        left = factors.codes_left(work.connection, actor.id)
    return html.page(
        visit,
        "factors.html",
        http_status=problem.status if problem else 200,
        due=FactorDue().text(visit.language) if must and not found else None,
        told=told,
        error=problem.text(visit.language) if problem else None,
        codes=codes or [],
        left=left,
        factors=[
            {
                "id": one.id,
                "kind": one.kind,
                "name": one.name or text(visit.language, f"factors.kind.{one.kind}"),
                "since": words.moment(one.created_at),
                "used": words.moment(one.used_at),
            }
            for one in found
        ],
        must=must,
        passkeys=passkey.place_of(visit.system.settings) is not None,
    )


def _enrol(visit: Visit, problem: Problem | None = None) -> Response[Any]:
    actor = visit.who()
    with visit.read() as work:
        begun = factors.begun_totp(work)
    if begun is None:
        return Redirect("/account/factors", status_code=303)
    _, secret = begun
    host = visit.system.settings.public_url.partition("://")[2]
    picture = qr.svg(
        totp.uri(secret, actor.login, f"Yibiao {host}"),
        title=text(visit.language, "factors.qr"),
    )
    return html.page(
        visit,
        "factor_totp.html",
        http_status=problem.status if problem else 200,
        picture=picture,
        secret=totp.spaced(secret),
        error=problem.text(visit.language) if problem else None,
    )
