"""Alerts in the database, and what an auditor does with one; the only SQL of alerts."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from engine.alerts.rule import Hit
from engine.alerts.tables import AlertMarkRow, AlertRow
from engine.errors import NotFound, Problem
from engine.work import Work

ALERT = AlertRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MARK = AlertMarkRow.__table__  # type: ignore[attr-defined]  # as above
VERB = "audit.read"
OPEN, LOOKING, CLOSED = "open", "looking", "closed"
SHORTEST = 4
LONGEST = 500


class AlertReasonMissing(Problem):
    """An alert is closed with what came out of it, in words."""

    code, status = "alert.reason-missing", 422
    least: int = SHORTEST


class AlertClosed(Problem):
    """Somebody has closed it already."""

    code, status = "alert.closed", 409


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it stands."""

    id: str
    rule: str
    about: str
    raised_at: str
    first_at: str
    last_at: str
    first_seq: int
    last_seq: int
    number: int
    state: str
    handled_by: str
    handled_at: str | None
    reason: str


def mark(work: Work) -> int:
    """How far the trail was looked through."""
    return work.connection.execute(select(MARK.c.seq)).scalar() or 0


def set_mark(work: Work, seq: int) -> None:
    """Go on from here the next time."""
    if not work.connection.execute(update(MARK).values(seq=seq)).rowcount:
        work.connection.execute(insert(MARK), {"id": 1, "seq": seq})


def ended(work: Work, rule: str) -> dict[str, int]:
    """By whom it is about, the last entry that a closed alert of a rule answers for."""
    query = (
        select(ALERT.c.about, func.max(ALERT.c.last_seq).label("seq"))
        .where(ALERT.c.rule == rule, ALERT.c.state == CLOSED)
        .group_by(ALERT.c.about)
    )
    return {row.about: row.seq for row in work.connection.execute(query)}


def keep(work: Work, hit: Hit) -> str | None:
    """Raise an alert, or let the one that is open grow; the id of a new one."""
    first, last = hit.entries[0], hit.entries[-1]
    standing = work.connection.execute(
        select(ALERT.c.id, ALERT.c.first_seq, ALERT.c.number).where(
            ALERT.c.rule == hit.rule, ALERT.c.about == hit.about, ALERT.c.state != CLOSED
        )
    ).first()
    if standing is not None:
        grown = {
            "last_at": last.at,
            "last_seq": last.seq,
            "number": max(standing.number, hit.number),
        }
        work.connection.execute(update(ALERT).where(ALERT.c.id == standing.id).values(**grown))
        return None
    made = work.new_id()
    work.connection.execute(
        insert(ALERT),
        {
            "id": made,
            "rule": hit.rule,
            "about": hit.about,
            "raised_at": work.at,
            "first_at": first.at,
            "last_at": last.at,
            "first_seq": first.seq,
            "last_seq": last.seq,
            "number": hit.number,
            "state": OPEN,
            "handled_by": "",
            "handled_at": None,
            "reason": "",
        },
    )
    work.note("alert.raised", made, rule=hit.rule, number=hit.number)
    return made


def listed(work: Work, *, closed: bool = False, limit: int = 200) -> list[Alert]:
    """Alerts that wait, or those that are closed, the latest first. Raises Forbidden."""
    work.require(VERB)
    state = ALERT.c.state == CLOSED if closed else ALERT.c.state != CLOSED
    query = select(ALERT).where(state).order_by(ALERT.c.last_at.desc(), ALERT.c.id.desc())
    return [_alert(row) for row in work.connection.execute(query.limit(limit))]


def waiting(work: Work) -> int:
    """How many nobody has closed."""
    query = select(func.count()).select_from(ALERT).where(ALERT.c.state != CLOSED)
    return work.connection.execute(query).scalar_one()


def get(work: Work, alert_id: str) -> Alert:
    """One alert. Raises Forbidden, NotFound."""
    work.require(VERB)
    row = work.connection.execute(select(ALERT).where(ALERT.c.id == alert_id)).first()
    if row is None:
        raise NotFound
    return _alert(row)


def look_into(work: Work, alert_id: str) -> None:
    """Say that one is at it. Raises AlertClosed."""
    found = get(work, alert_id)
    if found.state == CLOSED:
        raise AlertClosed
    _set(work, alert_id, state=LOOKING)
    work.note("alert.looked-into", alert_id, rule=found.rule)


def close(work: Work, alert_id: str, reason: str) -> None:
    """Close it with what came out. Raises AlertReasonMissing, AlertClosed."""
    found = get(work, alert_id)
    if found.state == CLOSED:
        raise AlertClosed
    if len(reason.strip()) < SHORTEST:
        raise AlertReasonMissing
    _set(work, alert_id, state=CLOSED, reason=reason.strip()[:LONGEST])
    work.note("alert.closed", alert_id, rule=found.rule)


def _set(work: Work, alert_id: str, **values: Any) -> None:
    handled = {"handled_by": work.actor.name, "handled_at": work.at, **values}
    work.connection.execute(update(ALERT).where(ALERT.c.id == alert_id).values(**handled))


def _alert(row: Any) -> Alert:
    return Alert(**{name: getattr(row, name) for name in Alert.__dataclass_fields__})
