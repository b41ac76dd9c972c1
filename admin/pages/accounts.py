"""Other people's accounts, for the security administrator: who there is, what they hold, until when."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from admin.views import devices, words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.identity import accounts, bindings, oidc
from engine.identity import store as identity
from engine.identity.accounts import AccountRecord
from engine.identity.actor import ROLES
from engine.identity.factors import store as factors
from engine.work import Work

PAGE = 50
SHOWN = ("active", "idle", "closed", "service", "all")


@get("/accounts")
@threaded
def accounts_page(
    visit: Visiting,
    *,
    q: FromQuery[str] = "",
    show: FromQuery[str] = "active",
    start: Annotated[int, QueryParameter(name="from", ge=0, le=10**6)] = 0,
) -> Response[str]:
    """Everybody who can log in, and the review of what they hold."""
    wanted = show if show in SHOWN else "active"
    with visit.read() as work:
        found = accounts.listed(work, q.strip()[:100], wanted, limit=PAGE + 1, offset=start)
        today = work.now.date().isoformat()
    more = None
    if len(found) > PAGE:
        more = "/accounts?" + urlencode({"q": q, "show": wanted, "from": start + PAGE})
    return html.page(
        visit,
        "accounts.html",
        q=q,
        show=wanted,
        shows=SHOWN,
        rows=[_row(one, today, visit.language) for one in found[:PAGE]],
        more=more,
    )


@get("/accounts/new")
@threaded
def new_page(visit: Visiting) -> Response[str]:
    """Where a new account is described."""
    with visit.read() as work:
        work.require("account.manage")
    return _new(visit, {})


@post("/accounts/new")
@threaded
def add(visit: Visiting, form: Posted) -> Response[Any]:
    """A new account with its first position; its password is told this once."""
    given = {name: form.get(name).strip() for name in ("login", "name", "role", "organisation", "until")}  # fmt: skip
    password = accounts.first_password()
    with visit.read() as work:
        work.require("account.manage")
    digest = identity.hash_password(password)

    def inside(work: Work) -> str:
        place = accounts.find_organisation(work.connection, given["organisation"])
        made = accounts.add(work, given["login"], given["name"], digest)
        accounts.grant(work, made, given["role"], place.code, last=given["until"])
        return made

    try:
        made = visit.write(inside)
    except Problem as problem:
        if problem.status == 403:
            raise
        return _new(visit, given, problem)
    return account_after(visit, made, password=password)


@get("/accounts/{account_id:str}")
@threaded
def account_page(visit: Visiting, account_id: FromPath[str]) -> Response[str]:
    """One account and all it was ever granted."""
    return account_after(visit, account_id)


@post("/accounts/{account_id:str}/grant")
@threaded
def grant(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """Give a position from a day until a day."""
    given = {name: form.get(name).strip() for name in ("role", "organisation", "since", "until")}

    def inside(work: Work) -> None:
        accounts.read(work, account_id)
        place = accounts.find_organisation(work.connection, given["organisation"])
        accounts.grant(
            work, account_id, given["role"], place.code, first=given["since"], last=given["until"]
        )

    try:
        visit.write(inside)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return account_after(visit, account_id, given=given, problem=problem)
    visit.tell("ok", text(visit.language, "accounts.told.granted"))
    return leave(visit, f"/accounts/{account_id}")


@post("/accounts/{account_id:str}/end")
@threaded
def end(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """End a position today."""
    visit.write(lambda work: accounts.end_grant(work, account_id, form.get("position")))
    visit.tell("ok", text(visit.language, "accounts.told.ended"))
    return leave(visit, f"/accounts/{account_id}")


@post("/accounts/{account_id:str}/state")
@threaded
def state(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """Close an account, or open it again."""
    active = form.get("active") == "yes"
    visit.write(lambda work: accounts.set_active(work, account_id, active=active))
    visit.tell("ok", text(visit.language, f"accounts.told.{'opened' if active else 'closed'}"))
    return leave(visit, f"/accounts/{account_id}")


@post("/accounts/{account_id:str}/reset")
@threaded
def reset(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """A new password, told this once; every log-in of the account ends."""
    password = accounts.first_password()
    with visit.read() as work:
        work.require("account.manage")
    digest = identity.hash_password(password)
    visit.write(lambda work: accounts.reset(work, account_id, digest))
    return account_after(visit, account_id, password=password)


@post("/accounts/{account_id:str}/sessions/end")
@threaded
def end_session(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """Log somebody out of one device."""
    visit.write(lambda work: accounts.end_session(work, account_id, form.get("session")))
    visit.tell("ok", text(visit.language, "flash.session_ended"))
    return leave(visit, f"/accounts/{account_id}")


def _new(
    visit: Visiting, given: Mapping[str, str], problem: Problem | None = None
) -> Response[str]:
    return html.page(
        visit,
        "account_new.html",
        http_status=problem.status if problem else 200,
        given=given,
        error=problem.text(visit.language) if problem else None,
        roles=_roles(visit.language),
    )


def account_after(
    visit: Visit,
    account_id: str,
    *,
    password: str | None = None,
    given: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    subject: str = "",
    unbound: Problem | None = None,
) -> Response[str]:
    """An account's page, after something was done to it or refused (`problem`, of a binding `unbound`)."""
    refused = problem or unbound
    with visit.read() as work:
        found = accounts.read(work, account_id)
        bound = bindings.bound(work, account_id)
        where = accounts.sessions_of(work, account_id)
        held = len(factors.listed(work.connection, account_id))
        now = work.now
        today = work.now.date().isoformat()
    return html.page(
        visit,
        "account_of.html",
        http_status=refused.status if refused else 200,
        account=_row(found, today, visit.language),
        oneself=account_id == visit.who().id,
        factors=held,
        sso=oidc.is_on(visit.system.settings),
        bound=bound,
        subject=subject,
        unbound=unbound.text(visit.language) if unbound else None,
        sessions=devices.rows(where, visit.language, now=now),
        password=password,
        given=given or {},
        error=problem.text(visit.language) if problem else None,
        roles=_roles(visit.language),
    )


def _row(one: AccountRecord, today: str, language: str) -> dict[str, Any]:
    grants = [
        {
            "id": held.id,
            "role": text(language, f"role.{held.role}"),
            "organisation": held.organisation_name,
            "since": held.valid_from,
            "until": held.valid_to,
            "current": held.in_force(today),
            "open": held.valid_to is None or held.valid_to > today,
        }
        for held in one.grants
    ]
    return {
        "id": one.id,
        "href": f"/accounts/{one.id}",
        "login": one.login,
        "name": one.name,
        "active": one.active,
        "service": one.kind == "service",
        "locked": one.locked,
        "created": words.moment(one.created_at),
        "seen": words.moment(one.last_login),
        "grants": grants,
        "current": [held for held in grants if held["current"]],
    }


def _roles(language: str) -> list[dict[str, str]]:
    return [{"value": role, "text": text(language, f"role.{role}")} for role in ROLES]
