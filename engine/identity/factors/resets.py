"""A lost device: one administrator asks that somebody's second factors be taken away, another confirms.

So nobody alone can open an account that is not theirs: whoever resets a password cannot also lift the
second factor. What is not confirmed within a day lapses.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine import clock
from engine.errors import Forbidden, NotFound, Problem
from engine.identity import accounts, sessions
from engine.identity import store as identity
from engine.identity.factors import store
from engine.identity.store import ACCOUNT
from engine.identity.tables import FactorReset
from engine.work import Work

RESET = FactorReset.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LASTS = timedelta(days=1)
SHORTEST_REASON = 4


class ResetNeedsReason(Problem):
    """Why the device is gone, and how it was checked who asks, must be told."""

    code, status = "account.reset-needs-reason", 422
    length: int = SHORTEST_REASON


class NoFactor(Problem):
    """The account has no second factor that could be taken away."""

    code, status = "account.no-factor", 409


@dataclass(frozen=True, slots=True)
class ResetAsked:
    """A request that waits for the second person."""

    id: str
    account_id: str
    name: str
    login: str
    asked_by: str
    asked_at: str
    reason: str


def ask(work: Work, account_id: str, reason: str) -> None:
    """Ask that somebody's factors be taken away.

    Raises Forbidden, NotFound, ResetNeedsReason, NoFactor.
    """
    work.require("account.manage")
    _nobody_of(work, account_id)
    accounts.read(work, account_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ResetNeedsReason
    identity.hold_account(work.connection, account_id)
    if not store.listed(work.connection, account_id):
        raise NoFactor
    _close(work, RESET.c.account_id == account_id, RESET.c.decided_at.is_(None), done="lapsed")
    row = {
        "id": work.new_id(),
        "account_id": account_id,
        "asked_by": work.actor.id,
        "asked_at": work.at,
        "reason": reason.strip()[:200],
        "outcome": "",
    }
    work.connection.execute(insert(RESET), row)
    work.note("account.factor-reset-asked", account_id)


def waiting(work: Work) -> list[ResetAsked]:
    """What waits for a second person. Raises Forbidden."""
    work.require("account.confirm")
    asker = ACCOUNT.alias("asker")
    query = (
        select(
            RESET.c.id, RESET.c.account_id, ACCOUNT.c.name, ACCOUNT.c.login,
            asker.c.name.label("asked_by"), RESET.c.asked_at, RESET.c.reason,
        )
        .join(ACCOUNT, ACCOUNT.c.id == RESET.c.account_id)
        .join(asker, asker.c.id == RESET.c.asked_by)
        .where(*_open(work), RESET.c.asked_by != work.actor.id, RESET.c.account_id != work.actor.id)
        .order_by(RESET.c.asked_at)
    )  # fmt: skip
    return [ResetAsked(*row) for row in work.connection.execute(query)]


def decide(work: Work, reset_id: str, *, agreed: bool) -> None:
    """Confirm or refuse what another administrator asked; if confirmed, every log-in of the account ends.

    Raises Forbidden, NotFound.
    """
    work.require("account.confirm")
    query = select(RESET.c.account_id, RESET.c.asked_by)
    row = work.connection.execute(query.where(RESET.c.id == reset_id, *_open(work))).first()
    if row is None:
        raise NotFound
    if work.actor.id == row.asked_by:
        raise Forbidden(reason="account.second-person")
    _nobody_of(work, row.account_id)
    done = "done" if agreed else "refused"
    if not _close(work, RESET.c.id == reset_id, *_open(work), done=done):
        raise NotFound
    if agreed:
        store.remove_all(work.connection, row.account_id)
        sessions.end_sessions(work.connection, row.account_id)
    work.note(f"account.factor-reset-{done}", row.account_id)


def _open(work: Work) -> tuple[Any, ...]:
    return RESET.c.decided_at.is_(None), RESET.c.asked_at > clock.stamp(work.now - LASTS)


def _close(work: Work, *where: Any, done: str) -> int:
    values = {"decided_at": work.at, "decided_by": work.actor.id, "outcome": done}
    return work.connection.execute(update(RESET).where(*where).values(**values)).rowcount


def _nobody_of(work: Work, account_id: str) -> None:
    if account_id == work.actor.id:
        raise Forbidden(reason="account.oneself")
