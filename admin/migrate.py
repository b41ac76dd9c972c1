"""Bringing a database to this program's version, and making the next migration."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.storage.database import Database, advisory_lock

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, target: str = "head") -> None:
    """Run the migrations that the database has not seen, in one transaction."""
    database.write(lambda connection: bring(connection, target))


def bring(connection: Connection, target: str = "head") -> None:
    """The same within a transaction that does more."""
    _run(connection, "upgrade", target)


def downgrade(database: Database, target: str) -> None:
    """Undo migrations down to `target` ("base" for all)."""
    database.write(lambda connection: _run(connection, "downgrade", target))


def is_current(connection: Connection) -> bool:
    """Whether the database has every migration of this program."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


def revise(database: Database, message: str) -> None:
    """Write the migration that brings the newest database to the tables as they stand in code."""

    def inside(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True)

    database.write(inside)


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _run(connection: Connection, direction: str, target: str) -> None:
    advisory_lock(connection, "migrations")  # of two that start at once the second finds it done
    config = _config()
    config.attributes["connection"] = connection
    getattr(command, direction)(config, target)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config
