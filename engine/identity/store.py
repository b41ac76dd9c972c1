"""Accounts, organisations and sessions in the database; with `own.py` the only SQL of identity."""

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
)

from engine import clock
from engine.errors import NotFound
from engine.identity import places
from engine.identity.actor import Actor, Post
from engine.identity.tables import Account, Division, Organisation, Position
from engine.storage.prepared import Prepared

ACCOUNT = Account.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
ORGANISATION = Organisation.__table__  # type: ignore[attr-defined]  # as above
DIVISION = Division.__table__  # type: ignore[attr-defined]  # as above
POSITION = Position.__table__  # type: ignore[attr-defined]  # as above
_HASHING = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hash")
"""Each hash takes 19 MB and a core for its time: everybody who comes at nine waits in a row instead.

In threads of their own: whatever thread hashes keeps that memory for good, and there are a few of
these but fifty of those that answer.
"""
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP's second choice
_decoy = _hasher.hash(secrets.token_hex(8))


PERSON = and_(ACCOUNT.c.active.is_(True), ACCOUNT.c.kind == "person")
"""Whoever may be given work: in use, and no program."""
# made once: building a statement anew costs more than running it
_TODAY: Any = bindparam("today")
_IN_FORCE = and_(
    POSITION.c.valid_from <= _TODAY,
    or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > _TODAY),
)
_ORGANISATION = Prepared(
    select(
        *(ORGANISATION.c[name] for name in ("code", "name", "kind", "parent_code", "path"))
    ).where(ORGANISATION.c.code == bindparam("code"))
)
_HOLDERS = Prepared(
    select(func.count().label("count"))
    .select_from(POSITION.join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id))
    .where(
        POSITION.c.role == bindparam("role"),
        POSITION.c.organisation_code == bindparam("organisation"),
        _IN_FORCE,
        PERSON,
    )
)
_ACCOUNT_OF_ID = Prepared(
    select(ACCOUNT.c.id, ACCOUNT.c.login, ACCOUNT.c.name).where(
        ACCOUNT.c.id == bindparam("account"), ACCOUNT.c.active.is_(True)
    )
)
_POSTS = Prepared(
    select(
        POSITION.c.role,
        ORGANISATION.c.code,
        ORGANISATION.c.name,
        ORGANISATION.c.path,
        places.EVER.label("moved"),
    )
    .join_from(POSITION, ORGANISATION, POSITION.c.organisation_code == ORGANISATION.c.code)
    .where(POSITION.c.account_id == bindparam("account"), _IN_FORCE)
    .order_by(POSITION.c.role, ORGANISATION.c.code)
)


@dataclass(frozen=True, slots=True)
class OrganisationValue:
    """An organisation as others see it."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    path: str


def hash_password(password: str) -> str:
    """Argon2id hash of a password."""
    return _HASHING.submit(_hasher.hash, password).result()


def hash_passwords(passwords: Sequence[str]) -> list[str]:
    """Hashes of many, made side by side."""
    return list(_HASHING.map(_hasher.hash, passwords))


def verify_hash(known: str, password: str) -> None:
    """Check a password; an empty hash costs the same work and opens nothing.

    Raises VerifyMismatchError, InvalidHashError.
    """
    _HASHING.submit(_hasher.verify, known or _decoy, password).result()
    if not known:
        raise VerifyMismatchError


def actor_of(connection: Connection, account_id: str, *, now: datetime) -> Actor | None:
    """An account as an actor, with the positions in force; None if it is closed."""
    account = _ACCOUNT_OF_ID.first(connection, account=account_id)
    if account is None:
        return None
    return acting(connection, account["id"], account["login"], account["name"], now=now)


def acting(
    connection: Connection, account_id: str, login: str, name: str, *, now: datetime
) -> Actor:
    """An account that is in use as an actor, with the positions in force."""
    rows = _POSTS.all(connection, account=account_id, today=clock.day(now).isoformat())
    posts = tuple(Post(row["role"], row["code"], row["name"], row["path"]) for row in rows)
    if any(row["moved"] for row in rows):
        posts = places.with_history(connection, posts)
    return Actor(account_id, login, name, posts)


def hold_account(connection: Connection, account_id: str) -> None:
    """Wait for one's turn at what an account has and may, until the transaction ends."""
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.id == account_id)
    connection.execute(query.with_for_update())


def actor_by_login(connection: Connection, login: str, *, now: datetime) -> Actor:
    """An account by its log-in name. Raises NotFound."""
    found = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.login == login)).scalar()
    actor = actor_of(connection, found, now=now) if found else None
    if actor is None:
        raise NotFound
    return actor


def organisation(connection: Connection, code: str) -> OrganisationValue:
    """One organisation. Raises NotFound."""
    row = _ORGANISATION.row(connection, code=code)
    if row is None:
        raise NotFound
    return OrganisationValue(*row)


def organisations(connection: Connection, codes: Sequence[str]) -> dict[str, OrganisationValue]:
    """Organisations by code. Raises NotFound if one is missing."""
    found: dict[str, OrganisationValue] = {}
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        for row in connection.execute(select(ORGANISATION).where(ORGANISATION.c.code.in_(part))):
            found[row.code] = organisation_of(row)
    if len(found) != len(set(codes)):
        raise NotFound
    return found


def known_organisations(connection: Connection, codes: Sequence[str]) -> list[OrganisationValue]:
    """Those of the codes that are organisations."""
    found: list[OrganisationValue] = []
    for start in range(0, len(codes), 500):
        query = select(ORGANISATION).where(ORGANISATION.c.code.in_(codes[start : start + 500]))
        found += [organisation_of(row) for row in connection.execute(query)]
    return found


def organisation_names(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """What organisations are called, by code; one that is not there is absent."""
    found: dict[str, str] = {}
    for start in range(0, len(codes), 500):
        query = select(ORGANISATION.c.code, ORGANISATION.c.name).where(
            ORGANISATION.c.code.in_(codes[start : start + 500])
        )
        found.update({row.code: row.name for row in connection.execute(query)})
    return found


def organisation_paths(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Where organisations stand, by code; one that is not there is absent."""
    wanted = sorted(set(codes))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        query = select(ORGANISATION.c.code, ORGANISATION.c.path).where(
            ORGANISATION.c.code.in_(wanted[start : start + 500])
        )
        found.update({row.code: row.path for row in connection.execute(query)})
    return found


def children(
    connection: Connection, code: str, *, offices: bool = False
) -> list[OrganisationValue]:
    """The organisations directly below one, offices among them only when asked for."""
    query = select(ORGANISATION).where(
        ORGANISATION.c.parent_code == code, ORGANISATION.c.valid_to.is_(None)
    )
    if not offices:
        query = query.where(ORGANISATION.c.kind != "office")
    return [organisation_of(row) for row in connection.execute(query.order_by(ORGANISATION.c.code))]


def search_organisations(
    connection: Connection, words: str, *, limit: int = 30
) -> list[OrganisationValue]:
    """Organisations whose name contains the words, the highest first."""
    query = (
        select(ORGANISATION)
        .where(
            ORGANISATION.c.name.contains(words, autoescape=True), ORGANISATION.c.valid_to.is_(None)
        )
        .order_by(func.length(ORGANISATION.c.path), ORGANISATION.c.code)
        .limit(limit)
    )
    return [organisation_of(row) for row in connection.execute(query)]


def holders(connection: Connection, role: str, organisation_code: str, *, now: datetime) -> int:
    """How many active people hold a role in an organisation today."""
    today = clock.day(now).isoformat()
    found: int = _HOLDERS.scalar(connection, role=role, organisation=organisation_code, today=today)
    return found


def held_in(connection: Connection, role: str, codes: Sequence[str], *, now: datetime) -> set[str]:
    """In which of these organisations somebody holds a role today."""
    today = clock.day(now).isoformat()
    found: set[str] = set()
    for start in range(0, len(codes), 500):
        query = (
            select(POSITION.c.organisation_code)
            .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
            .where(
                POSITION.c.role == role,
                POSITION.c.organisation_code.in_(codes[start : start + 500]),
                POSITION.c.valid_from <= today,
                or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
                PERSON,
            )
        )
        found.update(connection.execute(query).scalars())
    return found


def staffed(
    connection: Connection, role: str, below: str, *, now: datetime
) -> list[OrganisationValue]:
    """The organisations at or below a path in which somebody holds a role today, by code."""
    today = clock.day(now).isoformat()
    query = (
        select(ORGANISATION)
        .join(POSITION, POSITION.c.organisation_code == ORGANISATION.c.code)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .where(
            POSITION.c.role == role,
            POSITION.c.valid_from <= today,
            or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
            PERSON,
            ORGANISATION.c.path.startswith(below, autoescape=True),
        )
        .distinct()
        .order_by(ORGANISATION.c.code)
    )
    return [organisation_of(row) for row in connection.execute(query)]


def account_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """What people are called, by account id; an account that is gone is absent."""
    wanted = sorted(set(ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        query = select(ACCOUNT.c.id, ACCOUNT.c.name).where(
            ACCOUNT.c.id.in_(wanted[start : start + 500])
        )
        found.update({row.id: row.name for row in connection.execute(query)})
    return found


def holding(connection: Connection, role: str, *, now: datetime) -> list[OrganisationValue]:
    """The organisations in which somebody holds a role today."""
    today = clock.day(now).isoformat()
    places = (
        select(POSITION.c.organisation_code)
        .join(ACCOUNT, ACCOUNT.c.id == POSITION.c.account_id)
        .where(
            PERSON,
            POSITION.c.role == role,
            POSITION.c.valid_from <= today,
            or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today),
        )
    )
    query = select(ORGANISATION).where(ORGANISATION.c.code.in_(places))
    return [organisation_of(row) for row in connection.execute(query.order_by(ORGANISATION.c.code))]


def add_organisations(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Load organisations; those already there keep their row. Gives how many were new."""
    return _add_new(connection, ORGANISATION, list(rows))


def division_names(connection: Connection) -> dict[str, str]:
    """What the divisions in force are called, by code."""
    query = select(DIVISION.c.code, DIVISION.c.name).where(DIVISION.c.valid_to.is_(None))
    return {row.code: row.name for row in connection.execute(query)}


def add_divisions(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Load divisions; those already there keep their row. Gives how many were new."""
    return _add_new(connection, DIVISION, list(rows))


def add_account(connection: Connection, row: Mapping[str, Any]) -> str:
    """Add an account unless its log-in exists; gives the account's id either way."""
    found = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.login == row["login"])).scalar()
    if found:
        return str(found)
    connection.execute(insert(ACCOUNT), {"active": True, "failed": 0, "phone": "", **row})
    return str(row["id"])


def add_position(connection: Connection, row: Mapping[str, Any]) -> None:
    """Give an account a role in an organisation, once."""
    held = connection.execute(
        select(POSITION.c.id).where(
            POSITION.c.account_id == row["account_id"],
            POSITION.c.role == row["role"],
            POSITION.c.organisation_code == row["organisation_code"],
        )
    ).first()
    if held is None:
        connection.execute(insert(POSITION), row)


def _add_new(connection: Connection, table: Any, rows: list[Mapping[str, Any]]) -> int:
    keys = [column.name for column in table.primary_key]
    known = {tuple(row) for row in connection.execute(select(*table.primary_key))}
    fresh = [dict(row) for row in rows if tuple(row[key] for key in keys) not in known]
    if fresh:
        connection.execute(insert(table), fresh)
    return len(fresh)


def organisation_of(row: Any) -> OrganisationValue:
    """A row of the table as a value."""
    return OrganisationValue(row.code, row.name, row.kind, row.parent_code, row.path)
