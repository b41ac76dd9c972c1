"""Dispatches over the API: send a report to organisations, and see how far each one is."""

from collections import Counter
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.pages.dispatches import Given, issue
from admin.views import target_view
from admin.web.answer import Limit, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.access import policy
from engine.errors import Forbidden
from engine.identity import store as identity
from engine.work import Work
from forms import documents
from forms import store as forms
from workflows import dispatches
from workflows.dispatch import DispatchRecord
from workflows.dispatching import progress, targets
from workflows.dispatching.targets import Targets

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Picked = Annotated[list[Code], msgspec.Meta(max_length=20_000)]


Show = Annotated[
    Literal[
        "all",
        "late",
        "missing",
        "fill",
        "verify",
        "approve",
        "returned",
        "done",
        "zero",
        "exempt",
    ],
    QueryParameter(description="Only units in this state"),
]
After = Annotated[str, QueryParameter(max_length=200, description="`next` of the part before")]
Units = Annotated[int, QueryParameter(ge=1, le=10_000, description="At most so many standings")]


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """Organisations of the office's area, in parts that add up; `without` takes away again.

    Levels: province, city, county, town, village. A `rule` is a condition over the register of
    organisations, `population >= 3000`, among the levels or all. `trees` are meant with all below.
    """

    levels: list[str] = msgspec.field(default_factory=list)
    groups: list[str] = msgspec.field(default_factory=list)
    rule: Annotated[str, msgspec.Meta(max_length=500)] = ""
    below: Annotated[str, msgspec.Meta(max_length=100)] = ""
    picked: Picked = msgspec.field(default_factory=list)
    trees: Picked = msgspec.field(default_factory=list)
    without: Picked = msgspec.field(default_factory=list)


class Chosen(msgspec.Struct):
    """Whom a choice means today: how many, by level, and their codes."""

    count: int
    levels: dict[str, int]
    organisations: list[str]


class NewDispatch(msgspec.Struct, forbid_unknown_fields=True):
    """A report to be sent: to whom, for which period (`2026-11`), due at the end of which day.

    `organisations` by code, or `targets` by level, group, rule and part of the tree.

    Less notice than the rule allows must be marked urgent, with the reason.
    """

    form: Code
    period: Annotated[str, msgspec.Meta(max_length=20)]
    due: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    organisations: Picked = msgspec.field(default_factory=list)
    targets: Choice | None = None
    skip: bool = False
    """Leave out who has the report for the period already."""
    urgent: bool = False
    nil: bool | None = None
    """Whether nil returns are taken; without it as the form says."""
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Dispatch(msgspec.Struct):
    """A report that was sent, and how many have arrived."""

    id: str
    form: str
    form_version: int
    title: str
    owner: str
    period: str
    due_at: str
    targets: int
    arrived: int
    created_at: str


class DispatchList(msgspec.Struct):
    """Dispatches that the caller may see, newest first."""

    dispatches: list[Dispatch]


class Standing(msgspec.Struct):
    """How far one organisation is: fill, verify, approve, done."""

    organisation: str
    name: str
    document: str
    status: str
    step: str
    mark: str
    """zero: an explicit nil return; exempt: it need not report this time."""
    late: bool
    overdue_days: int
    due_at: str
    submitted_at: str | None
    final_at: str | None


class DispatchProgress(msgspec.Struct):
    """A dispatch with how many stand at each step, and everybody's standing."""

    dispatch: Dispatch
    counts: dict[str, int]
    standings: list[Standing]
    next: str = ""
    """Send it back as `after` for the following standings; empty when there are none."""


@get("/api/dispatches")
@threaded
def list_dispatches(caller: Visiting, limit: Limit = 100) -> Response[DispatchList]:
    """What was sent, newest first."""
    with caller.read() as work:
        if not policy.reaches(work.actor, "dispatch.read"):
            raise Forbidden
        found = dispatches.listed(work, limit=limit)
        arrived = dispatches.arrived_counts(work, [one.id for one in found])
    return answer(DispatchList([_dispatch(one, arrived.get(one.id, 0)) for one in found]))


@post("/api/dispatches", status_code=201)
@threaded
def send_report(
    caller: Visiting, data: Annotated[NewDispatch, Body()]
) -> Response[DispatchProgress]:
    """Send a published form's newest version; each organisation gets a document and a task."""

    def inside(work: Work) -> DispatchProgress:
        named = {"picked": data.organisations}
        given = Given(
            data.period,
            data.due,
            urgent=data.urgent,
            reason=data.reason,
            nil=data.nil,
            skip=data.skip,
        )
        chosen = msgspec.to_builtins(data.targets) if data.targets else named
        sent = issue(work, data.form, Targets.read(chosen), given)
        return _progress(work, sent)

    return answer(caller.write(inside), 201)


@post("/api/forms/{code:str}/targets", status_code=200)
@threaded
def choose(
    caller: Visiting, code: FromPath[str], data: Annotated[Choice, Body()]
) -> Response[Chosen]:
    """Whom a choice means today, before the form is sent to them; nothing is kept."""
    with caller.read() as work:
        here = target_view.place(work, forms.published(work.connection, code).owner)
        chosen = Targets.read(msgspec.to_builtins(data))
        found = targets.resolve(work, here.owner, here.area, chosen, here.able)
    levels = dict(Counter(one.kind for one in found))
    return answer(Chosen(len(found), levels, [one.code for one in found]))


@get("/api/dispatches/{dispatch_id:str}")
@threaded
def read_dispatch(
    caller: Visiting,
    dispatch_id: FromPath[str],
    *,
    show: Show = "all",
    after: After = "",
    limit: Units = 1000,
) -> Response[DispatchProgress]:
    """One dispatch with its standings, a part of them at a time; `next` asks for the following part."""
    with caller.read() as work:
        found = dispatches.get(work, dispatch_id)
        return answer(_progress(work, found, show=show, after=after, limit=limit))


def _progress(
    work: Work, dispatch: DispatchRecord, *, show: str = "all", after: str = "", limit: int = 1000
) -> DispatchProgress:
    units = progress.units(work, dispatch)
    counted = progress.tally(units)
    fitting = [one for one in units if one.is_shown(show) and one.path > after]
    part = fitting[:limit]
    records = {
        one.id: one for one in documents.several(work.connection, [one.document_id for one in part])
    }
    names = identity.organisation_names(work.connection, [one.organisation for one in part])
    standings = [
        Standing(
            organisation=one.organisation,
            name=names.get(one.organisation, one.organisation),
            document=one.document_id,
            status=records[one.document_id].status,
            step=one.step,
            mark=one.mark,
            late=one.late,
            overdue_days=one.overdue(work.now),
            due_at=one.due_at,
            submitted_at=one.submitted_at,
            final_at=records[one.document_id].final_at,
        )
        for one in part
    ]
    following = part[-1].path if len(fitting) > limit else ""
    return DispatchProgress(
        _dispatch(dispatch, counted.done), dict(counted.steps), standings, following
    )


def _dispatch(one: DispatchRecord, arrived: int) -> Dispatch:
    return Dispatch(
        id=one.id,
        form=one.form_code,
        form_version=one.form_version,
        title=one.title,
        owner=one.owner,
        period=one.period,
        due_at=one.due_at,
        targets=one.targets,
        arrived=arrived,
        created_at=one.created_at,
    )
