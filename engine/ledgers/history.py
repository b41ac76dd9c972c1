"""What happened to a row and to a cell of a ledger: who, when, why, before, after; only ever read here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, tuple_

from engine.identity import store as identity
from engine.json_text import Json
from engine.ledgers.ground import Ground
from engine.ledgers.lens import LOCAL, RELATED, Column
from engine.ledgers.rows import Row
from engine.registers import former
from engine.registers.schema import table
from engine.storage import sealed
from engine.work import HISTORY, Work

MOST = 500


@dataclass(frozen=True, slots=True)
class Happened:
    """One change of one cell."""

    id: int
    at: str
    by: str
    column: str
    before: Json
    after: Json
    reason: str


def of_row(work: Work, ground: Ground, row: Row, *, column: str = "") -> list[Happened]:
    """Changes of a row, or of one of its cells, the newest first."""
    lens = ground.lens
    wanted = [lens.by_name[column]] if column else list(lens.columns)
    places = _places(work, ground, row, wanted)
    query = (
        select(HISTORY)
        .where(or_(*(_of(kind, target) for kind, target in places)))
        .order_by(HISTORY.c.id.desc())
        .limit(MOST)
    )
    found = work.connection.execute(query).mappings().all()
    people = identity.account_names(work.connection, {one["actor_id"] for one in found})
    told: list[Happened] = []
    for one in found:
        told += _told(work, dict(one), places[one["kind"], one["target"]], people)
    return told


def _places(
    work: Work, ground: Ground, row: Row, columns: Sequence[Column]
) -> dict[tuple[str, str], list[Column]]:
    """Under which names in the history these cells stand, and stood before a merge."""
    found: dict[tuple[str, str], list[Column]] = {}
    lives: dict[tuple[str, str], list[str]] = {}
    for one in columns:
        if one.computed:
            continue
        kind, subject = ground.register.name, ground.lens.subject
        target = row.id
        if one.kind == LOCAL and ground.local is not None:
            kind = ground.local.name
        elif one.kind == RELATED:
            subject = one.field.subject
            kind = table(ground.dictionary, subject).name
            target = row.subjects.get(one.name, "")
        for each in _lives(work, subject, target, lives):
            found.setdefault((kind, each), []).append(one)
    return found or {("", ""): []}


def _lives(
    work: Work, subject: str, own: str, lives: dict[tuple[str, str], list[str]]
) -> list[str]:
    """The ids of a subject: its own, and those of whoever went into it."""
    if own and (subject, own) not in lives:
        lives[subject, own] = [own, *former.ids(work, subject, own)]
    return lives.get((subject, own), [])


def _of(kind: str, target: str) -> Any:
    return tuple_(HISTORY.c.kind, HISTORY.c.target) == tuple_(kind, target)


def _told(
    work: Work, one: Mapping[str, Any], columns: Sequence[Column], people: Mapping[str, str]
) -> Iterator[Happened]:
    place = f"history:{one['kind']}:{one['target']}:{one['at']}"
    before: Any = sealed.unseal(work.connection, one["before"], place) or {}
    after: Any = sealed.unseal(work.connection, one["after"], place) or {}
    for column in columns:
        name = column.field.name
        if name not in after and name not in before:
            continue
        was, now = before.get(name), after.get(name)
        by = people.get(one["actor_id"]) or one["actor_id"].removeprefix("system:")
        yield Happened(one["id"], one["at"], by, column.name, was, now, one["reason"])
