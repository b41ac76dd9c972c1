"""Service accounts: programs that use the REST API by tokens, with positions like a person's.

What a token may is what the account's positions allow, and of that only the operations named on it. A
token is shown once, kept as a keyed digest, ends by a day, and can be ended before.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine import clock
from engine.errors import NotFound, Problem
from engine.identity import accounts, store
from engine.identity.accounts import LOGIN, AccountWrong, LoginTaken
from engine.identity.actor import Actor
from engine.identity.store import ACCOUNT
from engine.identity.tables import ServiceToken
from engine.work import Work

TOKEN = ServiceToken.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
PREFIX = "yb_"
LONGEST_DAYS = 366
MOST = 20
READ, CHANGE = "read", "change"
NOTED_EVERY = timedelta(minutes=1)
"""The last use is written down so often at most: a thousand calls are no thousand writes."""


class TokenWrong(Problem):
    """The token is none, has ended, or its account is closed."""

    code, status = "token.wrong", 401


class TokenScope(Problem):
    """The token does not name this operation."""

    code, status = "token.scope", 403
    needs: str


class TokenRefused(Problem):
    """A token cannot be made so; `reason` says what is wrong."""

    code, status = "token.refused", 422
    reason: str


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token as its administrator sees it; it cannot be read back."""

    id: str
    name: str
    operations: tuple[str, ...]
    created_at: str
    expires_at: str
    used_at: str | None
    used_from: str
    ended_at: str | None

    def in_force(self, now: str) -> bool:
        """Whether it opens anything at a moment."""
        return self.ended_at is None and self.expires_at > now


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token belongs to, and the operations it names."""

    id: str
    actor: Actor
    operations: frozenset[str]
    used_at: str

    def require(self, group: str, kind: str) -> None:
        """Raises TokenScope unless the token names reading or changing in this group of operations."""
        needs = f"{group}:{kind}"
        if needs not in self.operations:
            raise TokenScope(needs=needs)


def add_account(work: Work, login: str, name: str) -> str:
    """A service account without positions; gives its id. Raises AccountWrong, LoginTaken."""
    work.require("account.manage")
    if not LOGIN.fullmatch(login):
        raise AccountWrong(reason="login")
    if not 1 <= len(name) <= 60:
        raise AccountWrong(reason="name")
    if work.connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.login == login)).first():
        raise LoginTaken(login=login)
    account = work.new_id()
    row = {
        "id": account,
        "login": login,
        "name": name,
        "password_hash": "",
        "created_at": work.at,
        "kind": "service",
    }
    store.add_account(work.connection, row)
    work.note("account.service-added", account)
    return account


def is_service(work: Work, account_id: str) -> bool:
    """Whether an account is a program's."""
    kind = select(ACCOUNT.c.kind).where(ACCOUNT.c.id == account_id)
    return work.connection.execute(kind).scalar() == "service"


def listed(work: Work, account_id: str) -> list[TokenRecord]:
    """The tokens of an account, the newest first. Raises Forbidden."""
    work.require("account.manage")
    query = select(TOKEN).where(TOKEN.c.account_id == account_id)
    return [
        TokenRecord(
            row.id, row.name, tuple(row.operations.split()), row.created_at, row.expires_at,
            row.used_at, row.used_from, row.ended_at,
        )
        for row in work.connection.execute(query.order_by(TOKEN.c.created_at.desc(), TOKEN.c.id))
    ]  # fmt: skip


def make(
    work: Work, account_id: str, name: str, operations: Sequence[str], *, last: str, known: set[str]
) -> str:
    """A token of a service account until the end of a day; given this once, it is kept nowhere.

    `known` are the operations there are. Raises Forbidden, NotFound, TokenRefused.
    """
    accounts.read(work, account_id)
    if not is_service(work, account_id):
        raise NotFound
    wanted = sorted(set(operations))
    if not wanted or not set(wanted) <= known:
        raise TokenRefused(reason="operations")
    if not 1 <= len(name.strip()) <= 60:
        raise TokenRefused(reason="name")
    now = clock.stamp(work.now)
    if sum(one.in_force(now) for one in listed(work, account_id)) >= MOST:
        raise TokenRefused(reason="many")
    token_id, secret = work.new_id(), secrets.token_urlsafe(32)
    token = f"{PREFIX}{token_id}_{secret}"
    row = {
        "id": token_id,
        "account_id": account_id,
        "name": name.strip(),
        "digest": work.vault.blind(token, "account.token"),
        "operations": " ".join(wanted),
        "created_at": work.at,
        "created_by": work.actor.id,
        "expires_at": _end(work, last),
        "used_from": "",
    }
    work.connection.execute(insert(TOKEN), row)
    work.note("account.token-made", account_id, token=token_id, operations=len(wanted))
    return token


def end(work: Work, account_id: str, token_id: str) -> None:
    """End a token now. Raises Forbidden, NotFound."""
    work.require("account.manage")
    where = (
        TOKEN.c.id == token_id,
        TOKEN.c.account_id == account_id,
        TOKEN.c.ended_at.is_(None),
    )
    if not work.connection.execute(update(TOKEN).where(*where).values(ended_at=work.at)).rowcount:
        raise NotFound
    work.note("account.token-ended", account_id, token=token_id)


def bearer(work: Work, token: str) -> Bearer:
    """Who a token belongs to, with the positions held today. Raises TokenWrong."""
    if not token.startswith(PREFIX) or len(token) > 100 or not token.isascii():
        raise TokenWrong
    query = select(TOKEN).where(
        TOKEN.c.digest == work.vault.blind(token, "account.token"),
        TOKEN.c.ended_at.is_(None),
        TOKEN.c.expires_at > clock.stamp(work.now),
    )
    row: Any = work.connection.execute(query).first()
    actor = store.actor_of(work.connection, row.account_id, now=work.now) if row else None
    if actor is None:
        raise TokenWrong
    return Bearer(row.id, actor, frozenset(row.operations.split()), row.used_at or "")


def worth_noting(found: Bearer, work: Work) -> bool:
    """Whether its last use is so long ago that it is written down again."""
    return found.used_at < clock.stamp(work.now - NOTED_EVERY)


def note_use(work: Work, token_id: str, address: str) -> None:
    """Write down when and from where a token was used."""
    changed = update(TOKEN).where(TOKEN.c.id == token_id)
    work.connection.execute(changed.values(used_at=clock.stamp(work.now), used_from=address[:64]))


def _end(work: Work, last: str) -> str:
    try:
        day = date.fromisoformat(last)
    except ValueError as error:
        raise TokenRefused(reason="date") from error
    if not work.today <= day <= work.today + timedelta(days=LONGEST_DAYS):
        raise TokenRefused(reason="period")
    return clock.stamp(clock.end(day))
