"""The PostgreSQL server is killed in the middle of writes: what was acknowledged is on the disk.

Writes do not wait for the disk while they hold locks, but for the log before they are acknowledged.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import text

from engine.storage.database import Database
from engine.storage.failures import StorageUnavailable
from tests import postgres

THREADS = 6
ENOUGH = 300
"""Acknowledged writes after which the server is killed."""

pytestmark = pytest.mark.postgres


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    """A server that keeps its promises to the disk, for this test alone."""
    with postgres.running(durable=True) as found:
        yield found


def _write_until_it_dies(database: Database, mine: int, acknowledged: list[int]) -> None:
    number = mine
    with suppress(StorageUnavailable):
        while True:
            database.write(
                lambda connection, one=number: connection.execute(
                    text("INSERT INTO kept VALUES (:one)"), {"one": one}
                )
            )
            acknowledged.append(number)
            number += THREADS


def test_what_was_acknowledged_survives_the_death_of_the_server(server: postgres.Server) -> None:
    """Killed without warning and started again: nothing that was acknowledged is missing."""
    url = server.fresh_database()
    database = Database(url)
    database.write(lambda connection: connection.execute(text("CREATE TABLE kept (id int)")))
    acknowledged: list[int] = []
    threads = [
        threading.Thread(target=_write_until_it_dies, args=(database, mine, acknowledged))
        for mine in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    while len(acknowledged) < ENOUGH and any(thread.is_alive() for thread in threads):
        threads[0].join(0.01)
    os.kill(server.pid, signal.SIGQUIT)  # what PostgreSQL understands as: stop now, save nothing
    for thread in threads:
        thread.join()
    database.close()
    server.restart()
    again = Database(url)
    with again.read() as connection:
        kept = set(connection.execute(text("SELECT id FROM kept")).scalars())
    again.close()
    assert len(acknowledged) >= ENOUGH
    assert set(acknowledged) - kept == set()
