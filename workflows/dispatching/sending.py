"""Sending a report out: documents, cases and first tasks of many organisations, a transaction a batch.

What fits one batch is sent with its dispatch. Thousands are sent by jobs that were written with the
dispatch: each is done once, whoever is killed meanwhile, and the dispatch says how far they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Problem
from engine.identity import store as identity
from engine.identity.store import OrganisationValue
from engine.jobs.registry import JOBS
from engine.work import Work
from forms import documents
from forms import store as forms
from forms.documents import DOCUMENT
from workflows import perform, store
from workflows.dispatch import DISPATCH, DispatchRecord

AT_ONCE = 500
"""So many organisations in one transaction: the next writer waits a fraction of a second."""
CHUNK = 500


class AlreadyDispatched(Problem):
    """These organisations have this report for this period already."""

    code, status = "dispatch.already", 409
    organisations: str
    period: str


class NobodyToFill(Problem):
    """In these organisations nobody holds the position that fills; it would be stuck there."""

    code, status = "dispatch.nobody-to-fill", 422
    organisations: str


def send(
    work: Work, dispatch: DispatchRecord, flow: str, chosen: Sequence[OrganisationValue]
) -> None:
    """Documents, cases and tasks of these organisations, here and now; all of them or none.

    Raises AlreadyDispatched, NobodyToFill.
    """
    about = {"code": dispatch.form_code, "version": dispatch.form_version, "owner": dispatch.owner}
    due = dispatch.due_by_level or {}
    try:
        ids = documents.new_documents(work, about, chosen, dispatch.period, dispatch.id, due=due)
    except IntegrityError as error:  # somebody sent the same in this very moment
        raise AlreadyDispatched(organisations=chosen[0].name, period=dispatch.period) from error
    stuck = _start_cases(work, flow, dispatch, list(ids.values()))
    if stuck:
        names = [one.name for one in identity.organisations(work.connection, stuck[:5]).values()]
        raise NobodyToFill(organisations="、".join(names))


def later(work: Work, dispatch: DispatchRecord, chosen: Sequence[OrganisationValue]) -> None:
    """Have jobs send it, a batch each; they are written with the dispatch or not at all."""
    codes = [one.code for one in chosen]
    for number, start in enumerate(range(0, len(codes), AT_ONCE)):
        part = codes[start : start + AT_ONCE]
        payload = {"dispatch": dispatch.id, "organisations": part}
        work.later("dispatch.send", payload, key=f"dispatch.send {dispatch.id} {number}")


@JOBS.job("dispatch.send")
def send_batch(work: Work, payload: Mapping[str, Any]) -> dict[str, Any]:
    """One batch of a dispatch; who has the report by now, or nobody to fill it, is left out and told."""
    row = (
        work.connection.execute(select(DISPATCH).where(DISPATCH.c.id == payload["dispatch"]))
        .mappings()
        .first()
    )
    if row is None or row["status"] == "withdrawn":
        return {"sent": 0, "left_out": []}
    dispatch = DispatchRecord(**row)
    work.actor = identity.actor_of(work.connection, dispatch.created_by, now=work.now) or work.actor
    codes: Sequence[str] = payload["organisations"]
    had = taken(work.connection, dispatch.form_code, codes, dispatch.period)
    flow = forms.published(work.connection, dispatch.form_code, dispatch.form_version).flow
    wanted = [code for code in codes if code not in had]
    unstaffed = _unstaffed(work, flow, wanted)
    wanted = [code for code in wanted if code not in unstaffed]
    if wanted:
        chosen = list(identity.organisations(work.connection, wanted).values())
        send(work, dispatch, flow, chosen)
    left_out = sorted({*had, *unstaffed})
    _count(work, dispatch, len(left_out))
    if left_out:
        work.note("dispatch.left-out", dispatch.id, organisations=left_out)
    return {"sent": len(wanted), "left_out": left_out}


def taken(
    connection: Connection, form_code: str, organisations: Sequence[str], period: str
) -> set[str]:
    """Which of these organisations have the report for the period already."""
    found: set[str] = set()
    for start in range(0, len(organisations), CHUNK):
        query = select(DOCUMENT.c.organisation_code).where(
            DOCUMENT.c.form_code == form_code,
            DOCUMENT.c.period == period,
            DOCUMENT.c.status.in_(documents.LIVE),
            DOCUMENT.c.organisation_code.in_(organisations[start : start + CHUNK]),
        )
        found.update(connection.execute(query).scalars())
    return found


def _count(work: Work, dispatch: DispatchRecord, left_out: int) -> None:
    """Take off whom it does not reach; when all the others have theirs it runs."""
    sent = documents.count(work.connection, DOCUMENT.c.dispatch_id == dispatch.id)
    changed = update(DISPATCH).where(DISPATCH.c.id == dispatch.id)
    if left_out:
        work.connection.execute(changed.values(targets=DISPATCH.c.targets - left_out))
    complete = changed.where(DISPATCH.c.status == "sending", DISPATCH.c.targets <= sent)
    work.connection.execute(complete.values(status="running"))


def _unstaffed(work: Work, flow_code: str, codes: Sequence[str]) -> set[str]:
    """Where the first step would wait for nobody; only a rule that looks at the organisation itself."""
    flow = store.flow(work.connection, flow_code)
    first = next(step for step in flow.steps if step.kind == "fill")
    rule = first.assign
    if rule is None or rule.rule != "position" or rule.at not in ("", "same"):
        return set()
    held = identity.held_in(work.connection, rule.role, codes, now=work.now)
    return set(codes) - held


def _start_cases(
    work: Work, flow_code: str, dispatch: DispatchRecord, document_ids: Sequence[str]
) -> list[str]:
    """The cases of new documents; gives the organisations where nobody got a task."""
    flow = store.flow(work.connection, flow_code)
    cases, tasks, stuck = [], [], []
    started = []
    found = {one.id: one for one in documents.several(work.connection, document_ids)}
    for record in (found[one] for one in document_ids):  # numbers are given in this order
        case, opened, events = perform.start(
            work, flow, record, title=dispatch.title, due_at=record.due_at or dispatch.due_at
        )
        if not opened:
            stuck.append(record.organisation_code)
        cases.append(case)
        tasks += opened
        started.append((case["id"], record.id, events))
    if stuck:
        return stuck
    store.add_cases(work, cases)
    store.add_tasks(work, tasks)
    store.add_first_events(work, started)
    documents.set_cases(work, {document: case for case, document, _ in started})
    return []
