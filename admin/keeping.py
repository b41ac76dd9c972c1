"""Proofs about what is public, what is deleted at request, and what is deleted when its period is over."""

from datetime import timedelta

from sqlalchemy import select

from admin.proofs import Proof, ago, count, met
from engine.audit.trail import AUDIT
from engine.erasure.store import DONE, ERASURE, HOLD, OPEN
from engine.residents import store as residents
from engine.retention import parts
from engine.retention import store as periods
from engine.work import Work
from forms.disputes import DISPUTE
from forms.public import lists as public_lists
from forms.public.lists import LIST
from forms.retaining import documents as retaining_documents
from forms.retaining import fields as retaining_fields
from forms.retaining import ledgers as retaining_ledgers

ANSWER_DAYS, OVERDUE_DAYS = 21, 31
"""Fifteen working days to answer a request; a month to delete what is over its period."""
PARTS = (retaining_documents, retaining_ledgers, retaining_fields)
"""What has a retention period; loaded here, since the command asks without the pages."""


def published(work: Work) -> Proof:
    """What is public was masked by rule and decided by a second person; files taken whole are counted."""
    since = ago(work, days=30)
    details = select(AUDIT.c.detail).where(AUDIT.c.action == "ledger.exported", AUDIT.c.at >= since)
    found = work.connection.execute(details).scalars().all()
    whole = len([one for one in found if (one or {}).get("whole")])
    public = LIST.c.state == public_lists.APPROVED
    alone = count(work, LIST, public, LIST.c.decided_by.in_(("", LIST.c.made_by)))
    return met(
        not alone,
        lists=count(work, LIST, public),
        waiting=count(work, LIST, LIST.c.state == public_lists.WAITING),
        exports=len(found),
        whole=whole,
    )


def retention(work: Work) -> Proof:
    """What is over its period goes within a month; forms that ask for personal data have a period."""
    found = periods.rules(work)
    then = work.today - timedelta(days=OVERDUE_DAYS)
    late = sum(
        parts.part(one.kind).due(work, one.code, parts.cutoff(then, one.months)) for one in found
    )
    forms_with = {one.code for one in found if one.kind == retaining_documents.KIND}
    asking = set(parts.part(retaining_documents.KIND).codes(work))
    return met(
        bool(found) and not late,
        periods=len(found),
        without=len(asking - forms_with),
        late=late,
        days=OVERDUE_DAYS,
        runs=count(work, periods.RUN, periods.RUN.c.state == periods.DONE),
    )


def own_access(work: Work) -> Proof:
    """Residents see their own, and what they asked to be corrected is decided in time."""
    late, year = ago(work, days=ANSWER_DAYS), ago(work, days=365)
    theirs = DISPUTE.c.raised_by.startswith(residents.PREFIX)
    open_ = DISPUTE.c.status == "open"
    overdue = count(work, DISPUTE, theirs, open_, DISPUTE.c.raised_at < late)
    slips = AUDIT.c.action == "resident.invited", AUDIT.c.at >= year
    copies = AUDIT.c.action.in_(("subject.copied", "resident.opened")), AUDIT.c.at >= year
    return met(
        not overdue,
        slips=count(work, AUDIT, *slips),
        seen=count(work, AUDIT, *copies),
        waiting=count(work, DISPUTE, theirs, open_),
        days=ANSWER_DAYS,
        late=overdue,
    )


def deletion(work: Work) -> Proof:
    """Requests of residents to have their data deleted are decided in time, and what is approved gets done."""
    late = ago(work, days=ANSWER_DAYS)
    waiting = ERASURE.c.state.in_(OPEN)
    older = count(work, ERASURE, waiting, ERASURE.c.asked_at < late)
    return met(
        not older,
        done=count(work, ERASURE, ERASURE.c.state == DONE),
        waiting=count(work, ERASURE, waiting),
        late=older,
        days=ANSWER_DAYS,
        holds=count(work, HOLD, HOLD.c.lifted_at.is_(None)),
    )
