"""What is stuck, as the office that looks after it finds it: where, why, and what can be done."""

from typing import Any

from admin.views import words
from admin.views.people_view import grouped
from admin.web.html import text
from engine.identity import store as identity
from engine.work import Work
from forms import documents
from workflows import colleagues, store
from workflows.beside import IncidentRecord
from workflows.core.graph import region

ASSIGNABLE = ("unassigned", "own-work")
"""Where somebody can be found; elsewhere it is sent to another step or ended."""


def _told(work: Work, found: IncidentRecord) -> str:
    """What came of the last call of another program."""
    if found.reason != "call":
        return ""
    said = [
        str(one["document"].get("comment", ""))
        for one in store.events(work.connection, found.case_id)
        if one["kind"] == "call_failed" and one["document"].get("task") == found.key
    ]
    return said[-1] if said else ""


def row(work: Work, found: IncidentRecord, language: str) -> dict[str, Any]:
    """One incident with the people and steps it can go to."""
    record = documents.get(work.connection, found.document_id)
    case = store.get_case(work.connection, found.case_id)
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    here = region(flow, found.step)
    names = identity.organisation_names(work.connection, [found.subject_code])
    stands = case.state.task(found.key)
    steps = [
        {"code": one.code, "title": one.title(language)}
        for one in flow.steps
        if one.kind != "join" and one.code != found.step and region(flow, one.code) == here
    ]
    if not here:
        steps.append({"code": "end", "title": text(language, "case.end")})
    return {
        "id": found.id,
        "case": f"/cases/{found.case_id}",
        "title": found.title,
        "organisation": names.get(found.subject_code, found.subject_code),
        "step": flow.by_code[found.step].title(language),
        "reason": text(language, f"incident.reason.{found.reason}"),
        "at": words.moment(found.opened_at),
        "people": grouped(work, colleagues.near(work, record), language)
        if found.reason in ASSIGNABLE
        else [],
        "again": found.reason == "call",
        "told": _told(work, found),
        "steps": steps if stands and stands.status == "stuck" else [],
    }
