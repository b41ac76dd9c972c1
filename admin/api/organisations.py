"""Changes of organisations over the API: previewed, made or kept for their day, undone; lists compared."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath

from admin.views import organisation_view
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.identity import division_list, lineage
from engine.identity.lineage import Change
from engine.identity.reform import Step, Wish
from engine.work import Work
from workflows.reforming import commands

Text = Annotated[str, msgspec.Meta(max_length=500)]


class UnitPart(msgspec.Struct, forbid_unknown_fields=True):
    """One of the units another is parted into; `rule` says which people (households …) live there."""

    code: Text
    name: Text
    below: Annotated[list[Text], msgspec.Meta(max_length=1000)] = []
    rule: Text = ""


class UnitChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change (rename, recode, move, merge, split, abolish, found), from when, by which document."""

    kind: Text
    effective: Text
    number: Text
    units: Annotated[list[Text], msgspec.Meta(max_length=200)] = []
    name: Text = ""
    code: Text = ""
    level: Text = ""
    parent: Text = ""
    into: Text = ""
    parts: Annotated[list[UnitPart], msgspec.Meta(max_length=50)] = []
    codes: dict[str, str] = {}

    def wish(self) -> Wish:
        """As the engine takes it. Raises ReformInvalid."""
        return Wish.read(msgspec.to_builtins(self))


class UnitNow(msgspec.Struct):
    """A unit as it is called and where it stands."""

    code: str
    name: str
    level: str
    path: str


class UnitStep(msgspec.Struct):
    """What becomes of one unit; without `before` it is new, without `after` it ends."""

    before: UnitNow | None
    after: list[UnitNow]


class Count(msgspec.Struct):
    """How many of something."""

    what: str
    count: int


class ChangePreview(msgspec.Struct):
    """Every effect of a change before it happens; `values` are of registers, by field."""

    steps: list[UnitStep]
    effects: list[Count]
    values: list[Count]
    own_values: int
    """Of the organisations themselves: added, taken along or blanked."""
    final_reports: int
    dispatches: int


class ChangeKept(msgspec.Struct):
    """A change and what became of it: waiting, done, undone, cancelled or failed."""

    id: str
    kind: str
    state: str
    effective: str
    number: str
    title: str
    carrying: bool
    asked_by: str
    asked_at: str
    done_at: str | None
    steps: list[UnitStep]


class ChangeList(msgspec.Struct):
    """Changes, the newest first."""

    changes: list[ChangeKept]


class DivisionText(msgspec.Struct, forbid_unknown_fields=True):
    """A list of divisions as CSV text with the columns code, name, level, parent_code."""

    csv: Annotated[str, msgspec.Meta(max_length=20_000_000)]


class Proposed(msgspec.Struct):
    """A change that a list proposes; `open`: somebody must choose, e.g. into which unit it went."""

    kind: str
    unit: str
    told: str
    open: bool
    change: dict[str, Any]


class ProposedList(msgspec.Struct):
    """What would make the organisations agree with a list, those above first."""

    proposals: list[Proposed]


@get("/api/organisations/changes")
@threaded
def list_changes(caller: Visiting) -> Response[ChangeList]:
    """The newest 200 changes."""
    with caller.read() as work:
        work.require("organisation.read")
        return answer(ChangeList([_kept(one) for one in lineage.changes(work.connection)]))


@get("/api/organisations/changes/{change_id:str}")
@threaded
def read_change(caller: Visiting, change_id: FromPath[str]) -> Response[ChangeKept]:
    """One change."""
    with caller.read() as work:
        work.require("organisation.read")
        return answer(_kept(lineage.change(work.connection, change_id)))


@post("/api/organisations/preview", status_code=200)
@threaded
def preview_change(
    caller: Visiting, data: Annotated[UnitChange, Body()]
) -> Response[ChangePreview]:
    """What a change would do; nothing is changed."""
    with caller.read() as work:
        work.require("organisation.change")
        found = commands.preview(work, data.wish())
    return answer(
        ChangePreview(
            [_step(one) for one in found.reform.steps],
            [Count(f"{what}.{cell}", n) for (what, cell), n in sorted(found.effects.items())],
            [Count(field, n) for field, n in sorted(found.values.items())],
            found.own,
            found.final,
            found.dispatches,
        )
    )


@post("/api/organisations/changes", status_code=201)
@threaded
def make_change(caller: Visiting, data: Annotated[UnitChange, Body()]) -> Response[ChangeKept]:
    """Make a change, or keep it for its day if that is yet to come."""

    def inside(work: Work) -> Change:
        work.require("organisation.change")
        return lineage.change(work.connection, commands.keep(work, data.wish()))

    return answer(_kept(caller.write(inside)), 201)


@post("/api/organisations/changes/{change_id:str}/undo", status_code=200)
@threaded
def undo_change(caller: Visiting, change_id: FromPath[str]) -> Response[ChangeKept]:
    """Let everything be as it was before a change, as long as nothing new stands on it."""

    def inside(work: Work) -> Change:
        commands.undo(work, change_id)
        return lineage.change(work.connection, change_id)

    return answer(_kept(caller.write(inside)))


@post("/api/organisations/changes/{change_id:str}/cancel", status_code=200)
@threaded
def cancel_change(caller: Visiting, change_id: FromPath[str]) -> Response[ChangeKept]:
    """Take back a change whose day has not come, or that could not be done."""

    def inside(work: Work) -> Change:
        commands.cancel(work, change_id)
        return lineage.change(work.connection, change_id)

    return answer(_kept(caller.write(inside)))


@post("/api/organisations/divisions", status_code=200)
@threaded
def compare_divisions(
    caller: Visiting, data: Annotated[DivisionText, Body()]
) -> Response[ProposedList]:
    """What a new list of divisions would change; nothing is changed."""
    with caller.read() as work:
        work.require("organisation.change")
        found = organisation_view.compared(work, division_list.read(data.csv.encode()))
    rows = [Proposed(one.kind, one.unit, one.told, one.open, dict(one.wish)) for one in found]
    return answer(ProposedList(rows))


def _kept(one: Change) -> ChangeKept:
    return ChangeKept(
        one.id, one.kind, one.state, one.effective, one.number, one.title, one.carrying,
        one.asked_name, one.asked_at, one.done_at, [_step(step) for step in one.steps],
    )  # fmt: skip


def _step(one: Step) -> UnitStep:
    return UnitStep(_unit(one.before) if one.before else None, [_unit(unit) for unit in one.after])


def _unit(unit: Any) -> UnitNow:
    return UnitNow(unit.code, unit.name, unit.kind, unit.path)
