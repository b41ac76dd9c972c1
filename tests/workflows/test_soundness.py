"""Soundness: every fault is found at its step, and what is sound passes."""

from typing import Any

import pytest

from engine import messages
from tests.workflows.case import made, one, three
from tests.workflows.test_branches import NESTED, PARALLEL, fork, join
from workflows import flow
from workflows.soundness import check


def faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.code, fault.step) for fault in check(flow.load(document))]


@pytest.mark.parametrize(
    "document", [three(), PARALLEL, NESTED], ids=["three", "parallel", "nested"]
)
def test_what_is_sound_has_no_fault(document: dict[str, Any]) -> None:
    """The flows of the other tests."""
    assert faults(document) == []


def route(code: str, *to: str | dict[str, str]) -> dict[str, Any]:
    return {
        "code": code,
        "kind": "route",
        "next": [{"to": x} if isinstance(x, str) else x for x in to],
    }


UNSOUND: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "a verify step first": (
        made(one("v", "verify", "end")),
        [("start", "v")],
    ),
    "a step nothing leads to": (
        made(one("fill", "fill", "end"), one("v", "verify", "end")),
        [("unreachable", "v")],
    ),
    "two steps that lead to each other": (
        made(one("fill", "fill", "a"), one("a", "verify", "b"), one("b", "verify", "a")),
        [("no-end", "fill"), ("no-end", "a"), ("no-end", "b")],
    ),
    "only conditions": (
        made(one("fill", "fill", [{"to": "end", "when": "x"}, {"to": "end", "when": "y"}])),
        [("no-default", "fill")],
    ),
    "the same condition twice": (
        made(
            one(
                "fill", "fill", [{"to": "v", "when": "x"}, {"to": "end", "when": "x"}, {"to": "v"}]
            ),
            one("v", "verify", "end"),
        ),
        [("never-taken", "fill")],
    ),
    "nobody to do it": (
        made(one("fill", "fill", "v"), {"code": "v", "kind": "verify", "next": [{"to": "end"}]}),
        [("nobody", "v")],
    ),
    "filling passed by itself": (
        made(one("fill", "fill", "end", empty="pass")),
        [("fill-skipped", "fill")],
    ),
    "conditions on a fork that takes all": (
        made(
            one("fill", "fill", "f"),
            fork("f", {"to": "a", "when": "x"}, "b", join="j"),
            one("a", "verify", "j"),
            one("b", "verify", "j"),
            join("j", "end"),
        ),
        [("condition-ignored", "f")],
    ),
    "a branch that ends before the join": (
        made(
            one("fill", "fill", "f"),
            fork("f", "a", "b", join="j"),
            one("a", "verify", "j"),
            one("b", "verify", "end"),
            join("j", "end"),
        ),
        [("leaves-branch", "f")],
    ),
    "a branch that goes back before the fork": (
        made(
            one("fill", "fill", "f"),
            fork("f", "a", "b", join="j"),
            one("a", "verify", [{"to": "fill", "when": "x"}, {"to": "j"}]),
            one("b", "verify", "j"),
            join("j", "end"),
        ),
        [("leaves-branch", "f")],
    ),
    "branches that meet before the join": (
        made(
            one("fill", "fill", "f"),
            fork("f", "a", "b", join="j"),
            one("a", "verify", "c"),
            one("b", "verify", "c"),
            one("c", "verify", "j"),
            join("j", "end"),
        ),
        [("branches-meet", "f")],
    ),
    "a way into the middle of a branch": (
        made(
            one("fill", "fill", [{"to": "a", "when": "x"}, {"to": "f"}]),
            fork("f", "a", "b", join="j"),
            one("a", "verify", "j"),
            one("b", "verify", "j"),
            join("j", "end"),
        ),
        [("enters-branch", "fill")],
    ),
    "a join that is none": (
        made(
            one("fill", "fill", "f"),
            fork("f", "a", "b", join="a"),
            one("a", "verify", "end"),
            one("b", "verify", "end"),
        ),
        [("no-join", "f")],
    ),
    "a join without a fork": (
        made(one("fill", "fill", "j"), join("j", "end")),
        [("join-alone", "j")],
    ),
    "a loop without a person": (
        made(
            one("fill", "fill", "a"), route("a", {"to": "b", "when": "x"}, "end"), route("b", "a")
        ),
        [("endless", "a"), ("endless", "b")],
    ),
    "a return to what comes later": (
        made(
            one("fill", "fill", "a"),
            one("a", "verify", "b", returns=["b"]),
            one("b", "verify", "end"),
        ),
        [("never-before", "a")],
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_each_fault_is_found_at_its_step(name: str) -> None:
    """And nothing else is said."""
    document, expected = UNSOUND[name]
    assert faults(document) == expected


def test_a_time_out_stays_in_its_branch() -> None:
    """A jump out of a branch would leave the join waiting."""
    document = {**PARALLEL, "steps": [*PARALLEL["steps"]]}
    due = {"after": 1, "unit": "days", "then": "jump", "to": "last"}
    document["steps"][3] = one("a", "verify", "a2", due=due)
    assert ("jumps-out", "a") in faults(document)


def test_a_step_nobody_can_do_in_some_organisation_is_named_with_the_organisation() -> None:
    """Unless the step says what happens then."""

    def vacancies(assign: flow.Assign) -> list[str]:
        return ["王家村"] if assign.role == "verifier" else []

    document = three()
    found = check(flow.load(document), vacancies)
    assert [(fault.code, fault.step, fault.detail) for fault in found] == [
        ("nobody-there", "verify", "王家村")
    ]
    document["steps"][1]["empty"] = {"assign": {"rule": "position", "role": "leader"}}
    assert check(flow.load(document), vacancies) == []


def test_a_fault_shows_a_run_and_is_told_in_both_languages() -> None:
    """With the step as people call it."""
    document = made(
        one("fill", "fill", "v"),
        one("v", "verify", [{"to": "end", "when": "x"}], titles={"zh": "审核", "en": "Verify"}),
    )
    fault = check(flow.load(document))[0]
    assert fault.example == ("fill", "v")
    assert "审核" in fault.text("zh")
    assert "fill → 审核" in fault.text("zh")
    assert "Verify" in fault.text("en")


def test_every_fault_has_its_text() -> None:
    """The codes of the checks and the texts agree."""
    told = {
        code.removeprefix("flow.fault.") for code in messages.table("zh") if "flow.fault." in code
    }
    found = {fault.code for document, _ in UNSOUND.values() for fault in check(flow.load(document))}
    assert found <= told
    assert told - found <= {
        "unreachable",
        "nobody-there",
        "jumps-out",
        "join-shared",
        "misses-join",
        "unreadable",
        "incomplete",
        "never",
        "always",
    }
