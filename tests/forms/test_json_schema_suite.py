"""The public JSON Schema test suite, draft 2020-12, required part, through our own configuration."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from engine.formats.validator import build_validator
from forms import dialect

SUITE = Path(__file__).parents[3] / "shared" / "corpus" / "json-schema-suite"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not SUITE.is_dir(), reason="the suite is not beside the repository"),
]


def _registry() -> jsonschema_rs.Registry:
    """Our dialect's meta-schemas, and the documents that the suite expects at its own address."""
    remotes = SUITE / "remotes"
    others = ("draft3", "draft4", "draft6", "draft7", "draft2019-09", "v1")
    documents = [
        (f"http://localhost:1234/{path.relative_to(remotes).as_posix()}", json.loads(path.read_text("utf-8")))
        for path in remotes.rglob("*.json")
        if path.relative_to(remotes).parts[0] not in others
    ]  # fmt: skip
    return jsonschema_rs.Registry(
        [*dialect.metaschemas().items(), *documents], draft=jsonschema_rs.Draft202012
    )


def _failures(*, assert_formats: bool) -> tuple[int, list[tuple[str, str, str]]]:
    registry, count, wrong = _registry(), 0, []
    for path in sorted((SUITE / "tests" / "draft2020-12").glob("*.json")):
        for case in json.loads(path.read_text("utf-8")):
            schema: Any = case["schema"]
            validator = build_validator(schema, registry=registry, assert_formats=assert_formats)
            for test in case["tests"]:
                count += 1
                if validator.is_valid(test["data"]) is not test["valid"]:
                    wrong.append((path.name, case["description"], test["description"]))
    return count, wrong


def test_every_required_case_is_answered_right() -> None:
    """All of them, with formats as the annotations that 2020-12 makes them by default."""
    count, wrong = _failures(assert_formats=False)
    assert wrong == []
    assert count > 1_200


def test_forms_differ_from_the_suite_only_in_asserting_formats() -> None:
    """A form's wrong date is an error; the suite's format.json says that it is none. Nothing else differs."""
    _, wrong = _failures(assert_formats=True)
    assert {name for name, _, _ in wrong} == {"format.json"}
    assert all("annotation" in test or "invalid" in test for _, _, test in wrong)
