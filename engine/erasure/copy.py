"""What is known of a person, for that person: every value with its origin, and who looked at them, for what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, or_, select, type_coerce

from engine.audit.trail import AUDIT
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.erasure import person, store
from engine.erasure.store import SHORTEST_REASON, ErasureNeedsReason
from engine.json_text import Json
from engine.registers.store import Origin, origins_by_id
from engine.registers.whole import Register
from engine.work import Work

LOOKS = ("ledger.revealed", "register.looked-up", "ledger.looked", "subject.copied",
         "resident.invited", "resident.opened", "resident.shown", "resident.copied")  # fmt: skip
MOST = 500
"""So many looks are told, the newest."""


@dataclass(frozen=True, slots=True)
class Told:
    """A value as its person is told it."""

    field: Field
    value: Json
    period: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at the person's data."""

    at: str
    by: str
    action: str
    purpose: str
    kind: str = ""
    """Which of `engine.access.rules.PURPOSES`, where one was chosen."""


@dataclass(frozen=True, slots=True)
class Copy:
    """All that a person is told."""

    subject: str
    subject_id: str
    at: str
    values: Sequence[Told]
    looks: Sequence[Look]


def of_person(work: Work, subject: str, key: str, *, purpose: str) -> Copy:
    """Everything the register holds of whoever has a natural key; the look itself is on the trail.

    Raises Forbidden, NotFound, NobodyFound, ErasureNeedsReason.
    """
    found = store.find(work, subject, key)
    if len(purpose.strip()) < SHORTEST_REASON:
        raise ErasureNeedsReason
    told = of_own(work, subject, found)
    work.note("subject.copied", found, subject=subject, purpose=purpose.strip()[:200])
    return told


def of_own(work: Work, subject: str, subject_id: str) -> Copy:
    """The same for whoever is known to be the person; whoever calls notes the look."""
    looks = _looks(work, person.everywhere(work, subject, subject_id))
    return Copy(subject, subject_id, work.at, _values(work, subject, subject_id), looks)


def _values(work: Work, subject: str, subject_id: str) -> list[Told]:
    known = dictionary(work.connection)
    whole = Register(work, known, subject).read([subject_id]).get(subject_id)
    if whole is None:
        return []
    kept = [
        (known.fields[f"{subject}.{name}"], one, period)
        for period, values in sorted(whole.state.items())
        for name, one in values.items()
        if one.value is not None
    ]
    origins = origins_by_id(work.connection, {one.origin for _, one, _ in kept if one.origin})
    return [Told(field, one.value, period, origins.get(one.origin)) for field, one, period in kept]


def _looks(work: Work, ids: Sequence[str]) -> list[Look]:
    detail = type_coerce(AUDIT.c.detail, Text)
    mine = or_(AUDIT.c.target.in_(ids), *(detail.contains(one, autoescape=True) for one in ids))
    query = (
        select(AUDIT.c.at, AUDIT.c.actor_name, AUDIT.c.action, AUDIT.c.detail)
        .where(AUDIT.c.action.in_(LOOKS), mine)
        .order_by(AUDIT.c.seq.desc())
        .limit(MOST)
    )
    return [
        Look(
            row.at,
            row.actor_name,
            row.action,
            *(str(row.detail.get(one, "")) for one in ("purpose", "kind")),
        )
        for row in work.connection.execute(query)
    ]
