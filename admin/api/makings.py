"""One-click reports over the API: have one made for many organisations, and see what came of it."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath

from admin.views import making_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.work import Work
from forms import store
from workflows.dispatching import making
from workflows.dispatching.making import Making

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewMaking(msgspec.Struct, forbid_unknown_fields=True):
    """A report to be made for a period: for these organisations, or without them for all that fill in."""

    form: Code
    period: Annotated[str, msgspec.Meta(max_length=20)]
    organisations: Annotated[list[Code], msgspec.Meta(max_length=20_000)] = []


class NotMade(msgspec.Struct):
    """An organisation whose report could not be made: at which cell, and why.

    `missing`, `confirm`, `check`, `there`, or the schema's rule that does not hold.
    """

    organisation: str
    path: str
    reason: str


class MakingState(msgspec.Struct):
    """How far a making is. The reports are the records whose `dispatch` has its id."""

    id: str
    form: str
    form_version: int
    period: str
    total: int
    made: int
    not_made: int
    finished: bool
    left: list[NotMade]
    """The first 2,000."""


@post("/api/makings", status_code=201)
@threaded
def begin_making(caller: Visiting, data: Annotated[NewMaking, Body()]) -> Response[MakingState]:
    """Have a report made without asking anybody, by a durable job; what needs a person is left."""

    def command(work: Work) -> MakingState:
        codes = data.organisations
        if not codes:
            form = store.published(work.connection, data.form)
            work.require("dispatch.create", owner=form.owner)
            codes = making_view.organisations(work, form, "staffed", "")
        begun = making.begin(work, data.form, codes, data.period)
        return _state(making.get(work, begun.id))

    return answer(caller.write(command), 201)


@get("/api/makings/{making_id:str}")
@threaded
def read_making(caller: Visiting, making_id: FromPath[str]) -> Response[MakingState]:
    """How far a making is."""
    with caller.read() as work:
        found = making.get(work, making_id)
    return answer(_state(found))


def _state(found: Making) -> MakingState:
    return MakingState(
        id=found.id,
        form=found.form_code,
        form_version=found.form_version,
        period=found.period,
        total=found.total,
        made=found.made,
        not_made=found.not_made,
        finished=found.status == "done",
        left=[NotMade(one.organisation, one.path, one.code) for one in found.left],
    )
