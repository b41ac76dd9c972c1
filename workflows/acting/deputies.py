"""代理: somebody names who stands in while they are away; both see the work, whoever acts first closes it."""

from datetime import datetime

from engine.identity import presence
from engine.identity.presence import Absence
from engine.work import Work
from workflows import colleagues


def away(
    work: Work, starts: datetime, ends: datetime | None, *, deputy: str = "", reason: str = ""
) -> str:
    """Note that the actor is away, with a deputy or without. Raises PersonUnknown, DeputyWrong."""
    person = colleagues.one(work, deputy) if deputy.strip() else None
    until = _text(ends) if ends else None
    row = Absence(work.new_id(), work.actor.id, person, False, _text(starts), until, reason)
    presence.add(work.connection, row, now=work.now, by=work.actor.id)
    work.note("account.away", work.actor.id, deputy=person or "")
    return row.id


def back(work: Work, absence_id: str) -> None:
    """The actor is back. Raises NotFound."""
    presence.end(work.connection, absence_id, work.actor.id, now=work.now)
    work.note("account.back", work.actor.id)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
