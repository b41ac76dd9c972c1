"""What people do with their own account in the database: the list of their log-ins, a new password."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from engine.errors import Problem
from engine.identity.store import ACCOUNT, SESSION

_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class MailInvalid(Problem):
    """The text is no mail address."""

    code, status = "account.mail-invalid", 422
    given: str


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A log-in in force, as its owner sees it; the id opens nothing."""

    id: str
    created_at: str
    expires_at: str


def sessions_of(connection: Connection, account_id: str, *, now: datetime) -> list[SessionRecord]:
    """The log-ins of an account in force, the newest first."""
    query = (
        select(SESSION.c.token_digest, SESSION.c.created_at, SESSION.c.expires_at)
        .where(SESSION.c.account_id == account_id, SESSION.c.expires_at > now.isoformat())
        .order_by(SESSION.c.created_at.desc())
    )
    return [SessionRecord(*row) for row in connection.execute(query)]


def session_id(token: str) -> str:
    """The id by which a log-in is known, from its token."""
    return hashlib.sha256(token.encode()).hexdigest()


def end_session(connection: Connection, account_id: str, session: str) -> bool:
    """End a log-in of an account; False if it has no such one."""
    where = SESSION.c.token_digest == session, SESSION.c.account_id == account_id
    return bool(connection.execute(delete(SESSION).where(*where)).rowcount)


def end_other_sessions(connection: Connection, account_id: str, token: str) -> int:
    """End every log-in of an account but the one with this token; gives how many."""
    where = SESSION.c.account_id == account_id, SESSION.c.token_digest != session_id(token)
    return connection.execute(delete(SESSION).where(*where)).rowcount


def set_mail(connection: Connection, account_id: str, address: str) -> None:
    """Where a person wants notices sent; empty for nowhere. Raises MailInvalid."""
    if address and (len(address) > 254 or not _MAIL.fullmatch(address)):
        raise MailInvalid(given=address[:60])
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(mail=address))


def mail_of(connection: Connection, account_id: str) -> str:
    """Where a person wants notices sent."""
    query = select(ACCOUNT.c.mail).where(ACCOUNT.c.id == account_id)
    return str(connection.execute(query).scalar() or "")


def set_password(connection: Connection, account_id: str, password_hash: str) -> None:
    """Replace an account's password."""
    connection.execute(
        update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password_hash=password_hash)
    )
