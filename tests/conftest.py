"""What every test may ask for: a PostgreSQL server, an installation on either database, a clock to move."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from admin import migrate
from engine.identity.actor import Actor, system_actor
from engine.settings import Settings
from engine.storage.database import Database
from engine.work import System
from tests import hashing, oidc_provider, postgres

# a machine that has other things to do is no fault of what is tested
settings.register_profile("yibiao", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("yibiao")
hashing.cheaply()

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""Half past nine on a Monday in Yantai."""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> datetime:
        """Let time pass, as `timedelta` names it."""
        self.at += timedelta(**amount)
        return self.at


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's `system`."""
    return Clock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server for the whole run, started when the first test asks."""
    with postgres.running(durable=False) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    url = postgres_server.fresh_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to be copied."""
    path = tmp_path_factory.mktemp("template") / "yibiao.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    """The URL of a migrated PostgreSQL database to be copied; nobody may stay connected to it."""
    url = postgres_server.fresh_database()
    _migrated(url)
    return url


@pytest.fixture(scope="session")
def postgres_databases(
    postgres_server: postgres.Server, postgres_template: str
) -> Iterator[postgres.Recycled]:
    """Migrated databases that are emptied and used again."""
    recycled = postgres.Recycled(postgres_server, postgres_template)
    yield recycled
    recycled.close()


@pytest.fixture
def sqlite_system(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[System]:
    """An installation on SQLite."""
    shutil.copy(sqlite_template, tmp_path / "yibiao.db")
    system = System(Settings(data_dir=str(tmp_path)), now=clock)
    yield system
    system.close()


@pytest.fixture
def postgres_system(
    postgres_databases: postgres.Recycled, tmp_path: Path, clock: Clock
) -> Iterator[System]:
    """An installation on PostgreSQL."""
    url = postgres_databases.take()
    system = System(Settings(database_url=url, data_dir=str(tmp_path)), now=clock)
    yield system
    system.close()
    postgres_databases.give_back(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def system(request: pytest.FixtureRequest) -> System:
    """An installation, on SQLite and then on PostgreSQL: empty, migrated, at `clock`."""
    found: System = request.getfixturevalue(f"{request.param}_system")
    return found


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A real provider of single sign-on for the whole run, started when the first test asks."""
    with oidc_provider.running() as address:
        yield address


@pytest.fixture
def again(system: System, clock: Clock) -> Iterator[Callable[[], System]]:
    """Opens the test's installation once more, as another process would; keys and data are the same."""
    opened: list[System] = []

    def reopen() -> System:
        opened.append(System(system.settings, now=clock))
        return opened[-1]

    yield reopen
    for one in opened:
        one.close()


@pytest.fixture
def actor() -> Actor:
    """The program itself, which may do everything."""
    return system_actor("test")


def _migrated(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()
