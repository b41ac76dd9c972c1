"""Masks lifted for a purpose: refused where a rule says so, kept by the steward of each field, and
told to it once a day for each person.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, select

from engine.access import policy
from engine.access.rules import PURPOSES
from engine.dictionary.field import Field
from engine.errors import Problem
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.privacy.tables import MaskLiftRow
from engine.work import Work

LIFT = MaskLiftRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
VERB = "lift.read"
TOLD = "privacy.notice.lifted"
LONGEST = 200


class PurposeMissing(Problem):
    """A masked value is shown whole only for a purpose."""

    code, status = "ledger.purpose-missing", 422


class PurposeRefused(Problem):
    """A rule does not let this position see the values whole for this purpose."""

    code, status = "privacy.purpose-refused", 403
    fields: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What values are looked at in clear for: a kind that rules can name, and the looker's words."""

    words: str = ""
    kind: str = "other"

    @classmethod
    def given(cls, words: str, kind: str = "") -> "Purpose":
        """As it was typed and chosen; an unknown kind is `other`."""
        return cls(words.strip()[:LONGEST], kind if kind in PURPOSES else "other")

    @property
    def stated(self) -> bool:
        """Whether there is one at all."""
        return bool(self.words)


NOTHING = Purpose()


@dataclass(frozen=True, slots=True)
class Lift:
    """Where values are shown in clear: the place as rules name it, whose row or record, and the
    office that answers where a field has no steward.
    """

    place: str
    target: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A look as its steward reads it."""

    at: str
    name: str
    organisation: str
    place: str
    target: str
    rows: int
    fields: tuple[str, ...]
    purpose: str
    words: str
    steward: str


def lift(work: Work, where: Lift, fields: Sequence[Field], purpose: Purpose, *, rows: int) -> None:
    """Let the mask of these fields be lifted for one view, if rules allow it, and keep who and why.

    Raises PurposeMissing, PurposeRefused.
    """
    if not purpose.stated:
        raise PurposeMissing
    refused = [one for one in fields if work.rules.refuses(purpose.kind, one.code, where.place)]
    if refused:
        raise PurposeRefused(fields="、".join(one.label() for one in refused))
    by: dict[str, list[Field]] = defaultdict(list)
    for one in fields:
        by[one.steward or where.owner].append(one)
    number = work.new_id()
    for steward, mine in by.items():
        work.connection.execute(
            insert(LIFT),
            {
                "id": number, "steward": steward, "at": work.at, "account_id": work.actor.id,
                "name": work.actor.name, "organisation": _office(work), "place": where.place,
                "target": where.target, "rows": rows, "purpose": purpose.kind,
                "words": purpose.words, "fields": sorted({one.code for one in mine}),
            },
        )  # fmt: skip
    notices.tell(work, [_notice(work, *one) for one in by.items() if _concerns(work, one[0])])


def listed(work: Work, *, words: str = "", limit: int = 50, after: int = 0) -> list[Looked]:
    """Looks at fields in the actor's care, the newest first; of some words. Raises Forbidden."""
    work.require_any(VERB)
    seen = policy.sees(work.actor, VERB, owner=LIFT.c.steward)
    query = select(LIFT).where(seen)
    if words:
        texts = LIFT.c.name, LIFT.c.words, LIFT.c.fields
        query = query.where(or_(*(one.contains(words, autoescape=True) for one in texts)))
    query = query.order_by(LIFT.c.at.desc(), LIFT.c.id.desc(), LIFT.c.steward)
    rows = work.connection.execute(query.limit(limit).offset(after)).mappings()
    return [_looked(row) for row in rows]


def _looked(row: Mapping[Any, Any]) -> Looked:
    told = {name: row[name] for name in Looked.__slots__}
    return Looked(**{**told, "fields": tuple(row["fields"])})


def _office(work: Work) -> str:
    return work.actor.posts[0].organisation if work.actor.posts else ""


def _concerns(work: Work, steward: str) -> bool:
    """Nobody is told of what they did themselves."""
    return bool(steward) and all(
        post.organisation != steward or post.role != "department" for post in work.actor.posts
    )


def _notice(work: Work, steward: str, fields: Sequence[Field]) -> Notice:
    return Notice(
        TOLD,
        organisation_code=steward,
        role="department",
        detail={"name": work.actor.name, "fields": "、".join(one.label() for one in fields)},
        key=f"lifted {steward} {work.actor.id} {work.today.isoformat()}",
    )
