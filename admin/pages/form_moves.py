"""Running reports to a newer version of their form (换版): the form's dispatches, the plan of one, doing it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from admin.views import form_moves_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visiting
from engine.access import policy
from engine.errors import NotFound, Problem
from engine.work import Work
from forms import store as forms
from workflows.versions import moving
from workflows.versions import store as moves

ACTIONS = ("try", "go", "stop", "on", "drop")


class MoveActionUnknown(Problem):
    """No such thing can be done with a move."""

    code, status = "form-move.action-unknown", 422
    action: str


@get("/forms/{code:str}/moving")
@threaded
def of_form(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """The running dispatches of a form, each with how many reports are on an older version."""
    with visit.read() as work:
        form = forms.published(work.connection, code)
        sends = policy.covers(work.actor, "dispatch.create", owner=form.owner)
        if not sends:
            work.require("form.design")
        context = form_moves_view.of_form(work, code, visit.language)
    return html.page(visit, "form_moves.html", **context)


@get("/dispatches/{dispatch_id:str}/version")
@threaded
def move_page(
    visit: Visiting,
    dispatch_id: FromPath[str],
    show: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """What moving a dispatch would do, how far it is, and what came of each report."""
    with visit.read() as work:
        dispatch = moves.dispatch_of(work, dispatch_id)
        context = form_moves_view.page(work, dispatch, visit.language, show=show, after=after)
    return html.page(visit, "form_move.html", **context)


@get("/dispatches/{dispatch_id:str}/version/state")
@threaded
def move_state(visit: Visiting, dispatch_id: FromPath[str]) -> Response[str]:
    """The part of the page that refreshes itself."""
    with visit.read() as work:
        dispatch = moves.dispatch_of(work, dispatch_id)
        context = form_moves_view.page(work, dispatch, visit.language)
    return html.page(visit, "components/form_move_state.html", **context)


@post("/dispatches/{dispatch_id:str}/version")
@threaded
def act(visit: Visiting, form: Posted, dispatch_id: FromPath[str]) -> Response[Any]:
    """Try it, do it, stop it, go on, or give the plan up; what is refused is told in words."""
    action = form.get("action")
    try:
        visit.write(lambda work: do(work, dispatch_id, action, form.get("handed-in", "stay")))
    except (NotFound, MoveActionUnknown):
        raise
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        visit.tell("late", problem.text(visit.language))
    else:
        visit.tell("ok", text(visit.language, f"formmove.did.{action}"))
    return leave(visit, f"/dispatches/{dispatch_id}/version")


def do(work: Work, dispatch_id: str, action: str, handed_in: str) -> None:
    """One of ACTIONS. Raises what it raises, MoveActionUnknown, NotFound."""
    moves.dispatch_of(work, dispatch_id)
    match action:
        case "try":
            moving.try_dry(work, dispatch_id, handed_in)
        case "go":
            moving.carry_out(work, dispatch_id)
        case "stop":
            moving.stop(work, dispatch_id)
        case "on":
            moving.go_on(work, dispatch_id)
        case "drop":
            moving.drop(work, dispatch_id)
        case _:
            raise MoveActionUnknown(action=action)
