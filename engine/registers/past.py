"""What a register said of one subject on a day: what is, with everything that was changed since undone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from engine import clock
from engine.dictionary.store import Dictionary
from engine.registers.schema import table
from engine.registers.store import KnownValue, Origin
from engine.storage import sealed
from engine.work import HISTORY, Work


def on(
    work: Work,
    dictionary: Dictionary,
    subject: str,
    subject_id: str,
    now: Mapping[str, KnownValue],
    *,
    day: date,
) -> dict[str, KnownValue]:
    """What was known at the end of a day, from what is known now; nothing if the subject was not there.

    A value that was changed since tells only what it was: who set it stands in its history. A value
    confirmed since, without changing, has the origin of that confirmation no more.
    """
    end = clock.end(day).isoformat(timespec="microseconds")
    register = table(dictionary, subject)
    there = select(register.c.id).where(register.c.id == subject_id, register.c.created_at <= end)
    if work.connection.execute(there).first() is None:
        return {}
    then = {
        code: one if one.origin.at <= end else KnownValue(code, one.value, _UNTOLD)
        for code, one in now.items()
    }
    later = (
        select(HISTORY.c.before, HISTORY.c.at)
        .where(HISTORY.c.kind == register.name, HISTORY.c.target == subject_id, HISTORY.c.at > end)
        .order_by(HISTORY.c.id.desc())
    )
    for row in work.connection.execute(later):
        place = f"history:{register.name}:{subject_id}:{row.at}"
        before: Any = sealed.unseal(work.connection, row.before, place) or {}
        for name, value in before.items():
            code = f"{subject}.{name}"
            if value is None:
                then.pop(code, None)
            elif code in dictionary.fields:
                then[code] = KnownValue(code, value, _UNTOLD)
    return then


_UNTOLD = Origin("", "", "")
