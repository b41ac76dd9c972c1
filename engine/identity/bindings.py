"""Single sign-on in the database: trips under way, and which subject of the provider is which account.

An account is bound by hand, by the security administrator: none is made by itself, and no mail address
or name is taken for a proof.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, select

from engine import clock
from engine.errors import Forbidden, NotFound, Problem
from engine.identity import accounts, door, oidc, sessions, store
from engine.identity.actor import Actor
from engine.identity.oidc import SUBJECT, Proof, SignOnStale
from engine.identity.store import ACCOUNT
from engine.identity.tables import SignOnBinding, SignOnTrip
from engine.storage.database import advisory_lock
from engine.work import Work

TRIP = SignOnTrip.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
BINDING = SignOnBinding.__table__  # type: ignore[attr-defined]  # as above
LASTS = timedelta(minutes=10)
WAY = "sso"
"""How a session that was opened so is marked."""


class SignOnUnbound(Problem):
    """The provider knows this person; no account here is bound to them."""

    code, status = "login.sso-unbound", 403
    subject: str


class SignOnClosed(Problem):
    """The account that is bound is closed."""

    code, status = "login.sso-closed", 403


class BindingWrong(Problem):
    """What was typed can be no identifier at the provider."""

    code, status = "account.sso-wrong", 422


class BindingTaken(Problem):
    """The identifier is bound to another account, or the account to another identifier."""

    code, status = "account.sso-taken", 409
    login: str


def begin(work: Work, back: str) -> str:
    """Set out for the provider; gives the secret that the browser keeps meanwhile."""
    secret = secrets.token_urlsafe(32)
    work.connection.execute(delete(TRIP).where(TRIP.c.at < clock.stamp(work.now - LASTS)))
    row = {"digest": _digest(secret), "back": back[:2000], "at": clock.stamp(work.now)}
    work.connection.execute(insert(TRIP), row)
    return secret


def arrive(work: Work, secret: str) -> str:
    """Come back, once and in time; gives where to go on. Raises SignOnStale."""
    where = TRIP.c.digest == _digest(secret), TRIP.c.at >= clock.stamp(work.now - LASTS)
    back: str | None = work.connection.execute(select(TRIP.c.back).where(*where)).scalar()
    if back is None or not work.connection.execute(delete(TRIP).where(*where)).rowcount:
        raise SignOnStale
    return back


def owner(work: Work, proof: Proof) -> Actor:
    """Whose account is bound to whom the provider proved.

    Raises SignOnUnbound, SignOnClosed, LoginLocked.
    """
    query = (
        select(BINDING.c.account_id, ACCOUNT.c.kind)
        .join(ACCOUNT, ACCOUNT.c.id == BINDING.c.account_id)
        .where(
            BINDING.c.issuer == work.settings.oidc_issuer,
            BINDING.c.subject == proof.subject,
        )
    )
    row = work.connection.execute(query).first()
    if row is None:
        raise SignOnUnbound(subject=proof.subject)
    door.refuse_locked(work.connection, row.account_id, now=work.now)
    actor = store.actor_of(work.connection, row.account_id, now=work.now)
    if actor is None or row.kind != "person":
        raise SignOnClosed
    return actor


def bound(work: Work, account_id: str) -> str | None:
    """The subject an account is bound to at the provider of today. Raises Forbidden."""
    work.require("account.manage")
    query = select(BINDING.c.subject).where(*_of(work, account_id))
    found: str | None = work.connection.execute(query).scalar()
    return found


def bind(work: Work, account_id: str, subject: str) -> None:
    """Let a subject of the provider log in as this account.

    Raises Forbidden, NotFound, BindingWrong, BindingTaken.
    """
    _keeper(work, account_id)
    if not 1 <= len(subject) <= SUBJECT or not subject.isprintable():
        raise BindingWrong
    advisory_lock(work.connection, "sign-on bindings")
    issuer = work.settings.oidc_issuer
    same = BINDING.c.issuer == issuer
    taken = (
        select(ACCOUNT.c.login)
        .join(BINDING, ACCOUNT.c.id == BINDING.c.account_id)
        .where(same & ((BINDING.c.subject == subject) | (BINDING.c.account_id == account_id)))
    )
    login = work.connection.execute(taken).scalar()
    if login is not None:
        raise BindingTaken(login=login)
    row = {
        "issuer": issuer, "subject": subject, "account_id": account_id,
        "created_at": work.at, "created_by": work.actor.id,
    }  # fmt: skip
    work.connection.execute(insert(BINDING), row)
    work.note("account.bound", account_id, subject=subject)


def unbind(work: Work, account_id: str) -> None:
    """Let nobody in by the provider any more, and end the log-ins made so. Raises Forbidden, NotFound."""
    _keeper(work, account_id)
    if not work.connection.execute(delete(BINDING).where(*_of(work, account_id))).rowcount:
        raise NotFound
    sessions.end_sessions(work.connection, account_id, way=WAY)
    work.note("account.unbound", account_id)


def _keeper(work: Work, account_id: str) -> None:
    work.require("account.manage")
    if account_id == work.actor.id:
        raise Forbidden(reason="account.oneself")
    if accounts.read(work, account_id).kind != "person" or not oidc.is_on(work.settings):
        raise NotFound


def _of(work: Work, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return BINDING.c.account_id == account_id, BINDING.c.issuer == work.settings.oidc_issuer


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
