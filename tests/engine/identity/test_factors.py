"""Second factors in the database: sealed, used once, lost and taken away by two people."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from engine import rotation
from engine.crypto import keyfile, keys
from engine.crypto.vault import KeyUnavailable
from engine.errors import Forbidden, NotFound
from engine.identity import sessions, store
from engine.identity.actor import Actor
from engine.identity.factors import resets, rules, totp
from engine.identity.factors import store as factors
from engine.identity.factors.store import FACTOR, FactorLast, FactorTooMany, FactorWrong
from engine.settings import Settings
from engine.work import System, Work
from tests import factories, overlapping
from tests.conftest import Clock


def person(system: System, login: str, *roles: str) -> Actor:
    """An account in the database, as an actor with these roles."""
    factories.load_organisations(system, [factories.organisation("370602", kind="county")])

    def command(work: Work) -> str:
        account = work.new_id()
        row = {
            "id": account,
            "login": login,
            "name": login,
            "password_hash": "",
            "created_at": work.at,
        }
        store.add_account(work.connection, row)
        for role in roles:
            held = {"id": work.new_id(), "account_id": account, "role": role,
                    "organisation_code": "370602", "valid_from": "2026-01-01"}  # fmt: skip
            store.add_position(work.connection, held)
        return account

    account = system.write(factories.TESTER, command)
    with system.read(factories.TESTER) as work:
        found = store.actor_of(work.connection, account, now=work.now)
    assert found is not None
    return found


def enrolled(system: System, actor: Actor, name: str = "") -> str:
    """An app in force; gives its secret."""
    _, secret = system.write(actor, factors.begin_totp)
    code = totp.code(secret, totp.step_of(system.now()))
    system.write(actor, lambda work: factors.confirm_totp(work, code, name))
    return secret


def now_shown(system: System, secret: str) -> str:
    return totp.code(secret, totp.step_of(system.now()))


def test_an_app_is_in_force_when_a_code_of_it_was_given(system: System, clock: Clock) -> None:
    """What was only begun is asked of nobody, and beginning again begins anew."""
    yu = person(system, "yu")
    _, first = system.write(yu, factors.begin_totp)
    _, second = system.write(yu, factors.begin_totp)
    with pytest.raises(FactorWrong):
        system.write(yu, lambda work: factors.confirm_totp(work, now_shown(system, first), ""))
    with system.read(yu) as work:
        assert factors.listed(work.connection, yu.id) == []
    system.write(yu, lambda work: factors.confirm_totp(work, now_shown(system, second), "手机"))
    with system.read(yu) as work:
        (one,) = factors.listed(work.connection, yu.id)
    assert (one.kind, one.name) == ("totp", "手机")


def test_a_code_opens_once(system: System, clock: Clock) -> None:
    """Not the one it was confirmed with either; spaces and full-width digits do not matter."""
    yu = person(system, "yu")
    secret = enrolled(system, yu)
    prove = lambda code: system.write(yu, lambda work: factors.prove(work, code))  # noqa: E731 - one line of a test
    with pytest.raises(FactorWrong):
        prove(now_shown(system, secret))
    clock.forward(seconds=30)
    shown = now_shown(system, secret)
    wide = shown.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert prove(f"{wide[:3]} {wide[3:]}") == "totp"
    with pytest.raises(FactorWrong):
        prove(shown)


def test_of_two_that_come_at_once_with_one_code_one_is_let_in(system: System, clock: Clock) -> None:
    """Whoever looked over the shoulder is as fast as the owner, and no faster."""
    yu = person(system, "yu")
    secret = enrolled(system, yu)
    clock.forward(seconds=60)
    shown = now_shown(system, secret)

    def come(_: int) -> bool:
        try:
            return bool(system.write(yu, lambda work: factors.prove(work, shown)))
        except FactorWrong:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(come, range(4))) == [False, False, False, True]


def test_recovery_codes_open_once_each(system: System, clock: Clock) -> None:
    """Typed in capitals, without dashes; new ones end the old ones; none stands in the database."""
    yu = person(system, "yu")
    enrolled(system, yu)
    codes = system.write(yu, factors.new_codes)
    prove = lambda code: system.write(yu, lambda work: factors.prove(work, code))  # noqa: E731 - one line of a test
    assert prove(codes[0].upper().replace("-", " ")) == "recovery"
    for wrong in (codes[0], "nonsense", "", "1" * 400):
        with pytest.raises(FactorWrong):
            prove(wrong)
    with system.read(yu) as work:
        assert factors.codes_left(work.connection, yu.id) == len(codes) - 1
        kept = work.connection.execute(select(factors.RECOVERY.c.digest)).scalars().all()
    assert not set(kept) & {one.replace("-", "") for one in codes}
    system.write(yu, factors.new_codes)
    with pytest.raises(FactorWrong):
        prove(codes[1])


def test_codes_made_twice_at_once_are_one_set(system: System, clock: Clock) -> None:
    """The page that was printed first opens nothing, whoever pressed twice."""
    yu = person(system, "yu")
    enrolled(system, yu)
    overlapping.both(system, (yu, factors.new_codes), (yu, factors.new_codes))
    with system.read(yu) as work:
        assert factors.codes_left(work.connection, yu.id) == factors.CODES


def test_a_recovery_code_is_its_owners(system: System) -> None:
    """Another person's opens nothing."""
    yu, li = person(system, "yu"), person(system, "li")
    enrolled(system, yu)
    codes = system.write(yu, factors.new_codes)
    with pytest.raises(FactorWrong):
        system.write(li, lambda work: factors.prove(work, codes[0]))


def test_the_secret_is_sealed_in_its_row_and_sealed_anew(system: System, clock: Clock) -> None:
    """Moved to another row it opens nothing; a rotation of keys takes it along."""
    yu, li = person(system, "yu"), person(system, "li")
    secret = enrolled(system, yu)
    enrolled(system, li)
    with system.read(yu) as work:
        kept = work.connection.execute(
            select(FACTOR.c.secret).where(FACTOR.c.account_id == yu.id)
        ).scalar_one()
    assert secret not in kept
    keyfile.rotate(keys.key_file(system.settings), keys.service(system.settings), suite="sm")
    system.vault.refresh(2)
    system.write(factories.TESTER, lambda work: rotation.reseal(work, {"generation": 2}))
    clock.forward(seconds=30)
    shown = now_shown(system, secret)
    assert system.write(yu, lambda work: factors.prove(work, shown)) == "totp"
    with system.read(yu) as work:
        old = [one.left for one in rotation.progress(work.connection, work.vault)]
    assert set(old) == {0}
    moved = update(FACTOR).where(FACTOR.c.account_id == li.id).values(secret=kept)
    system.database.write(lambda c: c.execute(moved) and None)
    clock.forward(seconds=30)
    with pytest.raises(KeyUnavailable):
        system.write(li, lambda work: factors.prove(work, now_shown(system, secret)))


def test_who_must_have_one_keeps_the_last(system: System) -> None:
    """And nobody has more than ten."""
    yu = person(system, "yu", "security")
    enrolled(system, yu)
    with system.read(yu) as work:
        (one,) = factors.listed(work.connection, yu.id)
    with pytest.raises(FactorLast):
        system.write(yu, lambda work: factors.remove(work, one.id, required=True))
    with pytest.raises(NotFound):
        system.write(
            person(system, "li"), lambda work: factors.remove(work, one.id, required=False)
        )
    system.write(yu, factors.new_codes)
    system.write(yu, lambda work: factors.remove(work, one.id, required=False))
    with system.read(yu) as work:
        assert factors.codes_left(work.connection, yu.id) == 0
    for _ in range(factors.MOST):
        enrolled(system, yu)
    with pytest.raises(FactorTooMany):
        system.write(yu, factors.begin_totp)


@pytest.mark.parametrize(
    ("whom", "must"),
    [("optional", set()), ("administrators", {"security", "auditor", "system"}),
     ("sensitive", {"security", "auditor", "system", "staff", "verifier", "leader", "department"}),
     ("everyone", {"security", "auditor", "system", "staff", "verifier", "leader", "department", "designer"})],
)  # fmt: skip
def test_the_office_says_of_whom_one_is_asked(whom: str, must: set[str]) -> None:
    """By what the policy lets a role see."""
    settings = Settings(second_factor=whom)
    roles = {
        "security",
        "auditor",
        "system",
        "staff",
        "verifier",
        "leader",
        "department",
        "designer",
    }
    assert {role for role in roles if rules.required({role}, settings)} == must


def test_a_log_in_is_held_until_the_factor_is_given(system: System, clock: Clock) -> None:
    """Wrong passwords before it are forgiven only then, so that codes cannot be guessed in turn."""
    yu = person(system, "yu", "security")
    settings = replace(system.settings, second_factor="administrators")
    token = system.database.write(
        lambda c: sessions.open_session(c, yu.id, now=system.now(), hours=1)
    )

    def stage() -> str:
        with system.database.read() as connection:
            found = sessions.session(connection, token, now=system.now(), settings=settings)
        assert found is not None
        return found.stage

    assert stage() == "enrol"
    enrolled(system, yu)
    assert stage() == "factor"
    failed = update(store.ACCOUNT).where(store.ACCOUNT.c.id == yu.id).values(failed=4)
    system.database.write(lambda c: c.execute(failed) and None)
    count = select(store.ACCOUNT.c.failed).where(store.ACCOUNT.c.id == yu.id)
    system.database.write(lambda c: sessions.open_session(c, yu.id, now=system.now(), hours=1))
    with system.database.read() as connection:
        assert connection.execute(count).scalar_one() == 4
    system.database.write(lambda c: sessions.prove(c, token, "totp"))
    assert stage() == ""
    with system.database.read() as connection:
        assert connection.execute(count).scalar_one() == 0


def test_a_lost_device_takes_two_people(system: System, clock: Clock) -> None:
    """Neither who asked nor whose it is confirms; it lapses in a day; then everything of it ends."""
    yu = person(system, "yu", "staff")
    one, two = person(system, "one", "security"), person(system, "two", "system")
    enrolled(system, yu)
    system.write(yu, factors.new_codes)
    token = system.database.write(
        lambda c: sessions.open_session(c, yu.id, now=system.now(), hours=30)
    )
    ask = lambda: system.write(one, lambda work: resets.ask(work, yu.id, "手机丢了，本人到场"))  # noqa: E731 - one line of a test

    def waiting(actor: Actor) -> list[resets.ResetAsked]:
        with system.read(actor) as work:
            return resets.waiting(work)

    with pytest.raises(resets.ResetNeedsReason):
        system.write(one, lambda work: resets.ask(work, yu.id, " 丢 "))
    with pytest.raises(resets.NoFactor):
        system.write(one, lambda work: resets.ask(work, two.id, "手机丢了"))
    with pytest.raises(Forbidden):
        system.write(two, lambda work: resets.ask(work, yu.id, "手机丢了"))
    ask()
    assert (waiting(one), [row.login for row in waiting(two)]) == ([], ["yu"])
    (first,) = waiting(two)
    clock.forward(hours=24)
    assert waiting(two) == []
    with pytest.raises(NotFound):
        system.write(two, lambda work: resets.decide(work, first.id, agreed=True))
    ask()
    ask()
    (asked,) = waiting(two)
    with pytest.raises(Forbidden):
        system.write(one, lambda work: resets.decide(work, asked.id, agreed=True))
    system.write(two, lambda work: resets.decide(work, asked.id, agreed=True))
    with pytest.raises(NotFound):
        system.write(two, lambda work: resets.decide(work, asked.id, agreed=True))
    with system.database.read() as connection:
        assert factors.listed(connection, yu.id) == []
        assert factors.codes_left(connection, yu.id) == 0
        rules_ = replace(system.settings, session_idle_minutes=0)
        assert sessions.session(connection, token, now=system.now(), settings=rules_) is None
