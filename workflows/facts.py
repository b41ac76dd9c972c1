"""Counting what reports cost, from what is kept of them anyway: in the background, never on the way
of somebody who hands in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from engine import clock
from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.measures import store as measures
from engine.measures.contract import FACT
from engine.work import Work
from forms import counted, documents, filing, nil
from forms.counted import Counts
from forms.documents import DOCUMENT, DocumentRecord
from workflows.store import EVENT
from workflows.tables import DispatchRow

DISPATCH = DispatchRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
BATCH = 200
KIND = "measures.count"


def _seen(work: Work, _payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The facts of reports that were handed in, or became final, since they were last counted."""
    query = (
        select(DOCUMENT.c.id)
        .outerjoin(FACT, FACT.c.document_id == DOCUMENT.c.id)
        .where(
            DOCUMENT.c.status.in_(("submitted", "final")),
            DOCUMENT.c.submitted_at.is_not(None),
            or_(
                FACT.c.document_id.is_(None),
                FACT.c.counted_at < DOCUMENT.c.submitted_at,
                and_(DOCUMENT.c.final_at.is_not(None), FACT.c.counted_at < DOCUMENT.c.final_at),
            ),
        )
        .order_by(DOCUMENT.c.submitted_at)
        .limit(BATCH)
    )
    ids = list(work.connection.execute(query).scalars())
    return rows(work, documents.several(work.connection, ids)) if ids else []


@JOBS.job(KIND, slots=every(minutes=10), look=_seen)
def count(work: Work, payload: Mapping[str, Any]) -> int:
    """Keep the facts; gives of how many reports."""
    measures.keep(work, payload["seen"])
    if len(payload["seen"]) == BATCH:
        work.later(KIND, {})
    return len(payload["seen"])


def rows(work: Work, records: Sequence[DocumentRecord]) -> list[dict[str, Any]]:
    """What each report cost: two queries whatever their number."""
    dispatches = {one.dispatch_id for one in records if one.dispatch_id}
    asked = select(DISPATCH.c.id, DISPATCH.c.due_at).where(DISPATCH.c.id.in_(dispatches))
    due = {str(row[0]): str(row[1]) for row in work.connection.execute(asked)}
    cases = [one.case_id for one in records if one.case_id]
    returns = (
        select(EVENT.c.case_id, func.count())
        .where(EVENT.c.case_id.in_(cases), EVENT.c.kind == "returned")
        .group_by(EVENT.c.case_id)
    )
    returned = {str(row[0]): int(row[1]) for row in work.connection.execute(returns)}
    return [
        _row(work, one, due.get(one.dispatch_id or ""), returned.get(one.case_id or "", 0))
        for one in records
    ]


def _row(work: Work, record: DocumentRecord, due: str | None, returns: int) -> dict[str, Any]:
    # a nil return was asked, and answered by one press: it is no filling to be measured
    found = Counts() if nil.is_nil(record) else counted.of_document(filing.opened(work, record))
    handed_in = datetime.fromisoformat(record.submitted_at or record.created_at)
    has_due = bool(due) and record.case_id is not None
    return {
        "document_id": record.id,
        "form_code": record.form_code,
        "owner": record.owner,
        "organisation_code": record.organisation_code,
        "organisation_path": record.organisation_path,
        "period": record.period,
        "month": f"{clock.day(handed_in):%Y-%m}",
        "submitted": found.asked - found.blank,
        "prefilled": found.prefilled,
        "accepted": found.accepted,
        "held": found.held,
        "asked": found.asked,
        "absent": found.absent,
        "minutes": _minutes(record.opened_at, handed_in) if record.case_id else None,
        "due": int(has_due),
        "late": int(has_due and handed_in > datetime.fromisoformat(str(due))),
        "returns": returns,
        "counted_at": work.at,
    }


def _minutes(opened_at: str | None, handed_in: datetime) -> int | None:
    if opened_at is None:
        return None
    return max(0, round((handed_in - datetime.fromisoformat(opened_at)).total_seconds() / 60))
