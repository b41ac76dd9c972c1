"""Who does a step, one rule after another, through the database; and flows whose rules cannot be."""

from typing import Any

import pytest

from engine.work import System
from tests.factories import TESTER
from tests.workflows.case import made, one, person
from tests.workflows.small_town import person as who
from tests.workflows.town_case import TownCase
from workflows import commands, packs
from workflows.assignees.contract import RuleIncomplete, RuleUnknown


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


def waits_for(town: TownCase, assign: dict[str, Any], **more: Any) -> list[str]:
    """Whom a step with this rule waits for, once ann has filled it in."""
    town.flow(one("fill", "fill", "check"), one("check", "verify", "end", assign=assign, **more))
    town.send().fill()
    return sorted(login for login, steps in town.todo().items() if "check" in steps)


@pytest.mark.parametrize(
    ("assign", "expected"),
    [
        (person("staff", "same"), ["amy", "ann"]),
        (person("verifier", "parent"), ["val", "vera", "vic"]),
        ({**person("leader", "parent"), "levels": 2}, ["cora"]),
        (person("department", "issuer"), ["office"]),
        (person("staff", "370602011002"), ["tom"]),
        ({"rule": "person", "person": "vic"}, ["vic"]),
        ({"rule": "steward"}, ["office"]),
        ({"rule": "leader"}, ["solo"]),
        ({"rule": "leader", "levels": 2}, ["lea", "lou"]),
        ({"rule": "leader", "levels": 3}, ["cora"]),
        ({"rule": "leader", "person": "lea"}, ["cora"]),
        ({"rule": "expression", "formula": 'if(count > 5, "vic", "vera")'}, ["vic"]),
        ({"rule": "expression", "formula": '"vic, vera"'}, ["vera", "vic"]),
        ({"rule": "expression", "formula": '"370602011"', "role": "leader"}, ["lea", "lou"]),
    ],
)
def test_each_rule_finds_its_people(town: TownCase, assign: dict[str, Any], expected: list[str]) -> None:  # fmt: skip
    """By position, by name, by who answers for the form, by leader at n levels, by a formula."""
    assert waits_for(town, assign) == expected


def test_a_named_leader_is_told_by_log_in(town: TownCase) -> None:
    """Nobody is their own leader: the leader of the street's leader is the county's."""
    assert waits_for(town, {"rule": "leader", "person": who(town.system, "solo").id}) == [
        "lea",
        "lou",
    ]


def test_whoever_did_a_step_before(town: TownCase) -> None:
    """previous: the same verifier again, also where three could."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "again", assign=person("verifier", "parent")),
        one("again", "verify", "end", assign={"rule": "previous", "step": "verify"}),
    )
    town.send().fill().pass_("val")
    assert town.todo() == {"val": ["again"]}


def test_whom_the_submitter_chose(town: TownCase) -> None:
    """chosen: named with the submission; after a return the latest choice counts."""
    town.flow(
        one("fill", "fill", "check"), one("check", "verify", "end", assign={"rule": "chosen"})
    )
    town.send().fill(chosen={"check": ("vic",)})
    assert town.todo() == {"vic": ["check"]}
    task = town.task("vic")
    town.as_("vic", lambda work: commands.return_(work, task.id, {"/count": "不对"}))
    town.fill(chosen={"check": ("val",)})
    assert set(town.todo()) >= {"vic"} or town.todo() == {"val": ["check"]}


def test_several_by_name_share_a_task(town: TownCase) -> None:
    """Each sees it; whoever acts first has done it."""
    assert waits_for(town, {"rule": "expression", "formula": '"vic, vera"'}) == ["vera", "vic"]
    assert town.pass_("vic").status == "done"
    assert town.todo() == {}


def test_a_pool_of_people_is_claimed(town: TownCase) -> None:
    """Named people share it until one claims it."""
    from workflows.acting import claim

    rule = {"rule": "expression", "formula": '"vic, vera"'}
    assert waits_for(town, rule, sign={"mode": "pool"}) == ["vera", "vic"]
    task = town.task("vic")
    town.as_("vic", lambda work: claim.claim(work, task.id))
    assert town.todo() == {"vic": ["check"]}


def test_one_is_picked_at_random(town: TownCase) -> None:
    """随机一人: one of the three, not always the same."""
    found = set()
    town.flow(
        one("fill", "fill", "check"),
        one("check", "verify", "end", assign={**person("verifier", "parent"), "pick": "random"}),
    )
    for month in range(1, 10):
        town.send(f"2026-0{month}").fill()
        mine = [
            one
            for one in ("vera", "val", "vic")
            if any(t.document_id == town.document for t in town.tasks(one))
        ]
        assert len(mine) == 1
        found |= set(mine)
    assert len(found) > 1


def test_whoever_has_least_to_do_is_picked(town: TownCase) -> None:
    """按负载: three reports, three verifiers, one each."""
    town.flow(
        one("fill", "fill", "check"),
        one("check", "verify", "end", assign={**person("verifier", "parent"), "pick": "load"}),
    )
    for month in (1, 2, 3):
        town.send(f"2026-0{month}").fill()
    assert town.todo() == {login: ["check"] for login in ("vera", "val", "vic")}


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ("incident", {"office"}),
        ("pass", set()),
        ("reject", set()),
        ({"assign": {"rule": "person", "person": "cora"}}, {"cora"}),
    ],
)
def test_where_nobody_is_found_the_flow_says_what_happens(town: TownCase, empty: Any, expected: set[str]) -> None:  # fmt: skip
    """审批人为空: an incident, passed, refused, or somebody named."""
    found = waits_for(town, person("auditor", "parent"), empty=empty)
    if empty == "incident":
        assert (town.incidents(), found) == (["check: unassigned"], [])
    elif isinstance(empty, dict):
        assert set(found) == expected
    else:
        assert town.status == ("done" if empty == "pass" else "rejected")


def test_who_passed_it_a_moment_ago_is_spared(town: TownCase) -> None:
    """自动审批去重: the same person next in turn passes by itself, with the reason in the history."""
    town.flow(
        one("fill", "fill", "a"),
        one("a", "verify", "b", assign={"rule": "person", "person": "vic"}),
        one("b", "approve", "c", assign={"rule": "person", "person": "vic"}),
        one("c", "approve", "end", assign=person("leader", "parent")),
        repeat="consecutive",
    )
    town.send().fill().pass_("vic")
    assert set(town.todo()) == {"lea", "lou"}
    (spared,) = [task for task in town.case.state.tasks if task.reason == "repeat"]
    assert spared.step == "b"


@pytest.mark.parametrize(
    ("assign", "refusal"),
    [
        ({"rule": "oracle"}, RuleUnknown),
        ({"rule": "position"}, RuleIncomplete),
        ({"rule": "person"}, RuleIncomplete),
        ({"rule": "field"}, RuleIncomplete),
        ({"rule": "expression"}, RuleIncomplete),
    ],
)
def test_a_rule_that_cannot_be_is_refused_when_saved(town: TownCase, assign: dict[str, Any], refusal: type[Exception]) -> None:  # fmt: skip
    """Not when the first case gets there."""
    document = made(one("fill", "fill", "check"), one("check", "verify", "end", assign=assign))
    with pytest.raises(refusal) as told:
        town.system.write(TESTER, lambda work: packs.load_flow(work, document))
    assert assign["rule"] in told.value.text("zh")


def test_a_formula_that_gives_nonsense_finds_nobody(town: TownCase) -> None:
    """A number, a name nobody bears, nothing: an incident, never a fault."""
    for month, formula in enumerate(("count * 2", '"nobody at all"', "null_field"), 1):
        town.flow(
            one("fill", "fill", "check"),
            one("check", "verify", "end", assign={"rule": "expression", "formula": formula}),
        )
        town.send(f"2026-0{month}").fill()
    assert town.incidents() == ["check: unassigned"] * 3


def test_one_branch_refuses_while_another_is_given_its_people(town: TownCase) -> None:
    """Nobody there and so refused: what was to follow in the other branch is not wanted any more."""
    town.flow(
        one("fill", "fill", "both"),
        one("both", "fork", [{"to": "empty"}, {"to": "signed"}], join="met"),
        one("empty", "verify", "met", assign=person("auditor", "same"), empty="reject"),
        one("signed", "verify", "met", assign=person("verifier", "parent"), sign={"mode": "all"}),
        one("met", "join", "end"),
    )
    town.send().fill()
    assert (town.status, town.todo()) == ("rejected", {})


def test_two_branches_by_load_go_to_two_people(town: TownCase) -> None:
    """What the same act has just given to somebody counts, though no row says so yet."""
    rule = {**person("verifier", "parent"), "pick": "load"}
    town.flow(
        one("fill", "fill", "both"),
        one("both", "fork", [{"to": "here"}, {"to": "there"}], join="met"),
        one("here", "verify", "met", assign=rule),
        one("there", "verify", "met", assign=rule),
        one("met", "join", "end"),
    )
    town.send().fill()
    assert sorted(map(len, town.todo().values())) == [1, 1]
