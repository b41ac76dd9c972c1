"""The API keeps to its own document, whatever is sent: no fault of ours, every answer of its shape."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from admin.app import create_app
from tests import installed
from tests.admin.conftest import Caller, Client


def what_fits_is_read(_context: Any, response: Response, case: Any) -> None:
    """Whatever the document allows is read, though it may be refused for what it says; but for U+0000."""
    if not case.meta or not case.meta.generation.mode.is_positive or response.status_code != 400:
        return
    told = response.json()
    if told["code"] in ("api.body-invalid", "api.parameter-invalid"):
        assert told["details"]["reason"] == "nul", told["text"]


CHECKS = [
    what_fits_is_read,
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=4,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
FORM = "civil.community_monthly"
DOORS = {"log_in", "log_out"}
"""Left out: they would end the log-in that the others need."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, dict[str, Any]]]:
    """The application with one dispatch under way, and ids of things that are there."""
    system = installed.pack_only().copy(tmp_path_factory.mktemp("house"))
    with TestClient(create_app(system.settings, system)) as client:
        wanted = {
            "form": FORM,
            "organisations": list(installed.COMMUNITIES[:2]),
            "period": "2026-11",
            "due": "2026-12-05",
        }
        sent = _caller(client, "minzheng").post("/api/dispatches", wanted).json()
        huian = _caller(client, "huian")
        [task] = huian.get("/api/tasks").json()["tasks"]
        huian.post(f"/api/tasks/{task['id']}/open")
        designer = _caller(client, "designer")
        designer.press(f"/forms/{FORM}/design")
        yield (
            client,
            {
                "task_id": task["id"],
                "document_id": task["document"],
                "dispatch_id": sent["dispatch"]["id"],
                "code": FORM,
                "subject": "person",
                "form": FORM,
                "tasks": [task["id"]],
                "organisations": [installed.COMMUNITIES[5]],
                "period": "2026-11",
                "paths": _paths(huian),
            },
        )
    system.close()


def test_the_document_is_openapi_and_names_everything(house: Any) -> None:
    """Every operation has a group, a name, a description and one shape for refusals."""
    document = house[0].get("/api/schema/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = []
    for path, item in document["paths"].items():
        for method, one in item.items():
            names.append(one["operationId"])
            assert one["tags"] == [path.split("/")[2]]
            assert one["description"]
            assert one["responses"]["401"]["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/Refusal"
            }
            if method != "get" and one["operationId"] != "log_in":
                program = [] if one["tags"] == ["session"] else [{"service": []}]
                assert one["security"] == [{"session": [], "token": []}, *program]
    assert len(names) == len(set(names)) >= 25
    schemas = document["components"]["schemas"]
    assert [name for name, one in schemas.items() if not one.get("description")] == []


def test_no_value_fits_two_of_its_kinds(house: Any) -> None:
    """`oneOf` is exactly one: a whole number where numbers may stand would be refused by the document."""
    client, _ = house
    twice = [
        path
        for path, one in _schemas(client.get("/api/schema/openapi.json").json(), "")
        if {"integer", "number"} <= {kind.get("type") for kind in one.get("oneOf", ())}
    ]
    assert twice == []


def _schemas(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for name, one in value.items():
            yield from _schemas(one, f"{path}/{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _schemas(one, f"{path}/{number}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_every_operation(house: Any, language: str) -> None:
    """In the reader's language, on our own origin alone."""
    client = house[0]
    document = client.get("/api/schema/openapi.json").json()
    page = client.get("/api/docs", headers={"cookie": f"lang={language}"})
    assert page.status_code == 200
    for path, item in document["paths"].items():
        assert f'<code class="api-path">{path}</code>' in page.text
        for one in item.values():
            assert f'id="{one["operationId"]}"' in page.text
    assert "api.op." not in page.text
    assert "api.type." not in page.text
    assert "http://" not in page.text.replace('xmlns="http://www.w3.org', "")
    assert "https://" not in page.text


@pytest.mark.parametrize("login", ["huian", "shenji", "designer"])
def test_whatever_is_sent_the_answer_is_as_the_document_says(house: Any, login: str) -> None:
    """Arguments by the document and against it, to things that are there and that are not."""
    client, known = house
    caller = _caller(client, login)
    schema = schemathesis.openapi.from_dict(client.get("/api/schema/openapi.json").json())
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] not in DOORS:
            _try(operation, caller, known)


def _try(
    operation: Any,
    caller: Caller,
    known: dict[str, Any],
    bounds: settings = BOUNDED,
    checks: list[Any] = CHECKS,
) -> None:
    kinds = schemathesis.GenerationMode
    right = operation.as_strategy(generation_mode=kinds.POSITIVE)
    wrong = operation.as_strategy(generation_mode=kinds.NEGATIVE)

    def once(case: Any, real: bool) -> None:
        if real:
            case.path_parameters = _real(case.path_parameters, known)
            case.body = _real(case.body, known)
        case.validate_response(_sent(caller, case), checks=checks)

    for cases, real in ((right, True), (right, False), (wrong, True)):
        bounds(given(case=cases, real=st.just(real))(once))()


def _paths(caller: Caller) -> list[str]:
    """Cells of the form, also in a row that is not there."""
    bundle = _caller(caller.client, "minzheng").get(f"/api/forms/{FORM}").json()["bundle"]
    return [f"/{name}" for name in bundle["properties"]]


def _real(drawn: Any, known: dict[str, Any]) -> Any:
    """The same, about things that are there; cells' values stay as drawn."""
    if not isinstance(drawn, dict):
        return drawn
    found = {name: known.get(name, value) for name, value in drawn.items()}
    for name in ("changes", "cells"):
        if isinstance(values := found.get(name), dict):
            found[name] = dict(zip(known["paths"], values.values(), strict=False))
    return found


def _sent(caller: Caller, case: Any) -> Response:
    """The case sent as this person: their cookie and token in place of drawn ones."""
    drawn = case.as_transport_kwargs(base_url=str(caller.client.base_url))
    drawn.pop("cookies", None)
    prepared = requests.Request(**drawn).prepare()
    headers = {
        name: value
        for name, value in prepared.headers.items()
        if name.lower() not in ("cookie", "x-csrf-token", "content-length")
    }
    answer = caller.send(
        prepared.method or "GET", str(prepared.url), content=prepared.body or b"", headers=headers
    )
    return Response.from_any(answer)


def _caller(client: Client, login: str) -> Caller:
    return Caller(client, login, installed.pack_only().passwords[login])
