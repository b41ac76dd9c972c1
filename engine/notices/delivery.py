"""Notices on their way out of the house: by a job of the outbox, to each person once a channel.

The network is used while nothing is locked; what was handed over is kept, so that a job that is done
again after a failure goes on with what is left. A crash in between may send one a second time, with
the same id. What a server does not take is tried for three days, an hour apart at most, and whoever
runs the system is told. What people wrote stays in the house: a mail says what happened with which
report, in its reader's language, and where to read on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import insert, select

from engine import messages
from engine.identity import presence
from engine.identity.store import ACCOUNT
from engine.jobs.registry import JOBS
from engine.notices import administrators
from engine.notices.channels.contract import ChannelFailed, Message
from engine.notices.channels.known import CHANNELS
from engine.notices.store import NOTICE
from engine.notices.tables import NoticeSentRow
from engine.work import Work

SENT = NoticeSentRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LONGEST_PAUSE = 60
"""Minutes between two tries at most: they are twice as long apart each time."""
TRIES = 76
"""After so many failures in a row, three days, a notice stays in the page alone."""
ALARM = 4
"""After so many, a quarter of an hour, whoever runs the system is told: once a day and channel."""
SECONDS = 120
"""So long one job sends, well below its lease; what a slow server has left over comes by the next."""
log = structlog.get_logger("yibiao.notices")

Describe = Callable[[Work, Sequence[str], str], Mapping[str, str]]
"""What documents are called in a language, by their ids."""
DESCRIBES: list[Describe] = []
"""Who knows what documents are called: said by a layer above this one."""


def describes(how: Describe) -> Describe:
    """Let this say what the documents of notices are called."""
    DESCRIBES.append(how)
    return how


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
    failure = failed = ""
    down: set[str] = set()
    until = time.monotonic() + SECONDS
    on = [one for one in CHANNELS if one.is_on(work.settings)]
    for notice_id, message in _messages(work, wanted):
        for channel in on:
            key = (notice_id, message.account_id, channel.name)
            if key in before or channel.name in down:
                continue
            if time.monotonic() > until:
                failure = failure or "slow"
                failed = failed or channel.name
                continue
            try:
                if channel.send(work.settings, message):
                    sent.append(key)
            except ChannelFailed as problem:
                failure, failed = problem.reason, channel.name
                if problem.gone:
                    down.add(channel.name)
                log.warning("notice.failed", channel=channel.name, reason=problem.reason)
    return {"sent": sent, "failure": failure, "channel": failed}


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
    if not seen["failure"]:
        return len(rows)
    tries = 0 if rows else int(payload.get("tries", 0))
    if tries < TRIES:
        again = {"notices": list(payload["notices"]), "tries": tries + 1}
        pause = min(2 ** min(tries, 10), LONGEST_PAUSE)
        work.later("notice.deliver", again, run_at=_in_minutes(work, pause))
    if tries >= ALARM:
        _tell_administrators(work, seen, given_up=tries >= TRIES)
    return len(rows)


def _tell_administrators(work: Work, seen: Mapping[str, Any], *, given_up: bool) -> None:
    about = "notice.given-up" if given_up else "notice.not-delivered"
    channel = str(seen["channel"])
    detail = {"channel": channel, "reason": str(seen["failure"])}
    administrators.tell(
        work, ("system",), about, detail=detail, key=f"{about} {channel} {work.today}"
    )


def _in_minutes(work: Work, minutes: int) -> str:
    return (work.now + timedelta(minutes=minutes)).isoformat(timespec="microseconds")


def _messages(work: Work, ids: Sequence[str]) -> list[tuple[str, Message]]:
    """Each notice for each person it is meant for, in their language, else in the installation's."""
    rows = work.connection.execute(select(NOTICE).where(NOTICE.c.id.in_(ids))).all()
    each = [(row, one) for row in rows for one in _accounts(work, _people(work, row))]
    about = sorted({row.document_id for row in rows} - {""})
    names = {
        language: _called(work, about, language)
        for language in sorted({_language(work, account) for _, account in each})
    }
    return [
        (row.id, _message(work, row, account, names[_language(work, account)]))
        for row, account in each
    ]


def _language(work: Work, account: Any) -> str:
    return account.language or work.settings.language


def _called(work: Work, document_ids: Sequence[str], language: str) -> dict[str, str]:
    return {
        key: name
        for how in (DESCRIBES if document_ids else ())
        for key, name in how(work, document_ids, language).items()
    }


def _people(work: Work, row: Any) -> list[str]:
    if row.account_id:
        return [row.account_id]
    if not row.organisation_code:
        return []
    return list(presence.holders(work.connection, row.role, row.organisation_code, now=work.now))


def _message(work: Work, row: Any, account: Any, names: Mapping[str, str]) -> Message:
    language = _language(work, account)
    detail = row.detail or {}
    told = messages.text(row.about, language, detail)
    more = messages.text("notice.remark", language) if detail.get("text") else ""
    title = names.get(row.document_id, "")
    return Message(
        id=f"{row.id}.{account.id}",
        about=row.about,
        account_id=account.id,
        name=account.name,
        mail=account.mail,
        subject=(f"{told} - {title}" if title else told)[:200],
        text="\n".join(part for part in (told, title, more) if part),
        link=_link(work, row),
        at=row.at,
        foot=messages.text("notice.foot", language),
    )


def _accounts(work: Work, ids: list[str]) -> Sequence[Any]:
    query = select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.mail, ACCOUNT.c.language).where(
        ACCOUNT.c.id.in_(ids), ACCOUNT.c.active.is_(True)
    )
    return work.connection.execute(query).all()


def _link(work: Work, row: Any) -> str:
    if row.task_id:
        return f"{work.settings.public_url}/tasks/{row.task_id}"
    if row.document_id:
        return f"{work.settings.public_url}/records/{row.document_id}"
    return work.settings.public_url
