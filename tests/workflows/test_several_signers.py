"""Several people decide one step: in order, all, any, by share; added, removed, handed over."""

import pytest

from tests.workflows.case import Case
from tests.workflows.signing_cases import signed
from workflows.core.decision import AskSigners, OpenTask
from workflows.core.refusals import (
    ClaimedByOther,
    ClaimFirst,
    NotASigner,
    NotYours,
    OwnWork,
    TaskWaiting,
)


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
