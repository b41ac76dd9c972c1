"""Migrations: up, down and up again on both databases, and equal to the tables as code says them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from admin import migrate
from engine.registers import schema, words
from engine.storage.database import Database
from engine.work import System, Work
from tests import factories

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    """An empty database."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'a.db'}" if sqlite else request.getfixturevalue("postgres_url")
    database = Database(url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def system(request: pytest.FixtureRequest) -> System:
    """A migrated installation without a pack, on either database."""
    found: System = request.getfixturevalue(f"{request.param}_system")
    return found


def tables(database: Database) -> set[str]:
    """The tables there are, but for Alembic's own note of the version."""
    with database.read() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def described(database: Database) -> dict:
    """Every column, index and key of every table, and the triggers."""
    triggers = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with database.read() as connection:
        see = inspect(connection)
        return {"triggers": sorted(connection.execute(text(triggers)).scalars())} | {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in see.get_columns(name)],
                sorted(
                    (i["name"], tuple(i["column_names"]), i["unique"])
                    for i in see.get_indexes(name)
                ),
                see.get_pk_constraint(name)["constrained_columns"],
                [key["referred_table"] for key in see.get_foreign_keys(name)],
            )
            for name in see.get_table_names()
        }


def current(database: Database) -> bool:
    with database.read() as connection:
        return migrate.is_current(connection)


def check(database: Database) -> None:
    """What `alembic check` says: raises CommandError with the difference."""

    def inside(connection) -> None:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.check(config)

    database.write(inside)


def test_up_down_and_up_again_gives_the_same_tables(empty: Database) -> None:
    """Every migration can be undone, leaves nothing behind, and can be done again."""
    assert not current(empty)
    migrate.upgrade(empty)
    first = described(empty)
    assert current(empty)
    assert len(first) > 15
    migrate.downgrade(empty, "base")
    assert tables(empty) == set()
    assert not current(empty)
    migrate.upgrade(empty)
    assert described(empty) == first
    migrate.upgrade(empty)
    assert described(empty) == first


def test_each_migration_can_be_undone_by_itself(empty: Database) -> None:
    """One step down and up again, from the newest to the first."""
    migrate.upgrade(empty)
    steps = 0
    while tables(empty):
        before = described(empty)
        migrate.downgrade(empty, "-1")
        assert described(empty) != before
        steps += 1
    assert steps == len(list((migrate.FOLDER / "versions").glob("[0-9]*.py")))


def test_the_index_of_words_goes_with_what_its_triggers_write_to(system: System) -> None:
    """A register is written to before and after; the job makes the index again."""
    known = factories.load_dictionary(system)

    def read_and_told() -> tuple[int, int]:
        def inside(work: Work) -> tuple[int, int]:
            rows = words.read_again(work, {})["rows"]
            chosen = words.condition(work, known, "person", "秀英", [known.field("person.name")])
            query = select(func.count()).select_from(schema.table(known, "person")).where(chosen)
            return rows, work.connection.execute(query).scalar_one()

        return system.write(factories.TESTER, inside)

    factories.load_people(system, known, [factories.person()])
    assert read_and_told() == (1, 1)
    made = described(system.database)
    migrate.downgrade(system.database, "0032")
    assert not any("words" in name or "pairs" in name for name in tables(system.database))
    factories.load_people(system, known, [factories.person()])
    migrate.upgrade(system.database)
    assert read_and_told() == (2, 2)
    assert described(system.database) == made


def test_the_tables_in_code_are_those_of_the_migrations(system: System) -> None:
    """Alembic finds nothing to add; registers, which the dictionary makes, are not its business."""
    check(system.database)
    factories.load_dictionary(system)
    check(system.database)


def test_a_difference_would_be_found(system: System) -> None:
    """So that the test above can fail."""
    system.database.write(lambda c: c.execute(text("ALTER TABLE task RENAME COLUMN due_at TO due")))
    with pytest.raises(CommandError, match="due_at"):
        check(system.database)


def test_a_migration_that_fails_leaves_nothing(empty: Database) -> None:
    """Tables are part of the transaction on both databases."""
    empty.write(lambda connection: connection.execute(text("CREATE TABLE task (id INTEGER)")))
    with pytest.raises(DBAPIError, match="already exists"):
        migrate.upgrade(empty)
    assert tables(empty) == {"task"}
    assert not current(empty)


def test_two_that_start_at_once_both_find_it_migrated(empty: Database) -> None:
    """The second waits for the first and has nothing to do."""
    script = (
        "import sys; from admin import migrate; from engine.storage.database import Database\n"
        "database = Database(sys.argv[1]); input(); migrate.upgrade(database); database.close()"
    )
    url = empty.url.render_as_string(hide_password=False)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, url], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for one in both:
        one.stdin.write("\n")
        one.stdin.flush()
    told = [(one.communicate(timeout=60)[1], one.returncode) for one in both]
    assert [code for _, code in told] == [0, 0], told
    assert current(empty)
