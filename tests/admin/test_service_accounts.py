"""Programs at the API: a token may what a person with its positions may, of what it names; and no page."""

import csv
import re
from typing import Any

import pytest
from litestar import Litestar

from admin.pages.service_accounts import OPERATIONS
from engine.work import System
from tests.admin import test_access
from tests.admin.conftest import Caller, Client
from tests.admin.test_routes import addresses, filled

STREET = "惠安社区居民委员会"


class Program:
    """A program with a token: no cookie, no CSRF token."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.headers = client, {"authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Any request."""
        return self.client.request(
            method, path, headers=self.headers, follow_redirects=False, **options
        )


def made(security: Caller, *operations: str, role: str = "staff", place: str = STREET) -> str:
    """A new service account's token."""
    name = f"program{len(operations)}"
    there = security.press("/accounts/services/new", login=name, name="夜间取数").headers[
        "location"
    ]
    account = there.removesuffix("/tokens")
    assert security.press(f"{account}/grant", role=role, organisation=place).status_code == 303
    page = security.press(there, name="取数", until="2026-12-31", operation=list(operations))
    assert page.status_code == 200
    return re.search(r"yb_[a-z0-9]+_[\w-]+", page.text)[0]


def test_a_token_may_what_its_positions_may_and_no_more(
    app: Litestar, system: System, log_in: Any, visitor: Client
) -> None:
    """With every operation on it: each reading of the API answers as it does to a person of that post."""
    program = Program(visitor, made(log_in("anquan"), *OPERATIONS))
    with test_access.TABLE.open(encoding="utf-8", newline="") as file:
        kept = {(row["method"], row["path"]): row["staff"] for row in csv.DictReader(file)}
    different = []
    for address in addresses(app):
        key = (address.method, address.path)
        if address.method != "GET" or not address.path.startswith("/api/") or "{" in address.path:
            continue
        if address.path in ("/api/session", "/api/docs"):
            continue
        said = test_access._word(program.send("GET", address.path), "program")
        if said != kept[key]:
            different.append((address.path, said, kept[key]))
    assert different == []


ASKED = {
    "/api/registers/{subject:str}",
    "/api/documents/{document_id:str}/pick",
    "/api/documents/{document_id:str}/picked",
}


def test_what_a_token_does_not_name_is_refused_everywhere(
    app: Litestar, log_in: Any, visitor: Client
) -> None:
    """403 and the operation it would need; pages know no tokens at all; changing needs no CSRF token."""
    program = Program(visitor, made(log_in("anquan"), "forms:read", role="verifier"))
    assert program.send("GET", "/api/session").json()["details"] == {"needs": "session:read"}
    wrong = []
    for address in addresses(app):
        path = filled(address.path, "none")
        reply = program.send(address.method, path)
        if address.path in ASKED:
            right = reply.status_code == 400  # a question must be asked, whoever asks
        elif address.path.startswith("/api/"):
            named = address.path.startswith("/api/forms") and address.method == "GET"
            right = (reply.status_code != 403) if named else reply.status_code == 403
        else:
            stranger = visitor.request(address.method, path, follow_redirects=False)
            right = reply.status_code == stranger.status_code
        if not right:
            wrong.append((address.method, path, reply.status_code))
    assert wrong == []


def test_a_program_changes_things_without_a_form_token_and_only_with_that_scope(
    log_in: Any, visitor: Client
) -> None:
    """Another site cannot make a browser send a bearer token."""
    security = log_in("anquan")
    reading, writing = ("forms:read", "tasks:read"), ("forms:read", "forms:change", "tasks:read")
    reader = Program(visitor, made(security, *reading, role="verifier"))
    writer = Program(visitor, made(security, *writing, role="verifier"))
    body = {"form": "civil.community_monthly", "document": {}, "draft": True}
    refused = reader.send("POST", "/api/forms/validate", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "token.scope")
    assert writer.send("POST", "/api/forms/validate", json=body).status_code != 403


def test_an_ended_token_and_a_wrong_one_are_told_alike(log_in: Any, visitor: Client) -> None:
    """And when it was last used, and from where, stands on its page."""
    security = log_in("anquan")
    token = made(security, "forms:read")
    program = Program(visitor, token)
    assert program.send("GET", "/api/tasks").status_code == 403
    page = security.get("/accounts?show=service").text
    account = re.search(r'href="(/accounts/[a-z0-9]{20})"', page)[1]
    held = security.get(f"{account}/tokens").text
    assert "没有用过" not in held
    assert token not in held
    ended = re.search(r'name="token" value="([^"]+)"', held)[1]
    assert security.press(f"{account}/tokens/end", token=ended).status_code == 303
    gone, never = program.send("GET", "/api/forms"), Program(visitor, "yb_x_y").send("GET", "/api/forms")  # fmt: skip
    assert (gone.status_code, gone.json()["code"]) == (401, "token.wrong")
    assert gone.json()["text"] == never.json()["text"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "bearer yb_\x00", "Basic eDp5", "Bearer " + "y" * 5000])  # fmt: skip
def test_odd_headers_are_no_fault(visitor: Client, header: str) -> None:
    """Nobody is logged in then."""
    try:
        reply = visitor.get("/api/tasks", headers={"authorization": header})
    except (UnicodeError, ValueError):
        return
    assert reply.status_code == 401


def test_the_document_tells_of_tokens(visitor: Client) -> None:
    """As an alternative everywhere but at the door."""
    document = visitor.get("/api/schema/openapi.json").json()
    assert document["components"]["securitySchemes"]["service"]["scheme"] == "bearer"
    for path, item in document["paths"].items():
        for method, operation in item.items():
            known = operation.get("security", document["security"])
            assert ({"service": []} in known) == (not path.startswith("/api/session")), (
                method,
                path,
            )


def test_too_many_calls_in_a_minute_wait(app: Litestar, system: System, log_in: Any, visitor: Client) -> None:  # fmt: skip
    """The answer says how long; a person is not held up by a program."""
    program = Program(visitor, made(log_in("anquan"), "forms:read"))
    object.__setattr__(system.settings, "calls_per_minute", 3)
    said = [program.send("GET", "/api/forms").status_code for _ in range(5)]
    assert said == [403] * 3 + [429] * 2 or said == [200] * 3 + [429] * 2
    refused = program.send("GET", "/api/forms")
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert refused.json()["code"] == "http.too-often"
    assert log_in("huian").get("/api/tasks").status_code == 200
