"""Proving who one is by a password: checked, counted where it was wrong, locked after too many.

A name that nobody has is answered like a wrong password in every respect: the same words, the same
work, and the same lock after as many tries, so that the door tells nobody which names there are.
"""

import hashlib
from datetime import datetime, timedelta

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, case, delete, insert, select, update

from engine import clock
from engine.errors import Problem
from engine.identity import store
from engine.identity.store import ACCOUNT
from engine.identity.tables import LoginTry
from engine.storage.database import advisory_lock

TRY = LoginTry.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
MAX_FAILED, LOCK_MINUTES = 5, 15
KEPT = timedelta(days=1)
"""For so long wrong names are counted; what was typed is kept as a digest only."""


class LoginFailed(Problem):
    """Name or password is wrong; which of the two is not told."""

    code, status = "login.failed", 401


class LoginLocked(Problem):
    """Too many wrong passwords; the account rests for a while."""

    code, status = "login.locked", 429
    minutes: int


def check_password(connection: Connection, login: str, password: str, *, now: datetime) -> str:
    """The account whose password it is. Raises LoginFailed, LoginLocked.

    Takes a while on purpose: do it in a read, since in a write everybody else's writes wait for it.
    """
    refuse_name(connection, login, now=now)
    row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.login == login)).mappings().first()
    try:
        store.verify_hash(row["password_hash"] if row else "", password)
    except (VerifyMismatchError, InvalidHashError) as error:
        raise LoginFailed from error
    if row is None or not row["active"] or row["kind"] != "person":
        raise LoginFailed
    return str(row["id"])


def refuse_name(connection: Connection, login: str, *, now: datetime) -> None:
    """Raises LoginLocked where the account of a name rests, or the name that nobody has.

    Ask it again after the password: many guesses that are made at once are all under way before the
    first of them counts, and what comes after the lock is answered alike, right or wrong.
    """
    query = select(ACCOUNT.c.locked_until).where(ACCOUNT.c.login == login)
    known = connection.execute(query).first()
    tried = select(TRY.c.locked_until).where(TRY.c.digest == _digest(login))
    _refuse_locked(known.locked_until if known else connection.execute(tried).scalar(), now)


def refuse_locked(connection: Connection, account_id: str, *, now: datetime) -> None:
    """Raises LoginLocked: a second factor is guessed no more often than a password."""
    query = select(ACCOUNT.c.locked_until).where(ACCOUNT.c.id == account_id)
    _refuse_locked(connection.execute(query).scalar(), now)


def note_failure(connection: Connection, login: str, *, now: datetime) -> None:
    """Count a wrong password; after five the account, or the name, rests for fifteen minutes.

    One statement, so that guesses made at the same time all count, and a lock is never shortened.
    """
    until = clock.stamp(now + timedelta(minutes=LOCK_MINUTES))
    last = ACCOUNT.c.failed + 1 >= MAX_FAILED
    known = connection.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.login == login)
        .values(
            failed=case((last, 0), else_=ACCOUNT.c.failed + 1),
            locked_until=case((last, until), else_=ACCOUNT.c.locked_until),
        )
    )
    if not known.rowcount:
        _count_unknown(connection, _digest(login), until, now)


def forget_failures(connection: Connection, account_id: str) -> None:
    """A right password, or the administrator, forgives the wrong ones."""
    changed = update(ACCOUNT).where(ACCOUNT.c.id == account_id)
    connection.execute(changed.values(failed=0, locked_until=None))


def _refuse_locked(until: str | None, now: datetime) -> None:
    """One that lasts longer than any was set while the clock was ahead, and counts no more."""
    longest = now + timedelta(minutes=LOCK_MINUTES) + clock.SKEW
    if until and clock.stamp(now) < until <= clock.stamp(longest):
        raise LoginLocked(minutes=LOCK_MINUTES)


def _count_unknown(connection: Connection, digest: str, until: str, now: datetime) -> None:
    advisory_lock(connection, "login tries")
    connection.execute(delete(TRY).where(TRY.c.at < clock.stamp(now - KEPT)))
    last = TRY.c.failed + 1 >= MAX_FAILED
    counted = connection.execute(
        update(TRY)
        .where(TRY.c.digest == digest)
        .values(
            failed=case((last, 0), else_=TRY.c.failed + 1),
            locked_until=case((last, until), else_=TRY.c.locked_until),
            at=clock.stamp(now),
        )
    )
    if not counted.rowcount:
        row = {"digest": digest, "failed": 1, "locked_until": None, "at": clock.stamp(now)}
        connection.execute(insert(TRY), row)


def _digest(login: str) -> str:
    return hashlib.sha256(login.encode("utf-8", "replace")).hexdigest()[:32]
