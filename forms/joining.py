"""Merging and splitting as people do it: within their area, with the steward's consent where it asks.

Who may is one rule: both subjects belong to a place within one's area, or one's office is the steward
of the register's key. Whatever refers to the subjects goes along (`following.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select, true

from engine import rotation
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.identity import store as identity
from engine.ledgers import reach
from engine.ledgers.proposals import AnswerMissing
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.registers import acts, former, joining, limits, pairs, unjoining
from engine.registers.acts import JOIN, PROPOSED, REFUSED, WITHDRAWN, Join, JoinDone, Wish
from engine.registers.pairs import PAIR, Pair
from engine.registers.schema import column_name, table
from engine.registers.unjoining import Effect
from engine.registers.whole import Register, Whole
from engine.work import Work
from forms.following import FOLLOWERS

rotation.declare(JOIN, "detail", "register", acts.place)
VERB = "register.merge"
NOT_MERGED = ("org",)
"""Organisations have an act of their own: tasks, positions and areas go with them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a merge: done, or with the steward."""

    id: str
    done: bool


def subjects(work: Work) -> list[str]:
    """The registers in which the actor may merge. Raises Forbidden if that is none of their business."""
    known = dictionary(work.connection)
    found = []
    for code in known.subjects:
        if code in NOT_MERGED:
            continue
        try:
            _areas(work, known, code)
        except NotFound:
            continue
        found.append(code)
    return sorted(found, key=lambda code: (code != "person", code))


def steward(work: Work, known: Dictionary, subject: str) -> str:
    """The office that is responsible for the register's first key, if somebody holds its post."""
    kind = known.subjects.get(subject)
    if kind is None or subject in NOT_MERGED:
        raise NotFound
    field = known.fields.get(f"{subject}.{kind.keys[0]}") if kind.keys else None
    office = field.steward if field else ""
    held = office and identity.holders(work.connection, "department", office, now=work.now)
    return office if held else ""


def likely(
    work: Work, subject: str, state: str, *, limit: int = 50, offset: int = 0
) -> tuple[list[Pair], int]:
    """Pairs within the actor's area, the likeliest first, and how many there are.

    Raises Forbidden, NotFound.
    """
    known = dictionary(work.connection)
    here = _within(work, known, subject)
    found = pairs.listed(work, subject, state, here, limit=limit, offset=offset)
    return found, pairs.count(work, subject, state, here)


def pair(work: Work, number: str) -> tuple[Pair, list[Whole]]:
    """A pair with its two subjects. Raises Forbidden, NotFound, MergedAlready."""
    found = pairs.read(work, number)
    both = held(work, found.subject, [found.first_id, found.second_id])
    return found, both


def held(work: Work, subject: str, ids: Sequence[str]) -> list[Whole]:
    """Subjects that the actor may merge, whole. Raises Forbidden, NotFound, MergedAlready."""
    known = dictionary(work.connection)
    areas = _areas(work, known, subject)
    found = joining.both(Register(work, known, subject), ids)
    if not all(reach.holds(work, known, subject, one, areas) for one in ids):
        raise NotFound
    return found


def merge(work: Work, wish: Wish) -> Asked:
    """Make one of two, or ask the steward to where it wants to be asked.

    Raises what `held` and `joining.merge` raise.
    """
    held(work, wish.subject, [wish.kept_id, wish.other_id])
    acts.reasoned(wish.reason)
    known = dictionary(work.connection)
    office = steward(work, known, wish.subject)
    mine = {post.organisation for post in work.actor.posts_as("department")}
    if (
        not known.subjects[wish.subject].asks
        or not office
        or office in mine
        or work.actor.is_system
    ):
        return Asked(joining.merge(work, wish, FOLLOWERS), True)
    number = acts.keep_wish(work, wish, office)
    named = known.subjects[wish.subject].labels.get("zh", wish.subject)
    detail = {"register": named, "act": number}
    notices.tell(
        work,
        [
            Notice(
                "register.merge-asked", organisation_code=office, role="department", detail=detail
            )
        ],
    )
    return Asked(number, False)


def decide(work: Work, number: str, *, accept: bool, answer: str = "") -> None:
    """The steward's word on a merge that was asked for.

    Raises NotFound for whoever may not decide, JoinDone, AnswerMissing, and what a merge raises.
    """
    found, wish = acts.held_wish(work, number)
    if found.decider not in {post.organisation for post in work.actor.posts_as("department")}:
        raise NotFound
    if accept:
        joining.merge(work, wish, FOLLOWERS, number=number)
    elif not answer.strip():
        raise AnswerMissing
    else:
        acts.turn_down(work, number, REFUSED, answer)
    detail = {"answer": answer.strip(), "act": number}
    about = "register.merge-agreed" if accept else "register.merge-refused"
    notices.tell(work, [Notice(about, account_id=found.by, detail=detail)])


def withdraw(work: Work, number: str) -> None:
    """Take back what one asked for oneself. Raises NotFound, JoinDone."""
    found, _ = acts.held_wish(work, number)
    if found.by != work.actor.id:
        raise NotFound
    acts.turn_down(work, number, WITHDRAWN, "")


def differ(work: Work, number: str, reason: str) -> None:
    """Two that are not the same; nobody is asked again. Raises what `pair` raises, JoinReasonMissing."""
    found, _ = pair(work, number)
    acts.reasoned(reason)
    pairs.apart(work, found.subject, found.first_id, found.second_id, reason)


def split(work: Work, wish: Wish) -> tuple[str, str]:
    """Make two of one. Raises what `held` and `joining.split` raise."""
    held(work, wish.subject, [wish.kept_id])
    return joining.split(work, wish)


def act(work: Work, number: str) -> Join:
    """A merge or split that the actor may see. Raises Forbidden, NotFound."""
    found = acts.read(work, number)
    _see(work, found)
    return found


def effect(work: Work, number: str) -> Effect | None:
    """What undoing would do now; None where there is nothing to undo. Raises what `act` raises, LaterJoin."""
    act(work, number)
    try:
        return unjoining.effect(work, number)
    except JoinDone:
        return None


def undo(work: Work, number: str, reason: str, *, lose: bool = False) -> Effect:
    """Take a merge or split back. Raises what `act` and `unjoining.undo` raise."""
    act(work, number)
    return unjoining.undo(work, number, FOLLOWERS, reason=reason, lose=lose)


def newest(work: Work, subject: str, *, limit: int = 50) -> list[Join]:
    """What was merged and split within the actor's area, the newest first."""
    found = []
    for one in acts.newest(work, subject, limit=limit * 4):
        try:
            _see(work, one)
        except NotFound:
            continue
        found.append(one)
    return found[:limit]


def waiting(work: Work) -> int:
    """How many merges wait for the word of the actor's offices."""
    offices = [post.organisation for post in work.actor.posts_as("department")]
    query = select(func.count()).where(JOIN.c.state == PROPOSED, JOIN.c.decider.in_(offices))
    return work.connection.execute(query).scalar_one()


def _see(work: Work, found: Join) -> None:
    offices = {post.organisation for post in work.actor.posts_as("department")}
    if found.decider and found.decider in offices:
        return
    known = dictionary(work.connection)
    areas = _areas(work, known, found.subject)
    ids = [found.kept_id, found.other_id] if found.state == PROPOSED else [found.kept_id]
    gone = former.survivors(work, found.subject, former.ID, ids)
    for one in ids:
        if not reach.holds(work, known, found.subject, gone.get(one, one), areas):
            raise NotFound


def _areas(work: Work, known: Dictionary, subject: str) -> tuple[str, ...]:
    kind = known.subjects.get(subject)
    if kind is None or subject in NOT_MERGED:
        raise NotFound
    field = known.fields.get(f"{subject}.{kind.keys[0]}") if kind.keys else None
    offices = {post.organisation for post in work.actor.posts_as("department")}
    if field is not None and field.steward and field.steward in offices:
        return (reach.EVERYWHERE,)
    return reach.areas_of(work, VERB, "")


def _within(work: Work, known: Dictionary, subject: str) -> ColumnElement[bool]:
    """Pairs of which both belong to the actor's area."""
    areas = _areas(work, known, subject)
    field = known.fields.get(f"{subject}.{known.subjects[subject].home}")
    parts = []
    for column in (PAIR.c.first_id, PAIR.c.second_id):
        one = table(known, subject).alias()
        home = None if field is None or field.secret else one.c[column_name(field)]
        here = reach.within(home, areas)
        if here is not None:
            parts.append(exists().where(one.c.id == column, here))
        seen = limits.open_rows(work, known, subject)
        if seen is not None:
            register = table(known, subject)
            parts.append(column.in_(select(register.c.id).where(seen)))
    return and_(true(), *parts)
