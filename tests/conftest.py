"""What every test may ask for."""

from collections.abc import Iterator

import pytest

from tests import postgres


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
