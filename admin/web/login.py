"""The door: a name and a password become a session, for pages and for programs alike."""

import secrets
from collections.abc import Callable
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from admin.web.visit import DEVICE, NOBODY, SESSION, Visit, address_of
from engine.errors import Problem
from engine.identity import door, sessions
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.identity.door import LoginFailed, LoginLocked
from engine.identity.factors import passkey
from engine.identity.factors import store as factors
from engine.identity.factors.passkey import PasskeyWrong
from engine.identity.factors.rules import FactorNeeded
from engine.identity.factors.store import FactorWrong
from engine.identity.sessions import Device
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.work import System, Work

TWO_YEARS = 2 * 365 * 24 * 3600


def proven(system: System, login: str, password: str) -> Actor:
    """The person whose password it is. A wrong one is counted, and noted without saying whose.

    Raises LoginFailed, LoginLocked.
    """
    try:
        with system.read(NOBODY) as work:  # takes its time: never while others wait to write
            account = door.check_password(work.connection, login, password, now=work.now)
            actor = identity.actor_of(work.connection, account, now=work.now)
        if actor is None:
            raise LoginFailed
        with system.read(NOBODY) as work:  # it may rest since, by guesses at the same time
            door.refuse_name(work.connection, login, now=work.now)
        return actor
    except Problem as problem:
        raise _failed(system, login, problem) from problem


def _failed(system: System, login: str, problem: Problem) -> Problem:
    """Count and note a log-in that was refused; gives what is told of it."""

    def inside(work: Work) -> Problem:
        work.note("login.failed", "account")
        if not isinstance(problem, LoginFailed):
            return problem
        try:
            door.refuse_name(work.connection, login, now=work.now)
        except LoginLocked as locked:
            return locked
        finally:
            door.note_failure(work.connection, login, now=work.now)
        return problem

    return system.write(NOBODY, inside)


def open_session(
    system: System,
    actor: Actor,
    device: Device,
    *,
    code: str | None = "",
    proved: str = "",
    way: str = "",
) -> str:
    """The token of a new session of somebody whose password was right; a new device is told to them.

    A `code` proves the second factor at once; None refuses whoever has one, and an empty one leaves it
    to the page that follows. Raises FactorNeeded, FactorWrong, LoginLocked.
    """
    hours = system.settings.session_hours
    if not proved and code != "":
        with system.read(NOBODY) as work:
            has = bool(factors.listed(work.connection, actor.id))
        if has and code is None:
            raise FactorNeeded
        if has and code:
            proved = _guessed(system, actor, lambda work: factors.prove(work, code))

    def inside(work: Work) -> str:
        fresh = sessions.note_device(work.connection, actor.id, device, now=work.now)
        opened = {"way": way} if way else {}
        work.note("login.done", actor.id, new_device=fresh, factor=proved, **opened)
        if fresh:
            notices.tell(work, [Notice("account.notice.new-device", account_id=actor.id)])
        return sessions.open_session(
            work.connection,
            actor.id,
            now=work.now,
            hours=hours,
            device=device,
            proved=proved,
            way=way,
        )

    return system.write(actor, inside)


def prove_factor(visit: Visit, code: str) -> None:
    """Finish a log-in by its second factor. A wrong code counts like a wrong password.

    Raises FactorWrong, LoginLocked.
    """

    def inside(work: Work) -> str:
        proved = factors.prove(work, code)
        sessions.prove(work.connection, visit.session_token, proved)
        work.note("login.proved", work.actor.id, factor=proved)
        return proved

    _guessed(visit.system, visit.who(), inside)


def prove_passkey(visit: Visit, answer: str) -> str:
    """The account whose passkey answered; it finishes the log-in that is under way, if there is one.

    Raises PasskeyWrong, PasskeyElsewhere, LoginLocked.
    """
    actor = visit.actor

    def inside(work: Work) -> str:
        if actor is None:
            return passkey.prove(work, visit.csrf, answer)
        door.refuse_locked(work.connection, actor.id, now=work.now)
        account = passkey.prove(work, visit.csrf, answer, account_id=actor.id)
        sessions.prove(work.connection, visit.session_token, factors.PASSKEY)
        work.note("login.proved", actor.id, factor=factors.PASSKEY)
        return account

    try:
        return visit.system.write(actor or NOBODY, inside)
    except PasskeyWrong:
        visit.system.write(NOBODY, lambda work: work.note("login.failed", "account"))
        raise


def _guessed(system: System, actor: Actor, check: Callable[[Work], str]) -> str:
    """Which factor a code proved. One guess at a time, each counted before the next is looked at."""

    def inside(work: Work) -> str:
        identity.hold_account(work.connection, actor.id)
        door.refuse_locked(work.connection, actor.id, now=work.now)
        try:
            with work.attempt():
                return check(work)
        except FactorWrong:
            door.note_failure(work.connection, actor.login, now=work.now)
            return ""

    found = system.write(actor, inside)
    if not found:
        system.write(NOBODY, lambda work: work.note("login.failed", "account"))
        raise FactorWrong
    return found


def device_of(request: Request[Any, Any, Any], mark: str = "") -> Device:
    """What a request came from."""
    return Device(mark, request.headers.get("user-agent", ""), address_of(request))


def mark_of(request: Request[Any, Any, Any]) -> str:
    """The mark that a browser carries since its first log-in, or a new one."""
    held = request.cookies.get(DEVICE, "")
    return held if len(held) == 43 and held.isascii() else secrets.token_urlsafe(32)


def session_cookie(system: System, token: str) -> Cookie:
    """Carries the token: out of reach for scripts, and not sent along from other sites' forms."""
    return Cookie(
        SESSION,
        value=token,
        httponly=True,
        samesite="lax",
        secure=system.settings.secure_cookies,
        path="/",
    )


def device_cookie(system: System, mark: str) -> Cookie:
    """By which a browser is known again; it opens nothing."""
    return Cookie(
        DEVICE,
        value=mark,
        httponly=True,
        samesite="lax",
        secure=system.settings.secure_cookies,
        path="/",
        max_age=TWO_YEARS,
    )
