"""Lost devices: one administrator asks, another confirms."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import words
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine.errors import Problem
from engine.identity import accounts
from engine.identity.factors import resets
from engine.notices import administrators
from engine.work import Work


@get("/accounts/resets")
@threaded
def resets_page(visit: Visiting) -> Response[str]:
    """What waits for the second person."""
    with visit.read() as work:
        found = resets.waiting(work)
    return html.page(
        visit,
        "factor_resets.html",
        rows=[
            {
                "id": one.id,
                "name": one.name,
                "login": one.login,
                "by": one.asked_by,
                "at": words.moment(one.asked_at),
                "reason": one.reason,
            }
            for one in found
        ],
    )


@post("/accounts/resets/{reset_id:str}")
@threaded
def decide(visit: Visiting, form: Posted, reset_id: FromPath[str]) -> Response[Any]:
    """Confirm or refuse what another administrator asked."""
    agreed = form.get("agreed") == "yes"
    visit.write(lambda work: resets.decide(work, reset_id, agreed=agreed))
    visit.tell("ok", text(visit.language, f"factors.told.{'reset' if agreed else 'refused'}"))
    return leave(visit, "/accounts/resets")


@post("/accounts/{account_id:str}/factors/reset")
@threaded
def ask(visit: Visiting, form: Posted, account_id: FromPath[str]) -> Response[Any]:
    """Ask that somebody's factors be taken away."""
    try:
        visit.write(lambda work: _ask(work, account_id, form.get("reason")))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        visit.tell("late", problem.text(visit.language))
        return leave(visit, f"/accounts/{account_id}")
    visit.tell("ok", text(visit.language, "factors.told.asked"))
    return leave(visit, f"/accounts/{account_id}")


def _ask(work: Work, account_id: str, reason: str) -> None:
    """Whoever may confirm hears of it: it lapses within a day."""
    resets.ask(work, account_id, reason)
    name = accounts.read(work, account_id).name
    administrators.tell(
        work, ("security", "system"), "factors.notice.asked", detail={"name": name}, key=f"reset {account_id} {work.at}"
    )  # fmt: skip
