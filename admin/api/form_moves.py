"""Running reports to a newer version of their form over the API: tried dry, carried out, watched."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.pages import form_moves as pages
from admin.views import form_moves_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.work import Work
from workflows.versions import store as moves

Show = Annotated[
    Literal["", "moved", "back", "stays", "final"],
    QueryParameter(description="Only reports with this outcome"),
]
After = Annotated[str, QueryParameter(max_length=200, description="`next` of the part before")]


class FormMoving(msgspec.Struct, forbid_unknown_fields=True):
    """`try` finds out what would happen and writes nothing else; `go` carries it out; `stop` after the
    present batch, `on` goes on; `drop` gives the plan up.

    `handed_in`, for `try`: reports that were handed in `stay`, or move where nothing changes for them
    (`same`), or are given `back` with what is to be answered.
    """

    action: Literal["try", "go", "stop", "on", "drop"]
    handed_in: Literal["stay", "same", "back"] = "stay"


class FormMoveItem(msgspec.Struct):
    """One item (or check) of a finding: in how many reports, in how many cells."""

    label: str
    reports: int
    cells: int


class FormMoveFinding(msgspec.Struct):
    """asked: new, to be asked; known: new and known; unfit: out of its bounds; taken: no longer fits its
    type or list; turned: became its new type; gone: without a cell; fails: a check that newly fails.
    """

    kind: str
    title: str
    hint: str
    items: list[FormMoveItem]


class FormMoveReason(msgspec.Struct):
    """Why reports stay, and how many."""

    text: str
    n: int


class FormMove(msgspec.Struct):
    """A move: trying, tried, running, stopped, done, or failed; with what would happen, or did, in sum."""

    id: str
    version: int
    handed_in: str
    state: str
    total: int
    looked_at: int
    by: str
    at: str | None
    ended_at: str | None
    outcomes: dict[str, int]
    reasons: list[FormMoveReason]
    findings: list[FormMoveFinding]


class FormMoveState(msgspec.Struct):
    """A dispatch, the newest version of its form, how many running reports are on an older one."""

    dispatch: str
    form_version: int
    newest: int
    behind: int
    move: FormMove | None


class FormMoveUnits(msgspec.Struct):
    """What would happen to each report, or did, in the order of the tree."""

    units: list[dict[str, Any]]
    next: str = ""
    """Send it back as `after` for the following part; empty when there is none."""


@get("/api/dispatches/{dispatch_id:str}/version")
@threaded
def read_form_move(caller: Visiting, dispatch_id: FromPath[str]) -> Response[FormMoveState]:
    """How far a dispatch is with moving to the newest version of its form."""
    with caller.read() as work:
        return answer(_state(work, dispatch_id, caller.language))


@get("/api/dispatches/{dispatch_id:str}/version/units")
@threaded
def read_form_move_units(
    caller: Visiting, dispatch_id: FromPath[str], *, show: Show = "", after: After = ""
) -> Response[FormMoveUnits]:
    """Report by report: what would happen or did, and why one stays."""
    with caller.read() as work:
        moves.dispatch_of(work, dispatch_id)
        found = form_moves_view.units(work, dispatch_id, caller.language, show=show, after=after)
    return answer(FormMoveUnits(**found))


@post("/api/dispatches/{dispatch_id:str}/version", status_code=200)
@threaded
def move_form(
    caller: Visiting, dispatch_id: FromPath[str], data: Annotated[FormMoving, Body()]
) -> Response[FormMoveState]:
    """Try a move dry, carry it out, stop it, go on with it, or give it up. Jobs do the work."""

    def inside(work: Work) -> FormMoveState:
        pages.do(work, dispatch_id, data.action, data.handed_in)
        return _state(work, dispatch_id, caller.language)

    return answer(caller.write(inside))


def _state(work: Work, dispatch_id: str, language: str) -> FormMoveState:
    found = form_moves_view.state(work, moves.dispatch_of(work, dispatch_id), language)
    return msgspec.convert(found, FormMoveState)
