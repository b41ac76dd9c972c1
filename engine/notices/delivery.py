"""Notices on their way out of the house: by a job of the outbox, to each person once a channel.

The network is used while nothing is locked; what was handed over is kept, so that a job that is done
again after a failure goes on with what is left. A crash in between may send one a second time, with
the same id.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import insert, select

from engine import messages
from engine.identity import presence
from engine.identity.store import ACCOUNT
from engine.jobs.registry import JOBS
from engine.notices.channels.contract import ChannelFailed, Message
from engine.notices.channels.known import CHANNELS
from engine.notices.store import NOTICE
from engine.notices.tables import NoticeSentRow
from engine.work import Work

SENT = NoticeSentRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
TRIES = 8
"""After so many failures in a row, twice as long apart each time, a notice stays in the page alone."""
log = structlog.get_logger("yibiao.notices")


def _deliver(work: Work, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Send what was not sent yet; gives what was handed over, and the last failure."""
    wanted: Sequence[str] = payload["notices"]
    before = {
        tuple(row)
        for row in work.connection.execute(
            select(SENT.c.notice_id, SENT.c.account_id, SENT.c.channel).where(
                SENT.c.notice_id.in_(wanted)
            )
        )
    }
    sent: list[tuple[str, str, str]] = []
    failure = ""
    on = [one for one in CHANNELS if one.is_on(work.settings)]
    for notice_id, message in _messages(work, wanted):
        for channel in on:
            key = (notice_id, message.account_id, channel.name)
            if key in before:
                continue
            try:
                if channel.send(work.settings, message):
                    sent.append(key)
            except ChannelFailed as problem:
                failure = problem.text("en")
                log.warning("notice.failed", channel=channel.name, reason=problem.reason)
    return {"sent": sent, "failure": failure}


@JOBS.job("notice.deliver", look=_deliver)
def keep(work: Work, payload: Mapping[str, Any]) -> int:
    """Note what was handed over; what was not is tried again by a job of its own."""
    seen = payload["seen"]
    rows = [
        {"notice_id": notice, "account_id": account, "channel": channel, "sent_at": work.at}
        for notice, account, channel in seen["sent"]
    ]
    if rows:
        work.connection.execute(insert(SENT), rows)
    tries = int(payload.get("tries", 0))
    if seen["failure"] and tries < TRIES:
        again = {"notices": list(payload["notices"]), "tries": tries + 1}
        work.later("notice.deliver", again, run_at=_in_minutes(work, 2**tries))
    return len(rows)


def _in_minutes(work: Work, minutes: int) -> str:
    return (work.now + timedelta(minutes=minutes)).isoformat(timespec="microseconds")


def _messages(work: Work, ids: Sequence[str]) -> list[tuple[str, Message]]:
    """Each notice for each person it is meant for, in the installation's language."""
    language = work.settings.language
    rows = work.connection.execute(select(NOTICE).where(NOTICE.c.id.in_(ids))).all()
    return [
        (row.id, _message(work, row, account, language))
        for row in rows
        for account in _accounts(work, _people(work, row))
    ]


def _people(work: Work, row: Any) -> list[str]:
    if row.account_id:
        return [row.account_id]
    if not row.organisation_code:
        return []
    return list(presence.holders(work.connection, row.role, row.organisation_code, now=work.now))


def _message(work: Work, row: Any, account: Any, language: str) -> Message:
    told = messages.text(row.about, language, row.detail)
    remark = str((row.detail or {}).get("text", ""))
    return Message(
        id=f"{row.id}.{account.id}",
        about=row.about,
        account_id=account.id,
        name=account.name,
        mail=account.mail,
        subject=told[:200],
        text="\n".join(part for part in (told, remark) if part),
        link=_link(work, row),
        at=row.at,
    )


def _accounts(work: Work, ids: list[str]) -> Sequence[Any]:
    query = select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.mail).where(
        ACCOUNT.c.id.in_(ids), ACCOUNT.c.active.is_(True)
    )
    return work.connection.execute(query).all()


def _link(work: Work, row: Any) -> str:
    if row.task_id:
        return f"{work.settings.public_url}/tasks/{row.task_id}"
    if row.document_id:
        return f"{work.settings.public_url}/records/{row.document_id}"
    return work.settings.public_url
