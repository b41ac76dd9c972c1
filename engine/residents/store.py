"""Slips and visits of residents: handed out at the counter for one person, opened once, for some minutes.

Whoever opens one must know two things: the ten digits of the slip, of which a keyed digest is kept, and
the last four of the person's own number, which the slip does not say. Neither a guess nor a slip that
was found, an old one, or one of somebody who was deleted or made one with somebody else opens anything.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, or_, select, update

from engine import clock
from engine.access import policy
from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound, Problem
from engine.formats import registry as formats
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.registers import limits
from engine.registers import store as registers
from engine.registers.tables import JoinRow
from engine.residents.tables import ResidentVisitRow
from engine.storage.database import advisory_lock
from engine.work import Work

VISIT = ResidentVisitRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
JOIN = JoinRow.__table__  # type: ignore[attr-defined]  # as above
PERSON: Final = "person"
VERB: Final = "resident.invite"
PREFIX: Final = "resident:"
"""Of the acting person's id where it is a resident."""
NAME: Final = "居民本人"
PHONE, KIOSK = "phone", "kiosk"
PLACES = (PHONE, KIOSK)
PROOFS = ("card", "e-card", "agent")
DIGITS, LAST = 10, 4
MOST_TRIES = 5
CODE_MINUTES = 15
WHOLE = {PHONE: timedelta(minutes=20), KIOSK: timedelta(minutes=10)}
IDLE = {PHONE: timedelta(minutes=5), KIOSK: timedelta(minutes=3)}
"""How long a visit lasts at most, and how long with nobody pressing anything."""
LISTED = 50
KEPT = timedelta(days=200)
"""So long is known what became of a slip, e.g. whose correction it was."""


class ResidentCodeWrong(Problem):
    """The code or the last four are wrong, or the slip is used up or over; which is not told."""

    code, status = "resident.code-wrong", 401


class ResidentOver(Problem):
    """The visit is over: by time, by leaving, or because the person is not here any more."""

    code, status = "resident.over", 401


class ResidentUnknown(Problem):
    """Nobody with this number is in the care of the office."""

    code, status = "resident.unknown", 422


class ResidentProof(Problem):
    """How it was seen that it is this person must be told."""

    code, status = "resident.proof", 422


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody at the counter: as much of them as tells that it is the right one."""

    id: str
    name: str
    key: str
    place: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What is handed out. The code is nowhere else."""

    id: str
    code: str
    until: str
    place: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A resident's visit in force."""

    id: str
    subject_id: str
    place: str
    opened_at: str
    csrf: str

    @property
    def actor(self) -> Actor:
        """Who acts: somebody without any post, so nothing but their own is theirs."""
        return Actor(PREFIX + self.id, "resident", NAME)


def find(work: Work, key: str) -> Found:
    """Somebody by their number, within the reach of the actor. Raises Forbidden, ResidentUnknown."""
    work.require_any(VERB)
    known = dictionary(work.connection)
    field = _key(known)
    wanted = formats.normalised(field.schema.get("format"), key.strip())
    own = registers.find(work, known, field, [wanted]).get(wanted) if wanted else None
    found = _reached(work, known, own) if own else None
    work.note("register.looked-up", PERSON, key=field.name, found=found is not None, id=own or "", purpose="居民查阅本人数据")  # fmt: skip
    if found is None:
        raise ResidentUnknown
    return found


def hand_out(work: Work, subject_id: str, *, proof: str, place: str) -> Slip:
    """A slip for somebody within reach; one that was handed out before opens nothing any more.

    Raises Forbidden, NotFound, ResidentProof.
    """
    work.require_any(VERB)
    if proof not in PROOFS or place not in PLACES:
        raise ResidentProof
    if _reached(work, dictionary(work.connection), subject_id) is None:
        raise NotFound
    advisory_lock(work.connection, f"slip {subject_id}")
    _end(work, VISIT.c.subject_id == subject_id, how="replaced")
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    slip = Slip(work.new_id(), code, clock.stamp(work.now + timedelta(minutes=CODE_MINUTES)), place)
    work.connection.execute(
        insert(VISIT),
        {
            "id": slip.id, "subject_id": subject_id, "office": _office(work), "made_at": clock.stamp(work.now),
            "made_by": work.actor.id, "made_by_name": work.actor.name, "proof": proof, "place": place,
            "code_digest": _digest(work, code), "until": slip.until, "tries": 0, "ended_how": "",
        },
    )  # fmt: skip
    work.note("resident.invited", subject_id, slip=slip.id, proof=proof, place=place)
    return slip


def withdraw(work: Work, slip: str) -> None:
    """Let a slip, and what it opened, be over. Raises Forbidden, NotFound."""
    work.require_any(VERB)
    if not _end(work, VISIT.c.id == slip, VISIT.c.office == _office(work), how="withdrawn"):
        raise NotFound
    work.note("resident.withdrawn", slip)


def listed(work: Work) -> list[dict[str, Any]]:
    """What the actor's office handed out, the newest first. Raises Forbidden."""
    work.require_any(VERB)
    query = select(VISIT).where(VISIT.c.office == _office(work)).order_by(VISIT.c.made_at.desc())
    rows = work.connection.execute(query.limit(LISTED)).mappings()
    return [{**row, "state": _state(row, work.now)} for row in rows]


def open_(work: Work, code: str, last: str) -> str | None:
    """The token of a visit, if code and last four fit; None is a try that counts, so commit it."""
    digits = "".join(str(unicodedata.decimal(one)) for one in code if one.isdecimal())
    query = select(VISIT).where(VISIT.c.code_digest == _digest(work, digits)).with_for_update()
    row = work.connection.execute(query).mappings().first()
    if row is None or _state(row, work.now) != "waiting":
        work.note("resident.refused", row["id"] if row else "")
        return None
    own = _last_of(work, row)
    given = unicodedata.normalize("NFKC", last).strip().upper()
    if own is None:
        _end(work, VISIT.c.id == row["id"], how="gone")
    elif hmac.compare_digest(own.encode(), given.encode("utf-8", "replace")):
        return _opened(work, row)
    tries = work.connection.execute(
        update(VISIT).where(VISIT.c.id == row["id"]).values(tries=VISIT.c.tries + 1).returning(VISIT.c.tries)
    ).scalar_one()  # fmt: skip
    if tries >= MOST_TRIES:
        _end(work, VISIT.c.id == row["id"], how="guessed")
    work.note("resident.refused", row["id"], tries=tries)
    return None


def visit(work: Work, token: str) -> Visit | None:
    """The visit in force that a token belongs to; None if there is none."""
    query = select(VISIT).where(VISIT.c.token_digest == _token_digest(token))
    row = work.connection.execute(query).mappings().first() if token else None
    if row is None or _state(row, work.now) != "open" or _last_of(work, row) is None:
        return None
    csrf = hashlib.sha256(b"resident csrf " + token.encode()).hexdigest()
    return Visit(row["id"], row["subject_id"], row["place"], row["opened_at"], csrf)


def seen(work: Work, found: Visit) -> None:
    """Note that a visit goes on. Raises ResidentOver where it has just ended."""
    change = update(VISIT).where(VISIT.c.id == found.id, VISIT.c.ended_at.is_(None))
    if not work.connection.execute(change.values(seen_at=clock.stamp(work.now))).rowcount:
        raise ResidentOver


def leave(work: Work, found: Visit) -> None:
    """The resident goes."""
    if _end(work, VISIT.c.id == found.id, how="left"):
        work.note("resident.left", found.subject_id)


def handed_out_by(work: Work, actor_id: str) -> str:
    """The account that handed out the slip of a resident who acted; empty for anybody else."""
    query = select(VISIT.c.made_by).where(VISIT.c.id == actor_id.removeprefix(PREFIX))
    return str(work.connection.execute(query).scalar() or "") if actor_id.startswith(PREFIX) else ""


def forget_old(work: Work) -> int:
    """Remove slips of long ago, of which the trail tells; gives how many."""
    old = clock.stamp(work.now - KEPT)
    return work.connection.execute(delete(VISIT).where(VISIT.c.made_at < old)).rowcount


def _opened(work: Work, row: Any) -> str:
    token = secrets.token_urlsafe(32)
    at = clock.stamp(work.now)
    work.connection.execute(
        update(VISIT)
        .where(VISIT.c.id == row["id"])
        .values(opened_at=at, seen_at=at, token_digest=_token_digest(token))
    )
    work.note("resident.opened", row["subject_id"], slip=row["id"], place=row["place"])
    return token


def _end(work: Work, *conditions: Any, how: str) -> int:
    change = update(VISIT).where(VISIT.c.ended_at.is_(None), *conditions)
    return work.connection.execute(
        change.values(ended_at=clock.stamp(work.now), ended_how=how)
    ).rowcount


def _state(row: Any, now: datetime) -> str:
    """waiting | open | over, by what is written and by the clock, which may have been put back."""
    at, ahead = clock.stamp(now), clock.stamp(now + clock.SKEW)
    if row["ended_at"] or row["made_at"] > ahead:
        return "over"
    if row["opened_at"] is None:
        return "waiting" if at < row["until"] and row["tries"] < MOST_TRIES else "over"
    whole, idle = WHOLE[row["place"]], IDLE[row["place"]]
    opened, last = (datetime.fromisoformat(row[name]) for name in ("opened_at", "seen_at"))
    return "open" if now < opened + whole and now < last + idle else "over"


def _last_of(work: Work, row: Any) -> str | None:
    """The last four of the person's number as it is now; None where the slip is no more for them."""
    known, own = dictionary(work.connection), row["subject_id"]
    if own not in registers.existing(work, known, PERSON, [own]):
        return None
    joined = select(JOIN.c.id).where(
        JOIN.c.subject == PERSON,
        or_(JOIN.c.kept_id == own, JOIN.c.other_id == own),
        JOIN.c.state.in_(("done", "undone")),
        func.coalesce(JOIN.c.decided_at, JOIN.c.at) >= row["made_at"],
    )
    if work.connection.execute(joined.limit(1)).first() is not None:
        return None
    field = _key(known)
    value = registers.fetch(work, known, PERSON, [own], [field]).get(own, {}).get(field.code)
    text = value.value if value else None
    return text[-LAST:].upper() if isinstance(text, str) and len(text) > LAST else None


def _reached(work: Work, known: Dictionary, own: str) -> Found | None:
    kind, field = known.subjects[PERSON], _key(known)
    if own not in limits.open_ids(work, known, PERSON, [own]):
        return None
    fields = [field, *(known.fields[f"{PERSON}.{one}"] for one in ("name", kind.home))]
    values = registers.fetch(work, known, PERSON, [own], fields).get(own, {})
    home, name, key = (values.get(f"{PERSON}.{one}") for one in (kind.home, "name", field.name))
    if key is None or home is None:
        return None
    try:
        place = identity.organisation(work.connection, str(home.value))
    except NotFound:
        return None
    if not policy.covers(work.actor, VERB, path=place.path):
        return None
    return Found(own, str(name.value) if name else "", str(key.value), place.name)


def _key(known: Dictionary) -> Field:
    return known.field(f"{PERSON}.{known.subjects[PERSON].keys[0]}")


def _office(work: Work) -> str:
    holders = policy.holders(VERB)
    return next((post.organisation for post in work.actor.posts if post.role in holders), "")


def _digest(work: Work, code: str) -> str:
    return work.vault.blind(code, "resident.code")


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
