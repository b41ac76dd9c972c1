"""So often in a minute, however many nodes there are."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from admin.web.limits import Limits, TooOften
from engine.identity import rates
from engine.work import System
from tests import factories

LIMIT = 40
NOW = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)


def _let_in(nodes: list[Limits], system: System, tries: int) -> int:
    """How many of so many tries, spread over the nodes, are let in."""
    waits = []
    for number in range(tries):
        try:
            nodes[number % len(nodes)].take_of_all(system, "login", "10.0.0.1", LIMIT)
        except TooOften as told:
            waits.append(told.seconds)
    assert all(0 < seconds <= 60 for seconds in waits)
    return tries - len(waits)


def _taken(system: System, limit: int = LIMIT) -> bool:
    return system.write(factories.TESTER, lambda work: rates.take(work, "x", "y", limit))


def test_more_nodes_give_no_more_tries(system: System) -> None:
    """Three nodes together let in what one does; the next minute everybody begins anew."""
    system.now = lambda: NOW
    assert _let_in([Limits() for _ in range(3)], system, 5 * LIMIT) <= LIMIT
    assert _let_in([Limits()], system, LIMIT) == 0
    Limits().take_of_all(system, "login", "10.0.0.2", LIMIT)
    system.now = lambda: NOW + timedelta(minutes=1)
    assert _let_in([Limits()], system, LIMIT) == LIMIT


def test_two_nodes_that_ask_at_once_are_both_counted(system: System) -> None:
    """The first turn of all too: nobody's is lost, and nobody fails."""
    system.now = lambda: NOW
    meet, given = Barrier(4), []

    def ask() -> None:
        meet.wait()
        given.append(_taken(system, 2))

    threads = [Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(given) == [False, False, True, True]


@pytest.mark.parametrize(("ahead", "left"), [(1, False), (90, True)])
def test_another_clock_neither_opens_nor_locks(system: System, ahead: int, left: bool) -> None:
    """A node a minute ahead counts along; a count of a clock that was far ahead holds nobody up."""
    system.now = lambda: NOW + timedelta(minutes=ahead)
    assert _taken(system, 1)
    system.now = lambda: NOW
    assert _taken(system, 1) is left


def test_past_minutes_are_forgotten(system: System) -> None:
    """Their counts go with the log-ins that are over."""
    system.now = lambda: NOW
    assert _taken(system)
    assert system.write(factories.TESTER, rates.forget) == 0
    system.now = lambda: NOW + timedelta(minutes=3)
    assert system.write(factories.TESTER, rates.forget) == 1
