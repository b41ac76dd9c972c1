"""Staff by a part of their name or its pinyin initials: who holds a post today at or below an organisation.

Only what colleagues know of each other: name, office, role; no log-in, telephone or address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from engine.access.policy import within
from engine.dictionary.search import spelt
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION

CHUNK = 500
MOST = 20_000
"""So many names are spelt out to be searched by pinyin."""
LIMIT = 30


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account that may be picked: its id, the person's name, the offices with the roles held there."""

    value: str
    name: str
    offices: tuple[tuple[str, str], ...]
    """Of each post: what the organisation is called, and the role."""


def colleagues(
    connection: Connection, words: str, *, below: str, today: str, limit: int = LIMIT
) -> list[Colleague]:
    """Who holds a post at or below a path today, by name or pinyin; without words: the nearest ones."""
    words = words.strip()[:50]
    bounds = _posts(below, today)
    query = (
        select(ACCOUNT.c.id, ACCOUNT.c.name)
        .join(POSITION, POSITION.c.account_id == ACCOUNT.c.id)
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .where(bounds)
        .order_by(ORGANISATION.c.path, ACCOUNT.c.name, ACCOUNT.c.id)
    )
    named = query.where(ACCOUNT.c.name.contains(words, autoescape=True)) if words else query
    ids = list(dict.fromkeys(row.id for row in connection.execute(named.limit(limit * 8))))
    if not ids and words.isascii() and words.isalpha():
        letters = words.lower()
        rows = connection.execute(query.limit(MOST))
        ids = list(dict.fromkeys(row.id for row in rows if letters in spelt(row.name)))
    return _told(connection, ids[:limit], bounds)


def reached(connection: Connection, ids: Sequence[str], *, below: str, today: str) -> set[str]:
    """Those of the accounts that hold a post at or below a path today."""
    found: set[str] = set()
    query = (
        select(ACCOUNT.c.id)
        .join(POSITION, POSITION.c.account_id == ACCOUNT.c.id)
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .where(_posts(below, today))
    )
    for start in range(0, len(ids), CHUNK):
        part = query.where(ACCOUNT.c.id.in_(ids[start : start + CHUNK]))
        found.update(connection.execute(part).scalars())
    return found


def _posts(below: str, today: str) -> ColumnElement[bool]:
    return and_(
        ACCOUNT.c.active.is_(True),
        ACCOUNT.c.kind == "person",
        POSITION.c.valid_from <= today,
        or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
        within(ORGANISATION.c.path, below),
    )


def _told(
    connection: Connection, ids: Sequence[str], bounds: ColumnElement[bool]
) -> list[Colleague]:
    query = (
        select(ACCOUNT.c.id, ACCOUNT.c.name, ORGANISATION.c.name.label("office"), POSITION.c.role)
        .join(POSITION, POSITION.c.account_id == ACCOUNT.c.id)
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .where(bounds, ACCOUNT.c.id.in_(ids))
        .order_by(ORGANISATION.c.path, POSITION.c.role)
    )
    names: dict[str, str] = {}
    offices: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(query):
        names[row.id] = row.name
        offices.setdefault(row.id, []).append((row.office, row.role))
    return [
        Colleague(one, names[one], tuple(dict.fromkeys(offices[one])))
        for one in ids
        if one in names
    ]
