"""留存期限: how long personal values are kept, what falls due, and its deletion by two people."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import retention_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.retention import holds, store
from engine.work import Work
from forms.retaining import documents as retaining_documents
from forms.retaining import fields as retaining_fields
from forms.retaining import ledgers as retaining_ledgers
from workflows import retaining

PATH = "/retention"
PARTS = (retaining_documents, retaining_ledgers, retaining_fields, retaining)
"""What has a period; loaded here so that this page knows all of it."""


@get(PATH)
@threaded
def retention_page(visit: Visiting) -> Response[str]:
    """The periods with what falls due this month, what was deleted, and what is held."""
    return _page(visit)


@post(PATH)
@threaded
def set_period(visit: Visiting, form: Posted) -> Response[Any]:
    """Set a period, or with `action=hold` keep a thing while a matter is open."""
    given = {name: form.get(name).strip() for name in ("what", "years", "months", "basis", "action")}  # fmt: skip

    def command(work: Work) -> str:
        work.require_any(holds.CHANGE if given["action"] == "hold" else store.SET)
        kind, code = retention_view.thing(given["what"])
        if given["action"] == "hold":
            return holds.place(work, kind, code, given["basis"])
        return store.set_period(work, kind, code, _months(given), given["basis"])

    try:
        visit.write(command)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _page(visit, problem, given)
    visit.tell("ok", text(visit.language, f"retention.told.{'held' if given['action'] == 'hold' else 'set'}"))  # fmt: skip
    return leave(visit, PATH)


@post(f"{PATH}/end")
@threaded
def end(visit: Visiting, form: Posted) -> Response[Any]:
    """End a period (`rule`), or lift a hold (`hold`)."""
    if form.get("hold"):
        visit.write(lambda work: holds.lift(work, form.get("hold")))
    else:
        visit.write(lambda work: store.end_period(work, form.get("rule")))
    visit.tell("ok", text(visit.language, "retention.told.ended"))
    return leave(visit, PATH)


@post(f"{PATH}/ask")
@threaded
def ask(visit: Visiting, form: Posted) -> Response[Any]:
    """Ask that what is due by the chosen periods be deleted."""
    chosen = form.all("rule")
    try:
        own = visit.write(lambda work: store.ask(work, chosen))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _page(visit, problem)
    visit.tell("ok", text(visit.language, "retention.told.asked"))
    return leave(visit, f"{PATH}/runs/{own}")


@get(f"{PATH}/runs/{{run_id:str}}")
@threaded
def run_page(visit: Visiting, run_id: FromPath[str]) -> Response[str]:
    """One deletion: what, up to when, by whom; when it is done its certificate and the totals kept."""
    return _run(visit, run_id)


@post(f"{PATH}/runs/{{run_id:str}}")
@threaded
def act(visit: Visiting, form: Posted, run_id: FromPath[str]) -> Response[Any]:
    """Approve, refuse or withdraw: the button's `action` says which."""
    action, answer = form.pressed("approve", "refuse", "withdraw"), form.get("answer")
    try:
        if action == "withdraw":
            visit.write(lambda work: store.withdraw(work, run_id))
        else:
            agreed = action == "approve"
            visit.write(lambda work: store.decide(work, run_id, agreed=agreed, answer=answer))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _run(visit, run_id, problem)
    visit.tell("ok", text(visit.language, f"retention.told.{action}"))
    return leave(visit, f"{PATH}/runs/{run_id}")


def _months(given: dict[str, str]) -> int:
    years, months = given["years"] or "0", given["months"] or "0"
    for one in (years, months):
        if not (one.isascii() and one.isdecimal() and len(one) < 5):
            raise store.RetentionWrong(reason="months")
    return int(years) * 12 + int(months)


def _page(
    visit: Visit, problem: Problem | None = None, given: dict[str, str] | None = None
) -> Response[str]:
    with visit.read() as work:
        context = retention_view.page(work, visit.language)
    return html.page(
        visit,
        "retention.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        given=given or {},
        **context,
    )


def _run(visit: Visit, own: str, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        context = retention_view.run(work, store.get(work, own), visit.language)
    return html.page(
        visit,
        "retention_run.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        **context,
    )
