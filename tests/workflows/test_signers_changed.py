"""Signers added and removed, tasks handed over, votes taken back."""

import pytest

from tests.workflows.signing_cases import signed
from workflows.core.refusals import (
    AlreadySigner,
    CannotRemove,
    NamedByFlow,
    OpinionNeeded,
    OpinionOnly,
    OwnWork,
    TaskClosed,
    TooLate,
    ToOneself,
    WrongAction,
)


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
            case.do("signers_removed", "L", "sign", people=("A",), duty=True)
        case = signed("one")
        case.do("claimed", "A", "sign")
        with pytest.raises(CannotRemove):
            case.do("signers_removed", "L", "sign", people=("A",), duty=True)

    def test_whom_the_flow_named_no_colleague_takes_off(self) -> None:
        """减签 is for who was added; a colleague could else decide alone what all must sign."""
        case = signed("all", "A", "B")
        with pytest.raises(NamedByFlow):
            case.do("signers_removed", "A", "sign", people=("B",))
        case.do("signers_added", "A", "sign", people=("X",))
        assert case.do("signers_removed", "A", "sign", people=("X",)).todo == ["sign:A", "sign:B"]

    def test_removing_the_last_open_one_decides_the_step(self) -> None:
        """A agreed, B is taken off: all have agreed."""
        case = signed("all", "A", "B").do("passed", "A", "sign")
        assert case.do("signers_removed", "L", "sign", people=("B",), duty=True).todo == ["last"]

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

    def test_an_opinion_alone_does_not_keep_a_step(self) -> None:
        """A, who had asked B, then filled in what was returned: another must decide, not only B advise."""
        case = signed("one").do("delegated", "A", "sign", to="B")
        case.do("answered", "B", "sign", comment="x")
        case.do("returned", "A", "sign", to="fill", comment="x", resubmit="back")
        assert case.do("submitted", "A", "fill").todo == ["sign"]
        assert case.do("passed", "C", "sign").todo == ["last"]

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
