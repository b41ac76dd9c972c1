"""What people keep about themselves in the database: where notices go, their password and those before it."""

import re

from sqlalchemy import Connection, delete, insert, select, update

from engine.errors import Problem
from engine.identity.store import ACCOUNT
from engine.identity.tables import PastPassword

PAST = PastPassword.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class MailInvalid(Problem):
    """The text is no mail address."""

    code, status = "account.mail-invalid", 422
    given: str


def set_mail(connection: Connection, account_id: str, address: str) -> None:
    """Where a person wants notices sent; empty for nowhere. Raises MailInvalid."""
    if address and (len(address) > 254 or not _MAIL.fullmatch(address)):
        raise MailInvalid(given=address[:60])
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(mail=address))


def set_language(connection: Connection, account_id: str, language: str) -> None:
    """In which language a person reads: notices that leave the house are in it."""
    query = update(ACCOUNT).where(ACCOUNT.c.id == account_id, ACCOUNT.c.language != language)
    connection.execute(query.values(language=language))


def mail_of(connection: Connection, account_id: str) -> str:
    """Where a person wants notices sent."""
    query = select(ACCOUNT.c.mail).where(ACCOUNT.c.id == account_id)
    return str(connection.execute(query).scalar() or "")


def password_of(connection: Connection, account_id: str) -> tuple[str, str, bool]:
    """The hash of an account's password, since when it is in force, and whether it must be changed."""
    columns = ACCOUNT.c.password_hash, ACCOUNT.c.password_at, ACCOUNT.c.created_at
    query = select(*columns, ACCOUNT.c.password_change).where(ACCOUNT.c.id == account_id)
    row = connection.execute(query).one()
    return row.password_hash, row.password_at or row.created_at, row.password_change


def past_passwords(connection: Connection, account_id: str, *, limit: int) -> list[str]:
    """The hashes of an account's last passwords before this one, the newest first."""
    query = select(PAST.c.password_hash).where(PAST.c.account_id == account_id)
    return list(connection.execute(query.order_by(PAST.c.at.desc()).limit(limit)).scalars())


def set_password(
    connection: Connection, account_id: str, password_hash: str, *, at: str, change: bool, keep: int
) -> None:
    """Replace an account's password; `change` asks for another at the next log-in, `keep` are remembered."""
    known, _since, _change = password_of(connection, account_id)
    if keep:
        kept = {"account_id": account_id, "at": at, "password_hash": known}
        connection.execute(insert(PAST), kept)
    newest = (
        select(PAST.c.at)
        .where(PAST.c.account_id == account_id)
        .order_by(PAST.c.at.desc())
        .limit(keep)
    )
    forgotten = delete(PAST).where(PAST.c.account_id == account_id, PAST.c.at.not_in(newest))
    connection.execute(forgotten)
    changed = update(ACCOUNT).where(ACCOUNT.c.id == account_id)
    connection.execute(
        changed.values(password_hash=password_hash, password_at=at, password_change=change)
    )
