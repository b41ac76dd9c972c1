"""The steps of designers and who has a draft open, in the database. The only SQL on those two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from engine.work import Work
from forms.designing import steps
from forms.designing.steps import Change
from forms.store import Draft
from forms.tables import DesignPresenceRow, DesignStepRow

STEP = DesignStepRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
PRESENCE = DesignPresenceRow.__table__  # type: ignore[attr-defined]  # as above

HERE = timedelta(seconds=20)
"""Who was not heard of for so long has left."""
MOST_STEPS = 500
"""How far back undo reaches, and how many steps of others are told at once."""

Told = Sequence[Mapping[str, str]]
"""What a step did: `did` (a word's key) and `label`, one for each thing changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a designer."""

    id: int
    revision: int
    kind: str
    undoes: int | None
    tab: str
    actor_id: str
    actor_name: str
    at: str
    told: Told
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who has the draft open."""

    account_id: str
    name: str
    item: str
    tab: str


def add(
    work: Work,
    draft: Draft,
    changes: Iterable[Change],
    *,
    kind: str,
    told: Told,
    tab: str,
    undoes: int | None = None,
) -> None:
    """Keep a step; `draft` is as the step has left it."""
    work.connection.execute(
        insert(STEP),
        {
            "form_code": draft.code,
            "version": draft.version,
            "revision": draft.revision,
            "kind": kind,
            "undoes": undoes,
            "tab": tab,
            "actor_id": work.actor.id,
            "actor_name": work.actor.name,
            "at": work.at,
            "told": [dict(one) for one in told],
            "changes": [one.to_json() for one in changes],
        },
    )


def last(connection: Connection, draft: Draft) -> int:
    """The number of the newest step of a draft; 0 before the first."""
    query = select(func.max(STEP.c.id)).where(*_of(draft))
    return connection.execute(query).scalar() or 0


def since(connection: Connection, draft: Draft, number: int) -> list[Step]:
    """Steps and clashes after a step, oldest first."""
    query = select(STEP).where(*_of(draft), STEP.c.id > number).order_by(STEP.c.id)
    return [_step(row) for row in connection.execute(query.limit(MOST_STEPS))]


def unseen(
    connection: Connection, draft: Draft, revision: int, *, account: str, tab: str
) -> list[Step]:
    """Steps of others after a revision: of other people, or on another page of the same person."""
    query = select(STEP).where(*_of(draft), STEP.c.revision > revision, STEP.c.kind != "clash")
    found = [_step(row) for row in connection.execute(query.order_by(STEP.c.id))]
    return [one for one in found if (one.actor_id, one.tab) != (account, tab)]


def standing(connection: Connection, draft: Draft, account: str) -> tuple[list[Step], list[Step]]:
    """A person's steps that can be undone and those that can be done again, the next one last."""
    query = (
        select(STEP)
        .where(*_of(draft), STEP.c.actor_id == account, STEP.c.kind != "clash")
        .order_by(STEP.c.id.desc())
        .limit(MOST_STEPS)
    )
    undo: list[Step] = []
    redo: list[Step] = []
    for row in reversed(connection.execute(query).all()):
        step = _step(row)
        if step.kind == "undo":
            undo = [one for one in undo if one.id != step.undoes]
            redo.append(step)
        else:
            redo = [one for one in redo if step.kind == "redo" and one.id != step.undoes]
            undo.append(step)
    return undo, redo


def present(connection: Connection, code: str, now: datetime) -> list[Present]:
    """Who has a draft open now."""
    query = select(PRESENCE).where(
        PRESENCE.c.form_code == code, PRESENCE.c.seen_at > _text(now - HERE)
    )
    rows = connection.execute(query.order_by(PRESENCE.c.name, PRESENCE.c.tab))
    return [Present(row.account_id, row.name, row.item, row.tab) for row in rows]


def known(connection: Connection, code: str, tab: str, item: str, now: datetime) -> bool:
    """Whether somebody's place was noted not long ago, so that nothing need be written."""
    query = select(PRESENCE.c.item).where(
        PRESENCE.c.form_code == code,
        PRESENCE.c.tab == tab,
        PRESENCE.c.seen_at > _text(now - HERE / 2),
    )
    return connection.execute(query).scalar() == item


def enter(work: Work, code: str, tab: str, item: str) -> None:
    """Note that the acting person has a draft open, at an item; who left long ago is swept out."""
    gone = PRESENCE.c.seen_at <= _text(work.now - 6 * HERE)
    own = (PRESENCE.c.form_code == code) & (PRESENCE.c.tab == tab)
    work.connection.execute(delete(PRESENCE).where(gone | own))
    work.connection.execute(
        insert(PRESENCE),
        {
            "form_code": code,
            "tab": tab,
            "account_id": work.actor.id,
            "name": work.actor.name,
            "item": item,
            "seen_at": work.at,
        },
    )


def leave(work: Work, code: str, tab: str) -> None:
    """Note that a page was closed."""
    work.connection.execute(
        delete(PRESENCE).where(
            PRESENCE.c.form_code == code,
            PRESENCE.c.tab == tab,
            PRESENCE.c.account_id == work.actor.id,
        )
    )


def _of(draft: Draft) -> tuple[Any, Any]:
    return STEP.c.form_code == draft.code, STEP.c.version == draft.version


def _step(row: Any) -> Step:
    return Step(
        row.id,
        row.revision,
        row.kind,
        row.undoes,
        row.tab,
        row.actor_id,
        row.actor_name,
        row.at,
        tuple(row.told or ()),
        tuple(steps.read_change(one) for one in row.changes or ()),
    )


def _text(now: datetime) -> str:
    return now.isoformat(timespec="microseconds")
