"""Second factors in the database: enrolled, confirmed, used once a code, removed; and recovery codes.

A secret is sealed by the vault and tied to its row; a recovery code is kept as a keyed digest only.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from engine.errors import NotFound, Problem
from engine.identity import store
from engine.identity.factors import totp
from engine.identity.tables import Factor, RecoveryCode
from engine.work import Work

FACTOR = Factor.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
RECOVERY = RecoveryCode.__table__  # type: ignore[attr-defined]  # as above
TOTP, PASSKEY, BY_RECOVERY = "totp", "passkey", "recovery"
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LONGEST_NAME = 40
MOST = 10
"""So many factors an account may have."""


class FactorWrong(Problem):
    """The code is not the one of now, or was used already."""

    code, status = "login.factor-wrong", 401


class FactorTooMany(Problem):
    """The account has so many already."""

    code, status = "account.factor-too-many", 422
    limit: int = MOST


class FactorLast(Problem):
    """The office asks for a second factor, so the last one stays."""

    code, status = "account.factor-last", 409


@dataclass(frozen=True, slots=True)
class FactorRecord:
    """A factor as its owner sees it."""

    id: str
    kind: str
    name: str
    created_at: str
    used_at: str | None


def place(factor_id: str) -> str:
    """To what a sealed secret is tied."""
    return f"factor:{factor_id}"


def confirmed(account_id: Any) -> Any:
    """Whether an account has a factor in force, as a predicate."""
    return exists().where(FACTOR.c.account_id == account_id, FACTOR.c.confirmed_at.is_not(None))


def listed(connection: Connection, account_id: str) -> list[FactorRecord]:
    """The factors of an account in force, the oldest first."""
    columns = FACTOR.c.id, FACTOR.c.kind, FACTOR.c.name, FACTOR.c.confirmed_at, FACTOR.c.used_at
    query = (
        select(*columns)
        .where(FACTOR.c.account_id == account_id, FACTOR.c.confirmed_at.is_not(None))
        .order_by(FACTOR.c.confirmed_at, FACTOR.c.id)
    )
    return [FactorRecord(*row) for row in connection.execute(query)]


def codes_left(connection: Connection, account_id: str) -> int:
    """How many recovery codes of an account were not used yet."""
    query = select(func.count()).where(
        RECOVERY.c.account_id == account_id, RECOVERY.c.used_at.is_(None)
    )
    return int(connection.execute(query).scalar_one())


def begin_totp(work: Work) -> tuple[str, str]:
    """A fresh secret for the acting person's app, in force once confirmed; gives (factor id, secret).

    One that was begun earlier and never confirmed is forgotten. Raises FactorTooMany.
    """
    account = work.actor.id
    refuse_more(work)
    unfinished = FACTOR.c.account_id == account, FACTOR.c.confirmed_at.is_(None)
    work.connection.execute(delete(FACTOR).where(*unfinished, FACTOR.c.kind == TOTP))
    factor, secret = work.new_id(), totp.new_secret()
    add(work, factor, TOTP, secret=work.vault.seal(secret, place(factor), "account"))
    return factor, secret


def begun_totp(work: Work) -> tuple[str, str] | None:
    """What `begin_totp` gave and was not confirmed yet."""
    query = select(FACTOR.c.id, FACTOR.c.secret).where(
        FACTOR.c.account_id == work.actor.id,
        FACTOR.c.confirmed_at.is_(None),
        FACTOR.c.kind == TOTP,
    )
    row = work.connection.execute(query).first()
    return None if row is None else (row.id, work.vault.open(row.secret, place(row.id)))


def confirm_totp(work: Work, code: str, name: str) -> None:
    """Put the app in force, by a code of it. Raises NotFound, FactorWrong."""
    begun = begun_totp(work)
    if begun is None:
        raise NotFound
    factor, secret = begun
    step = totp.matching_step(secret, _digits(code), work.now)
    if step is None:
        raise FactorWrong
    put_in_force(work, factor, name, step)


def refuse_more(work: Work) -> None:
    """Raises FactorTooMany."""
    store.hold_account(work.connection, work.actor.id)
    if len(listed(work.connection, work.actor.id)) >= MOST:
        raise FactorTooMany


def add(work: Work, factor: str, kind: str, **values: Any) -> None:
    """A factor of the acting person that is not in force yet."""
    row = {"id": factor, "account_id": work.actor.id, "kind": kind, "name": "", "counter": -1}
    work.connection.execute(insert(FACTOR), {**row, "created_at": work.at, **values})


def put_in_force(work: Work, factor: str, name: str, counter: int) -> None:
    """From now on this factor is asked for."""
    changed = update(FACTOR).where(FACTOR.c.id == factor, FACTOR.c.account_id == work.actor.id)
    work.connection.execute(
        changed.values(
            confirmed_at=work.at, counter=counter, used_at=work.at, name=name[:LONGEST_NAME]
        )
    )
    kind = select(FACTOR.c.kind).where(FACTOR.c.id == factor)
    work.note(
        "account.factor-added", work.actor.id, factor=work.connection.execute(kind).scalar_one()
    )


def remove(work: Work, factor: str, *, required: bool) -> None:
    """Take away one of the acting person's factors; with the last the recovery codes go too.

    Raises NotFound, FactorLast.
    """
    account = work.actor.id
    store.hold_account(work.connection, account)
    found = listed(work.connection, account)
    known = next((one for one in found if one.id == factor), None)
    if known is None:
        raise NotFound
    if len(found) == 1 and required:
        raise FactorLast
    work.connection.execute(delete(FACTOR).where(FACTOR.c.id == factor))
    if len(found) == 1:
        work.connection.execute(delete(RECOVERY).where(RECOVERY.c.account_id == account))
    work.note("account.factor-removed", account, factor=known.kind)


def remove_all(connection: Connection, account_id: str) -> None:
    """Take away every factor and recovery code of an account."""
    for table in (FACTOR, RECOVERY):
        connection.execute(delete(table).where(table.c.account_id == account_id))


def new_codes(work: Work) -> list[str]:
    """Fresh recovery codes for the acting person, to be shown once; earlier ones open nothing any more."""
    account = work.actor.id
    store.hold_account(work.connection, account)
    work.connection.execute(delete(RECOVERY).where(RECOVERY.c.account_id == account))
    codes = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
        for _ in range(CODES)
    ]
    rows = [{"account_id": account, "digest": _digest(work, one), "used_at": None} for one in codes]
    work.connection.execute(insert(RECOVERY), rows)
    work.note("account.recovery-codes-made", account, count=CODES)
    return codes


def prove(work: Work, given: str) -> str:
    """Check a code of the acting person's app, or a recovery code; gives which it was.

    A code opens once, of two at the same time as well. Raises FactorWrong.
    """
    digits = _digits(given)
    return _by_totp(work, digits) if len(digits) == totp.DIGITS else _by_recovery(work, given)


def _by_totp(work: Work, digits: str) -> str:
    query = select(FACTOR.c.id, FACTOR.c.secret, FACTOR.c.counter).where(
        FACTOR.c.account_id == work.actor.id,
        FACTOR.c.kind == TOTP,
        FACTOR.c.confirmed_at.is_not(None),
    )
    for row in work.connection.execute(query).all():
        secret = work.vault.open(row.secret, place(row.id))
        step = totp.matching_step(secret, digits, work.now, after=row.counter)
        if step is not None:
            use(work, row.id, step)
            return TOTP
    raise FactorWrong


def use(work: Work, factor: str, counter: int) -> None:
    """Note that a factor proved somebody; what was used cannot be used again. Raises FactorWrong."""
    fresh = FACTOR.c.id == factor, FACTOR.c.counter < counter
    changed = update(FACTOR).where(*fresh).values(counter=counter, used_at=work.at)
    if not work.connection.execute(changed).rowcount:
        raise FactorWrong


def _by_recovery(work: Work, given: str) -> str:
    unused = (
        RECOVERY.c.account_id == work.actor.id,
        RECOVERY.c.digest == _digest(work, given),
        RECOVERY.c.used_at.is_(None),
    )
    changed = update(RECOVERY).where(*unused).values(used_at=work.at)
    if not work.connection.execute(changed).rowcount:
        raise FactorWrong
    work.note("account.recovery-code-used", work.actor.id)
    return BY_RECOVERY


def _digest(work: Work, code: str) -> str:
    plain = "".join(char for char in code.lower() if char.isalnum())
    return work.vault.blind(plain[:60], "account.recovery")


def _digits(text: str) -> str:
    """A code as people type it: with spaces, perhaps full-width."""
    found = "".join(text.split())
    return (
        "".join(str(int(char)) for char in found if char.isdecimal()) if found.isdecimal() else ""
    )
