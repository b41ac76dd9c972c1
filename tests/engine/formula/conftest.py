"""The register of six people on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Connection,
)

from tests.engine.formula.register import filled
from tests.in_node import InNode


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Connection]:
    with filled("sqlite://") as connection:
        yield connection


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Connection]:
    connection = filled(postgres_url)
    yield connection
    connection.close()
    connection.engine.dispose()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], name="database"
)
def _database(request) -> Connection:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InNode]:
    """The browser's evaluator, built from the pages' sources."""
    found = InNode("formula", tmp_path_factory.mktemp("browser"))
    yield found
    found.close()
