"""Merges and splits as they are kept: the acts themselves, their problems, and the only SQL on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, select, update

from engine.errors import NotFound, Problem
from engine.json_text import Json
from engine.registers.tables import JoinRow
from engine.storage import sealed
from engine.work import Work

JOIN = JoinRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MERGE, SPLIT = "merge", "split"
PROPOSED, DONE, UNDONE, REFUSED, WITHDRAWN = "proposed", "done", "undone", "refused", "withdrawn"


def place(row: Mapping[Any, Any]) -> str:
    """What the sealed detail of an act is tied to."""
    return f"join:{row['id']}.detail"


class MergedAlready(Problem):
    """One of the two went into another meanwhile; `into` is who has its facts now."""

    code, status = "register.merged-already", 409
    into: str


class SameSubject(Problem):
    """A subject cannot be merged with itself."""

    code, status = "register.same-subject", 422


class SubjectChanged(Problem):
    """One of the two was changed after it was looked at here."""

    code, status = "register.subject-changed", 409


class NothingParted(Problem):
    """A split that moves nothing, or everything."""

    code, status = "register.nothing-parted", 422


class JoinReasonMissing(Problem):
    """Merging, splitting and undoing need a reason."""

    code, status = "register.reason-missing", 422


class JoinDone(Problem):
    """It was undone, refused or decided already."""

    code, status = "register.join-done", 409
    state: str


class LaterJoin(Problem):
    """The survivor was merged or split again; that must be undone first."""

    code, status = "register.later-join", 409
    join: str


class UndoLoses(Problem):
    """Undoing would lose values that were entered since; the person has to say that it may."""

    code, status = "register.undo-loses", 409
    fields: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done: who stays, whose values are taken, and what they saw."""

    subject: str
    kept_id: str
    other_id: str = ""
    taken: tuple[str, ...] = ()
    """Fields whose values are the other's; in a split, those that go to the new subject."""
    copied: tuple[str, ...] = ()
    """In a split, fields that both have."""
    reason: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A merge or split as it is kept."""

    id: str
    kind: str
    state: str
    subject: str
    kept_id: str
    other_id: str
    taken: tuple[str, ...]
    seen: str
    reason: str
    decider: str
    at: str
    by: str
    by_name: str
    decided_at: str | None
    decided_by_name: str
    answer: str


def keep_wish(work: Work, wish: Wish, decider: str) -> str:
    """A merge that waits for the steward; gives its number."""
    number = keep(work, MERGE, wish, state=PROPOSED, decider=decider, detail=None)
    work.note("register.merge-proposed", number, subject=wish.subject)
    return number


def read(work: Work, number: str) -> Join:
    """One act. Raises NotFound."""
    return _join(kept(work, number))


def detail(work: Work, number: str) -> Mapping[str, Any]:
    """What was and what it became, as it is kept: `kept`, `other` or `begun`, `became`."""
    row = kept(work, number)
    found: Mapping[str, Any] = sealed.unseal(work.connection, row["detail"], place(row)) or {}
    return found


def about(work: Work, subject: str, own: str) -> list[Join]:
    """The acts that a subject took part in, the newest first."""
    query = select(JOIN).where(
        JOIN.c.subject == subject, or_(JOIN.c.kept_id == own, JOIN.c.other_id == own)
    )
    rows = work.connection.execute(query.order_by(JOIN.c.at.desc())).mappings()
    return [_join(row) for row in rows]


def newest(work: Work, subject: str, *, state: str = "", limit: int = 100) -> list[Join]:
    """Acts on a register, the newest first."""
    query = select(JOIN).where(JOIN.c.subject == subject)
    if state:
        query = query.where(JOIN.c.state == state)
    rows = work.connection.execute(query.order_by(JOIN.c.at.desc()).limit(limit)).mappings()
    return [_join(row) for row in rows]


def held_wish(work: Work, number: str) -> tuple[Join, Wish]:
    """A proposal, held until it is decided. Raises NotFound, JoinDone."""
    found = _join(held(work, number))
    if found.state != PROPOSED:
        raise JoinDone(state=found.state)
    return found, Wish(
        found.subject, found.kept_id, found.other_id, found.taken, (), found.reason, found.seen
    )


def turn_down(work: Work, number: str, state: str, answer: str) -> None:
    """A proposal that is refused, or taken back."""
    work.connection.execute(
        update(JOIN)
        .where(JOIN.c.id == number)
        .values(
            state=state, decided_at=work.at, decided_by_name=work.actor.name, answer=answer.strip()
        )
    )
    work.note(f"register.merge-{state}", number)


def keep(work: Work, kind: str, wish: Wish, *, state: str, decider: str, detail: Json) -> str:
    number = work.new_id()
    done = state == DONE
    work.connection.execute(
        insert(JOIN),
        {
            "id": number,
            "kind": kind,
            "state": state,
            "subject": wish.subject,
            "kept_id": wish.kept_id,
            "other_id": wish.other_id,
            "taken": sorted(wish.taken),
            "detail": sealed.seal(work.connection, detail, f"join:{number}.detail", "register"),
            "seen": wish.seen,
            "reason": wish.reason.strip(),
            "decider": decider,
            "at": work.at,
            "by": work.actor.id,
            "by_name": work.actor.name,
            "decided_at": work.at if done else None,
            "decided_by_name": work.actor.name if done else "",
            "answer": "",
        },
    )
    return number


def settle(work: Work, kind: str, wish: Wish, number: str, detail: Json) -> str:
    if not number:
        return keep(work, kind, wish, state=DONE, decider="", detail=detail)
    work.connection.execute(
        update(JOIN)
        .where(JOIN.c.id == number)
        .values(
            state=DONE,
            detail=sealed.seal(work.connection, detail, f"join:{number}.detail", "register"),
            decided_at=work.at,
            decided_by_name=work.actor.name,
        )
    )
    return number


def kept(work: Work, number: str) -> Mapping[Any, Any]:
    row = work.connection.execute(select(JOIN).where(JOIN.c.id == number)).mappings().first()
    if row is None:
        raise NotFound
    return row


def held(work: Work, number: str) -> Mapping[Any, Any]:
    query = select(JOIN).where(JOIN.c.id == number).with_for_update()
    row = work.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return row


def _join(row: Mapping[Any, Any]) -> Join:
    values = {name: row[name] for name in Join.__slots__}
    return Join(**{**values, "taken": tuple(values["taken"])})


def reasoned(reason: str) -> None:
    if not reason.strip():
        raise JoinReasonMissing
