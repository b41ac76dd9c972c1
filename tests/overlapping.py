"""Two transactions that are under way at the same time, whatever the machine's luck.

The first has done all it does and has not committed; then the second begins, and the first goes on when
the second is through or waits for it. On SQLite the second waits for its turn from the start.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from sqlalchemy import text

from engine.identity.actor import Actor
from engine.work import System, Work

Command = Callable[[Work], Any]
ANEW = text("SELECT pg_stat_clear_snapshot()")
"""What others do is read once a transaction: who looked too early would never see the second one wait."""
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def both(
    system: System, one: tuple[Actor, Command], other: tuple[Actor, Command], *, brief: bool = False
) -> list[Any]:
    """What came of each: its result, or what it raised; the second may be a `brief` one."""
    come, through = Event(), Event()

    def first(work: Work) -> Any:
        found = one[1](work)
        come.set()
        while not system.database.is_sqlite and not through.wait(0.02):
            work.connection.execute(ANEW)
            if work.connection.execute(WAITING).scalar_one():
                break
        return found

    def second() -> Any:
        assert come.wait(60)
        try:
            return system.write(*other, brief=brief)
        finally:
            through.set()

    with ThreadPoolExecutor(2) as pool:
        under_way = [pool.submit(system.write, one[0], first), pool.submit(second)]
        return [run.exception() or run.result() for run in under_way]
