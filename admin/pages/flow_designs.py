"""Flows for their designers: the list, one flow with its versions and running cases, the designer."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy import func, select

from admin.pages.files import attachment
from admin.views import flow_design_view, flow_drawn, words
from admin.views.flow_conditions import Conditions
from admin.web import html
from admin.web.html import leave, text
from admin.web.threads import threaded
from admin.web.visit import Posted, Visit, Visiting
from engine.errors import Conflict
from engine.work import Work
from forms.designing import intake
from workflows import drafts, moves, store
from workflows import flow as flows
from workflows.bpmn import read, write
from workflows.drafts import DraftUnknown
from workflows.store import CASE, FLOW

LONGEST_TITLE = 60
MOST_NAMED = 12
BPMN = "application/xml"


@get("/flows")
@threaded
def flow_list(visit: Visiting) -> Response[str]:
    """Every flow in its newest version, and drafts."""
    with visit.read() as work:
        work.require(drafts.VERB)
        begun = drafts.listed(work)
        rows = _flows(work, visit.language)
    known = {row["code"] for row in rows}
    fresh = [one for one in begun.values() if one.code not in known]
    return html.page(visit, "flows.html", flows=rows, drafts=begun, fresh=fresh)


@post("/flows")
@threaded
def new_flow(visit: Visiting, form: Posted) -> Response[Any]:
    """Begin a flow: somebody fills, somebody verifies, somebody approves; the rest is drawn."""
    title = form.get("title").strip()[:LONGEST_TITLE]
    draft = visit.write(lambda work: drafts.begin(work, _beginning(title, visit.language)))
    return leave(visit, f"/flows/{draft.code}")


@get("/flows/{code:str}")
@threaded
def flow_page(visit: Visiting, code: FromPath[str]) -> Response[str]:
    """The designer where there is a draft; else the flow's versions and who still runs on which."""
    with visit.read() as work:
        work.require(drafts.VERB)
        try:
            draft = drafts.get(work, code)
        except DraftUnknown:
            return _versions(visit, work, code)
        design = flow_design_view.design(work, draft, visit.language)
    return html.page(visit, "flow_designer.html", design=design, title=draft.title)


@get("/flows/{code:str}/bpmn")
@threaded
def export_flow(visit: Visiting, code: FromPath[str]) -> Response[bytes]:
    """A flow as BPMN 2.0: the draft where there is one that can be read, else the version in force."""
    with visit.read() as work:
        work.require(drafts.VERB)
        try:
            flow = flows.load({**drafts.get(work, code).document, "$schema": flows.DIALECT})
        except DraftUnknown:
            flow = store.flow(work.connection, code)
    return attachment(f"{code}.bpmn", write.write(flow, visit.language), BPMN)


@post("/flows/import")
@threaded
def import_flow(visit: Visiting, form: Posted) -> Response[Any]:
    """A draft from somebody's BPMN 2.0 file; what was not carried is told on the next page."""
    with visit.read() as work:
        work.require(drafts.VERB)
    file = form.file("file")
    if file is None:
        raise intake.NoFile
    found = read.read(file.file.read(read.MAX_BYTES + 1))
    draft = visit.write(lambda work: drafts.begin(work, found.document))
    lost = read.words(found)
    if lost:
        named = "；".join(lost[:MOST_NAMED]) + ("…" if len(lost) > MOST_NAMED else "")
        visit.tell("soon", text(visit.language, "flowdesign.not_carried", n=len(lost), named=named))
    else:
        visit.tell("ok", text(visit.language, "flowdesign.imported"))
    return leave(visit, f"/flows/{draft.code}")


@post("/flows/{code:str}/design")
@threaded
def redesign_flow(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:  # noqa: ARG001 - taking the form checks its token
    """Start the next version of a flow."""
    visit.write(lambda work: drafts.redesign(work, code))
    return leave(visit, f"/flows/{code}")


@post("/flows/{code:str}/moves")
@threaded
def move_flow(visit: Visiting, form: Posted, code: FromPath[str]) -> Response[Any]:
    """Move the running cases that can be moved to the newest version."""
    version = form.get("version")

    def inside(work: Work) -> moves.Plan:
        work.require(drafts.VERB)
        newest = store.flow(work.connection, code)
        if version != str(newest.version):
            raise Conflict(what=code)
        return moves.carry_out(work, code, newest.version)

    done = visit.write(inside)
    visit.tell(
        "ok", text(visit.language, "flowdesign.moved", n=len(done.able), staying=len(done.staying))
    )
    return leave(visit, f"/flows/{code}")


def _versions(visit: Visit, work: Work, code: str) -> Response[str]:
    newest = store.flow(work.connection, code)
    rows = work.connection.execute(
        select(FLOW.c.version, FLOW.c.created_at)
        .where(FLOW.c.code == code)
        .order_by(FLOW.c.version.desc())
    ).all()
    running: dict[int, int] = {
        row[0]: row[1]
        for row in work.connection.execute(
            select(CASE.c.flow_version, func.count())
            .where(CASE.c.flow_code == code, CASE.c.status.in_(moves.RUNNING))
            .group_by(CASE.c.flow_version)
        )
    }
    planned = moves.plan(work, code, newest)
    conditions = Conditions(work, code, visit.language)
    versions = [
        {
            "version": row.version,
            "at": words.moment(row.created_at),
            "running": running.get(row.version, 0),
        }
        for row in rows
    ]
    return html.page(
        visit,
        "flow.html",
        title=newest.title(visit.language),
        code=code,
        version=newest.version,
        versions=versions,
        drawing=flow_drawn.drawing(newest, visit.language, conditions),
        steps=flow_drawn.steps(newest, visit.language, conditions),
        plan=flow_design_view.plan(work, planned, newest, visit.language),
    )


def _flows(work: Work, language: str) -> list[dict[str, Any]]:
    newest = select(FLOW.c.code, func.max(FLOW.c.version)).group_by(FLOW.c.code)
    found = []
    for code, version in work.connection.execute(newest.order_by(FLOW.c.code)):
        flow = store.flow(work.connection, code, version)
        found.append(
            {
                "code": code,
                "title": flow.title(language),
                "version": version,
                "steps": len(flow.steps),
            }
        )
    return found


def _beginning(title: str, language: str) -> dict[str, Any]:
    def step(code: str, kind: str, role: str, at: str, to: str) -> dict[str, Any]:
        titles = {one: html.text(one, f"flowdesign.kind.{kind}") for one in html.LANGUAGES}
        assign = {"rule": "position", "role": role, "at": at}
        return {
            "code": code, "kind": kind, "titles": titles, "assign": assign, "next": [{"to": to}],
        }  # fmt: skip

    named = title or html.text(language, "flowdesign.untitled")
    return {
        "code": "flow",
        "titles": {"zh": named},
        "start": "fill",
        "steps": [
            step("fill", "fill", "staff", "same", "verify"),
            step("verify", "verify", "verifier", "parent", "approve"),
            step("approve", "approve", "leader", "parent", "end"),
        ],
    }
