"""Log-ins on the server's side: opened, found by their token, listed, ended; and from which devices.

A log-in ends when its hours are over, when nobody used it for a while, or when somebody ends it. One
that was opened while the clock was ahead does not outlive its being set right.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from engine import clock
from engine.identity import door, store
from engine.identity.actor import Actor
from engine.identity.factors import rules
from engine.identity.factors import store as factors
from engine.identity.store import ACCOUNT
from engine.identity.tables import LoginDevice, LoginSession
from engine.settings import Settings
from engine.storage.database import insert_unless_there
from engine.storage.prepared import Prepared

SESSION = LoginSession.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
DEVICE = LoginDevice.__table__  # type: ignore[attr-defined]  # as above
AGENT_LENGTH = 200
_SEEN = func.coalesce(SESSION.c.seen_at, SESSION.c.created_at)
# made once: building a statement anew costs more than running it
_SESSION = Prepared(
    select(
        SESSION.c.account_id, ACCOUNT.c.login, ACCOUNT.c.name, SESSION.c.csrf, SESSION.c.proved, SESSION.c.way, factors.confirmed(SESSION.c.account_id).label("factor"), _SEEN.label("seen_at"),
        ACCOUNT.c.password_change, func.coalesce(ACCOUNT.c.password_at, ACCOUNT.c.created_at).label("password_at"),
    )
    .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
    .where(
        SESSION.c.token_digest == bindparam("digest"),
        ACCOUNT.c.active.is_(True),
        SESSION.c.expires_at > bindparam("now"),
        SESSION.c.created_at <= bindparam("soon"),
        bindparam("idle") < _SEEN,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody logs in with: a mark that it carries, what it calls itself, its address."""

    mark: str = ""
    agent: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A log-in in force: who, the token their forms must carry, when it was last used."""

    actor: Actor
    csrf: str
    seen_at: str
    stage: str = ""
    """What stands before everything else: `factor` to be given, a new `password`, `enrol` a factor."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A log-in in force, as its owner sees it; the id opens nothing."""

    id: str
    created_at: str
    expires_at: str
    seen_at: str
    agent: str
    address: str
    device_since: str
    """When this device was first seen."""


def log_in(
    connection: Connection, login: str, password: str, *, now: datetime, hours: int
) -> tuple[str, str]:
    """Check a password and open a session; gives (token, account id).

    Raises LoginFailed, LoginLocked. Failures count only where the caller commits: see `note_failure`.
    """
    account_id = door.check_password(connection, login, password, now=now)
    return open_session(connection, account_id, now=now, hours=hours), account_id


def open_session(
    connection: Connection,
    account_id: str,
    *,
    now: datetime,
    hours: int,
    device: Device | None = None,
    proved: str = "",
    way: str = "",
) -> str:
    """A log-in of an account whose password, and perhaps second factor, was right.

    Wrong ones before it are forgotten, unless the factor is still to be given.
    """
    token = secrets.token_urlsafe(32)
    used = device or Device()
    connection.execute(
        insert(SESSION),
        {
            "token_digest": session_id(token),
            "account_id": account_id,
            "csrf": secrets.token_urlsafe(24),
            "created_at": clock.stamp(now),
            "expires_at": clock.stamp(now + timedelta(hours=hours)),
            "seen_at": clock.stamp(now),
            "agent": used.agent[:AGENT_LENGTH],
            "address": used.address[:64],
            "device": _device(used),
            "proved": proved,
            "way": way,
        },
    )
    if proved or not connection.execute(select(factors.confirmed(account_id))).scalar():
        door.forget_failures(connection, account_id)
    return token


def session(
    connection: Connection, token: str, *, now: datetime, settings: Settings
) -> OpenSession | None:
    """Who a session token belongs to, with the positions held today; None if it is not in force."""
    row = _SESSION.first(
        connection,
        digest=session_id(token),
        now=clock.stamp(now),
        soon=clock.stamp(now + clock.SKEW),
        idle=_idle_since(now, settings),
    )
    if row is None:
        return None
    actor = store.acting(connection, row["account_id"], row["login"], row["name"], now=now)
    return OpenSession(actor, row["csrf"], row["seen_at"], _stage(row, actor, now, settings))


def prove(connection: Connection, token: str, factor: str) -> None:
    """Note that a log-in was proved by a second factor; wrong codes before it are forgotten."""
    where = SESSION.c.token_digest == session_id(token)
    connection.execute(update(SESSION).where(where).values(proved=factor))
    account = connection.execute(select(SESSION.c.account_id).where(where)).scalar_one()
    door.forget_failures(connection, account)


def worth_touching(opened: OpenSession, *, now: datetime, settings: Settings) -> bool:
    """Whether its last use is so long ago that it is written down again: a tenth of the idle time."""
    minutes = max(settings.session_idle_minutes / 10, 1)
    return opened.seen_at < clock.stamp(now - timedelta(minutes=minutes))


def touch(connection: Connection, token: str, *, now: datetime) -> None:
    """Note that a log-in is used now."""
    where = SESSION.c.token_digest == session_id(token)
    connection.execute(update(SESSION).where(where).values(seen_at=clock.stamp(now)))


def log_out(connection: Connection, token: str) -> str:
    """End a session; gives the way it was opened."""
    where = SESSION.c.token_digest == session_id(token)
    way: str | None = connection.execute(select(SESSION.c.way).where(where)).scalar()
    connection.execute(delete(SESSION).where(where))
    return way or ""


def sessions_of(
    connection: Connection, account_id: str, *, now: datetime, settings: Settings
) -> list[SessionRecord]:
    """The log-ins of an account in force, the newest first."""
    known = (SESSION.c.device == DEVICE.c.digest) & (SESSION.c.account_id == DEVICE.c.account_id)
    query = (
        select(
            SESSION.c.token_digest, SESSION.c.created_at, SESSION.c.expires_at, _SEEN,
            SESSION.c.agent, SESSION.c.address, func.coalesce(DEVICE.c.first_at, ""),
        )
        .select_from(SESSION.outerjoin(DEVICE, known))
        .where(
            SESSION.c.account_id == account_id,
            SESSION.c.expires_at > clock.stamp(now),
            SESSION.c.created_at <= clock.stamp(now + clock.SKEW),
            _idle_since(now, settings) < _SEEN,
        )
        .order_by(SESSION.c.created_at.desc())
    )  # fmt: skip
    return [SessionRecord(*row) for row in connection.execute(query)]


def session_id(token: str) -> str:
    """The id by which a log-in is known, from its token."""
    return hashlib.sha256(token.encode()).hexdigest()


def end_session(connection: Connection, account_id: str, session: str) -> bool:
    """End a log-in of an account; False if it has no such one."""
    where = SESSION.c.token_digest == session, SESSION.c.account_id == account_id
    return bool(connection.execute(delete(SESSION).where(*where)).rowcount)


def end_sessions(connection: Connection, account_id: str, *, but: str = "", way: str = "") -> int:
    """End every log-in of an account, or those opened one way, but for this token's; gives how many."""
    where = [SESSION.c.account_id == account_id, SESSION.c.token_digest != session_id(but)]
    if way:
        where.append(SESSION.c.way == way)
    return connection.execute(delete(SESSION).where(*where)).rowcount


def note_device(connection: Connection, account_id: str, device: Device, *, now: datetime) -> bool:
    """Keep with which device an account logged in; True if it has others and never used this one."""
    digest, at = _device(device), clock.stamp(now)
    where = DEVICE.c.account_id == account_id, DEVICE.c.digest == digest
    if connection.execute(update(DEVICE).where(*where).values(last_at=at)).rowcount:
        return False
    others = select(func.count()).select_from(DEVICE).where(DEVICE.c.account_id == account_id)
    known = connection.execute(others).scalar_one()
    row = {"account_id": account_id, "digest": digest, "first_at": at, "last_at": at}
    added = connection.execute(insert_unless_there(connection, DEVICE), row).rowcount
    return bool(known and added)


def forget_ended(connection: Connection, *, now: datetime) -> int:
    """Remove log-ins that are long over; gives how many."""
    ahead = SESSION.c.created_at > clock.stamp(now + clock.SKEW)
    over = or_(SESSION.c.expires_at <= clock.stamp(now), ahead)
    return connection.execute(delete(SESSION).where(over)).rowcount


def _device(device: Device) -> str:
    """A browser is known by the mark it carries; a program, which carries none, by its name."""
    return hashlib.sha256((device.mark or f"program {device.agent}").encode()).hexdigest()


def _idle_since(now: datetime, settings: Settings) -> str:
    """Who was last seen before this is logged out; an empty text is before everything."""
    minutes = settings.session_idle_minutes
    return clock.stamp(now - timedelta(minutes=minutes)) if minutes else ""


def _stage(row: Mapping[str, Any], actor: Actor, now: datetime, settings: Settings) -> str:
    if row["factor"] and not row["proved"]:
        return "factor"
    due = row["password_change"] or _expired(row["password_at"], now, settings)
    if due and not row["way"]:
        return "password"  # of no concern to who logs in at the provider
    proved = row["factor"] or row["proved"] == rules.PROVIDER
    return "enrol" if not proved and rules.required(actor.roles(), settings) else ""


def _expired(password_at: Any, now: datetime, settings: Settings) -> bool:
    days = 0 if settings.demo else settings.password_days
    return bool(days) and str(password_at) <= clock.stamp(now - timedelta(days=days))
