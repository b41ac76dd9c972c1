"""Identical databases to measure on; they are gone when the measurement is over."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url


class Scratch(Protocol):
    """Makes databases of one kind."""

    def fresh(self) -> str:
        """An empty database's URL."""

    def copy(self, url: str) -> str:
        """A database with the same content; nobody may be connected to the one that is copied."""


class Files:
    """SQLite: databases are files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def fresh(self) -> str:
        """The URL of a file that is not there yet."""
        self._count += 1
        return f"sqlite:///{self._folder / f'{self._count}.db'}"

    def copy(self, url: str) -> str:
        """A copy of the file, its log written back first."""
        source = make_url(url).database or ""
        with sqlite3.connect(source) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        target = self.fresh()
        shutil.copy(source, make_url(target).database or "")
        return target


class Server:
    """PostgreSQL: databases of our own beside the one that the URL names, which is not touched."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._made: list[str] = []

    def fresh(self) -> str:
        """A new database's URL."""
        return self._create("template0")

    def copy(self, url: str) -> str:
        """A copy made by the server."""
        return self._create(make_url(url).database or "")

    def drop(self) -> None:
        """Remove all that were made."""
        for name in self._made:
            self._run(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _create(self, template: str) -> str:
        name = f"yibiao_bench_{uuid.uuid4().hex[:12]}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(conninfo(self._url), autocommit=True) as connection:
            connection.execute(statement)


def conninfo(url: URL) -> str:
    """A database URL as the bare driver takes it."""
    given = {
        "host": url.host or url.query.get("host"),
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
    }
    told = {name: str(value) for name, value in given.items() if value is not None}
    return make_conninfo("", **told)


@contextmanager
def databases(url: str, folder: Path) -> Iterator[Scratch]:
    """Where to make databases: `sqlite` for files in the folder, or a PostgreSQL server's URL."""
    if url == "sqlite":
        yield Files(folder)
        return
    server = Server(url)
    try:
        yield server
    finally:
        server.drop()
