"""Other people's accounts, for the security administrator: add, close, reset, grant positions by date.

Nobody changes the own account here, and nobody holds two of the three administrators' roles: system,
security and audit stay with different people. The database refuses it as well.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, func, insert, or_, select, update

from engine.errors import Forbidden, NotFound, Problem
from engine.identity import door, own, sessions, store
from engine.identity.actor import ROLES
from engine.identity.sessions import DEVICE, SessionRecord
from engine.identity.store import ACCOUNT, ORGANISATION, POSITION, OrganisationValue
from engine.work import Work

ADMINISTRATORS = ("system", "security", "auditor")
"""三员: of these nobody holds two."""
LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LETTERS = "abcdefghjkmnpqrstuvwxyz"
DIGITS = "23456789"


class LoginTaken(Problem):
    """There is an account of this log-in name."""

    code, status = "account.login-taken", 409
    login: str


class AccountWrong(Problem):
    """Something about the new account or position cannot be; `reason` says what."""

    code, status = "account.wrong", 422
    reason: str


class OrganisationUnclear(Problem):
    """No organisation, or several, are called so; `found` names some, or is “none”."""

    code, status = "account.organisation-unclear", 422
    words: str
    found: str


class AdministratorsApart(Problem):
    """The account holds another administrator's role already, so it cannot get this one."""

    code, status = "account.administrators-apart", 409


@dataclass(frozen=True, slots=True)
class Grant:
    """A position as it was granted."""

    id: str
    role: str
    organisation_code: str
    organisation_name: str
    valid_from: str
    valid_to: str | None

    def in_force(self, today: str) -> bool:
        """Whether it counts on a day."""
        return self.valid_from <= today and (self.valid_to is None or self.valid_to > today)


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account as its administrator sees it."""

    id: str
    login: str
    name: str
    active: bool
    locked: bool
    created_at: str
    last_login: str | None
    grants: tuple[Grant, ...]
    kind: str = "person"


def listed(
    work: Work, words: str, show: str, *, limit: int, offset: int = 0
) -> list[AccountRecord]:
    """Accounts by name, log-in or organisation; `show` is all, active, closed, idle or nothing held."""
    work.require("account.manage")
    today = work.now.date().isoformat()
    held = select(POSITION.c.account_id).where(
        or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > today)
    )
    conditions: list[ColumnElement[bool]] = []
    if words:
        placed = (
            select(POSITION.c.account_id)
            .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
            .where(ORGANISATION.c.name.contains(words, autoescape=True))
        )
        conditions.append(
            or_(
                ACCOUNT.c.name.contains(words, autoescape=True),
                ACCOUNT.c.login.contains(words, autoescape=True),
                ACCOUNT.c.id.in_(placed),
            )
        )
    match show:
        case "active":
            conditions.append(ACCOUNT.c.active.is_(True))
        case "service":
            conditions.append(ACCOUNT.c.kind == "service")
        case "closed":
            conditions.append(ACCOUNT.c.active.is_(False))
        case "idle":
            conditions += [ACCOUNT.c.active.is_(True), ACCOUNT.c.id.not_in(held)]
    query = select(ACCOUNT).where(*conditions).order_by(ACCOUNT.c.login).limit(limit).offset(offset)
    rows = work.connection.execute(query).mappings().all()
    return _records(work, rows)


def read(work: Work, account_id: str) -> AccountRecord:
    """One account. Raises Forbidden, NotFound."""
    work.require("account.manage")
    rows = work.connection.execute(select(ACCOUNT).where(ACCOUNT.c.id == account_id))
    found = _records(work, rows.mappings().all())
    if not found:
        raise NotFound
    return found[0]


def find_organisation(connection: Connection, words: str) -> OrganisationValue:
    """An organisation by its code or its whole name, or the only one that has these words.

    Raises OrganisationUnclear.
    """
    wanted = words.strip()
    by_code = select(ORGANISATION.c.code).where(ORGANISATION.c.code == wanted)
    if wanted and connection.execute(by_code).first() is not None:
        return store.organisation(connection, wanted)
    found = store.search_organisations(connection, wanted, limit=6) if wanted else []
    exact = [one for one in found if one.name == wanted]
    if len(exact or found) == 1:
        return (exact or found)[0]
    some = "、".join(f"{one.name} {one.code}" for one in found[:5])
    raise OrganisationUnclear(words=wanted, found=some or "none")


def add(work: Work, login: str, name: str, password_hash: str) -> str:
    """A new account without positions; gives its id. Raises AccountWrong, LoginTaken."""
    work.require("account.manage")
    if not LOGIN.fullmatch(login):
        raise AccountWrong(reason="login")
    if not 1 <= len(name) <= 60:
        raise AccountWrong(reason="name")
    known = work.connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.login == login)).first()
    if known is not None:
        raise LoginTaken(login=login)
    row: dict[str, Any] = {
        "id": work.new_id(),
        "login": login,
        "name": name,
        "password_hash": password_hash,
        "created_at": work.at,
        "password_change": True,
    }
    store.add_account(work.connection, row)
    work.note("account.added", str(row["id"]))
    return str(row["id"])


def grant(
    work: Work,
    account_id: str,
    role: str,
    organisation_code: str,
    *,
    first: str = "",
    last: str = "",
) -> None:
    """Give a position from a day on (today if empty), until and with `last` if it is given.

    Raises Forbidden, NotFound, AccountWrong, AdministratorsApart.
    """
    _not_oneself(work, account_id)
    program = read(work, account_id).kind == "service"
    if role not in ROLES:
        raise AccountWrong(reason="role")
    if program and role in ADMINISTRATORS:
        raise AccountWrong(reason="program")
    valid_from, valid_to = _period(work, first, last)
    store.hold_account(work.connection, account_id)
    if role in ADMINISTRATORS:
        others = [one for one in ADMINISTRATORS if one != role]
        held = select(POSITION.c.id).where(
            POSITION.c.account_id == account_id,
            POSITION.c.role.in_(others),
            or_(POSITION.c.valid_to.is_(None), POSITION.c.valid_to > valid_from),
        )
        if work.connection.execute(held).first() is not None:
            raise AdministratorsApart
    same = select(POSITION.c.id).where(
        POSITION.c.account_id == account_id,
        POSITION.c.role == role,
        POSITION.c.organisation_code == organisation_code,
        POSITION.c.valid_from <= valid_from,
        or_(
            POSITION.c.valid_to.is_(None), POSITION.c.valid_to >= valid_to if valid_to else false()
        ),
    )
    if work.connection.execute(same).first() is not None:
        raise AccountWrong(reason="held")
    row = {
        "id": work.new_id(),
        "account_id": account_id,
        "role": role,
        "organisation_code": organisation_code,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    work.connection.execute(insert(POSITION), row)
    work.note(
        "account.granted", account_id, role=role, organisation=organisation_code,
        since=valid_from, until=valid_to,
    )  # fmt: skip


def end_grant(work: Work, account_id: str, position_id: str) -> None:
    """End a position today. Raises Forbidden, NotFound."""
    _not_oneself(work, account_id)
    today = work.now.date().isoformat()
    where = POSITION.c.id == position_id, POSITION.c.account_id == account_id
    row = work.connection.execute(select(POSITION).where(*where)).first()
    if row is None or (row.valid_to is not None and row.valid_to <= today):
        raise NotFound
    work.connection.execute(update(POSITION).where(*where).values(valid_to=today))
    work.note("account.ended", account_id, role=row.role, organisation=row.organisation_code)


def set_active(work: Work, account_id: str, *, active: bool) -> None:
    """Close an account, which ends its log-ins, or open it again. Raises Forbidden, NotFound."""
    _not_oneself(work, account_id)
    read(work, account_id)
    changed = update(ACCOUNT).where(ACCOUNT.c.id == account_id)
    work.connection.execute(changed.values(active=active))
    door.forget_failures(work.connection, account_id)
    if not active:
        sessions.end_sessions(work.connection, account_id)
    work.note("account.opened" if active else "account.closed", account_id)


def reset(work: Work, account_id: str, password_hash: str) -> None:
    """A new password in the place of a forgotten one, to be changed at the next log-in.

    Every log-in ends, a lock is lifted. Raises Forbidden, NotFound.
    """
    _not_oneself(work, account_id)
    if read(work, account_id).kind != "person":
        raise NotFound
    own.set_password(
        work.connection,
        account_id,
        password_hash,
        at=work.at,
        change=True,
        keep=work.settings.password_history,
    )
    door.forget_failures(work.connection, account_id)
    sessions.end_sessions(work.connection, account_id)
    work.note("account.reset", account_id)


def sessions_of(work: Work, account_id: str) -> list[SessionRecord]:
    """Where somebody is logged in. Raises Forbidden."""
    work.require("account.manage")
    return sessions.sessions_of(work.connection, account_id, now=work.now, settings=work.settings)


def end_session(work: Work, account_id: str, session: str) -> None:
    """Log somebody out of one device. Raises Forbidden, NotFound."""
    _not_oneself(work, account_id)
    if not sessions.end_session(work.connection, account_id, session):
        raise NotFound
    work.note("account.session-ended", account_id)


def first_password() -> str:
    """To be told once: letters and digits that are not mistaken for others, 60 bits."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(9))
    digits = "".join(secrets.choice(DIGITS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}-{digits}"


def _not_oneself(work: Work, account_id: str) -> None:
    work.require("account.manage")
    if account_id == work.actor.id:
        raise Forbidden(reason="account.oneself")


def _period(work: Work, first: str, last: str) -> tuple[str, str | None]:
    today = work.now.date().isoformat()
    try:
        begin = date.fromisoformat(first).isoformat() if first else today
        end = None if not last else date.fromordinal(date.fromisoformat(last).toordinal() + 1)
    except (ValueError, OverflowError) as error:
        raise AccountWrong(reason="date") from error
    if end is not None and (end.isoformat() <= begin or end.isoformat() <= today):
        raise AccountWrong(reason="period")
    return begin, end.isoformat() if end else None


def _records(work: Work, rows: Sequence[Any]) -> list[AccountRecord]:
    ids = [row["id"] for row in rows]
    grants: dict[str, list[Grant]] = {one: [] for one in ids}
    query = (
        select(
            POSITION.c.account_id, POSITION.c.id, POSITION.c.role, ORGANISATION.c.code,
            ORGANISATION.c.name, POSITION.c.valid_from, POSITION.c.valid_to,
        )
        .join(ORGANISATION, ORGANISATION.c.code == POSITION.c.organisation_code)
        .where(POSITION.c.account_id.in_(ids))
        .order_by(POSITION.c.valid_from, POSITION.c.id)
    )  # fmt: skip
    for row in work.connection.execute(query):
        grants[row[0]].append(Grant(*row[1:]))
    seen = select(DEVICE.c.account_id, func.max(DEVICE.c.last_at)).where(
        DEVICE.c.account_id.in_(ids)
    )
    last = {row[0]: row[1] for row in work.connection.execute(seen.group_by(DEVICE.c.account_id))}
    now = work.now.isoformat()
    return [
        AccountRecord(
            row["id"], row["login"], row["name"], row["active"],
            bool(row["locked_until"] and row["locked_until"] > now),
            row["created_at"], last.get(row["id"]), tuple(grants[row["id"]]), row["kind"],
        )
        for row in rows
    ]  # fmt: skip
