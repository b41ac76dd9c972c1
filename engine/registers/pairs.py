"""Pairs of subjects that may be one, and the decision that they are not: kept, so that nobody is asked twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from engine.errors import NotFound
from engine.registers.tables import PairRow
from engine.work import Work

PAIR = PairRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
FOUND, DIFFERENT = "found", "different"
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Likely:
    """Two subjects that may be one: how alike, of a hundred, and by which fields."""

    first_id: str
    second_id: str
    score: int
    why: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same as it is kept."""

    id: str
    subject: str
    first_id: str
    second_id: str
    score: int
    why: Mapping[str, int]
    state: str
    found_at: str
    decided_at: str | None
    decided_by_name: str
    reason: str


def keep(work: Work, subject: str, likely: Iterable[Likely]) -> int:
    """Remember likely pairs; one that is known keeps its decision. Gives how many were new."""
    some = {_order(one.first_id, one.second_id): one for one in likely}
    waiting = sorted(some)
    fresh = 0
    for start in range(0, len(waiting), CHUNK):
        part = waiting[start : start + CHUNK]
        known = _known(work, subject, part)
        rows = [
            {
                "id": work.new_id(), "subject": subject, "first_id": first, "second_id": second,
                "score": some[first, second].score, "why": dict(some[first, second].why),
                "state": FOUND, "found_at": work.at, "decided_by_name": "", "reason": "",
            }
            for first, second in part
            if (first, second) not in known
        ]  # fmt: skip
        if rows:
            work.connection.execute(insert(PAIR), rows)
        fresh += len(rows)
    return fresh


def apart(work: Work, subject: str, one: str, other: str, reason: str) -> None:
    """Remember that two are not the same."""
    first, second = _order(one, other)
    values = {
        "state": DIFFERENT, "decided_at": work.at, "decided_by_name": work.actor.name,
        "reason": reason.strip(),
    }  # fmt: skip
    mine = (PAIR.c.subject == subject, PAIR.c.first_id == first, PAIR.c.second_id == second)
    if not work.connection.execute(update(PAIR).where(*mine).values(**values)).rowcount:
        work.connection.execute(
            insert(PAIR),
            {
                "id": work.new_id(), "subject": subject, "first_id": first, "second_id": second,
                "score": 0, "why": {}, "found_at": work.at, **values,
            },
        )  # fmt: skip
    work.note("register.told-apart", subject, first=first, second=second)


def together(work: Work, number: str) -> None:
    """Ask again about two that were told apart. Raises NotFound."""
    values = {"state": FOUND, "decided_at": None, "decided_by_name": "", "reason": ""}
    done = work.connection.execute(update(PAIR).where(PAIR.c.id == number).values(**values))
    if not done.rowcount:
        raise NotFound


def read(work: Work, number: str) -> Pair:
    """One pair. Raises NotFound."""
    row = work.connection.execute(select(PAIR).where(PAIR.c.id == number)).mappings().first()
    if row is None:
        raise NotFound
    return _pair(row)


def between(work: Work, subject: str, one: str, other: str) -> str:
    """The number of the pair of two subjects. Raises NotFound."""
    first, second = _order(one, other)
    query = select(PAIR.c.id).where(
        PAIR.c.subject == subject, PAIR.c.first_id == first, PAIR.c.second_id == second
    )
    found = work.connection.execute(query).scalar()
    if found is None:
        raise NotFound
    return str(found)


def listed(
    work: Work,
    subject: str,
    state: str,
    *conditions: ColumnElement[bool],
    limit: int = 50,
    offset: int = 0,
) -> list[Pair]:
    """Pairs in a state, the likeliest first."""
    query = select(PAIR).where(PAIR.c.subject == subject, PAIR.c.state == state, *conditions)
    order = (PAIR.c.score.desc(), PAIR.c.id)
    rows = work.connection.execute(query.order_by(*order).limit(limit).offset(offset)).mappings()
    return [_pair(row) for row in rows]


def count(work: Work, subject: str, state: str, *conditions: ColumnElement[bool]) -> int:
    """How many there are."""
    query = select(func.count()).where(PAIR.c.subject == subject, PAIR.c.state == state)
    return work.connection.execute(query.where(*conditions)).scalar_one()


def move(work: Work, subject: str, old: str, new: str) -> Any:
    """A subject went into another: what was decided about it holds of the survivor. Gives how to undo it."""
    rows = [
        dict(row)
        for row in work.connection.execute(
            select(PAIR).where(
                PAIR.c.subject == subject, or_(PAIR.c.first_id == old, PAIR.c.second_id == old)
            )
        ).mappings()
    ]
    work.connection.execute(delete(PAIR).where(PAIR.c.id.in_([row["id"] for row in rows])))
    carried = {
        _order(new, row["second_id"] if row["first_id"] == old else row["first_id"]): row
        for row in rows
        if new not in (row["first_id"], row["second_id"])
    }
    known = _known(work, subject, sorted(carried))
    added = [
        {**row, "id": work.new_id(), "first_id": first, "second_id": second}
        for (first, second), row in carried.items()
        if (first, second) not in known
    ]
    if added:
        work.connection.execute(insert(PAIR), added)
    return {"gone": rows, "added": [row["id"] for row in added]}


def move_back(work: Work, moved: Mapping[str, Any]) -> None:
    """The same undone."""
    work.connection.execute(delete(PAIR).where(PAIR.c.id.in_(moved["added"])))
    for row in moved["gone"]:
        if not _known(work, row["subject"], [(row["first_id"], row["second_id"])]):
            work.connection.execute(insert(PAIR), row)


def _known(work: Work, subject: str, some: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    if not some:
        return set()
    query = select(PAIR.c.first_id, PAIR.c.second_id).where(
        PAIR.c.subject == subject,
        PAIR.c.first_id.in_(sorted({first for first, _ in some})),
        PAIR.c.second_id.in_(sorted({second for _, second in some})),
    )
    return {(row.first_id, row.second_id) for row in work.connection.execute(query)}


def _order(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _pair(row: Mapping[Any, Any]) -> Pair:
    return Pair(**{name: row[name] for name in Pair.__slots__})
