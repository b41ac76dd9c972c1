"""The whole application over an installation of the test's own, and people logged in to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from admin.app import create_app
from engine.settings import Settings
from engine.work import System
from tests import installed

Client = TestClient[Litestar]


class Caller:
    """Somebody logged in: their cookies are their own, the token is sent along."""

    def __init__(self, client: Client, login: str, password: str) -> None:
        self.client = client
        self.login = login
        self.cookies = httpx.Cookies()
        self.token = ""
        answer = self.send("POST", "/api/session", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["csrf"]

    def get(self, path: str, **options: Any) -> Any:
        """GET as this person."""
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST JSON with the token."""
        return self.send("POST", path, **({} if body is None else {"json": body}), **options)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH JSON with the token."""
        return self.send("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        """DELETE with the token."""
        return self.send("DELETE", path)

    def press(self, path: str, **fields: Any) -> Any:
        """Post a page's form with the token in it."""
        return self.send("POST", path, data={"csrf": self.token, **fields})

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Any request as this person; redirects are not followed."""
        headers = {"x-csrf-token": self.token, **options.pop("headers", {})}
        self.client.cookies = self.cookies
        try:
            return self.client.request(
                method, path, headers=headers, follow_redirects=False, **options
            )
        finally:
            self.cookies = httpx.Cookies(self.client.cookies)
            self.client.cookies = httpx.Cookies()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """An installation of the Yantai pack without people."""
    opened = installed.pack_only().copy(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Litestar]:
    """The application, put together once; every test hands it an installation of its own."""
    first = System(Settings(data_dir=str(tmp_path_factory.mktemp("first"))))
    yield create_app(first.settings, first)
    first.close()


@pytest.fixture
def app(built: Litestar, system: System) -> Litestar:
    """The application over the test's installation."""
    built.state.system = system
    return built


@pytest.fixture
def visitor(app: Litestar) -> Iterator[Client]:
    """Somebody who is not logged in."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def log_in(visitor: Client) -> Callable[[str], Caller]:
    """Log somebody of the pack in."""
    passwords = installed.pack_only().passwords
    return lambda login: Caller(visitor, login, passwords[login])
