"""Merging two subjects of a register, and splitting one: one act, one transaction.

The other's row leaves the register, so that no count, list or report has to know of merges; what it
was is kept whole in the act, its history stays, and its id and keys lead to the survivor. What stands
above the registers (ledgers, disputes) follows through Followers that the caller hands in.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from engine.dictionary.store import dictionary
from engine.errors import NotFound
from engine.json_text import Json, canonical
from engine.registers import acts, former, joins, pairs, references, store
from engine.registers.acts import (
    MERGE,
    SPLIT,
    MergedAlready,
    NothingParted,
    SameSubject,
    SubjectChanged,
    Wish,
)
from engine.registers.joins import STANDING
from engine.registers.store import Origin
from engine.registers.whole import Register, Whole
from engine.work import Work


class Follower(Protocol):
    """Something that refers to subjects by id, above the registers."""

    @property
    def name(self) -> str:
        """Under which what it moved is kept."""

    def move(self, work: Work, subject: str, old: str, new: str) -> Json:
        """Let it refer to another subject; gives what is needed to undo it. None if there was nothing."""

    def back(self, work: Work, subject: str, old: str, new: str, moved: Any) -> None:
        """Undo that."""


Followers = Sequence[Follower]


def stamp(work: Work, first: Whole, second: Whole | None = None) -> str:
    """What somebody saw of the subjects: changes whenever one of them does, and tells nothing."""
    seen = [first.to_json()["state"], second.to_json()["state"] if second else None]
    return work.vault.blind(canonical(seen).decode(), "register.seen")[:32]


def both(register: Register, ids: Sequence[str], *, hold: bool = False) -> list[Whole]:
    """The subjects, whole. Raises MergedAlready, NotFound."""
    found = register.read(ids, hold=hold)
    for one in ids:
        if one not in found:
            into = former.survivors(register.work, register.subject, former.ID, [one]).get(one)
            raise MergedAlready(into=into) if into else NotFound
    return [found[one] for one in ids]


def merge(work: Work, wish: Wish, followers: Followers, *, number: str = "") -> str:
    """Make one of two; gives the act's number. `number` is that of the proposal, if it was one.

    Raises SameSubject, MergedAlready, NotFound, SubjectChanged, JoinReasonMissing, KeyTaken.
    """
    if wish.kept_id == wish.other_id:
        raise SameSubject
    acts.reasoned(wish.reason)
    register = Register(work, dictionary(work.connection), wish.subject)
    kept, other = both(register, [wish.kept_id, wish.other_id], hold=True)
    if wish.seen and wish.seen != stamp(work, kept, other):
        raise SubjectChanged
    became = Whole(joins.merged(kept.state, other.state, wish.taken), {**other.made, **kept.made})
    register.remove(wish.other_id, other, reason=wish.reason)
    register.write(wish.kept_id, kept, became, reason=wish.reason)
    moved = {
        "former": former.lead(work, wish.subject, wish.other_id, wish.kept_id),
        "pairs": pairs.move(work, wish.subject, wish.other_id, wish.kept_id),
        "references": _repointed(register, wish.reason, (kept, other), became),
        "followers": {
            one.name: one.move(work, wish.subject, wish.other_id, wish.kept_id) for one in followers
        },
    }
    detail = {"kept": kept.to_json(), "other": other.to_json(), "became": became.to_json(), "moved": moved}  # fmt: skip
    number = acts.settle(work, MERGE, wish, number, detail)
    gone = [
        (former.ID, wish.other_id),
        *_lost_keys(register, (kept, other), became),
    ]
    former.add(work, number, wish.subject, wish.kept_id, gone)
    work.note("register.merged", number, subject=wish.subject, kept=wish.kept_id, other=wish.other_id)  # fmt: skip
    return number


def split(work: Work, wish: Wish) -> tuple[str, str]:
    """Make two of one; gives the act's number and the new subject's id. What refers to the subject
    stays with it: ledgers enter the new one by their rule, or by hand.

    Raises NothingParted, NotFound, MergedAlready, SubjectChanged, JoinReasonMissing, KeyTaken.
    """
    acts.reasoned(wish.reason)
    known = dictionary(work.connection)
    register = Register(work, known, wish.subject)
    (was,) = both(register, [wish.kept_id], hold=True)
    if wish.seen and wish.seen != stamp(work, was):
        raise SubjectChanged
    held = {name for name, one in was.state[STANDING].items() if one.value is not None}
    if not held & set(wish.taken) or not held - set(wish.taken):
        raise NothingParted
    keys = set(known.subjects[wish.subject].keys)
    stays, new = joins.parted(was.state, wish.taken, set(wish.copied) - keys)
    own = work.new_id()
    wish = Wish(wish.subject, wish.kept_id, own, wish.taken, wish.copied, wish.reason, wish.seen)
    became, begun = Whole(stays, was.made), Whole(new, {STANDING: work.at})
    register.write(wish.kept_id, was, became, reason=wish.reason)
    register.add(own, begun, reason=wish.reason)
    detail = {"kept": was.to_json(), "became": became.to_json(), "begun": begun.to_json()}
    number = acts.settle(work, SPLIT, wish, "", detail)
    pairs.apart(work, wish.subject, wish.kept_id, own, wish.reason)
    work.note("register.split", number, subject=wish.subject, kept=wish.kept_id, other=own)
    return number, own


def _repointed(register: Register, reason: str, pair: Sequence[Whole], became: Whole) -> list[Json]:
    """Whoever named either of the two by a key that it has no more names it by the one it has."""
    work = register.work
    names = register.known.subjects[register.subject].keys
    moved: list[Json] = []
    origin = 0
    for one in pair:
        keys = {name: (_value(one, name), _value(became, name)) for name in names}
        if not any(old is not None and old != new for old, new in keys.values()):
            continue
        if not origin:
            came = Origin(
                source="entered", title=reason, at=work.at,
                actor_id=work.actor.id, actor_name=work.actor.name,
            )  # fmt: skip
            origin = store.add_origin(work, came).id
        moved += references.repoint(register, keys, origin, reason=reason)
    return moved


def _lost_keys(register: Register, pair: Sequence[Whole], became: Whole) -> list[tuple[str, str]]:
    found = []
    for name in register.known.subjects[register.subject].keys:
        field = register.known.fields.get(f"{register.subject}.{name}")
        for one in pair:
            value = _value(one, name)
            if field and isinstance(value, str) and value != _value(became, name):
                found.append((name, former.sought(register.work, field, value)))
    return found


def _value(one: Whole, name: str) -> Json:
    held = one.state[STANDING].get(name)
    return held.value if held else None
