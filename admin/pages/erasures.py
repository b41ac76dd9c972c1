"""Deletion of what is known of a person: asked for, decided by a second person, certified; and what is held."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from admin.views import erasure_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.erasure import copy as copies
from engine.erasure import store
from engine.errors import Problem
from engine.json_text import dumps

PATH = "/erasures"


@get(PATH)
@threaded
def erasure_list(visit: Visiting) -> Response[str]:
    """Requests with what came of them, and the matters for which data are held."""
    return _list(visit)


@post(f"{PATH}/ask")
@threaded
def ask(visit: Visiting, form: Posted) -> Response[Any]:
    """Ask for a deletion, or with `action=hold` that nothing be deleted while a matter is open."""
    action = form.get("action")
    key, reason, basis = (form.get(name) for name in ("key", "reason", "basis"))
    try:
        if action == "hold":
            visit.write(
                lambda work: store.place_hold(
                    work, "person", store.find(work, "person", key), reason
                )
            )
        else:
            visit.write(
                lambda work: store.ask(
                    work, "person", store.find(work, "person", key), basis=basis, reason=reason
                )
            )
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        given = {"action": action, "reason": reason, "basis": basis}
        return _list(visit, problem, given)
    visit.tell(
        "ok", text(visit.language, f"erasure.told.{'held' if action == 'hold' else 'asked'}")
    )
    return leave(visit, PATH)


@post(f"{PATH}/copy", status_code=200)
@threaded
def copy(visit: Visiting, form: Posted) -> Response[Any]:
    """What is known of somebody, to be handed to them: as a page to print, or with `as=json` as a file."""
    key, purpose = form.get("key"), form.get("reason")
    try:
        found = visit.write(lambda work: copies.of_person(work, "person", key, purpose=purpose))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _list(visit, problem, {"action": "copy", "reason": purpose})
    with visit.read() as work:
        context = erasure_view.copied(work, found, visit.language)
    if form.get("as") == "json":
        headers = {"content-disposition": f'attachment; filename="{found.subject_id}.json"'}
        return Response(dumps(context), media_type="application/json", headers=headers)
    return html.page(visit, "erasure_copy.html", **context)


@get(f"{PATH}/{{erasure_id:str}}")
@threaded
def erasure_page(visit: Visiting, erasure_id: FromPath[str]) -> Response[str]:
    """One request; when it is done, its certificate."""
    return _page(visit, erasure_id)


@post(f"{PATH}/{{erasure_id:str}}")
@threaded
def act(visit: Visiting, form: Posted, erasure_id: FromPath[str]) -> Response[Any]:
    """Approve, refuse or withdraw: the button's `action` says which."""
    action, answer = form.pressed("approve", "refuse", "withdraw"), form.get("answer")
    try:
        if action == "withdraw":
            visit.write(lambda work: store.withdraw(work, erasure_id))
        else:
            agreed = action == "approve"
            visit.write(lambda work: store.decide(work, erasure_id, agreed=agreed, answer=answer))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _page(visit, erasure_id, problem)
    visit.tell("ok", text(visit.language, f"erasure.told.{action}"))
    return leave(visit, f"{PATH}/{erasure_id}")


@post(f"{PATH}/holds/{{hold_id:str}}/lift")
@threaded
def lift(visit: Visiting, hold_id: FromPath[str]) -> Response[Any]:
    """The matter is closed."""
    visit.write(lambda work: store.lift_hold(work, hold_id))
    visit.tell("ok", text(visit.language, "erasure.told.lifted"))
    return leave(visit, PATH)


def _list(
    visit: Visit, problem: Problem | None = None, given: dict[str, str] | None = None
) -> Response[str]:
    with visit.read() as work:
        context = erasure_view.listing(work, visit.language)
    return html.page(
        visit,
        "erasures.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        given=given or {},
        **context,
    )


def _page(visit: Visit, erasure_id: str, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        found = store.get(work, erasure_id)
        context = erasure_view.page(work, found, visit.language)
    return html.page(
        visit,
        "erasure.html",
        http_status=problem.status if problem else 200,
        error=problem.text(visit.language) if problem else None,
        **context,
    )
