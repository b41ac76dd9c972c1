"""Changing one's own password, and ending one's own log-ins elsewhere."""

import unicodedata
from datetime import datetime, timedelta

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection

from engine.errors import NotFound, Problem
from engine.identity import own, sessions, store
from engine.settings import Settings
from engine.work import Work

LONGEST = 200
RUN = 5
"""So many characters beside each other on a keyboard or in the alphabet are a run."""
ROWS = (
    "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv",
)  # fmt: skip
SOON = timedelta(days=14)


class PasswordWeak(Problem):
    """The new password is easily guessed; `reason` says what to do about it."""

    code, status = "account.password-weak", 422
    reason: str
    length: int = 0
    kinds: int = 0


class PasswordUsed(Problem):
    """The new password was used before, not long ago."""

    code, status = "account.password-used", 422
    count: int


class PasswordRepeated(Problem):
    """The new password was typed differently the second time."""

    code, status = "account.password-repeated", 422


class PasswordWrong(Problem):
    """The password in force was typed wrong."""

    code, status = "account.password-wrong", 422


class PasswordDue(Problem):
    """A new password is to be chosen before anything else: this one was given out, or is too old."""

    code, status = "account.password-due", 403


def refuse_weak(password: str, login: str, settings: Settings, old: str = "") -> None:
    """Raises PasswordWeak: too short, holds the log-in name, too few kinds, a run of the keyboard."""
    shortest, kinds = settings.password_length, settings.password_kinds
    if len(password) < shortest:
        raise PasswordWeak(reason="short", length=shortest)
    if len(password) > LONGEST:
        raise PasswordWeak(reason="long", length=LONGEST)
    if login and login.lower() in password.lower():
        raise PasswordWeak(reason="login")
    if len({_kind(char) for char in password}) < kinds:
        raise PasswordWeak(reason="kinds", kinds=kinds)
    if len(set(password)) < 5:
        raise PasswordWeak(reason="repeating")
    if _left_of_runs(password.lower()) < shortest // 2:
        raise PasswordWeak(reason="run")
    if password == old:
        raise PasswordWeak(reason="same")


def refuse_used(connection: Connection, account_id: str, password: str, settings: Settings) -> None:
    """Raises PasswordUsed for this password again or one of the last; takes its time, so do it in a read."""
    count = settings.password_history
    if not count:
        return
    known, _, _ = own.password_of(connection, account_id)
    for one in (known, *own.past_passwords(connection, account_id, limit=count)):
        try:
            store.verify_hash(one, password)
        except (VerifyMismatchError, InvalidHashError):
            continue
        raise PasswordUsed(count=count)


def days_left(
    connection: Connection, account_id: str, *, now: datetime, settings: Settings
) -> int | None:
    """In how many days another password will be asked for; None where that is not soon."""
    if settings.demo or not settings.password_days:
        return None
    _, since, _ = own.password_of(connection, account_id)
    left = datetime.fromisoformat(since) + timedelta(days=settings.password_days) - now
    return max(left.days, 0) if left < SOON else None


def keep(work: Work, digest: str, session_token: str) -> None:
    """Keep the acting person's new password as its digest; their other log-ins end."""
    own.set_password(
        work.connection,
        work.actor.id,
        digest,
        at=work.at,
        change=False,
        keep=work.settings.password_history,
    )
    ended = sessions.end_sessions(work.connection, work.actor.id, but=session_token)
    work.note("account.password-changed", work.actor.id, sessions_ended=ended)


def end_session(work: Work, session_id: str) -> None:
    """End one of the acting person's own log-ins. Raises NotFound."""
    if not sessions.end_session(work.connection, work.actor.id, session_id):
        raise NotFound
    work.note("account.session-ended", work.actor.id)


def end_others(work: Work, session_token: str) -> int:
    """End all of the acting person's log-ins but this one; gives how many."""
    ended = sessions.end_sessions(work.connection, work.actor.id, but=session_token)
    work.note("account.session-ended", work.actor.id, count=ended)
    return ended


def _kind(char: str) -> str:
    """Small letter, capital, digit, sign, or Chinese."""
    return "sign" if char.isascii() and not char.isalnum() else unicodedata.category(char)


def _left_of_runs(password: str) -> int:
    """How many characters are left when runs such as 12345 and qwerty count as one each."""
    left, place = 0, 0
    while place < len(password):
        length = 1
        for row in (*ROWS, *(one[::-1] for one in ROWS)):
            end = place + 1
            while end < len(password) and password[place : end + 1] in row:
                end += 1
            length = max(length, end - place)
        left += 1
        place += length if length >= RUN else 1
    return left
