"""Reports put together for inspectors (迎检材料) over the API: asked for, watched, taken."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath

from admin.pages import exports as packing
from admin.pages.inspections import ROLES, chosen
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visit, Visiting, require_role
from engine.errors import NotFound
from engine.privacy.lifts import Purpose
from engine.work import Work
from workflows.dispatching import exports

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Codes = Annotated[list[Code], msgspec.Meta(min_length=1, max_length=200)]
Units = Annotated[list[Code], msgspec.Meta(max_length=500)]


class ChosenReports(msgspec.Struct, forbid_unknown_fields=True):
    """Which final reports; without units all that the caller may read.

    In Chinese, or English with `language` `en`. With `purpose` (and `for`, its kind) they are packed without masks.
    """

    forms: Codes
    periods: Codes
    units: Units = []
    language: Literal["zh", "en"] = "zh"
    purpose: Annotated[str, msgspec.Meta(max_length=200)] = ""
    kind: Annotated[str, msgspec.Meta(max_length=20)] = msgspec.field(default="", name="for")


class Inspection(msgspec.Struct):
    """How far it is; the file is there when it is `finished`."""

    id: str
    total: int
    done: int
    finished: bool
    failed: bool


@post("/api/inspections", status_code=201)
@threaded
def ask_inspection(
    caller: Visiting, data: Annotated[ChosenReports, Body()]
) -> Response[Inspection]:
    """Have reports put together: cover and index, papers, stamped pages, sources, course, hashes."""
    require_role(caller, *ROLES)
    purpose = Purpose.given(data.purpose, data.kind) if data.purpose else None

    def inside(work: Work) -> str:
        found = chosen(work, data.forms, data.periods, data.units)
        return exports.ask_chosen(work, found, purpose, language=data.language)

    return answer(_told(caller, caller.write(inside)), 201)


@get("/api/inspections/{export_id:str}")
@threaded
def read_inspection(caller: Visiting, export_id: FromPath[str]) -> Response[Inspection]:
    """How far it is."""
    return answer(_told(caller, export_id))


@get("/api/inspections/{export_id:str}/file", media_type="application/zip")
@threaded
def take_inspection(caller: Visiting, export_id: FromPath[str]) -> Response[bytes]:
    """The file; 404 before all of it is there."""
    _told(caller, export_id)
    return packing.taken(caller, export_id)


def _told(caller: Visit, export_id: str) -> Inspection:
    with caller.read() as work:
        record = exports.get(work, export_id)
        if record.kind != exports.INSPECTION:
            raise NotFound
        failed = exports.failed(work, record)
    return Inspection(record.id, record.total, record.done, record.finished, failed)
