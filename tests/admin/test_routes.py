"""Every address of the application, walked: strangers stay out, forms carry their token, no input is a fault of ours."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from engine.work import System
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
OPEN = {
    "/health", "/metrics", "/login", "/settings", "/settings/display", "/v/{token:str}",
    "/api/session", "/api/docs", "/login/passkey", "/login/passkey/begin",
    "/login/sso", "/login/sso/back", "/logout/sso",
    "/open/{address:str}", "/open/{address:str}/csv", "/open/{address:str}/pdf",
    "/mine", "/mine/fix",
}  # fmt: skip
"""What a stranger may open; whatever else there is asks for a log-in."""
FRAMEWORK = ("/static/", "/api/schema")
PEOPLE = ("lingdao", "minzheng", "designer")
"""Between them they may open nearly everything."""
ODD = (
    "none", "-1", "%27%20OR%201%3D1", "%00", "%F0%9F%91%B5", "..%2F..%2Fetc", "x" * 3000, "a%0D%0Ab", "%ED%A0%80",
)  # fmt: skip
QUERIES = ("-1", "abc", "", "9" * 40, "%00", "%F0%9F%91%B5", "/a/b/c")
HANDED_IN = {"self", "visit", "caller", "form", "data", "request", "state"}
ENDS_THE_SESSION = {"/logout", "/api/session"}


class Address(NamedTuple):
    """One method on one path, and what answers it."""

    method: str
    path: str
    handler: HTTPRouteHandler


def addresses(app: Litestar) -> Iterator[Address]:
    """Ours: neither the framework's own nor files."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and not route.path.startswith(FRAMEWORK):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield Address(str(method), route.path, handler)


def filled(path: str, value: str) -> str:
    """A path with this in every place of a parameter."""
    return re.sub(r"\{[^}]*\}", lambda _: value, path)


def parameters(address: Address) -> list[str]:
    """The names of its query parameters, as a visitor writes them."""
    found = inspect.signature(inspect.unwrap(address.handler.fn)).parameters
    places = set(re.findall(r"\{(\w+):", address.path))
    aliases = {"back": "next", "code": "form", "asked": "f"}
    return [aliases.get(name, name) for name in found if name not in places | HANDED_IN]


def test_every_handler_asks_who_visits(app: Litestar) -> None:
    """A handler without `visit` or `caller` could not tell a stranger from anybody."""
    found = {
        address.path
        for address in addresses(app)
        if not {"visit", "caller"}
        & set(inspect.signature(inspect.unwrap(address.handler.fn)).parameters)
    }
    assert found - OPEN == set()
    assert len(list(addresses(app))) > 40


def test_a_stranger_is_sent_to_log_in(app: Litestar, visitor: TestClient[Litestar]) -> None:
    """Pages lead to the log-in and back; the API says 401; nothing else is told."""
    wrong = []
    for address in addresses(app):
        if address.method != "GET" or address.path in OPEN:
            continue
        answer = visitor.get(filled(address.path, "0" * 20), follow_redirects=False)
        if address.path.startswith("/api/"):
            right = answer.status_code == 401 and answer.json()["code"] == "login-required"
        else:
            right = answer.status_code in (302, 303, 307) and answer.headers["location"].startswith(
                "/login"
            )
        if not right:
            wrong.append((address.path, answer.status_code))
    assert wrong == []


def test_a_stranger_can_change_nothing(app: Litestar, visitor: TestClient[Litestar]) -> None:
    """401 or 403 for every press without a log-in; from a page, the door."""
    wrong = []
    for address in addresses(app):
        if address.method == "GET" or address.path == "/api/session":
            continue
        path = filled(address.path, "0" * 20)
        answer = visitor.request(address.method, path, follow_redirects=False)
        door = answer.status_code == 303 and answer.headers["location"] == "/login"
        if answer.status_code not in (401, 403) and (address.path.startswith("/api/") or not door):
            wrong.append((address.method, address.path, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    ["%00", "fonts/.%00./x", "a" * 5000, "a/" * 3000, "..%2f..%2f..%2fetc/passwd", "%2e%2e/app.py", "fonts/..%5capp.py"],
)  # fmt: skip
def test_a_name_that_no_file_has_is_not_found(visitor: TestClient[Litestar], path: str) -> None:
    """Noughts, ways out and names without end: 404, and no fault of ours."""
    assert visitor.get(f"/static/{path}").status_code == 404


def test_a_press_without_the_token_is_refused(app: Litestar, log_in: LogIn) -> None:
    """Somebody logged in, and another site that knows no token: 403 at every address."""
    caller = log_in("designer")
    caller.token = ""
    wrong = []
    for address in addresses(app):
        if address.method == "GET" or (address.method, address.path) == ("POST", "/api/session"):
            continue
        answer = caller.send(address.method, filled(address.path, "0" * 20))
        if answer.status_code != 403:
            wrong.append((address.method, address.path, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("login", PEOPLE)
def test_odd_parameters_are_no_fault(app: Litestar, log_in: LogIn, login: str) -> None:
    """Whatever stands in a path: a page, a redirect or a refusal, never 500."""
    caller = log_in(login)
    faults = []
    for address in addresses(app):
        if "{" not in address.path:
            continue
        for odd in ODD:
            options = {} if address.method in ("GET", "DELETE") else _nothing(address)
            answer = caller.send(address.method, filled(address.path, odd), **options)
            if answer.status_code >= 500:
                faults.append((address.method, filled(address.path, odd)[:100]))
    assert faults == []


@pytest.mark.parametrize("login", PEOPLE)
def test_odd_questions_are_no_fault(
    app: Litestar, system: System, log_in: LogIn, login: str
) -> None:
    """Whatever stands behind the question mark of a page that is really there."""
    sent = reports.sent(system, installed.COMMUNITIES[:2])
    record = reports.final(system, sent)
    there = {
        "dispatch_id": sent.id,
        "record_id": record,
        "document_id": record,
        "subject": "person",
        "task_id": "none",
        "token": "x",
    }
    caller = log_in(login)
    faults = []
    for address in addresses(app):
        names = parameters(address)
        if address.method != "GET" or not names:
            continue
        code = "person.name" if address.path.startswith("/dictionary") else reports.FORM
        if "/ledgers/" in address.path:
            code = "civil.elderly_ledger"
        path = re.sub(
            r"\{(\w+):[^}]*\}",
            lambda found, code=code: there.get(found[1], code),  # type: ignore[misc]  # bound early on purpose
            address.path,
        )
        for name in names:
            for value in QUERIES:
                answer = caller.get(f"{path}?{name}={value}")
                if answer.status_code >= 500:
                    faults.append(f"{path}?{name}={value}")
    assert faults == []


@pytest.mark.parametrize("login", PEOPLE)
def test_an_empty_press_is_no_fault(app: Litestar, log_in: LogIn, login: str) -> None:
    """A form that came with its token and nothing else."""
    caller = log_in(login)
    faults = []
    for address in addresses(app):
        if address.method == "GET" or address.path in ENDS_THE_SESSION:
            continue
        path = filled(address.path, reports.FORM if "{code" in address.path else "none")
        answer = caller.send(address.method, path, **_nothing(address))
        if answer.status_code >= 500:
            faults.append((address.method, path))
    assert faults == []


def _nothing(address: Address) -> dict[str, Any]:
    """A body without content: JSON for the API, a form for a page."""
    return {"json": {}} if address.path.startswith("/api/") else {"data": {"x": ""}}
