"""Rules beside positions, for the security administrator: made, listed, ended."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from admin.views import rule_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.identity import accounts
from engine.privacy import rulings
from engine.privacy.rulings import Wish
from engine.work import Work

PATH = "/access-rules"
GIVEN = ("effect", "role", "organisation", "scope", "field", "condition", "purpose")
GIVEN_TOO = ("since", "until", "reason")


@get(PATH)
@threaded
def rules_page(visit: Visiting, show: FromQuery[str] = "") -> Response[str]:
    """The rules in force and where one is made; with `show=over` those that are over."""
    return _page(visit, over=show == "over")


@post(PATH)
@threaded
def add(visit: Visiting, form: Posted) -> Response[Any]:
    """Make a rule."""
    given = {name: form.get(name).strip() for name in (*GIVEN, *GIVEN_TOO)}

    def command(work: Work) -> str:
        work.require("account.manage")
        place = given["organisation"]
        code = accounts.find_organisation(work.connection, place).code if place else ""
        field = rule_view.field_code(work, given["field"])
        wish = Wish(**{**given, "organisation": code, "field": field})
        return rulings.add(work, wish, scopes=rule_view.scopes(work, visit.language))

    try:
        visit.write(command)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _page(visit, given=given, problem=problem)
    visit.tell("ok", text(visit.language, "rules.told.made"))
    return leave(visit, PATH)


@post("/access-rules/end")
@threaded
def end(visit: Visiting, form: Posted) -> Response[Any]:
    """End a rule now."""
    visit.write(lambda work: rulings.end(work, form.get("rule")))
    visit.tell("ok", text(visit.language, "rules.told.ended"))
    return leave(visit, PATH)


def _page(
    visit: Visit,
    *,
    over: bool = False,
    given: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    with visit.read() as work:
        context = rule_view.page(work, rulings.listed(work, over=over), visit.language)
    return html.page(
        visit,
        "access_rules.html",
        http_status=200 if problem is None else problem.status,
        over=over,
        may="security" in visit.who().roles(),
        given=given or {},
        error=problem.text(visit.language) if problem else "",
        **context,
    )
