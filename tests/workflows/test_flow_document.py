"""Flow documents: what is wrong is told with the step; the reference page holds."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine import json_text, messages
from engine.errors import Problem
from tests.workflows.case import made, one, three
from workflows import flow, soundness
from workflows.events import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "flow.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", BLOCKS)
def test_the_flows_of_the_reference_page_load_and_are_sound(text: str) -> None:
    """What the page shows can be published."""
    loaded = flow.load(json_text.loads(text))
    assert soundness.check(loaded) == []
    assert flow.load(flow.dump(loaded)) == loaded


def test_the_reference_page_names_every_key_kind_mode_and_fault() -> None:
    """A word of the dialect that is not on the page fails here."""
    assert len(BLOCKS) == 2
    schema = json_text.trusted(flow.SCHEMA_FILE.read_bytes())
    kinds = schema["$defs"]["step"]["properties"]
    words = {*schema["properties"], *kinds, *kinds["kind"]["enum"]}
    for part in ("assign", "sign", "due", "route"):
        words |= set(schema["$defs"][part]["properties"])
    words |= set(schema["$defs"]["sign"]["properties"]["mode"]["enum"])
    faults = {code for code in messages.table("zh") if code.startswith("flow.fault.")}
    words |= {code.removeprefix("flow.fault.") for code in faults}
    told = set(re.findall(r"[$\w][\w-]*", PAGE))
    assert words - told == set()


def wrong(change: dict[str, Any]) -> flow.FlowInvalid:
    """What loading says when the verify step is changed so."""
    document = three()
    document["steps"][1] |= change
    with pytest.raises(flow.FlowInvalid) as refused:
        flow.load(document)
    return refused.value


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"kind": "check"}, "choice", "kind"),
        ({"colour": "red"}, "unknown", "colour"),
        ({"sign": {"mode": "most"}}, "choice", "sign.mode"),
        ({"assign": {"role": "verifier"}}, "missing", "assign.rule"),
        ({"next": []}, "value", "next"),
        ({"next": [{"to": "nowhere"}]}, "no-such-step", "nowhere"),
        ({"next": [{"to": "approve"}, {"to": "end", "when": ""}]}, "when", "2"),
        ({"returns": ["nowhere"]}, "no-such-step", "nowhere"),
        ({"due": {"after": 0, "unit": "days"}}, "value", "due.after"),
        ({"due": {"after": 1, "unit": "days", "then": "jump"}}, "missing", "due.to"),
        ({"due": {"after": 1, "unit": "days", "then": "assign"}}, "missing", "due.assign"),
        ({"rights": {"population": "edit"}}, "value", "rights"),
        ({"kind": "fork"}, "missing", "join"),
        ({"kind": "subflow"}, "missing", "flow"),
        ({"kind": "wait"}, "missing", "due"),
        ({"kind": "route", "needs": ["opinion"]}, "not-for-kind", "route"),
    ],
)
def test_an_error_names_the_step_and_what_is_wrong(
    change: dict[str, Any], reason: str, detail: str
) -> None:
    """In words, in both languages."""
    problem = wrong(change)
    assert (problem.step, problem.reason) == ("verify", reason)
    assert problem.detail.startswith(detail)
    for language in ("zh", "en"):
        assert "verify" in problem.text(language)
        assert messages.table(language)[f"flow.invalid.{reason}"] in problem.text(language)


def test_a_choice_is_told_with_what_may_be_chosen() -> None:
    """Not only that it is wrong."""
    assert "all" in wrong({"sign": {"mode": "most"}}).detail


def test_a_code_stands_once_and_end_is_not_one() -> None:
    """A step that is there twice could not be named."""
    for code, reason in (("fill", "duplicate"), ("end", "end")):
        document = made(one("fill", "fill", "end"), one(code, "verify", "end"))
        with pytest.raises(flow.FlowInvalid) as refused:
            flow.load(document)
        assert (refused.value.step, refused.value.reason) == (code, reason)


@pytest.mark.parametrize(
    "document", [None, [], "flow", 1, {}, {"steps": 3}, {"steps": [3]}, {"steps": [{"code": 3}]}]
)
def test_what_is_no_flow_at_all_is_an_error_too(document: Any) -> None:
    """Never a crash."""
    with pytest.raises(Problem):
        flow.load(document)


def test_a_start_that_does_not_exist_is_told() -> None:
    """It belongs to the flow, not to a step."""
    with pytest.raises(flow.FlowInvalid) as refused:
        flow.load({**three(), "start": "begin"})
    assert "整个流程" in refused.value.text("zh")
    assert (refused.value.step, refused.value.reason, refused.value.detail) == (
        "",
        "start",
        "begin",
    )


def test_rights_reach_cells_and_columns_and_the_closest_decides() -> None:
    """Field rights, also for the columns of a table."""
    rights = {"/elders": "hide", "/elders/*/amount": "edit", "/note": "edit"}
    step = flow.load(
        made(one("fill", "fill", "v"), one("v", "verify", "end", rights=rights))
    ).steps[1]
    asked = {
        path: step.right(path)
        for path in ("/population", "/note", "/elders/7/name", "/elders/7/amount")
    }
    assert asked == {
        "/population": "read",
        "/note": "edit",
        "/elders/7/name": "hide",
        "/elders/7/amount": "edit",
    }
    assert step.editable == ("/elders/*/amount", "/note")


def test_every_event_has_a_stored_name_of_its_own() -> None:
    """Names in the database are ours, not those of classes."""
    assert len(KINDS) == len({*KINDS.values()})
    assert all(re.fullmatch(r"[a-z_]+", kind) for kind in KINDS)


def test_a_table_that_starts_flows_below_may_be_named_without_its_stroke() -> None:
    """It was read without its first letter: no row was found, and the step passed in silence."""
    document = three()
    document["steps"][1] |= {"kind": "subflow", "flow": "below", "each": "rows"}
    assert flow.load(document).steps[1].each == "/rows"
