"""Changing one's own password, and ending one's own log-ins elsewhere."""

import unicodedata

from engine.errors import NotFound, Problem
from engine.identity import own
from engine.work import Work

SHORTEST, LONGEST = 10, 200


class PasswordWeak(Problem):
    """The new password is easily guessed; `reason` says what to do about it."""

    code, status = "account.password-weak", 422
    reason: str


class PasswordRepeated(Problem):
    """The new password was typed differently the second time."""

    code, status = "account.password-repeated", 422


class PasswordWrong(Problem):
    """The password in force was typed wrong."""

    code, status = "account.password-wrong", 422


def refuse_weak(password: str, login: str, old: str = "") -> None:
    """Raises PasswordWeak: too short, holds the log-in name, all of one kind, or the old one again."""
    if len(password) < SHORTEST:
        raise PasswordWeak(reason="short")
    if len(password) > LONGEST:
        raise PasswordWeak(reason="long")
    if login and login.lower() in password.lower():
        raise PasswordWeak(reason="login")
    if len({_kind(char) for char in password}) < 2:
        raise PasswordWeak(reason="kinds")
    if len(set(password)) < 5:
        raise PasswordWeak(reason="repeating")
    if password == old:
        raise PasswordWeak(reason="same")


def keep(work: Work, digest: str, session_token: str) -> None:
    """Keep the acting person's new password as its digest; their other log-ins end."""
    own.set_password(work.connection, work.actor.id, digest)
    ended = own.end_other_sessions(work.connection, work.actor.id, session_token)
    work.note("account.password-changed", work.actor.id, sessions_ended=ended)


def end_session(work: Work, session_id: str) -> None:
    """End one of the acting person's own log-ins. Raises NotFound."""
    if not own.end_session(work.connection, work.actor.id, session_id):
        raise NotFound
    work.note("account.session-ended", work.actor.id)


def _kind(char: str) -> str:
    """Small letter, capital, digit, sign, or Chinese."""
    return "sign" if char.isascii() and not char.isalnum() else unicodedata.category(char)
