"""Flows being designed: saved with history, published as a next version; two designers at once."""

from typing import Any

import pytest

from engine.errors import Conflict, Forbidden
from engine.identity import pack as people
from engine.work import System, Work
from tests.factories import TESTER
from tests.workflows import small_town as town
from tests.workflows.case import three
from workflows import drafts, store, vacancies
from workflows.differences import between
from workflows.drafts import DraftThere, DraftUnfit, DraftUnknown
from workflows.flow import load
from workflows.store import FlowUnsound

FLOW = "fill_verify_approve"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """A database that is used again has other versions of the same flow than the test before."""
    store._flows.clear()


@pytest.fixture
def house(system: System) -> System:
    town.build(system)
    account = {
        "login": "dora",
        "name": "dora",
        "positions": [{"role": "designer", "organisation": town.COUNTY}],
    }
    system.write(TESTER, lambda work: people.load_accounts(work, [account]))
    return system


def does(house: System, command: Any, login: str = "dora") -> Any:
    return house.write(town.person(house, login), command)


def renamed(draft: drafts.FlowDraft, title: str) -> dict[str, Any]:
    return {**draft.document, "titles": {"zh": title}}


def test_a_draft_becomes_the_next_version_and_its_history_stays(house: System) -> None:
    """Begun, saved twice, published; the version in force is the new one."""
    draft = does(house, lambda work: drafts.redesign(work, FLOW))
    draft = does(house, lambda work: drafts.save(work, FLOW, 1, renamed(draft, "甲")))
    draft = does(house, lambda work: drafts.save(work, FLOW, 2, renamed(draft, "乙")))
    assert does(house, lambda work: drafts.publish(work, FLOW, 3)) == 2

    def seen(work: Work) -> tuple[str, list[tuple[int, str, str]]]:
        kept = [(one.revision, one.what, one.by) for one in drafts.history(work, FLOW)]
        return store.flow(work.connection, FLOW).title(), kept

    title, kept = does(house, seen)
    assert title == "乙"
    assert sorted(kept) == [
        (1, "started", "dora"), (2, "saved", "dora"), (3, "published", "dora"), (3, "saved", "dora"),
    ]  # fmt: skip
    with pytest.raises(DraftUnknown):
        does(house, lambda work: drafts.get(work, FLOW))


def test_two_designers_at_once_and_the_second_is_told(house: System) -> None:
    """On an old revision nothing is saved, restored, discarded or published."""
    draft = does(house, lambda work: drafts.redesign(work, FLOW))
    with pytest.raises(DraftThere):
        does(house, lambda work: drafts.redesign(work, FLOW))
    does(house, lambda work: drafts.save(work, FLOW, 1, renamed(draft, "甲")))
    state = does(house, lambda work: drafts.history(work, FLOW))[-1].id
    for command in (
        lambda work: drafts.save(work, FLOW, 1, renamed(draft, "乙")),
        lambda work: drafts.publish(work, FLOW, 1),
        lambda work: drafts.discard(work, FLOW, 1),
        lambda work: drafts.restore(work, FLOW, 1, state),
    ):
        with pytest.raises(Conflict):
            does(house, command)
    assert does(house, lambda work: store.flow(work.connection, FLOW)).version == 1
    back = does(house, lambda work: drafts.restore(work, FLOW, 2, state))
    assert (back.revision, back.title) == (3, draft.title)
    with pytest.raises(DraftUnknown):
        does(house, lambda work: drafts.restore(work, FLOW, 3, "no such state"))


def test_an_unfinished_draft_is_kept_with_its_faults_and_not_published(house: System) -> None:
    """A step without a way on, or without anybody."""
    does(house, lambda work: drafts.begin(work, {**three(), "code": "three"}))
    unfinished = three()
    del unfinished["steps"][1]["assign"]
    saved = does(house, lambda work: drafts.save(work, "three", 1, unfinished))
    assert [fault.code for fault in drafts.faults(saved.document)] == ["nobody"]
    with pytest.raises(FlowUnsound):
        does(house, lambda work: drafts.publish(work, "three", 2))
    unfinished["steps"][1]["next"] = []
    saved = does(house, lambda work: drafts.save(work, "three", 2, unfinished))
    assert [fault.code for fault in drafts.faults(saved.document)] == ["flow.invalid"]
    assert (
        does(house, lambda work: drafts.begin(work, {**three(), "code": "three"})).code == "three_1"
    )


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"titles": {"zh": "x"}}, {"titles": {}, "steps": []}, {"titles": {"zh": "x"}, "steps": [1]},
     {"titles": {"zh": "x"}, "steps": [{"code": "a"}]},
     {"titles": {"zh": "x" * 600_000}, "steps": []}],
)  # fmt: skip
def test_what_is_no_flow_at_all_is_not_kept(house: System, document: Any) -> None:
    """And the draft is as it was."""
    does(house, lambda work: drafts.redesign(work, FLOW))
    with pytest.raises(DraftUnfit):
        does(house, lambda work: drafts.save(work, FLOW, 1, document))
    assert does(house, lambda work: drafts.get(work, FLOW)).revision == 1


def test_only_designers_draw_flows(house: System) -> None:
    """A department that sends reports does not."""
    for command in (
        lambda work: drafts.redesign(work, FLOW),
        lambda work: drafts.begin(work, three()),
        lambda work: drafts.publish(work, FLOW, 1),
    ):
        with pytest.raises(Forbidden):
            does(house, command, "office")


def test_the_difference_names_what_was_added_removed_and_changed() -> None:
    """Step by step, setting by setting."""
    old = load(three())
    document = three(repeat="once")
    document["steps"][1] |= {"sign": {"mode": "all"}, "titles": {"zh": "核对"}}
    document["steps"][0]["next"] = [{"to": "verify"}]
    document["steps"] = [*document["steps"][:2], {**document["steps"][2], "code": "boss"}]
    document["steps"][1]["next"] = [{"to": "boss"}]
    found = [(one.kind, one.step, one.what) for one in between(old, load(document))]
    assert found == [
        ("changed", "", "repeat"), ("changed", "verify", "next"), ("changed", "verify", "titles"),
        ("changed", "verify", "sign"), ("added", "boss", "kind"), ("removed", "approve", "kind"),
    ]  # fmt: skip
    assert between(old, old) == []


def test_a_step_nobody_can_do_is_named_with_the_offices(house: System) -> None:
    """The verifier sits in the street: fine for both communities; a leader of their own they have not."""

    def told(work: Work, at: str) -> list[tuple[str, str]]:
        document = three()
        for step in document["steps"][1:]:
            step["assign"]["at"] = "parent"
        document["steps"][2]["assign"]["at"] = at
        return [(one.step, one.detail) for one in vacancies.faults(work, load(document))]

    assert does(house, lambda work: told(work, "parent")) == []
    assert does(house, lambda work: told(work, town.OFFICE))[0][0] == "approve"
    (found,) = does(house, lambda work: told(work, "same"))
    assert found[0] == "approve"
    assert len(found[1].split("、")) == 2
