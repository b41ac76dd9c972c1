"""Tokens of service accounts: kept as digests, ended by a day, of whom and for what."""

import pytest
from sqlalchemy import select

from engine.errors import Forbidden, NotFound
from engine.identity import accounts, door, presence, store, tokens
from engine.identity.accounts import AccountWrong
from engine.identity.door import LoginFailed
from engine.identity.tokens import TokenRefused, TokenScope, TokenWrong
from engine.work import System
from tests import factories
from tests.conftest import Clock

KNOWN = {"forms:read", "forms:change", "tasks:read"}
SECURITY = factories.actor(factories.post("security", "370602"), name="钟守正")
LAST = "2026-12-31"


@pytest.fixture
def program(system: System) -> str:
    """A service account with a position in a community."""
    factories.load_organisations(system, [factories.organisation("370602", kind="county")])
    made = system.write(SECURITY, lambda work: tokens.add_account(work, "nightly", "夜间取数"))
    system.write(SECURITY, lambda work: accounts.grant(work, made, "staff", "370602"))
    return made


def made(system: System, account: str, *operations: str, last: str = LAST) -> str:
    return system.write(
        SECURITY,
        lambda work: tokens.make(work, account, "取数", operations, last=last, known=KNOWN),
    )


def found(system: System, token: str) -> tokens.Bearer:
    with system.read(factories.TESTER) as work:
        return tokens.bearer(work, token)


def test_a_token_is_its_account_with_the_positions_of_today(system: System, program: str) -> None:
    """And names what it may; the text of it is kept nowhere."""
    token = made(system, program, "forms:read")
    bearer = found(system, token)
    assert (bearer.actor.login, bearer.actor.roles()) == ("nightly", {"staff"})
    bearer.require("forms", "read")
    with pytest.raises(TokenScope) as told:
        bearer.require("forms", "change")
    assert told.value.needs == "forms:change"
    with system.read(SECURITY) as work:
        (kept,) = work.connection.execute(select(tokens.TOKEN)).mappings().all()
    assert token.rpartition("_")[2] not in str(dict(kept))


def test_a_token_ends_with_its_day_and_by_hand(system: System, program: str, clock: Clock) -> None:
    """At the office's midnight; when its account is closed; and at once when it is ended."""
    short, long = made(system, program, "forms:read", last="2026-11-23"), made(system, program, "forms:read")  # fmt: skip
    assert found(system, short)
    clock.forward(hours=14, minutes=30)
    with pytest.raises(TokenWrong):
        found(system, short)
    assert found(system, long)
    system.write(SECURITY, lambda work: accounts.set_active(work, program, active=False))
    with pytest.raises(TokenWrong):
        found(system, long)
    system.write(SECURITY, lambda work: accounts.set_active(work, program, active=True))
    with system.read(SECURITY) as work:
        newest = next(one for one in tokens.listed(work, program) if one.expires_at > "2026-12")
    with pytest.raises(NotFound):
        system.write(SECURITY, lambda work: tokens.end(work, "another", newest.id))
    system.write(SECURITY, lambda work: tokens.end(work, program, newest.id))
    with pytest.raises(TokenWrong):
        found(system, long)
    with pytest.raises(NotFound):
        system.write(SECURITY, lambda work: tokens.end(work, program, newest.id))


@pytest.mark.parametrize(
    "odd", ["", "yb_", "yb_x", "Bearer", "yb_" + "x" * 500, "yb_\u4e2d", "yb_'; drop table account"]
)
def test_what_is_no_token_opens_nothing(system: System, program: str, odd: str) -> None:
    """Whatever it looks like."""
    with pytest.raises(TokenWrong):
        found(system, odd)


@pytest.mark.parametrize(
    ("operations", "last", "reason"),
    [((), LAST, "operations"), (("forms:eat",), LAST, "operations"), (("forms:read",), "soon", "date"),
     (("forms:read",), "2026-11-22", "period"), (("forms:read",), "2027-12-01", "period")],
)  # fmt: skip
def test_a_token_must_say_for_what_and_until_when(
    system: System, program: str, operations: tuple[str, ...], last: str, reason: str
) -> None:
    """Neither for everything nor for ever."""
    with pytest.raises(TokenRefused) as told:
        made(system, program, *operations, last=last)
    assert told.value.reason == reason


def test_a_program_is_nobodys_colleague(system: System, program: str) -> None:
    """No password opens it, no task is given to it, and it is no administrator."""
    with system.read(SECURITY) as work:
        assert presence.holders(work.connection, "staff", "370602", now=work.now) == ()
        assert store.holders(work.connection, "staff", "370602", now=work.now) == 0
        for password in ("", "anything-12"):
            with pytest.raises(LoginFailed):
                door.check_password(work.connection, "nightly", password, now=work.now)
    with pytest.raises(AccountWrong):
        system.write(SECURITY, lambda work: accounts.grant(work, program, "auditor", "370602"))
    digest = store.hash_password("given-out-81")
    with pytest.raises(NotFound):
        system.write(SECURITY, lambda work: accounts.reset(work, program, digest))


def test_only_the_security_administrator_makes_tokens(system: System, program: str) -> None:
    """And for programs only."""
    other = factories.actor(factories.post("auditor", "370602"))
    with pytest.raises(Forbidden):
        system.write(
            other,
            lambda work: tokens.make(work, program, "x", ["forms:read"], last=LAST, known=KNOWN),
        )
    person = system.write(SECURITY, lambda work: accounts.add(work, "wang", "王芳", "x"))
    with pytest.raises(NotFound):
        made(system, person, "forms:read")
