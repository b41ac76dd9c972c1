"""Logging in: who, for how long, and when it is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from engine.errors import NotFound
from engine.identity import door, sessions, store
from engine.identity.door import LoginFailed, LoginLocked
from engine.identity.sessions import SESSION
from engine.identity.store import ACCOUNT
from engine.work import System
from tests.conftest import Clock

PASSWORD = "shan-hai-yun42"


@pytest.fixture
def account(system: System, actor) -> str:
    """An account `yu` with its password."""

    def command(work) -> str:
        row = {
            "id": work.new_id(),
            "login": "yu",
            "name": "于淑兰",
            "password_hash": store.hash_password(PASSWORD),
            "created_at": work.at,
        }
        return store.add_account(work.connection, row)

    return system.write(actor, command)


def log_in(system: System, password: str = PASSWORD, login: str = "yu") -> str:
    """As the log-in page does it: a wrong password is counted in a transaction of its own."""
    try:
        token, _ = system.database.write(
            lambda c: sessions.log_in(c, login, password, now=system.now(), hours=10)
        )
    except LoginFailed:
        system.database.write(lambda c: door.note_failure(c, login, now=system.now()))
        raise
    return token


def who(system: System, token: str):
    with system.database.read() as connection:
        return sessions.session(
            connection,
            token,
            now=system.now(),
            settings=replace(system.settings, session_idle_minutes=0),
        )


def fail(system: System, times: int) -> None:
    for _ in range(times):
        with pytest.raises(LoginFailed):
            log_in(system, "wrong")


def test_the_right_password_opens_a_session(system: System, account: str) -> None:
    """The session tells who it is, and carries a token for forms."""
    opened = who(system, log_in(system))
    assert (opened.actor.id, opened.actor.login, opened.actor.name) == (account, "yu", "于淑兰")
    assert len(opened.csrf) >= 32


def test_neither_token_nor_password_is_kept(system: System, account: str) -> None:
    """Whoever reads the database cannot act as somebody."""
    token = log_in(system)
    with system.database.read() as connection:
        rows = [
            tuple(row) for table in (ACCOUNT, SESSION) for row in connection.execute(select(table))
        ]
    assert token not in str(rows)
    assert PASSWORD not in str(rows)
    assert "$argon2id$" in str(rows)


def test_every_log_in_has_its_own_token(system: System, account: str) -> None:
    """Ending one leaves the others."""
    first, second = log_in(system), log_in(system)
    system.database.write(lambda c: sessions.log_out(c, first))
    assert who(system, first) is None
    assert who(system, second) is not None
    assert who(system, "") is None


def test_a_session_ends_by_itself(system: System, account: str, clock: Clock) -> None:
    """After its ten hours, to the second."""
    token = log_in(system)
    clock.forward(hours=10, microseconds=-1)
    assert who(system, token) is not None
    clock.forward(microseconds=1)
    assert who(system, token) is None


def test_a_closed_account_is_out_at_once(system: System, account: str) -> None:
    """Its sessions end, and its password opens none; the answer is that of a wrong password."""
    token = log_in(system)
    system.database.write(lambda c: c.execute(update(ACCOUNT).values(active=False)))
    assert who(system, token) is None
    with pytest.raises(LoginFailed):
        log_in(system)
    with system.database.read() as connection, pytest.raises(NotFound):
        store.actor_by_login(connection, "yu", now=system.now())


def test_the_fifth_wrong_password_locks_for_a_quarter_of_an_hour(system: System, account: str, clock: Clock) -> None:  # fmt: skip
    """Even the right one is refused until then."""
    fail(system, 5)
    with pytest.raises(LoginLocked) as told:
        log_in(system)
    assert told.value.minutes == 15
    clock.forward(minutes=15, microseconds=-1)
    with pytest.raises(LoginLocked):
        log_in(system)
    clock.forward(microseconds=1)
    assert log_in(system)


def test_a_right_password_forgets_the_wrong_ones(system: System, account: str) -> None:
    """Four slips a day never lock anybody out."""
    for _ in range(3):
        fail(system, 4)
        assert log_in(system)


def test_after_a_lock_the_count_begins_anew(system: System, account: str, clock: Clock) -> None:
    """Five more guesses, not one."""
    fail(system, 5)
    clock.forward(minutes=16)
    fail(system, 4)
    assert log_in(system)


def test_a_guess_that_was_under_way_does_not_end_the_lock(system: System, account: str) -> None:
    """Guessing in parallel gains nothing: the sixth failure, counted late, leaves the lock."""
    fail(system, 5)
    system.database.write(lambda c: door.note_failure(c, "yu", now=system.now()))
    with pytest.raises(LoginLocked):
        log_in(system)


def test_guesses_at_the_same_time_all_count(system: System, account: str) -> None:
    """None of four is lost, so that one more locks."""
    note = lambda _: system.database.write(lambda c: door.note_failure(c, "yu", now=system.now()))  # noqa: E731 - one line of a test
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(4)))
    fail(system, 1)
    with pytest.raises(LoginLocked):
        log_in(system)


def test_an_unknown_name_is_told_and_checked_like_a_wrong_password(system: System, account: str, monkeypatch) -> None:  # fmt: skip
    """The same answer after the same work: one check against a hash of the same cost."""
    checked: list[str] = []
    genuine = PasswordHasher.verify

    def watched(self, known, password):
        checked.append(known)
        return genuine(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    answers = []
    for login in ("yu", "nobody"):
        with pytest.raises(LoginFailed) as told:
            log_in(system, "wrong", login)
        answers.append((told.value.code, told.value.details(), told.value.text()))
    assert answers[0] == answers[1]
    assert len(checked) == 2
    assert checked[0] != checked[1]
    first, second = (known.split("$")[1:4] for known in checked)
    assert first == second


def test_the_decoy_opens_nothing(system: System, account: str, monkeypatch) -> None:
    """Whoever guessed what an unknown name is checked against is no further."""
    monkeypatch.setattr(store, "_decoy", store.hash_password("guessed"))
    with pytest.raises(LoginFailed):
        log_in(system, "guessed", "nobody")


def test_a_damaged_hash_is_a_wrong_password(system: System, account: str) -> None:
    """It never lets anybody in and never shows an error page."""
    system.database.write(lambda c: c.execute(update(ACCOUNT).values(password_hash="x")))
    with pytest.raises(LoginFailed):
        log_in(system)


def test_a_password_is_checked_without_writing(system: System, account: str) -> None:
    """The slow half of a log-in holds up nobody's writes."""
    with system.database.read() as connection:
        assert door.check_password(connection, "yu", PASSWORD, now=system.now()) == account
        with pytest.raises(LoginFailed):
            door.check_password(connection, "yu", "wrong", now=system.now())
    token = system.database.write(
        lambda c: sessions.open_session(c, account, now=system.now(), hours=1)
    )
    assert who(system, token).actor.id == account
