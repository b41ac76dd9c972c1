"""Counting what reports cost, from what is kept of them anyway: in the background, never on the way
of somebody who hands in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from engine import clock
from engine.dictionary.store import Dictionary, dictionary
from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.measures import store as measures
from engine.measures.contract import DISPUTED, FACT
from engine.work import Work
from forms import counted, documents, filing, nil
from forms.counted import Counts
from forms.disputes import DISPUTE
from forms.documents import DOCUMENT, DocumentRecord
from workflows.store import EVENT
from workflows.tables import DispatchRow

DISPATCH = DispatchRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
BATCH = 200
MOST = 20_000
"""Values taken over that are kept at once; a batch of long lists ends there, and another begins."""
KIND = "measures.count"


@dataclass(slots=True)
class Seen:
    """What was counted and is not kept yet."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    reuses: list[dict[str, Any]] = field(default_factory=list)
    disputes: list[dict[str, Any]] = field(default_factory=list)
    more: bool = False


def _seen(work: Work, _payload: Mapping[str, Any]) -> Seen:
    """The facts of reports that were handed in, or became final, since they were last counted; and of
    disputes raised or decided since.
    """
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
    found = of_reports(work, documents.several(work.connection, ids)) if ids else Seen()
    found.disputes = _of_disputes(work)
    found.more = found.more or BATCH in (len(ids), len(found.disputes))
    return found


@JOBS.job(KIND, slots=every(minutes=10), look=_seen)
def count(work: Work, payload: Mapping[str, Any]) -> int:
    """Keep the facts; gives of how many reports."""
    seen: Seen = payload["seen"]
    measures.keep(work, seen.reports, seen.reuses)
    measures.keep_disputes(work, seen.disputes)
    if seen.more:
        work.later(KIND, {})
    return len(seen.reports)


def of_reports(work: Work, records: Sequence[DocumentRecord]) -> Seen:
    """What each report cost and what it took over: as many queries whatever their number."""
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
    known = dictionary(work.connection)
    found = Seen()
    for one in records:
        if len(found.reuses) >= MOST:
            found.more = True
            break
        row = _row(work, one, due.get(one.dispatch_id or ""), returned.get(one.case_id or "", 0))
        found.reports.append(row)
        found.reuses += _reuses(work, known, one, row)
    return found


def _reuses(
    work: Work, known: Dictionary, record: DocumentRecord, fact: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The values that a report took over; a nil return took over none."""
    if nil.is_nil(record):
        return []
    same = ("document_id", "form_code", "owner", "organisation_code", "organisation_path", "month")
    whose = {name: fact[name] for name in same}
    taken = counted.reused(filing.opened(work, record), known)
    return [{**whose, "datum": datum, "field": code} for datum, code in taken.items()]


def _of_disputes(work: Work) -> list[dict[str, Any]]:
    """Disputes that were not counted yet, or were open when they were."""
    report = (DOCUMENT.c.form_code, DOCUMENT.c.owner, DOCUMENT.c.organisation_code, DOCUMENT.c.organisation_path)  # fmt: skip
    told = (DISPUTE.c.id, DISPUTE.c.document_id, DISPUTE.c.field, DISPUTE.c.status, DISPUTE.c.raised_at)  # fmt: skip
    query = (
        select(*told, *report)
        .join(DOCUMENT, DOCUMENT.c.id == DISPUTE.c.document_id)
        .outerjoin(DISPUTED, DISPUTED.c.dispute_id == DISPUTE.c.id)
        .where(
            or_(
                DISPUTED.c.dispute_id.is_(None),
                and_(
                    DISPUTE.c.status != "open",
                    DISPUTED.c.corrected + DISPUTED.c.confirmed == 0,
                ),
            )
        )
        .order_by(DISPUTE.c.raised_at)
        .limit(BATCH)
    )
    return [_dispute(row) for row in work.connection.execute(query).mappings()]


def _dispute(row: Mapping[Any, Any]) -> dict[str, Any]:
    same = ("document_id", "field", "form_code", "owner", "organisation_code", "organisation_path")
    return {
        **{name: row[name] for name in same},
        "dispute_id": row["id"],
        "month": f"{clock.day(datetime.fromisoformat(row['raised_at'])):%Y-%m}",
        "corrected": int(row["status"] == "upheld"),
        "confirmed": int(row["status"] == "rejected"),
    }


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
