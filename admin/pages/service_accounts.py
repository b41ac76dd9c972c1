"""Programs that use the API: their accounts, and the tokens they carry."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import words
from admin.web import html
from admin.web.api_document import TAGS
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine import clock
from engine.errors import NotFound, Problem
from engine.identity import accounts, tokens

GROUPS = tuple(group for group in TAGS if group != "session")
OPERATIONS = {f"{group}:{kind}" for group in GROUPS for kind in (tokens.READ, tokens.CHANGE)}


@post("/accounts/services/new")
@threaded
def add(visit: Visiting, form: Posted) -> Response[Any]:
    """A new service account; its positions and tokens are given on its page."""
    try:
        made = visit.write(
            lambda work: tokens.add_account(
                work, form.get("login").strip(), form.get("name").strip()
            )
        )
    except Problem as problem:
        if problem.status == 403:
            raise
        visit.tell("late", problem.text(visit.language))
        return leave(visit, "/accounts?show=service")
    return leave(visit, f"/accounts/{made}/tokens")


@get("/accounts/{account_id:str}/tokens")
@threaded
def tokens_page(visit: Visiting, account_id: FromPath[str]) -> Response[Any]:
    """The tokens of a service account."""
    return _page(visit, account_id)


@post("/accounts/{account_id:str}/tokens")
@threaded
def make(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """A new token, shown this once."""
    given = {"name": form.get("name"), "until": form.get("until"), "operations": form.all("operation")}  # fmt: skip
    try:
        token = visit.write(
            lambda work: tokens.make(
                work,
                account_id,
                form.get("name"),
                form.all("operation"),
                last=form.get("until"),
                known=OPERATIONS,
            )
        )
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _page(visit, account_id, given=given, problem=problem)
    return _page(visit, account_id, token=token)


@post("/accounts/{account_id:str}/tokens/end")
@threaded
def end(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """End a token now."""
    visit.write(lambda work: tokens.end(work, account_id, form.get("token")))
    visit.tell("ok", text(visit.language, "tokens.told.ended"))
    return leave(visit, f"/accounts/{account_id}/tokens")


def _page(
    visit: Visit,
    account_id: str,
    *,
    token: str | None = None,
    given: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response[Any]:
    with visit.read() as work:
        account = accounts.read(work, account_id)
        if not tokens.is_service(work, account_id):
            raise NotFound
        found, now = tokens.listed(work, account_id), clock.stamp(work.now)
        rows = [_row(one, now, visit.language) for one in found]
    return html.page(
        visit,
        "tokens.html",
        http_status=problem.status if problem else 200,
        account={"name": account.name, "login": account.login, "href": f"/accounts/{account_id}"},
        positions=len([one for one in account.grants if one.in_force(now[:10])]),
        token=token,
        rows=rows,
        groups=[
            {"code": group, "text": text(visit.language, f"tokens.group.{group}")}
            for group in GROUPS
        ],
        given=given or {"operations": [], "name": "", "until": ""},
        error=problem.text(visit.language) if problem else None,
    )


def _row(one: tokens.TokenRecord, now: str, language: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "operations": [
            text(language, f"tokens.group.{group}") + " " + text(language, f"tokens.{kind}")
            for group, _, kind in (name.partition(":") for name in one.operations)
        ],
        "since": words.moment(one.created_at),
        "until": words.moment(one.expires_at),
        "used": words.moment(one.used_at),
        "address": one.used_from,
        "current": one.in_force(now),
        "ended": one.ended_at is not None,
    }
