"""The API by its own document as every role, and the whole corpus of hostile texts through its boxes: `make fuzz`."""

import json
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Unsatisfiable
from litestar.testing import TestClient
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    negative_data_rejection,
    response_headers_conformance,
)

from admin.app import create_app
from tests import attacks, hostile_story, installed
from tests.admin import test_api_document as api
from tests.admin.conftest import Caller
from tests.admin.test_access import PEOPLE
from tests.admin.test_attacks import read
from tests.fuzz.rounds import MINUTES, alive, rounds, where

CHECKS = [
    *api.CHECKS,
    negative_data_rejection,
    response_headers_conformance,
    allow_header_conformance,
]
house = api.house
pytestmark = pytest.mark.skipif(not MINUTES, reason="`make fuzz`; short runs are in tests/admin")


def test_every_role_and_every_operation(house: Any) -> None:
    """Round upon round with other examples: no fault, nothing against the document; each finding once."""
    client, known = house
    schema = schemathesis.openapi.from_dict(_without_log_in(client))
    operations = [found.ok() for found in schema.get_all_operations()]
    callers = [api._caller(client, login) for login in PEOPLE.values() if login]
    found: dict[str, str] = {}
    count = 0
    for number in rounds(0.25):
        bounds = settings(
            max_examples=5,
            deadline=None,
            database=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        caller = callers[number % len(callers)]
        for operation in operations:
            name = operation.definition.raw["operationId"]
            if name in api.DOORS:
                continue
            count += 1
            alive()
            try:
                api._try(operation, caller, known, bounds, CHECKS)
            except Unsatisfiable:
                continue  # what takes no arguments cannot be asked wrongly
            except (Exception, FailureGroup) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                found.setdefault(f"{name} {where(error)}", f"as {caller.login}: {error}"[:3000])
    told = f"\n{count} operations as {len(callers)} people, {len(found)} findings\n"
    (sys.__stderr__ or sys.stderr).write(told)
    assert not found, "\n\n".join(f"{name}\n{text}" for name, text in found.items())


def _without_log_in(client: Any) -> dict[str, Any]:
    """The document without cookie and token: those are put right before a case is sent."""
    document: dict[str, Any] = client.get("/api/schema/openapi.json").json()
    document["components"].pop("securitySchemes", None)
    for item in document["paths"].values():
        for one in item.values():
            one.pop("security", None)
    return document


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A house of its own, and people who stay logged in."""
    template = installed.pack_only()
    system = template.copy(
        tmp_path_factory.mktemp("corpus"), searches_per_minute=0, exports_per_minute=0
    )
    with TestClient(create_app(system.settings, system)) as client:
        yield cache(lambda login: Caller(client, login, template.passwords[login]))
    system.close()


def test_the_whole_corpus_is_kept_and_shown_as_text(visitors: Any) -> None:
    """Every naughty string and every formula in a cell of its own: back as it went in, and no markup of it."""
    texts = [one for one in [*attacks.strings(), *attacks.formulas()] if 0 < len(one) < 300]
    planted = hostile_story.live(visitors, texts)
    staff = visitors("huian")
    rows = staff.get(f"/api/documents/{planted.document}").json()["values"]["sheet"]
    kept = [row.get("sm") for row in rows]
    expected = [one.strip() or None for one in planted.cells.values()]
    assert [pair for pair in zip(expected, kept, strict=True) if pair[0] != pair[1]] == []
    for path in (f"/records/{planted.document}", f"/records/{planted.document}?plain=1"):
        assert read(staff.get(path).text).broken == []
    for path in ("workbook", "json"):
        assert staff.get(f"/records/{planted.document}/{path}").status_code == 200


def test_every_text_in_every_search_box(visitors: Any) -> None:
    """Searched for, or refused in words; never a fault."""
    wrong = []
    for login, path in (
        ("huian", "/"),
        ("huian", "/records"),
        ("huian", "/ledgers/civil.elderly_ledger"),
        ("designer", "/dictionary"),
        ("designer", "/api/fields"),
        ("shenji", "/audit"),
        ("anquan", "/accounts"),
    ):
        for text in attacks.strings():
            answer = visitors(login).get(path, params={"q": text})
            if answer.status_code not in (200, 400):
                wrong.append((path, text, answer.status_code))
    assert wrong == []


def test_every_text_that_is_nearly_json(visitors: Any) -> None:
    """As the body of a change: understood or refused, never a fault."""
    staff = visitors("huian")
    wrong = []
    for text in attacks.json_texts():
        for body in (text, f'{{"revision": 1, "changes": {{"/x": {text}}}}}'):
            answer = staff.send(
                "PATCH",
                "/api/documents/none/cells",
                content=body.encode("utf-8", "surrogatepass"),
                headers={"content-type": "application/json"},
            )
            if answer.status_code not in (400, 404, 413):
                wrong.append((body[:80], answer.status_code))
            json.loads(answer.text)
    assert wrong == []
