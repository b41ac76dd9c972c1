"""Outlines of divisions for maps: brought as a file, replaced by the next one, taken away."""

from typing import Any

from litestar import Response, get, post

from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Problem
from engine.identity import boundaries
from engine.work import Work


class BoundariesMissing(Problem):
    """Nothing was uploaded."""

    code, status = "boundaries.missing", 422


@get("/organisations/boundaries")
@threaded
def boundaries_page(visit: Visiting) -> Response[str]:
    """How many outlines there are, and where others are given."""
    return _shown(visit)


@post("/organisations/boundaries")
@threaded
def bring(visit: Visiting, form: Posted) -> Response[Any]:
    """Keep the outlines of a file, or with `forget` take all away."""
    with visit.read() as work:
        work.require("organisation.change")
    if form.get("forget") == "yes":
        gone = visit.write(forget)
        visit.tell("ok", text(visit.language, "boundaries.forgotten", n=gone))
        return leave(visit, "/organisations/boundaries")
    upload = form.file("file")
    try:
        if upload is None:
            raise BoundariesMissing
        found = boundaries.read(upload.file.read())
    except Problem as problem:
        return _shown(visit, problem)
    visit.write(lambda work: keep(work, found))
    visit.tell("ok", text(visit.language, "boundaries.kept", n=len(found)))
    return leave(visit, "/organisations/boundaries")


def keep(work: Work, found: list[boundaries.Outline]) -> int:
    """Keep outlines, with a row of history; gives how many there are then. Raises Forbidden."""
    work.require("organisation.change")
    before = boundaries.count(work.connection)
    boundaries.keep(work.connection, found, at=work.at)
    return _recorded(work, before)


def forget(work: Work) -> int:
    """Take all outlines away, with a row of history; gives how many there were. Raises Forbidden."""
    work.require("organisation.change")
    gone = boundaries.forget(work.connection)
    _recorded(work, gone)
    return gone


def _recorded(work: Work, before: int) -> int:
    after = boundaries.count(work.connection)
    work.record("boundaries", "all", before={"count": before}, after={"count": after})
    return after


def _shown(visit: Visit, problem: Problem | None = None) -> Response[str]:
    with visit.read() as work:
        work.require("organisation.change")
        known, places = boundaries.coverage(work.connection)
    return html.page(
        visit,
        "boundaries.html",
        http_status=200 if problem is None else problem.status,
        known=known,
        places=places,
        names="、".join(boundaries.CODE_NAMES),
        error=problem.text(visit.language) if problem else None,
    )
