"""Whoever guesses in parallel has five tries, as whoever guesses one by one; and learns nothing more."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from admin.web import login
from engine.identity import store
from engine.identity.door import LoginFailed, LoginLocked
from engine.identity.factors.store import FactorWrong
from engine.identity.store import ACCOUNT
from engine.work import System, Work
from tests import installed

RIGHT = installed.pack_only().passwords


def test_what_was_under_way_when_the_lock_came_is_refused_alike(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right or wrong: it was let past the lock before five others were counted."""
    checked, locked, check = [Event(), Event()], Event(), store.verify_hash

    def slow(known: str, password: str) -> None:
        if password in under_way:
            checked[under_way.index(password)].set()
            assert locked.wait(60)
        check(known, password)

    under_way = [RIGHT["huian"], "another-guess-1"]
    monkeypatch.setattr(store, "verify_hash", slow)
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(login.proven, system, "huian", one) for one in under_way]
        assert all(one.wait(60) for one in checked)
        for number in range(5):
            with pytest.raises(LoginFailed):
                login.proven(system, "huian", f"guess-{number}")
        locked.set()
        assert [type(one.exception()) for one in tries] == [LoginLocked, LoginLocked]


def test_a_wrong_code_is_counted_where_it_was_checked(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one transaction: many that come at once are looked at one after the other, each counted."""
    actor, write, times = installed.person(system, "huian"), system.write, 0

    def once(*given: Any, **more: Any) -> Any:
        nonlocal times
        times += 1
        return write(*given, **more) if times == 1 else None

    def wrong(work: Work) -> str:
        work.note("account.recovery-code-used", work.actor.id)
        raise FactorWrong

    monkeypatch.setattr(system, "write", once)
    with pytest.raises(FactorWrong):
        login._guessed(system, actor, wrong)
    with system.read(actor) as work:
        query = select(ACCOUNT.c.failed).where(ACCOUNT.c.id == actor.id)
        assert work.connection.execute(query).scalar_one() == 1
