"""What `write` has given back is on the disk: on PostgreSQL, whose commits do not wait for it themselves.

The server's own writer of the log is put to sleep, so that nothing else brings a commit to the disk.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy.engine import make_url

from engine.storage.database import Database
from tests import postgres
from tests.engine.storage import notes

pytestmark = pytest.mark.postgres
WHERE = "SELECT %s::pg_lsn <= pg_current_wal_flush_lsn()"


@pytest.fixture
def outside(postgres_server: postgres.Server, postgres_url: str) -> Iterator[psycopg.Connection]:
    """Somebody who looks at the server's log; commits of this database are to be on the disk."""
    plain = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as one:
        one.execute(f'ALTER DATABASE "{plain.database}" SET synchronous_commit = on')
        one.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        one.execute("SELECT pg_reload_conf()")
        yield one
        one.execute("ALTER SYSTEM RESET wal_writer_delay")
        one.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("brief", [False, True])
def test_what_was_written_is_on_the_disk(
    outside: psycopg.Connection, postgres_url: str, brief: bool
) -> None:
    """Its place in the log is behind what has been flushed, each time, in whichever thread it ran."""
    database = Database(postgres_url)

    def add(number: int):
        def command(connection):
            notes.add(number)(connection)
            return connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar_one()

        return command

    try:
        notes.make(database)

        def written(number: int) -> bool:
            place = database.write(add(number), brief=brief)
            return outside.execute(WHERE, (str(place),)).fetchone() == (True,)

        assert all(map(written, range(20)))
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(written, range(20, 60)))
    finally:
        database.close()
