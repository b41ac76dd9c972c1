"""The door: a name and a password become a session, for pages and for programs alike."""

from litestar.datastructures import Cookie

from admin.web.visit import NOBODY, SESSION
from engine.errors import Problem
from engine.identity import store as identity
from engine.identity.actor import Actor
from engine.identity.store import LoginFailed
from engine.work import System, Work


def proven(system: System, login: str, password: str) -> Actor:
    """The person whose password it is. A wrong one is counted, and noted without saying whose.

    Raises LoginFailed, LoginLocked.
    """
    try:
        with system.read(NOBODY) as work:  # takes its time: never while others wait to write
            account = identity.check_password(work.connection, login, password, now=work.now)
            actor = identity.actor_of(work.connection, account, now=work.now)
        if actor is None:
            raise LoginFailed
        return actor
    except Problem as problem:
        wrong = isinstance(problem, LoginFailed)

        def failed(work: Work) -> None:
            if wrong:
                identity.note_failure(work.connection, login, now=work.now)
            work.note("login.failed", "account")

        system.write(NOBODY, failed)
        raise


def open_session(system: System, login: str, password: str) -> str:
    """A session's token. Raises LoginFailed, LoginLocked."""
    actor = proven(system, login, password)
    hours = system.settings.session_hours

    def inside(work: Work) -> str:
        work.note("login.done", actor.id)
        return identity.open_session(work.connection, actor.id, now=work.now, hours=hours)

    return system.write(actor, inside)


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
