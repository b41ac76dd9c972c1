"""Log-ins: how long they last unused, from which devices, what an old or given password holds up."""

from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from engine import clock as clocks
from engine.identity import accounts, door, own, password, sessions, store
from engine.identity.door import LoginFailed, LoginLocked
from engine.identity.password import PasswordUsed, PasswordWeak
from engine.identity.sessions import Device
from engine.settings import Settings
from engine.work import System
from tests.conftest import Clock

FIRST = "shan-hai-yun42"
PHONE = Device("p" * 43, "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile", "10.1.2.3")


@pytest.fixture
def account(system: System, actor) -> str:
    """An account `yu` with its password."""

    def command(work) -> str:
        row = {
            "id": work.new_id(), "login": "yu", "name": "于淑兰",
            "password_hash": store.hash_password(FIRST), "created_at": work.at,
        }  # fmt: skip
        return store.add_account(work.connection, row)

    return system.write(actor, command)


def opened(system: System, account: str, device: Device | None = None) -> str:
    return system.database.write(
        lambda c: sessions.open_session(c, account, now=system.now(), hours=10, device=device)
    )


def found(system: System, token: str, **rules):
    with system.database.read() as connection:
        return sessions.session(
            connection, token, now=system.now(), settings=replace(system.settings, **rules)
        )


def change(system: System, account: str, new: str, *, keep: int = 3, due: bool = False) -> None:
    digest = store.hash_password(new)
    system.database.write(
        lambda c: own.set_password(
            c, account, digest, at=clocks.stamp(system.now()), change=due, keep=keep
        )
    )


def test_who_does_nothing_for_an_hour_is_logged_out(system: System, account, clock: Clock) -> None:
    """Every use counts from anew; nought minutes mean that only the hours count."""
    token = opened(system, account)
    clock.forward(minutes=59)
    system.database.write(lambda c: sessions.touch(c, token, now=system.now()))
    clock.forward(minutes=60, microseconds=-1)
    assert found(system, token) is not None
    clock.forward(microseconds=1)
    assert found(system, token) is None
    assert found(system, token, session_idle_minutes=0) is not None


def test_use_is_written_down_now_and_then_only(system: System, account, clock: Clock) -> None:
    """A tenth of the idle time: a hundred clicks are no hundred writes."""
    token = opened(system, account)
    clock.forward(minutes=5)
    rules = {"now": system.now(), "settings": system.settings}
    assert not sessions.worth_touching(found(system, token), **rules)
    clock.forward(minutes=2)
    rules["now"] = system.now()
    assert sessions.worth_touching(found(system, token), **rules)


def test_a_second_device_is_new_and_the_first_is_not(system: System, account) -> None:
    """Nobody is warned of their very first log-in, nor of one from where they always are."""
    note = lambda device: system.database.write(  # noqa: E731 - one line of a test
        lambda c: sessions.note_device(c, account, device, now=system.now())
    )
    office = Device("o" * 43, "Mozilla/5.0 (Windows NT 10.0) Edg/120")
    assert [note(PHONE), note(PHONE), note(office), note(PHONE)] == [False, False, True, False]
    opened(system, account, PHONE)
    with system.database.read() as connection:
        (one,) = sessions.sessions_of(
            connection, account, now=system.now(), settings=system.settings
        )
    assert (one.address, one.device_since) == ("10.1.2.3", clocks.stamp(system.now()))


def test_a_program_without_a_mark_is_known_by_its_name(system: System, account) -> None:
    """A nightly script does not warn its owner every night."""
    note = lambda agent: system.database.write(  # noqa: E731 - one line of a test
        lambda c: sessions.note_device(c, account, Device("", agent), now=system.now())
    )
    assert [note("python-httpx/1"), note("python-httpx/1"), note("curl/8")] == [False, False, True]


@pytest.mark.parametrize(
    ("days", "due", "rules"),
    [
        (89, False, {}),
        (90, True, {}),
        (90, False, {"password_days": 0}),
        (90, False, {"demo": True}),
    ],
)
def test_an_old_password_is_to_be_changed(
    system: System, account, clock: Clock, *, days: int, due: bool, rules
) -> None:
    """After ninety days, unless the office asks for none or it is the demonstration."""
    clock.forward(days=days)
    assert found(system, opened(system, account), **rules).stage == ("password" if due else "")


def test_a_password_that_was_given_is_changed_first(system: System, account, clock: Clock) -> None:
    """Whoever else knows it knows it no more."""
    change(system, account, "given-out-81", due=True)
    assert found(system, opened(system, account)).stage == "password"
    clock.forward(minutes=1)
    change(system, account, "only-mine-82")
    assert found(system, opened(system, account)).stage == ""


def test_the_last_passwords_are_not_taken_again(system: System, account, clock: Clock) -> None:
    """This one and three before; the fourth is free again, and its hash is gone."""
    rules = replace(system.settings, password_history=3)
    for number in range(1, 5):
        clock.forward(days=1)
        change(system, account, f"water-clear-{number}")

    def refused(text: str) -> bool:
        with system.database.read() as connection:
            try:
                password.refuse_used(connection, account, text, rules)
            except PasswordUsed:
                return True
        return False

    assert [refused(f"water-clear-{number}") for number in (1, 2, 3, 4)] == [True] * 4
    assert not refused(FIRST)
    with system.database.read() as connection:
        assert len(own.past_passwords(connection, account, limit=100)) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [("qwertyuiop1", "run"), ("1234567890a", "run"), ("poiuytrewq9", "run"), ("qweasdzxc-12", None),
     ("Abcdefghij1", "run"), ("山海云-2026-水", None), ("shan-hai-yun42", None), ("short-1", "short")],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(text: str, reason: str | None) -> None:
    """Runs of keys count as one character each."""
    if reason is None:
        password.refuse_weak(text, "wang", Settings())
        return
    with pytest.raises(PasswordWeak) as told:
        password.refuse_weak(text, "wang", Settings())
    assert told.value.reason == reason


def test_the_office_says_how_long_and_of_how_many_kinds() -> None:
    """Twelve characters of three kinds, where it asks for them."""
    rules = Settings(password_length=12, password_kinds=3)
    for text, reason in (("Short-kind1", "short"), ("only-small-too", "kinds")):
        with pytest.raises(PasswordWeak) as told:
            password.refuse_weak(text, "yu", rules)
        assert told.value.reason == reason
    password.refuse_weak("Three-kinds-x", "yu", rules)


def test_a_name_nobody_has_is_locked_like_one_somebody_has(system: System, account, clock: Clock, monkeypatch) -> None:  # fmt: skip
    """The sixth answer to either is the same, and costs neither a check: nothing tells them apart."""
    checks: list[str] = []
    genuine = PasswordHasher.verify

    def watched(self, known, text):
        checks.append(known)
        return genuine(self, known, text)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    answers: dict[str, list[str]] = {}
    for login in ("yu", "nobody"):
        told = answers[login] = []
        for _ in range(7):
            try:
                with system.database.read() as connection:
                    door.check_password(connection, login, "wrong", now=system.now())
            except LoginFailed as problem:
                told.append(problem.text())
                system.database.write(
                    lambda c, who=login: door.note_failure(c, who, now=system.now())
                )
            except LoginLocked as problem:
                told.append(problem.text())
        told.append(str(len(checks)))
        checks.clear()
    assert answers["yu"] == answers["nobody"]
    assert answers["yu"][-1] == "5"
    clock.forward(minutes=16)
    with system.database.read() as connection, pytest.raises(LoginFailed):
        door.check_password(connection, "nobody", "wrong", now=system.now())


def test_log_ins_that_are_over_are_removed(system: System, account, clock: Clock, actor) -> None:
    """By a job, once a day; what is in force stays."""
    opened(system, account)
    clock.forward(hours=9)
    token = opened(system, account)
    clock.forward(hours=2)
    assert system.database.write(lambda c: sessions.forget_ended(c, now=system.now())) == 1
    assert found(system, token, session_idle_minutes=0) is not None


def test_the_first_password_of_an_account_is_strong() -> None:
    """What is told over the counter passes our own rule."""
    for _ in range(50):
        password.refuse_weak(accounts.first_password(), "wangfang", Settings(password_length=16))
