"""Dispatches over the API: send a report to organisations, and see how far each one is."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath, QueryParameter

from admin.pages.dispatches import issue
from admin.web.answer import Limit, answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.access import policy
from engine.errors import Forbidden
from engine.identity import store as identity
from engine.work import Work
from forms import documents
from workflows import dispatches, progress
from workflows.dispatch import DispatchRecord

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


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


class NewDispatch(msgspec.Struct, forbid_unknown_fields=True):
    """A report to be sent: to whom, for which period (`2026-11`), due at the end of which day.

    Less notice than the rule allows must be marked urgent, with the reason.
    """

    form: Code
    organisations: Annotated[list[Code], msgspec.Meta(min_length=1, max_length=20_000)]
    period: Annotated[str, msgspec.Meta(max_length=20)]
    due: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
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
        sent = issue(
            work,
            data.form,
            data.organisations,
            data.period,
            data.due,
            urgent=data.urgent,
            nil=data.nil,
            reason=data.reason,
        )
        return _progress(work, sent)

    return answer(caller.write(inside), 201)


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
