"""Organisations that change: what is to happen is shown whole before it happens, and can be undone."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from admin.views import organisation_view
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine import json_text
from engine.access import policy
from engine.errors import Forbidden, Problem
from engine.identity import division_list, lineage
from engine.identity.division_list import Proposal
from engine.identity.reform import KINDS, Wish
from engine.work import Work
from workflows.reforming import commands

MOST = 500
"""Proposals of a list that are taken at once."""


class ListMissing(Problem):
    """Nothing was uploaded."""

    code, status = "organisation.list-missing", 422


@get("/organisations")
@threaded
def changes_page(visit: Visiting) -> Response[str]:
    """Changes that wait, that were done, and that could not be done."""
    with visit.read() as work:
        work.require("organisation.read")
        found = lineage.changes(work.connection)
        may = bool(policy.reaches(work.actor, "organisation.change"))
        rows = [organisation_view.row(one, visit.language) for one in found]
    return html.page(visit, "organisations.html", rows=rows, may=may, kinds=_kinds(visit))


@get("/organisations/new")
@threaded
def new_page(
    visit: Visiting,
    *,
    kind: FromQuery[str] = "rename",
    units: FromQuery[str] = "",
    name: FromQuery[str] = "",
    code: FromQuery[str] = "",
    level: FromQuery[str] = "",
    parent: FromQuery[str] = "",
) -> Response[str]:
    """Where a change is described; a proposal brings what it knows."""
    with visit.read() as work:
        work.require("organisation.change")
    given = {
        "kind": kind, "units": units, "name": name, "code": code, "level": level, "parent": parent
    }  # fmt: skip
    return _form(visit, given)


@post("/organisations/new")
@threaded
def change(visit: Visiting, form: Posted) -> Response[Any]:
    """Show what a change would do; with `confirm` do it, or keep it for its day."""
    names = ("kind", "units", "name", "code", "level", "parent", "into", "parts", "effective", "number")  # fmt: skip
    given = {name: form.get(name) for name in names}
    try:
        with visit.read() as work:
            work.require("organisation.change")
            asked = organisation_view.wish(work, given)
            found = commands.preview(work, asked)
            shown = organisation_view.preview(found, work, visit.language)
        if form.get("confirm") != "yes":
            return _form(visit, given, shown=shown)
        kept = visit.write(lambda work: commands.keep(work, asked))
    except Forbidden:
        raise
    except Problem as problem:
        return _form(visit, given, problem=problem)
    told = "orgs.told.later" if shown["later"] else "orgs.told.done"
    visit.tell("ok", text(visit.language, told, day=asked.effective))
    return leave(visit, f"/organisations/{kept}")


@get("/organisations/divisions")
@threaded
def divisions_page(visit: Visiting) -> Response[str]:
    """Where a new list of divisions is given."""
    with visit.read() as work:
        work.require("organisation.change")
    return _divisions(visit)


@post("/organisations/divisions")
@threaded
def compare(visit: Visiting, form: Posted) -> Response[Any]:
    """A list compared with the organisations there are; or what was ticked of it, taken."""
    with visit.read() as work:
        work.require("organisation.change")
    if ticked := form.all("wish"):
        return _taken(visit, form, ticked)
    upload = form.file("file")
    try:
        if upload is None:
            raise ListMissing
        listed = division_list.read(upload.file.read())
    except Problem as problem:
        return _divisions(visit, problem=problem)
    with visit.read() as work:
        found = organisation_view.compared(work, listed)
    return _divisions(visit, found=found)


@get("/organisations/{change_id:str}")
@threaded
def change_page(visit: Visiting, change_id: FromPath[str]) -> Response[str]:
    """One change and everything it did."""
    with visit.read() as work:
        work.require("organisation.read")
        found = lineage.change(work.connection, change_id)
        may = bool(policy.reaches(work.actor, "organisation.change"))
        shown = organisation_view.detail(work, found, visit.language, may=may)
        if found.state == lineage.WAITING and may:
            shown["problem"] = shown["problem"] or _ahead(work, found.wish, visit.language, shown)
    return html.page(visit, "organisation_change.html", change=shown)


@post("/organisations/{change_id:str}/undo")
@threaded
def undo(visit: Visiting, change_id: FromPath[str]) -> Redirect:
    """Let everything be as it was before."""
    left = visit.write(lambda work: commands.undo(work, change_id))
    told = "orgs.told.undone_left" if left else "orgs.told.undone"
    visit.tell("ok", text(visit.language, told, n=left))
    return leave(visit, f"/organisations/{change_id}")


@post("/organisations/{change_id:str}/cancel")
@threaded
def cancel(visit: Visiting, change_id: FromPath[str]) -> Redirect:
    """Take back a change whose day has not come."""
    visit.write(lambda work: commands.cancel(work, change_id))
    visit.tell("ok", text(visit.language, "orgs.told.cancelled"))
    return leave(visit, f"/organisations/{change_id}")


def _ahead(work: Work, wish: Wish, language: str, shown: dict[str, Any]) -> str | None:
    """What a waiting change would do as things stand, or why it could not be done."""
    try:
        shown.update(organisation_view.preview(commands.preview(work, wish), work, language))
    except Problem as problem:
        return problem.text(language)
    return None


def _kinds(visit: Visit) -> list[dict[str, str]]:
    return [{"code": one, "text": text(visit.language, f"orgs.kind.{one}")} for one in KINDS]


def _form(
    visit: Visit,
    given: Mapping[str, str],
    *,
    shown: dict[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    kind = given.get("kind", "")
    kind = kind if kind in KINDS else "rename"
    return html.page(
        visit,
        "organisation_new.html",
        http_status=200 if problem is None else problem.status,
        kinds=_kinds(visit),
        kind=kind,
        fields=organisation_view.fields(kind, visit.language),
        given={
            **dict.fromkeys(("effective", "number", "into", "parts"), ""),
            **given,
            "kind": kind,
        },
        shown=shown,
        error=problem.text(visit.language) if problem else None,
    )


def _divisions(
    visit: Visit, *, found: list[Proposal] | None = None, problem: Problem | None = None
) -> Response[str]:
    rows = [
        {
            "kind": text(visit.language, f"orgs.kind.{one.kind}"),
            "told": one.told,
            "unit": one.unit,
            "now": _now(one),
            "open": one.open,
            "wish": json_text.dumps(dict(one.wish)),
            "href": "/organisations/new?" + _query(one.wish),
        }
        for one in (found or [])[:MOST]
    ]
    return html.page(
        visit,
        "organisation_divisions.html",
        http_status=200 if problem is None else problem.status,
        rows=rows,
        compared=found is not None,
        more=max(len(found or ()) - MOST, 0),
        error=problem.text(visit.language) if problem else None,
    )


def _now(one: Proposal) -> str:
    told = [str(one.wish[name]) for name in ("name", "code", "parent") if one.wish.get(name)]
    return " ".join(told) if one.kind != "found" else str(one.wish["parent"])


def _query(wish: Mapping[str, Any]) -> str:
    flat = {
        name: "\n".join(value) if isinstance(value, list) else value for name, value in wish.items()
    }
    return urlencode(flat)


def _taken(visit: Visit, form: Posted, ticked: list[str]) -> Response[Any]:
    """What was ticked, one change each in one transaction: all of it, or nothing and why."""
    dated = {"effective": form.get("effective").strip(), "number": form.get("number").strip()}

    def inside(work: Work) -> int:
        for one in ticked[:MOST]:
            commands.keep(work, Wish.read({**json_text.loads(one.encode()), **dated}))
        return len(ticked[:MOST])

    try:
        count = visit.write(inside)
    except Forbidden:
        raise
    except Problem as problem:
        return _divisions(visit, problem=problem)
    visit.tell("ok", text(visit.language, "orgs.told.taken", n=count))
    return leave(visit, "/organisations")
