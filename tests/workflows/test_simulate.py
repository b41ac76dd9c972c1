"""The try-out itself: the reference page, what is wrong with a script, and a play that went otherwise."""

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.cli.__main__ import collect
from engine import json_text
from engine.errors import Problem
from engine.settings import ROOT
from tests.workflows.case import three
from workflows import flow as flows
from workflows.assignees import finding
from workflows.simulate import people, told
from workflows.simulate.check import load
from workflows.simulate.script import ALIASES, OWN_ACTIONS, SCHEMA_FILE, ScriptInvalid

PAGE = (ROOT / "docs" / "reference" / "flow-script.md").read_text(encoding="utf-8")
FLOW_PAGE = (ROOT / "docs" / "reference" / "flow.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```json\n(.*?)```", re.DOTALL)


def simulated(folder: Path, flow: Any, script: Any, *options: str) -> Result:
    paths = []
    for name, document in (("flow", flow), ("script", script)):
        path = folder / f"{name}.json"
        text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return CliRunner().invoke(collect(), ["flow", "simulate", *paths, *options])


def test_the_script_of_the_reference_page_goes_as_it_says(tmp_path: Path) -> None:
    """On the flow of the page about flows."""
    printed = simulated(tmp_path, BLOCK.findall(FLOW_PAGE)[1], BLOCK.findall(PAGE)[0])
    assert printed.exit_code == 0, printed.output


def test_the_reference_page_names_every_key_and_action() -> None:
    """A word of the script that is not on the page fails here."""
    schema = json_text.trusted(SCHEMA_FILE.read_bytes())
    words = {*schema["properties"], *schema["$defs"]["person"]["properties"]}
    action = schema["$defs"]["action"]["properties"]
    words |= {*action, *action["expect"]["properties"], *ALIASES, *OWN_ACTIONS} - {"note"}
    assert words - set(re.findall(r"[$\w][\w-]*", PAGE)) == set()


def test_the_answer_holds_state_tasks_effects_and_outcome(tmp_path: Path) -> None:
    """For programs: nothing but JSON, and what the page promises."""
    script = {
        "actions": [{"do": "submit", "by": "ann", "step": "fill"}],
        "steps": {"fill": ["ann"], "verify": []},
    }
    printed = simulated(tmp_path, three(), script, "--json")
    answer = json.loads(printed.output)
    assert printed.exit_code == 0
    assert (answer["outcome"], answer["open"]) == ("running", [])
    assert answer["incidents"][0]["step"] == "verify"
    last = answer["steps"][-1]
    assert last["status"] == "running"
    assert {one["effect"] for one in last["effects"]} >= {"CloseTask", "OpenTask", "Incident"}
    assert answer["cases"]["main"]["history"][0]["kind"] == "started"
    for name in ("flow", "version", "faults", "as_expected", "time", "document", "steps"):
        assert name in answer


def test_a_play_that_goes_otherwise_says_where_and_exits_with_1(tmp_path: Path) -> None:
    """Expected and found; refused without being told; not refused although told."""
    script = {
        "actions": [
            {"do": "submit", "by": "ann", "expect": {"open": ["approve"]}},
            {"do": "submit", "by": "ann"},
            {"do": "pass", "by": "ben", "refused": True},
        ]
    }
    printed = simulated(tmp_path, three(), script)
    assert printed.exit_code == 1
    assert "open: expected ['approve'], found ['verify']" in printed.output
    assert printed.output.count("    !") == 3


WRONG: dict[str, tuple[Any, str]] = {
    "a word it does not know": ({"actions": [], "acts": 1}, "/"),
    "no actions": ({}, "/"),
    "not an object": ([], "/"),
    "an action it does not know": ({"actions": [{"do": "approve"}]}, "/actions/0/do"),
    "an action of the clock": ({"actions": [{"do": "timed_out"}]}, "/actions/0/do"),
    "what happens by itself": ({"actions": [{"do": "moved"}]}, "/actions/0/do"),
    "nobody who does it": ({"actions": [{"do": "pass"}]}, "/actions/0"),
    "nowhere to return to": ({"actions": [{"do": "return", "by": "a"}]}, "/actions/0"),
    "a step the flow has not": (
        {"actions": [{"do": "pass", "by": "a", "step": "x"}]},
        "/actions/0/step",
    ),
    "people of a step it has not": ({"steps": {"x": ["a"]}, "actions": []}, "/steps/x"),
    "somebody who is not there": (
        {"people": {"ann": {}}, "actions": [{"do": "pass", "by": "bob"}]},
        "/actions/0/by",
    ),
    "a post in no organisation": (
        {"organisations": {"v": "t"}, "people": {"ann": {"posts": ["staff@w"]}}, "actions": []},
        "/people/ann/posts",
    ),
    "a day no calendar has": ({"at": "2026-13-45", "actions": []}, "/at"),
    "a day of an action no calendar has": (
        {"actions": [{"do": "wait"}, {"do": "wait", "until": "2026-02-30T09:00"}]},
        "/actions/1/until",
    ),
    "office hours that end before they begin": (
        {"calendar": {"hours": ["17:00-09:00"]}, "actions": []},
        "/calendar/hours",
    ),
    "offices above each other in a circle": (
        {"organisations": {"v": "t", "t": "v"}, "organisation": "v", "actions": []},
        "/organisations/v",
    ),
    "a document of an office that is not there": (
        {"organisations": {"v": "t"}, "organisation": "w", "actions": []},
        "/organisation",
    ),
    "a leave that ends before it begins": (
        {"people": {"a": {"away": [{"from": "2026-11-20", "to": "2026-11-01"}]}}, "actions": []},
        "/people/a/away/0",
    ),
    "a step to return to that the flow has not": (
        {"actions": [{"do": "return", "by": "a", "to": "x", "comment": "x"}]},
        "/actions/0/to",
    ),
    "a refusal that there is not": (
        {"actions": [{"do": "submit", "by": "a", "refused": "flow.nope"}]},
        "/actions/0/refused",
    ),
    "a state that there is not": (
        {"actions": [{"do": "wait", "expect": {"status": "finished"}}]},
        "/actions/0/expect/status",
    ),
    "a way to be closed that there is not": (
        {"actions": [{"do": "wait", "expect": {"closed": {"verify:a": "gone"}}}]},
        "/actions/0/expect/closed/verify:a",
    ),
    "no span": ({"actions": [{"do": "wait", "span": "soon"}]}, "/actions/0/span"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_script_is_told_with_its_place(name: str) -> None:
    """Before anything is played."""
    document, where = WRONG[name]
    with pytest.raises(ScriptInvalid) as refused:
        load(document, flows.load(three()))
    assert refused.value.where == where
    assert where in refused.value.text("zh")


def test_an_action_that_is_wrong_is_told_by_its_number_and_how_it_is_written() -> None:
    """As the printed log counts, from 1."""
    script = {"actions": [{"do": "wait"}, {"do": "wait", "span": "3 workdays"}]}
    with pytest.raises(ScriptInvalid) as refused:
        load(script, flows.load(three()))
    assert "第 2 个动作" in refused.value.text("zh")
    assert '"3 working_days"' in refused.value.text("en")
    assert "action 2" in refused.value.text("en")


def test_no_order_is_meant_where_people_and_steps_are_listed(tmp_path: Path) -> None:
    """Who is told, and where it may return to: as a set."""
    script = {
        "people": {"ann": {"posts": ["staff@a"]}, "ben": {"posts": ["verifier@a"]}, "lee": {"posts": ["leader@a"]}},
        "organisations": {"a": "b"}, "organisation": "a",
        "actions": [
            {"do": "submit", "by": "ann"},
            {"do": "pass", "by": "ben", "expect": {"returnable": {"approve": ["fill", "verify"]}}},
            {"do": "copy", "by": "lee", "people": ["ben", "ann"], "expect": {"notified": {"copied": ["ben", "ann"]}}},
        ],
    }  # fmt: skip
    printed = simulated(tmp_path, three(), script)
    assert printed.exit_code == 0, printed.output


@pytest.mark.parametrize(
    "actions",
    [
        [{"do": "wait"}],
        [{"do": "see", "by": "a", "case": "main/x"}],
        [{"do": "set", "set": {"/total/x": 1}}],
        [{"do": "submit", "by": "a", "task": "none.1"}],
        [{"do": "wait", "until": "2020-01-01"}],
        [{"do": "hand_over", "from": "a", "to": "a"}],
    ],
)
def test_odd_scripts_are_refused_in_words_or_do_nothing(
    tmp_path: Path, actions: list[dict[str, Any]]
) -> None:
    """Never a traceback."""
    printed = simulated(tmp_path, three(), {"document": {"total": 1}, "actions": actions})
    assert printed.exit_code in (0, 1, 2)
    assert printed.exception is None or isinstance(printed.exception, SystemExit)


def test_what_is_expected_may_be_said_in_any_zone_and_order(tmp_path: Path) -> None:
    """A time in another zone, holders in another order, and without the task that was done itself."""
    script = {
        "steps": {"fill": ["ann"], "verify": ["b", "a"]},
        "actions": [
            {"do": "submit", "by": "ann", "expect": {"open": ["verify:a|b"], "time": "2026-11-02T01:00Z", "closed": {}}},
            {"do": "wait", "until": "2026-11-01", "refused": "simulate.clock-back"},
        ],
    }  # fmt: skip
    printed = simulated(tmp_path, three(), script)
    assert printed.exit_code == 0, printed.output
    script["actions"] = [
        {"do": "submit", "by": "ann", "expect": {"closed": {"fill:ann": "returned"}}}
    ]
    assert simulated(tmp_path, three(), script).exit_code == 1


def test_a_refused_action_leaves_the_document_as_it_was() -> None:
    """Cells that were set with it are not kept."""
    flow = flows.load(three())
    script = load(
        {"document": {"n": 1}, "actions": [{"do": "pass", "by": "a", "set": {"/n": 2}}]}, flow
    )
    playing = told.play(flow, script)
    assert playing.steps[-1].refused is not None
    assert playing.cases["main"].document == {"n": 1}


def test_a_flow_is_named_by_its_code_or_its_file(tmp_path: Path) -> None:
    """That of the pack needs no database; one that is not there is refused."""
    script = tmp_path / "s.json"
    script.write_text('{"actions": [{"do": "submit", "by": "a"}]}', encoding="utf-8")
    environment = {"YIBIAO_DATA_DIR": str(tmp_path / "var"), "YIBIAO_DATABASE_URL": ""}
    runner = CliRunner(env=environment)
    command = collect()
    known = runner.invoke(command, ["flow", "simulate", "fill_verify_approve", str(script)])
    assert known.exit_code == 0, known.output
    unknown = runner.invoke(command, ["flow", "simulate", "no_such", str(script)])
    assert unknown.exit_code == 2


def test_a_try_out_knows_the_rules_of_assignment_that_offices_have() -> None:
    """No rule works in one and not in the other."""
    assert set(people.RULES) == set(finding.RULES)


@settings(max_examples=150, deadline=None)
@given(chance=st.randoms(use_true_random=True))
def test_whatever_stands_in_a_script_is_played_or_refused_in_words(chance: Random) -> None:
    """Any actions with any values: a play, or a Problem with its text; never anything else."""
    words = ("ann", "fill", "verify", "end", "x", "main", "")
    pool: dict[str, Any] = {
        "by": words, "for": words, "step": ("fill", "verify"), "task": ("fill.2", "no.1"), "to": words,
        "from": words, "people": (["ann"], {"b": 2}, []), "where": ("before", "after", "beside"),
        "comment": words, "cells": ({"/a": "x"}, {}), "signers": (["ann"],), "set": ({"/a": 1}, {"/a/b/c": 2}),
        "outcome": words, "child": words, "span": ("1 day", "3 working_hours"), "until": ("2026-11-09",),
        "case": words, "choose": ({"verify": ["ann"]},),
    }  # fmt: skip
    flow = flows.load(three())
    actions = [
        {"do": chance.choice(sorted({*ALIASES, *OWN_ACTIONS}))}
        | {name: chance.choice(pool[name]) for name in chance.sample(sorted(pool), 6)}
        for _ in range(chance.randint(1, 12))
    ]
    refused: Problem | None = None
    try:
        playing = told.play(flow, load({"document": {"a": 0}, "actions": actions}, flow))
        json.dumps(told.to_json(playing, "zh"), default=str)
    except Problem as problem:
        refused = problem
    assert refused is None or refused.text("zh") != refused.code
