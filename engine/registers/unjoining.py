"""Taking a merge or a split back, and telling beforehand what that does with later edits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update

from engine.dictionary.store import Dictionary, dictionary
from engine.registers import acts, former, joins, pairs, references
from engine.registers.acts import DONE, JOIN, MERGE, SPLIT, UNDONE, JoinDone, LaterJoin, UndoLoses
from engine.registers.joining import Followers, both
from engine.registers.whole import Register, Whole
from engine.storage import sealed
from engine.work import Work


@dataclass(frozen=True, slots=True)
class Effect:
    """What undoing would do: values changed since that stay, and values that would be lost."""

    kept: tuple[str, ...]
    lost: tuple[str, ...]


def undo(
    work: Work, number: str, followers: Followers, *, reason: str, lose: bool = False
) -> Effect:
    """Take a merge or a split back; what was changed since stays as it was changed.

    Raises NotFound, JoinDone, LaterJoin, UndoLoses, JoinReasonMissing, KeyTaken.
    """
    acts.reasoned(reason)
    row = acts.held(work, number)
    known = dictionary(work.connection)
    register = Register(work, known, row["subject"])
    subject, kept_id, other_id = row["subject"], row["kept_id"], row["other_id"]
    detail = _undoable(work, row)
    work.connection.execute(
        update(JOIN)
        .where(JOIN.c.id == number)
        .values(state=UNDONE, decided_at=work.at, decided_by_name=work.actor.name, answer=reason)
    )
    if row["kind"] == SPLIT:
        return _unsplit(register, row, detail, followers, reason=reason, lose=lose)
    (now,) = both(register, [kept_id], hold=True)
    was, other, became = (Whole.from_json(detail[name]) for name in ("kept", "other", "became"))
    back = joins.unmerged(now.state, became.state, was.state)
    moved = detail["moved"]
    former.forget(work, number)
    former.lead_back(work, moved["former"], other_id)
    register.write(kept_id, now, _shaped(back.state, now, was), reason=reason)
    register.add(other_id, other, reason=reason)
    references.point_back(work, known, moved["references"], reason)
    pairs.move_back(work, moved["pairs"])
    for one in reversed(followers):
        if moved["followers"].get(one.name) is not None:
            one.back(work, subject, other_id, kept_id, moved["followers"][one.name])
    work.note("register.unmerged", number, subject=subject, kept=kept_id, other=other_id)
    return _effect(known, subject, back)


def effect(work: Work, number: str) -> Effect:
    """What undoing would do, without doing it. Raises NotFound, JoinDone, LaterJoin."""
    row = acts.kept(work, number)
    known = dictionary(work.connection)
    register = Register(work, known, row["subject"])
    detail = _undoable(work, row)
    was, became = Whole.from_json(detail["kept"]), Whole.from_json(detail["became"])
    if row["kind"] == MERGE:
        (now,) = both(register, [row["kept_id"]])
        return _effect(known, row["subject"], joins.unmerged(now.state, became.state, was.state))
    now, new = both(register, [row["kept_id"], row["other_id"]])
    begun = Whole.from_json(detail["begun"])
    back = joins.reunited(now.state, new.state, became.state, begun.state, was.state)
    return _effect(known, row["subject"], back)


def _unsplit(
    register: Register,
    row: Mapping[Any, Any],
    detail: Mapping[str, Any],
    followers: Followers,
    *,
    reason: str,
    lose: bool,
) -> Effect:
    work, known, subject = register.work, register.known, register.subject
    kept_id, other_id = row["kept_id"], row["other_id"]
    now, new = both(register, [kept_id, other_id], hold=True)
    was, became, begun = (Whole.from_json(detail[name]) for name in ("kept", "became", "begun"))
    back = joins.reunited(now.state, new.state, became.state, begun.state, was.state)
    told = _effect(known, subject, back)
    if told.lost and not lose:
        raise UndoLoses(fields="、".join(told.lost))
    register.remove(other_id, new, reason=reason)
    made = {**new.made, **now.made}
    register.write(kept_id, now, Whole(back.state, made), reason=reason)
    former.lead(work, subject, other_id, kept_id)
    former.add(work, row["id"], subject, kept_id, [(former.ID, other_id)])
    pairs.move(work, subject, other_id, kept_id)
    for one in followers:
        one.move(work, subject, other_id, kept_id)
    work.note("register.reunited", row["id"], subject=subject, kept=kept_id, other=other_id)
    return told


def _shaped(state: joins.State, now: Whole, was: Whole) -> Whole:
    """The rows that a state needs: those of before, and those somebody filled since."""
    made = {
        period: since
        for period, since in now.made.items()
        if period in was.made or state.get(period)
    }
    return Whole(state, made)


def _effect(known: Dictionary, subject: str, back: joins.Undone) -> Effect:
    def told(places: Sequence[joins.Place]) -> tuple[str, ...]:
        return tuple(
            known.fields[f"{subject}.{name}"].label() + (f" {period}" if period else "")
            for period, name in places
            if f"{subject}.{name}" in known.fields
        )

    return Effect(told(back.kept), told(back.lost))


def _undoable(work: Work, row: Mapping[Any, Any]) -> Mapping[str, Any]:
    if row["state"] != DONE:
        raise JoinDone(state=row["state"])
    ids = (row["kept_id"], row["other_id"])
    later = work.connection.execute(
        select(JOIN.c.id)
        .where(
            JOIN.c.subject == row["subject"],
            JOIN.c.state == DONE,
            or_(JOIN.c.kept_id.in_(ids), JOIN.c.other_id.in_(ids)),
            JOIN.c.id != row["id"],
            or_(JOIN.c.decided_at > row["decided_at"],
                (JOIN.c.decided_at == row["decided_at"]) & (JOIN.c.id > row["id"])),
        )
        .order_by(JOIN.c.decided_at.desc())
    ).scalar()  # fmt: skip
    if later is not None:
        raise LaterJoin(join=later)
    found: Mapping[str, Any] = sealed.unseal(work.connection, row["detail"], acts.place(row))
    return found
