"""Flow designs over the API: a draft is saved as it is drawn, tried out, compared, published; cases move."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post, put
from litestar.params import Body, FromPath

from admin.api.asked import AskedName
from admin.views import flow_design_view
from admin.views.flow_conditions import Conditions
from admin.web.answer import Revision, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.work import Work
from workflows import drafts, moves, store

MOST_ACTIONS = 500


class FlowSaving(msgspec.Struct, forbid_unknown_fields=True):
    """A flow as it is drawn now, on the revision that the designer saw."""

    revision: Revision
    document: dict[str, Any]


class FlowTrying(msgspec.Struct, forbid_unknown_fields=True):
    """A flow to try out; without a script people are made for it and its first step opens."""

    document: dict[str, Any]
    script: dict[str, Any] | None = None


class ConditionAsked(msgspec.Struct, forbid_unknown_fields=True):
    """A condition of a way: as a formula, or as it was picked."""

    formula: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    picked: dict[str, Any] | None = None


class ChoiceCase(msgspec.Struct):
    """Whom a choice by conditions names where this condition holds."""

    when: str
    gives: str


class ConditionTold(msgspec.Struct):
    """A condition as formula, in words and as lines (nothing where lines cannot say it), and what may be asked."""

    formula: str
    words: str
    picked: dict[str, Any] | None
    problem: str
    position: int
    asked: list[AskedName]
    unused: bool
    """No form in force uses the flow yet: the items are those of all forms."""
    called: dict[str, str] = {}
    """What the organisations and people of the lines are called, by their value."""
    cases: list[ChoiceCase] | None = None
    """Of a formula that chooses people by conditions its cases."""
    otherwise: str = ""


class FlowRestoring(msgspec.Struct, forbid_unknown_fields=True):
    """Back to a state that was saved."""

    revision: Revision
    state: Annotated[str, msgspec.Meta(max_length=60)]


class FlowRevision(msgspec.Struct, forbid_unknown_fields=True):
    """The revision that is meant."""

    revision: Revision


class FlowMoving(msgspec.Struct, forbid_unknown_fields=True):
    """The version that running cases are to move to."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class FlowSaved(msgspec.Struct):
    """A saved draft, and what stands against publishing it."""

    revision: int
    changed_at: str
    faults: list[dict[str, Any]]


class FlowPublished(msgspec.Struct):
    """A published version and its page."""

    href: str
    version: int


@get("/api/flows/{code:str}/draft")
@threaded
def read_flow_draft(caller: Visiting, code: FromPath[str]) -> Response[dict[str, Any]]:
    """A flow being designed, with what may be picked and what is wrong beside its steps."""
    with caller.read() as work:
        work.require(drafts.VERB)
        return answer(flow_design_view.design(work, drafts.get(work, code), caller.language))


@put("/api/flows/{code:str}/draft")
@threaded
def save_flow_draft(
    caller: Visiting, code: FromPath[str], data: Annotated[FlowSaving, Body()]
) -> Response[FlowSaved]:
    """Keep a draft as it is now; an unfinished one too. Every state is kept."""
    saved = caller.write(lambda work: drafts.save(work, code, data.revision, data.document))
    return answer(_saved(saved, caller.language))


@post("/api/flows/{code:str}/draft/try", status_code=200)
@threaded
def try_flow_draft(
    caller: Visiting, code: FromPath[str], data: Annotated[FlowTrying, Body()]
) -> Response[dict[str, Any]]:
    """Play a script on a flow: docs/reference/flow-script.md. Nothing is stored."""
    with caller.read() as work:
        work.require(drafts.VERB)
        drafts.get(work, code)
    if data.script and len(data.script.get("actions") or ()) > MOST_ACTIONS:
        raise drafts.DraftUnfit(reason="large")
    return answer(flow_design_view.tried(data.document, data.script, caller.language))


@post("/api/flows/{code:str}/draft/condition", status_code=200)
@threaded
def tell_condition(
    caller: Visiting, code: FromPath[str], data: Annotated[ConditionAsked, Body()]
) -> Response[ConditionTold]:
    """A condition while it is picked or typed: its formula, its words, what is wrong with it. Nothing is stored."""
    with caller.read() as work:
        work.require(drafts.VERB)
        conditions = Conditions(work, drafts.get(work, code).code, caller.language)
        told = conditions.told(data.formula, data.picked, caller.language)
    return answer(msgspec.convert(told, ConditionTold))


@get("/api/flows/{code:str}/draft/history")
@threaded
def read_flow_history(caller: Visiting, code: FromPath[str]) -> Response[dict[str, Any]]:
    """The states that drafts of a flow were saved in, the newest first."""
    with caller.read() as work:
        work.require(drafts.VERB)
        return answer({"states": flow_design_view.history(work, code)})


@post("/api/flows/{code:str}/draft/restore", status_code=200)
@threaded
def restore_flow_draft(
    caller: Visiting, code: FromPath[str], data: Annotated[FlowRestoring, Body()]
) -> Response[dict[str, Any]]:
    """Go back to a state that was saved; what came after stays in the history."""

    def inside(work: Work) -> dict[str, Any]:
        restored = drafts.restore(work, code, data.revision, data.state)
        return flow_design_view.design(work, restored, caller.language)

    return answer(caller.write(inside))


@get("/api/flows/{code:str}/draft/difference")
@threaded
def read_flow_difference(caller: Visiting, code: FromPath[str]) -> Response[dict[str, Any]]:
    """What publishing would change, in words, and which running cases could move, tried dry."""
    with caller.read() as work:
        work.require(drafts.VERB)
        draft = drafts.get(work, code)
        return answer(flow_design_view.difference(work, draft, caller.language))


@post("/api/flows/{code:str}/draft/publish", status_code=200)
@threaded
def publish_flow_draft(
    caller: Visiting, code: FromPath[str], data: Annotated[FlowRevision, Body()]
) -> Response[FlowPublished]:
    """Make a draft the flow's next version, which never changes. What is unsound is refused."""
    version = caller.write(lambda work: drafts.publish(work, code, data.revision))
    return answer(FlowPublished(f"/flows/{code}", version))


@post("/api/flows/{code:str}/draft/discard", status_code=200)
@threaded
def discard_flow_draft(
    caller: Visiting, code: FromPath[str], data: Annotated[FlowRevision, Body()]
) -> Response[dict[str, str]]:
    """Give a draft up; its history stays."""
    caller.write(lambda work: drafts.discard(work, code, data.revision))
    return answer({"href": "/flows"})


@post("/api/flows/{code:str}/moves", status_code=200)
@threaded
def move_cases(
    caller: Visiting, code: FromPath[str], data: Annotated[FlowMoving, Body()]
) -> Response[dict[str, Any]]:
    """Move the running cases that can be moved to a version; the others stay, each with its reason."""

    def inside(work: Work) -> dict[str, Any]:
        done = moves.carry_out(work, code, data.version)
        target = store.flow(work.connection, code, data.version)
        return flow_design_view.plan(work, done, target, caller.language)

    return answer(caller.write(inside))


def _saved(saved: drafts.FlowDraft, language: str) -> FlowSaved:
    found = flow_design_view.faults(saved.document, language)
    return FlowSaved(saved.revision, saved.changed_at, found)
