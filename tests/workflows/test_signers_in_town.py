"""会签、或签、依次、票签 through the database: who has a task when, and what becomes of the others'."""

import pytest

from engine.errors import Conflict
from engine.work import System, Work
from forms import documents
from tests.workflows import small_town
from tests.workflows.case import one, person
from tests.workflows.town_case import TownCase
from workflows import commands, perform
from workflows.core.refusals import NotASigner, TaskClosed
from workflows.events import Commented


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


def signed(town: TownCase, mode: str, **more: object) -> TownCase:
    """Filled in, and waiting for the three verifiers of the street."""
    town.flow(
        one("fill", "fill", "sign"),
        one(
            "sign",
            "verify",
            "end",
            assign=person("verifier", "parent"),
            sign={"mode": mode, **more},
        ),
    )
    return town.send().fill()


def person_(town: TownCase, login: str) -> str:
    return small_town.person(town.system, login).id


def reject(town: TownCase, login: str) -> None:
    task = town.task(login)
    town.as_(login, lambda work: commands.reject(work, task.id, comment="不同意"))


def test_all_get_it_at_once_and_all_must_agree(town: TownCase) -> None:
    """会签: one task each, by name; done when the last agrees."""
    signed(town, "all")
    assert town.todo() == {"vera": ["sign"], "val": ["sign"], "vic": ["sign"]}
    town.pass_("val").pass_("vic")
    assert town.todo() == {"vera": ["sign"]}
    assert town.pass_("vera").status == "done"


def test_one_refusal_cancels_the_others(town: TownCase) -> None:
    """And they are told; their tasks are cancelled, not done."""
    signed(town, "all").pass_("val")
    reject(town, "vic")
    assert (town.status, town.todo()) == ("rejected", {})
    assert "flow.notice.cancelled" in town.told("vera")


def test_the_first_decision_of_any_decides(town: TownCase) -> None:
    """或签: the rest are cancelled."""
    signed(town, "any")
    assert town.pass_("vic").status == "done"
    assert town.todo() == {}


def test_in_order_the_next_has_nothing_before(town: TownCase) -> None:
    """依次: B has no to-do while A is open; a refusal by A never creates B's."""
    signed(town, "in_order")
    assert town.todo() == {"vera": ["sign"]}
    town.pass_("vera")
    assert town.todo() == {"val": ["sign"]}
    reject(town, "val")
    assert (town.status, town.tasks("vic")) == ("rejected", [])


def test_in_order_goes_by_how_long_they_have_held_the_position(town: TownCase) -> None:
    """依次: who came first signs first, whatever the millisecond their accounts were made; of a day by log-in."""
    town.holds_since("vic", "2019-05-01")
    signed(town, "in_order")
    for login in ("vic", "vera", "val"):
        assert town.todo() == {login: ["sign"]}
        town.pass_(login)
    assert town.status == "done"


def test_of_one_day_the_order_is_that_of_the_log_ins(town: TownCase) -> None:
    """However their accounts' numbers fell."""
    town.holds_since("val", "2020-01-01")
    town.holds_since("vic", "2020-01-01")
    signed(town, "in_order")
    for login in ("val", "vera", "vic"):
        assert town.todo() == {login: ["sign"]}
        town.pass_(login)


def test_a_tie_of_votes_is_not_agreed(town: TownCase) -> None:
    """票签: more than half of three is two."""
    signed(town, "share", over=50).pass_("val")
    reject(town, "vic")
    assert town.status == "running"
    assert town.pass_("vera").status == "done"


def test_votes_have_weights(town: TownCase) -> None:
    """票签: three votes of six are a tie and not agreed; with one more they are."""
    weights = {"vera": 3, "val": 2}
    signed(town, "share", over=50, weights=weights).pass_("vera")
    assert town.status == "running"
    assert town.pass_("vic").status == "done"
    assert {one.owner: one.weight for one in town.case.state.tasks if one.step == "sign" and one.owner} == {
        person_(town, login): votes for login, votes in (("vera", 3), ("val", 2), ("vic", 1))
    }  # fmt: skip


def test_people_are_let_know_on_the_way(town: TownCase) -> None:
    """知会步骤: whom the rule finds may look; that it finds nobody holds nothing up."""
    tell = {
        "code": "tell", "kind": "notify", "next": [{"to": "sign"}],
        "assign": {"rule": "person", "person": "cora"},
    }  # fmt: skip
    lost = {**tell, "code": "lost", "assign": person("auditor", "parent"), "next": [{"to": "tell"}]}
    sign = one("sign", "verify", "end", assign=person("verifier", "parent"))
    town.flow(one("fill", "fill", "lost"), lost, tell, sign).send().fill()
    assert town.told("cora") == ["flow.notice.copied"]
    assert set(town.todo()) == {"vera", "val", "vic"}


def test_a_shared_task_is_claimed_by_one(town: TownCase) -> None:
    """认领: everybody sees it; claimed, only one does."""
    signed(town, "pool")
    assert set(town.todo()) == {"vera", "val", "vic"}


def test_nobody_found_is_an_incident_with_an_owner(town: TownCase) -> None:
    """The issuing office has it on its page and is told."""
    town.flow(
        one("fill", "fill", "sign"),
        one("sign", "verify", "end", assign=person("auditor", "parent"), sign={"mode": "all"}),
    )
    town.send().fill()
    assert town.incidents() == ["sign: unassigned"]
    assert town.told("office") == ["flow.notice.incident"]


def test_who_filled_it_in_does_not_sign(town: TownCase) -> None:
    """Two people, also where the filler holds the position that signs."""
    town.flow(
        one("fill", "fill", "sign", assign=person("verifier", "parent")),
        one("sign", "verify", "end", assign=person("verifier", "parent"), sign={"mode": "all"}),
    )
    town.send().fill("vera")
    assert town.todo() == {"val": ["sign"], "vic": ["sign"]}


def test_a_return_into_a_countersign_opens_exactly_who_must_sign_again(town: TownCase) -> None:
    """芋道#668: the to-do is not lost; those who signed keep what they did where the flow says so."""
    town.flow(
        one("fill", "fill", "sign"),
        one("sign", "verify", "approve", assign=person("verifier", "parent"), sign={"mode": "all"}),
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )
    town.send().fill().pass_("vera").pass_("val").pass_("vic")
    task = town.task("lea")
    town.as_("lea", lambda work: commands.return_(work, task.id, {}, to="sign", comment="再看"))
    assert town.todo() == {"vera": ["sign"], "val": ["sign"], "vic": ["sign"]}
    town.pass_("vera").pass_("val").pass_("vic")
    assert town.pass_("lea").status == "done"


def test_a_return_names_who_signs_again_and_comes_straight_back(town: TownCase) -> None:
    """Of three only val signs again, and a return to the filler overrules the flow's way back."""
    town.flow(
        one("fill", "fill", "sign"),
        one("sign", "verify", "approve", assign=person("verifier", "parent"), sign={"mode": "all"}),
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )
    town.send().fill().pass_("vera").pass_("val").pass_("vic")
    task = town.task("lea")
    again = {"to": "sign", "comment": "签名不清"}
    with pytest.raises(NotASigner):
        town.as_("lea", lambda work: commands.return_(work, task.id, {}, signers=["lou"], **again))
    town.as_("lea", lambda work: commands.return_(work, task.id, {}, signers=["val"], **again))
    assert town.todo() == {"val": ["sign"]}
    town.pass_("val")
    task = town.task("lea")
    town.as_(
        "lea", lambda work: commands.return_(work, task.id, {"/count": "不对"}, resubmit="back")
    )
    town.fill()
    assert town.todo() == {"lea": ["approve"], "lou": ["approve"]}
    assert town.pass_("lea").status == "done"


def test_a_return_out_of_a_branch_cancels_its_siblings(town: TownCase) -> None:
    """芋道 1_009_005_006 refuses it; here the fork is taken off and walked again."""
    town.flow(
        one("fill", "fill", "fork"),
        {"code": "fork", "kind": "fork", "join": "join", "next": [{"to": "a"}, {"to": "b"}]},
        one("a", "verify", "join", assign=person("verifier", "parent")),
        one("b", "approve", "join", assign=person("leader", "parent")),
        {"code": "join", "kind": "join", "next": [{"to": "end"}]},
    )
    town.send().fill()
    assert set(town.todo()) == {"vera", "val", "vic", "lea", "lou"}
    task = town.task("vera")
    town.as_("vera", lambda work: commands.return_(work, task.id, {"/count": "不对"}))
    assert town.todo() == {"ann": ["fill"], "amy": ["fill"]}
    town.fill()
    town.pass_("lea").pass_("val")
    assert town.status == "done"


def test_who_saw_what_has_changed_since_is_told_to_look_again(town: TownCase) -> None:
    """On both databases; nothing of the second act is kept."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign=person("verifier", "parent")),
    )
    town.send().fill()
    seen = town.case

    def stale(work: Work) -> None:
        record = documents.get(work.connection, seen.document_id)
        for login in ("vera", "val"):
            event = Commented(
                at=work.now, by=small_town.person(town.system, login).id, comment="问"
            )
            perform.perform(work, seen, record, event)

    with pytest.raises(Conflict):
        town.as_("vera", stale)
    assert town.case == seen
    town.check()


def test_the_second_of_two_is_told_who_was_faster(town: TownCase) -> None:
    """Two verifiers press at once: one passes, the other learns it."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign=person("verifier", "parent")),
    )
    town.send().fill()
    task = town.task("vera")
    town.pass_("val")
    with pytest.raises((TaskClosed, commands.TaskDone)):
        town.as_("vera", lambda work: commands.pass_(work, task.id))


def test_the_only_holder_filled_it_in(town: TownCase) -> None:
    """Nobody verifies their own: an incident; or skipped, or asked of the leader, as the flow says."""
    fill = one("fill", "fill", "check", assign={"rule": "person", "person": "solo"})
    for month, own, expected in (
        (1, "refuse", "check: own-work"),
        (2, "skip", ""),
        (3, "leader", "lea"),
    ):
        check = one("check", "verify", "end", assign=person("leader", "same"), own=own)
        town.flow(fill, check)
        town.send(period=f"2026-0{month}").fill("solo")
        if own == "skip":
            assert town.status == "done"
        elif own == "refuse":
            assert town.incidents() == [expected]
        else:
            assert set(town.todo()) == {"lea", "lou"}
