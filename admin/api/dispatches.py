"""Dispatches over the API: send a report to organisations, and see how far each one is."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import Body

from admin.pages.dispatches import issue
from admin.web.answer import Limit, answer
from admin.web.threads import threaded
from admin.web.visit import Visit
from engine.access import policy
from engine.errors import Forbidden
from engine.work import Work
from workflows import dispatches
from workflows.dispatches import DispatchRecord, Progress

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewDispatch(msgspec.Struct, forbid_unknown_fields=True):
    """A report to be sent: to whom, for which period (`2026-11`), due at the end of which day."""

    form: Code
    organisations: Annotated[list[Code], msgspec.Meta(min_length=1, max_length=20_000)]
    period: Annotated[str, msgspec.Meta(max_length=20)]
    due: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


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
    late: bool
    submitted_at: str | None
    final_at: str | None


class DispatchProgress(msgspec.Struct):
    """A dispatch with how many stand at each step, and everybody's standing."""

    dispatch: Dispatch
    counts: dict[str, int]
    standings: list[Standing]


@get("/api/dispatches")
@threaded
def list_dispatches(caller: Visit, limit: Limit = 100) -> Response[DispatchList]:
    """What was sent, newest first."""
    with caller.read() as work:
        if not policy.reaches(work.actor, "dispatch.read"):
            raise Forbidden
        found = dispatches.listed(work, limit=limit)
        arrived = dispatches.arrived_counts(work, [one.id for one in found])
    return answer(DispatchList([_dispatch(one, arrived.get(one.id, 0)) for one in found]))


@post("/api/dispatches", status_code=201)
@threaded
def send_report(caller: Visit, data: Annotated[NewDispatch, Body()]) -> Response[DispatchProgress]:
    """Send a published form's newest version; each organisation gets a document and a task."""

    def inside(work: Work) -> DispatchProgress:
        sent = issue(work, data.form, data.organisations, data.period, data.due)
        return _progress(dispatches.progress(work, sent.id))

    return answer(caller.write(inside), 201)


@get("/api/dispatches/{dispatch_id:str}")
@threaded
def read_dispatch(caller: Visit, dispatch_id: str) -> Response[DispatchProgress]:
    """One dispatch with everybody's standing."""
    with caller.read() as work:
        return answer(_progress(dispatches.progress(work, dispatch_id)))


def _progress(found: Progress) -> DispatchProgress:
    standings = [
        Standing(
            organisation=one.document.organisation_code,
            name=one.organisation,
            document=one.document.id,
            status=one.document.status,
            step=one.step,
            late=one.late,
            submitted_at=one.document.submitted_at,
            final_at=one.document.final_at,
        )
        for one in found.standings
    ]
    return DispatchProgress(_dispatch(found.dispatch, found.arrived), dict(found.counts), standings)


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
