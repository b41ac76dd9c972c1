"""The suite's own PostgreSQL server: it starts, gives separate databases, and leaves nothing behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests import postgres

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parent.parent
ONE_THAT_WAITS = """
import time
from tests import postgres
with postgres.running(durable=False) as server:
    print(server.pid, server.url("postgres").rpartition("=")[2], flush=True)
    time.sleep(60)
"""


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_every_database_starts_empty_and_apart(postgres_server: postgres.Server) -> None:
    """What one test writes another never sees."""
    first, second = postgres_server.fresh_database(), postgres_server.fresh_database()
    engines = [sa.create_engine(url) for url in (first, second)]
    with engines[0].begin() as connection:
        connection.execute(sa.text("CREATE TABLE facts (name TEXT)"))
    assert [sa.inspect(engine).get_table_names() for engine in engines] == [["facts"], []]
    for engine, url in zip(engines, (first, second), strict=True):
        engine.dispose()
        postgres_server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first.replace("+psycopg", ""))


def test_a_database_can_be_copied_from_one_already_migrated(
    postgres_server: postgres.Server,
) -> None:
    """Migrations run once; each test then gets a copy."""
    template = postgres_server.fresh_database()
    engine = sa.create_engine(template)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE facts (name TEXT)"))
    engine.dispose()
    copy = sa.create_engine(postgres_server.fresh_database(template=template))
    assert sa.inspect(copy).get_table_names() == ["facts"]
    copy.dispose()


def test_a_database_given_back_is_used_again_when_it_is_as_new(
    postgres_databases: postgres.Recycled,
) -> None:
    """Rows, numbering and registers are gone, and the name is another; one with other tables is not used again."""

    def number() -> int:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            return connection.execute(
                "SELECT oid FROM pg_database WHERE datname = current_database()"
            ).fetchone()[0]

    url = postgres_databases.take()
    first = number()
    origin = "INSERT INTO origin (source, title, at, actor_id, actor_name, verified_by, approved_by, organisation, form_code, form_version, document_id, task_id, period) SELECT 'a', 'b', 'c', '', '', '', '', '', '', 0, '', '', '' RETURNING id"  # fmt: skip
    for _ in range(2):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            assert connection.execute(origin).fetchone() == (1,)
            connection.execute("CREATE TABLE reg_person (id text)")
        postgres_databases.give_back(url)
        before, url = url, postgres_databases.take()
        assert url != before
        assert number() == first
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE task ADD COLUMN more text")
    postgres_databases.give_back(url)
    url = postgres_databases.take()
    assert number() != first
    postgres_databases.give_back(url)


def test_a_killed_test_run_leaves_no_server() -> None:
    """Not even kill -9 of the tests leaves a server running."""
    runner = subprocess.Popen(
        [sys.executable, "-c", ONE_THAT_WAITS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert runner.stdout is not None
    pid, folder = runner.stdout.readline().split()
    assert _alive(int(pid))
    runner.kill()
    runner.wait()
    deadline = time.monotonic() + 20
    while _alive(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(int(pid))
    subprocess.run(["rm", "-rf", folder], check=True)


def test_a_stopped_server_leaves_no_files() -> None:
    """The data folder goes with the server."""
    with postgres.running(durable=False) as server:
        folder, pid = Path(server.url("postgres").rpartition("=")[2]), server.pid
        assert folder.is_dir()
    assert not folder.exists()
    assert not _alive(pid)
