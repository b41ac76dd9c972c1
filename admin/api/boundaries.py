"""Outlines of divisions for maps over the API: which there are, brought as GeoJSON, read, taken away."""

from typing import Any

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.params import FromPath

from admin.pages import boundaries as pages
from admin.web.answer import answer
from admin.web.threads import threaded
from admin.web.visit import Visiting
from engine.errors import NotFound
from engine.identity import boundaries


class OutlineCount(msgspec.Struct):
    """Of the organisations of a kind, how many have an outline."""

    kind: str
    known: int
    all: int


class OutlineCoverage(msgspec.Struct):
    """How many outlines are kept, and whose."""

    outlines: int
    places: list[OutlineCount]


class OutlinesKept(msgspec.Struct):
    """How many outlines came, or went, and how many are kept now."""

    changed: int
    outlines: int


class OutlineGeometry(msgspec.Struct):
    """Longitude and latitude, polygon by polygon, ring by ring (RFC 7946)."""

    type: str
    coordinates: list[list[list[list[float]]]]


class OutlineFeature(msgspec.Struct):
    """One outline as a Feature of GeoJSON; `code` among the properties names the division."""

    type: str
    properties: dict[str, str]
    geometry: OutlineGeometry


@get("/api/boundaries")
@threaded
def read_boundaries(caller: Visiting) -> Response[OutlineCoverage]:
    """How many outlines are kept, and how many of the organisations of each kind have one."""
    with caller.read() as work:
        work.require("organisation.read")
        known, places = boundaries.coverage(work.connection)
    return answer(OutlineCoverage(known, [OutlineCount(**one) for one in places]))


@put("/api/boundaries", status_code=200)
async def keep_boundaries(
    request: Request[Any, Any, Any], caller: Visiting
) -> Response[OutlinesKept]:
    """Keep the outlines of a GeoJSON FeatureCollection, which is the request's content.

    An outline of a division that has one is replaced, others stay; a wrong area changes nothing.
    """
    content = bytearray()
    async for piece in request.stream():
        content += piece

    def keep() -> Response[OutlinesKept]:
        with caller.read() as work:
            work.require("organisation.change")
        found = boundaries.read(bytes(content))
        known = caller.write(lambda work: pages.keep(work, found))
        return answer(OutlinesKept(len(found), known))

    return await threaded(keep)()


@get("/api/boundaries/{code:str}")
@threaded
def read_boundary(caller: Visiting, code: FromPath[str]) -> Response[OutlineFeature]:
    """The outline of one division, by its code (`370602`), padded with zeros or not."""
    with caller.read() as work:
        work.require("organisation.read")
        found = boundaries.feature(work.connection, code)
    if found is None:
        raise NotFound
    return answer(msgspec.convert(found, OutlineFeature))


@delete("/api/boundaries", status_code=200)
@threaded
def forget_boundaries(caller: Visiting) -> Response[OutlinesKept]:
    """Take all outlines away; maps show squares again."""
    return answer(OutlinesKept(caller.write(pages.forget), 0))
