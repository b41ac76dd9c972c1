"""Several people decide one step: in order, all, any, by share; added, removed, handed over."""

import pytest

from tests.workflows.case import Case, made, one
from workflows.decision import AskSigners, OpenTask
from workflows.refusals import (
    AlreadySigner,
    CannotRemove,
    ClaimedByOther,
    ClaimFirst,
    NotASigner,
    NotYours,
    OpinionNeeded,
    OpinionOnly,
    OwnWork,
    TaskClosed,
    TaskWaiting,
    TooLate,
    ToOneself,
    WrongAction,
)


def signed(mode: str, *people: str, weights: dict[str, int] | None = None, **sign: int) -> Case:
    """Filled in by ann, now at `sign` with these people; `last` comes after."""
    document = made(
        one("fill", "fill", "sign"),
        one("sign", "verify", "last", sign={"mode": mode, **sign}),
        one("last", "approve", "end"),
    )
    case = Case(document).do("started").do("submitted", "ann", "fill")
    if people:
        case.do("assigned", at="sign", people=people, weights=weights or {})
    return case


def test_nothing_opens_before_the_signers_are_known() -> None:
    """The machine asks for the people; the rule is data."""
    case = signed("all")
    assert case.todo == []
    asked = case.seen(AskSigners)[0]
    assert (asked.step, asked.mode, asked.assign.role) == ("sign", "all", "verifier")


class TestInOrder:
    """依次审批: A, then B, then C."""

    def test_the_next_has_no_task_before_the_previous_agrees(self) -> None:
        """B has nothing to do while A is open."""
        case = signed("in_order", "A", "B", "C")
        assert case.todo == ["sign:A"]
        with pytest.raises(TaskWaiting):
            case.do("passed", "B", task=case.state.tasks[-2].key)
        assert case.do("passed", "A", "sign").todo == ["sign:B"]
        assert case.do("passed", "B", "sign").todo == ["sign:C"]
        assert case.do("passed", "C", "sign").todo == ["last"]

    def test_a_refusal_never_opens_the_next(self) -> None:
        """A says no; B and C are never asked."""
        case = signed("in_order", "A", "B", "C").do("rejected", "A", "sign", comment="x")
        assert case.state.status == "rejected"
        opened = [task for task in case.state.tasks if task.owner in ("B", "C")]
        assert {task.status for task in opened} == {"cancelled"}
        assert case.seen(OpenTask) == []


class TestAll:
    """会签: everybody at once, and everybody must agree."""

    def test_everybody_has_it_at_once_and_the_last_moves_it(self) -> None:
        """In any order."""
        case = signed("all", "A", "B", "C")
        assert case.todo == ["sign:A", "sign:B", "sign:C"]
        case.do("passed", "C", "sign").do("passed", "A", "sign")
        assert case.todo == ["sign:B"]
        assert case.do("passed", "B", "sign").todo == ["last"]

    def test_one_refusal_cancels_the_others_and_tells_them(self) -> None:
        """They are closed as cancelled by the system, not as done."""
        case = signed("all", "A", "B", "C").do("passed", "A", "sign")
        case.do("rejected", "B", "sign", comment="x")
        assert case.state.status == "rejected"
        assert case.closed["sign:C"] == "cancelled"
        assert ("C",) in [notice.people for notice in case.notices]

    def test_two_concurrent_votes_end_the_same_in_either_order(self) -> None:
        """Neither undoes the other."""
        ends = []
        for order in (("A", "B"), ("B", "A")):
            case = signed("all", "A", "B")
            for person in order:
                case.do("passed", person, "sign")
            ends.append(case.todo)
        assert ends == [["last"], ["last"]]

    def test_who_filled_it_in_has_no_vote(self) -> None:
        """ann filled it in and would be one of the signers."""
        assert signed("all", "ann", "B").todo == ["sign:B"]

    def test_the_same_person_found_twice_votes_once(self) -> None:
        """A rule may find somebody through two positions."""
        assert signed("all", "A", "B", "A").todo == ["sign:A", "sign:B"]


class TestAny:
    """或签: the first decision decides."""

    @pytest.mark.parametrize("agree", [True, False])
    def test_the_first_decision_decides_and_the_rest_are_cancelled(self, agree: bool) -> None:
        """Agree or refuse; the others are cancelled, not done."""
        case = signed("any", "A", "B", "C")
        case.do("passed" if agree else "rejected", "B", "sign", comment="x")
        assert case.closed == {"sign:B": "done", "sign:A": "cancelled", "sign:C": "cancelled"}
        assert case.state.status == ("running" if agree else "rejected")


class TestShare:
    """票签: by weight."""

    def test_an_exact_tie_is_not_a_pass(self) -> None:
        """Two of four is not more than half."""
        case = (
            signed("share", "A", "B", "C", "D").do("passed", "A", "sign").do("passed", "B", "sign")
        )
        assert case.todo == ["sign:C", "sign:D"]
        case.do("rejected", "C", "sign", comment="x").do("rejected", "D", "sign", comment="x")
        assert case.state.status == "rejected"

    def test_it_is_decided_as_soon_as_it_is_certain(self) -> None:
        """Three of four is enough; the fourth is not asked any more."""
        case = signed("share", "A", "B", "C", "D")
        for person in "ABC":
            case.do("passed", person, "sign")
        assert case.todo == ["last"]
        assert case.closed["sign:D"] == "cancelled"

    def test_votes_have_weights(self) -> None:
        """A alone weighs more than the others together."""
        case = signed("share", "A", "B", "C", weights={"A": 3})
        assert case.do("passed", "A", "sign").todo == ["last"]

    def test_a_ratio_can_be_reached_exactly(self) -> None:
        """at_least 50: two of four is enough."""
        case = signed("share", "A", "B", "C", "D", at_least=50).do("passed", "A", "sign")
        assert case.do("passed", "D", "sign").todo == ["last"]

    def test_a_vote_against_does_not_end_what_can_still_pass(self) -> None:
        """One of three is against; two of three pass it."""
        case = signed("share", "A", "B", "C").do("rejected", "A", "sign", comment="x")
        case.do("passed", "B", "sign")
        assert case.do("passed", "C", "sign").todo == ["last"]


class TestPool:
    """认领: a shared task."""

    def test_of_two_claims_at_once_one_wins_and_the_other_is_told(self) -> None:
        """The message names who has it."""
        case = signed("pool")
        key = case.key("sign")
        case.do("claimed", "A", task=key)
        with pytest.raises(ClaimedByOther) as refused:
            case.do("claimed", "B", task=key)
        assert refused.value.holder == "A"
        with pytest.raises(NotYours):
            case.do("passed", "B", task=key)
        assert case.do("passed", "A", task=key).todo == ["last"]

    def test_it_is_claimed_before_it_is_done_and_can_be_given_back(self) -> None:
        """Unclaimed, anybody may claim it again."""
        case = signed("pool")
        with pytest.raises(ClaimFirst):
            case.do("passed", "A", "sign")
        case.do("claimed", "A", "sign").do("unclaimed", "A", "sign").do("claimed", "B", "sign")
        assert case.todo == ["sign:B"]

    def test_the_author_cannot_claim_the_check_of_their_own_work(self) -> None:
        """Two persons."""
        with pytest.raises(OwnWork):
            signed("pool").do("claimed", "ann", "sign")


class TestReturnIntoSigners:
    """芋道#668: a return into a countersign must not lose anybody's task."""

    def all_signed(self) -> Case:
        case = signed("all", "A", "B", "C")
        for person in "ABC":
            case.do("passed", person, "sign")
        return case

    @pytest.mark.parametrize("resubmit", ["walk", "back"])
    def test_everybody_who_signed_signs_again(self, resubmit: str) -> None:
        """Unless the return names whom."""
        case = self.all_signed()
        case.do("returned", "L", "last", to="sign", comment="x", resubmit=resubmit)
        assert case.todo == ["sign:A", "sign:B", "sign:C"]
        for person in "ABC":
            case.do("passed", person, "sign")
        assert case.todo == ["last"]

    def test_exactly_those_named_sign_again(self) -> None:
        """The others' signatures stay good."""
        case = self.all_signed()
        case.do("returned", "L", "last", to="sign", comment="x", signers=("B",))
        assert case.todo == ["sign:B"]
        assert case.do("passed", "B", "sign").todo == ["last"]

    def test_who_never_signed_cannot_be_named(self) -> None:
        """And the event changes nothing."""
        case = self.all_signed()
        with pytest.raises(NotASigner):
            case.do("returned", "L", "last", to="sign", comment="x", signers=("Z",))

    def test_returned_into_an_either_or_all_of_them_have_it_again(self) -> None:
        """或签: those cancelled the last time too."""
        case = signed("any", "A", "B").do("passed", "B", "sign")
        case.do("returned", "L", "last", to="sign", comment="x")
        assert case.todo == ["sign:A", "sign:B"]

    def test_returned_into_an_order_the_first_begins_again(self) -> None:
        """依次: A, then B."""
        case = signed("in_order", "A", "B").do("passed", "A", "sign").do("passed", "B", "sign")
        case.do("returned", "L", "last", to="sign", comment="x")
        assert case.todo == ["sign:A"]
        assert case.do("passed", "A", "sign").todo == ["sign:B"]

    def test_a_signer_returns_and_those_who_had_agreed_need_not_again(self) -> None:
        """back: A's vote is kept; B, who returned it, and C, who had not voted, have it."""
        case = signed("all", "A", "B", "C").do("passed", "A", "sign")
        case.do("returned", "B", "sign", to="fill", comment="x", resubmit="back")
        assert case.todo == ["fill"]
        assert case.closed["sign:C"] == "cancelled"
        case.do("submitted", "ann", "fill")
        assert case.todo == ["sign:B", "sign:C"]
        case.do("passed", "B", "sign")
        assert case.do("passed", "C", "sign").todo == ["last"]

    def test_a_countersign_returned_to_the_filler_never_moves_forward(self) -> None:
        """AntFlow PR#7: walk asks the signers anew."""
        case = signed("all", "A", "B").do("passed", "A", "sign")
        case.do("returned", "B", "sign", to="fill", comment="x", resubmit="walk")
        assert case.todo == ["fill"]
        case.do("submitted", "ann", "fill").do("assigned", at="sign", people=("A", "B"))
        assert case.todo == ["sign:A", "sign:B"]

    def test_a_signer_who_has_become_the_author_signs_no_more(self) -> None:
        """Returned, the fill was handed to A: straight back, only B signs."""
        case = signed("all", "A", "B")
        case.do("returned", "B", "sign", to="fill", comment="x", resubmit="back")
        case.do("transferred", "adm", "fill", to="A", comment="x").do("submitted", "A", "fill")
        assert case.todo == ["sign:B"]
        assert case.do("passed", "B", "sign").todo == ["last"]

    def test_a_return_while_an_added_signer_is_pending(self) -> None:
        """芋道 PR#566: the added one returns it; straight back, the added one has it first."""
        case = signed("one").do("signers_added", "A", "sign", people=("X",), where="before")
        case.do("returned", "X", "sign", to="fill", comment="x", resubmit="back")
        assert case.todo == ["fill"]
        case.do("submitted", "ann", "fill")
        assert case.todo == ["sign:X"]
        case.do("passed", "X", "sign")
        assert case.todo == ["sign:A"]
        assert case.do("passed", "A", "sign").todo == ["last"]


class TestAddedAndRemoved:
    """加签 and 减签."""

    def test_added_before_the_task_comes_back_when_they_agree(self) -> None:
        """A's task is held until X has agreed."""
        case = signed("one").do("signers_added", "A", "sign", people=("X",), where="before")
        assert case.todo == ["sign:X"]
        assert case.do("passed", "X", "sign").todo == ["sign:A"]
        assert case.do("passed", "A", "sign").todo == ["last"]

    def test_added_after_the_agreement_waits_for_them(self) -> None:
        """A agrees, and the step is not done before X does."""
        case = signed("one").do("signers_added", "A", "sign", people=("X", "Y"), where="after")
        assert case.todo == ["sign:A"]
        assert case.do("passed", "A", "sign").todo == ["sign:X", "sign:Y"]
        case.do("passed", "X", "sign")
        assert case.do("passed", "Y", "sign").todo == ["last"]

    def test_added_after_in_an_order_the_next_waits_for_them_too(self) -> None:
        """A, X, B."""
        case = signed("in_order", "A", "B")
        case.do("signers_added", "A", "sign", people=("X",), where="after")
        assert case.do("passed", "A", "sign").todo == ["sign:X"]
        assert case.do("passed", "X", "sign").todo == ["sign:B"]

    def test_added_beside_they_decide_with_the_others(self) -> None:
        """Both must agree."""
        case = signed("one").do("signers_added", "A", "sign", people=("X",))
        assert case.todo == ["sign:A", "sign:X"]
        case.do("passed", "X", "sign")
        assert case.do("passed", "A", "sign").todo == ["last"]

    @pytest.mark.parametrize("where", ["before", "beside"])
    def test_an_added_signer_can_refuse(self, where: str) -> None:
        """Their no is a no."""
        case = signed("one").do("signers_added", "A", "sign", people=("X",), where=where)
        assert case.do("rejected", "X", "sign", comment="x").state.status == "rejected"

    def test_an_added_signer_who_has_not_acted_can_be_removed(self) -> None:
        """And what waited for them goes on."""
        case = signed("one").do("signers_added", "A", "sign", people=("X",), where="before")
        case.do("signers_removed", "A", "sign", people=("X",))
        assert case.todo == ["sign:A"]
        assert case.do("passed", "A", "sign").todo == ["last"]

    def test_who_has_acted_cannot_be_removed_nor_can_the_last(self) -> None:
        """芋道 1_009_005_012."""
        case = signed("all", "A", "B").do("passed", "A", "sign")
        with pytest.raises(CannotRemove):
            case.do("signers_removed", "L", "sign", people=("A",))
        case = signed("one")
        case.do("claimed", "A", "sign")
        with pytest.raises(CannotRemove):
            case.do("signers_removed", "L", "sign", people=("A",))

    def test_removing_the_last_open_one_decides_the_step(self) -> None:
        """A agreed, B is taken off: all have agreed."""
        case = signed("all", "A", "B").do("passed", "A", "sign")
        assert case.do("signers_removed", "L", "sign", people=("B",)).todo == ["last"]

    def test_nobody_is_added_twice_nor_the_author(self) -> None:
        """Each with its reason."""
        case = signed("all", "A", "B")
        with pytest.raises(AlreadySigner):
            case.do("signers_added", "A", "sign", people=("B",))
        with pytest.raises(OwnWork):
            case.do("signers_added", "A", "sign", people=("ann",))
        with pytest.raises(ToOneself):
            case.do("signers_added", "A", "sign", people=("A",))


class TestHandedOver:
    """转办 and 委派."""

    def test_transferred_the_other_replaces_the_first(self) -> None:
        """After B the flow moves on; history shows A to B with the reason."""
        case = signed("all", "A", "C").do("transferred", "A", "sign", to="B", comment="出差")
        assert case.todo == ["sign:B", "sign:C"]
        assert case.closed == {"sign:A": "transferred"}
        assert case.opened[0].replaces
        closed = next(task for task in case.state.tasks if task.owner == "A")
        assert closed.reason == "出差"
        case.do("passed", "B", "sign")
        assert case.do("passed", "C", "sign").todo == ["last"]

    def test_a_transfer_needs_a_reason_and_another_person(self) -> None:
        """Not oneself, not a signer already there, not the author."""
        case = signed("all", "A", "C")
        with pytest.raises(OpinionNeeded):
            case.do("transferred", "A", "sign", to="B")
        with pytest.raises(ToOneself):
            case.do("transferred", "A", "sign", to="A", comment="x")
        with pytest.raises(AlreadySigner):
            case.do("transferred", "A", "sign", to="C", comment="x")
        with pytest.raises(OwnWork):
            case.do("transferred", "A", "sign", to="ann", comment="x")

    def test_in_an_order_the_transferred_keeps_its_turn(self) -> None:
        """A to X while A is open: B still waits for X; B to Y before B's turn."""
        case = signed("in_order", "A", "B").do("transferred", "A", "sign", to="X", comment="x")
        waiting = next(task for task in case.state.tasks if task.owner == "B")
        case.do("transferred", "B", task=waiting.key, to="Y", comment="x")
        assert case.todo == ["sign:X"]
        assert case.do("passed", "X", "sign").todo == ["sign:Y"]

    def test_delegated_the_opinion_comes_back_and_the_first_decides(self) -> None:
        """B cannot move the flow."""
        case = signed("one").do("delegated", "A", "sign", to="B")
        assert case.todo == ["sign:B"]
        assert case.opened[0].kind == "opinion"
        for kind in ("passed", "rejected"):
            with pytest.raises(OpinionOnly):
                case.do(kind, "B", "sign", comment="x")
        with pytest.raises(OpinionNeeded):
            case.do("answered", "B", "sign")
        assert case.do("answered", "B", "sign", comment="可以").todo == ["sign:A"]
        with pytest.raises(WrongAction):
            case.do("answered", "A", "sign", comment="x")
        assert case.do("passed", "A", "sign").todo == ["last"]

    def test_a_delegation_can_be_called_off(self) -> None:
        """The one asked is taken off; the task is back."""
        case = signed("one").do("delegated", "A", "sign", to="B")
        assert case.do("signers_removed", "A", "sign", people=("B",)).todo == ["sign:A"]

    def test_who_was_asked_can_ask_further(self) -> None:
        """A asks B, B asks C: it comes back the same way."""
        case = (
            signed("one").do("delegated", "A", "sign", to="B").do("delegated", "B", "sign", to="C")
        )
        assert case.todo == ["sign:C"]
        assert case.do("answered", "C", "sign", comment="x").todo == ["sign:B"]
        assert case.do("answered", "B", "sign", comment="x").todo == ["sign:A"]

    def test_a_deputy_acts_in_the_name_of_the_other_and_it_is_kept(self) -> None:
        """代理人: whoever acts first closes it; the record says B for A."""
        case = signed("all", "A", "C")
        key = case.key("sign", "A")
        case.do("passed", "B", task=key, acting_for="A")
        event = case.history[-1]
        assert (event.by, event.acting_for, event.person) == ("B", "A", "A")
        with pytest.raises(TaskClosed):
            case.do("passed", "A", task=key)


class TestTakeBackAVote:
    """拿回 inside a step others still decide."""

    def test_a_vote_is_taken_back_while_the_step_is_open(self) -> None:
        """A thinks again; B's vote stays."""
        case = signed("all", "A", "B", "C").do("passed", "A", "sign").do("passed", "B", "sign")
        case.do("taken_back", "A", step="sign")
        assert case.todo == ["sign:A", "sign:C"]
        case.do("passed", "A", "sign")
        assert case.do("passed", "C", "sign").todo == ["last"]

    def test_in_an_order_until_the_next_has_acted(self) -> None:
        """B's task is held again; after B acted it is too late."""
        case = signed("in_order", "A", "B", "C").do("passed", "A", "sign")
        case.do("taken_back", "A", step="sign")
        assert case.todo == ["sign:A"]
        case.do("passed", "A", "sign").do("passed", "B", "sign")
        with pytest.raises(TooLate):
            case.do("taken_back", "A", step="sign")
