"""The spine: fill, verify, approve, with return, withdraw and reject."""

import pytest

from tests.workflows.case import Case, made, one, three
from workflows.core.decision import Finished, LockCells, UnlockCells, WriteBack
from workflows.core.refusals import (
    AlreadyStarted,
    CannotReturnThere,
    Ended,
    NothingToTakeBack,
    NotStarted,
    OpinionNeeded,
    OwnWork,
    TaskClosed,
    TaskUnknown,
    TooLate,
    WrongAction,
)
from workflows.events import KINDS
from workflows.machine import refusal


@pytest.fixture
def case() -> Case:
    return Case(three()).do("started")


def filled() -> Case:
    return Case(three()).do("started").do("submitted", "ann", "fill")


def verified() -> Case:
    return filled().do("passed", "bob", "verify")


def test_a_started_case_waits_for_whoever_fills_it_in(case: Case) -> None:
    """Starting opens the first step for its position, with the whole document unlocked."""
    assert case.todo == ["fill"]
    assert case.opened[0].assign is not None
    assert case.opened[0].assign.role == "staff"
    assert case.seen(UnlockCells) == [UnlockCells(case.key("fill"), ("",))]


def test_submitting_locks_the_document_and_asks_the_verifier(case: Case) -> None:
    """Fill, then verify."""
    case.do("submitted", "ann", "fill")
    assert case.todo == ["verify"]
    assert case.closed == {"fill": "done"}
    assert len(case.seen(LockCells)) == 1


def test_passed_by_all_it_is_done_and_written_back() -> None:
    """Fill, verify, approve, and the values are final."""
    case = verified().do("passed", "cat", "approve")
    assert case.todo == []
    assert case.state.status == "done"
    assert case.seen(WriteBack) == [WriteBack()]
    assert case.seen(Finished) == [Finished("done")]


def test_two_submits_at_once_the_second_is_told_who_was_faster(case: Case) -> None:
    """Nothing of the second submit happens, and it learns why."""
    key = case.key("fill")
    case.do("submitted", "ann", task=key)
    before = case.state
    with pytest.raises(TaskClosed) as refused:
        case.do("submitted", "zoe", task=key)
    assert refused.value.by == "ann"
    assert "ann" in refused.value.text("zh")
    assert case.state == before


def test_a_return_unlocks_only_the_named_cells() -> None:
    """A return names cells with reasons; the filler gets those, the rest stays locked."""
    case = verified().do(
        "returned", "cat", "approve", to="fill", cells={"/population": "与上月相差太大"}
    )
    assert case.todo == ["fill"]
    assert case.seen(UnlockCells) == [UnlockCells(case.key("fill"), ("/population",))]
    opened = case.opened[0]
    assert opened.returned
    assert dict(opened.cells) == {"/population": "与上月相差太大"}
    assert opened.prefer == "ann"
    assert case.notices[0].people == ("ann",)


def test_a_return_without_cells_unlocks_everything() -> None:
    """A reason for the whole is enough."""
    case = filled().do("returned", "bob", "verify", to="fill", comment="重填")
    assert case.seen(UnlockCells)[0].paths == ("",)


@pytest.mark.parametrize("values", [{}, {"comment": " "}, {"cells": {"/a": ""}}])
def test_a_return_needs_a_reason(values: dict[str, object]) -> None:
    """For the whole, or for every cell named."""
    with pytest.raises(OpinionNeeded):
        filled().do("returned", "bob", "verify", to="fill", **values)


def test_resubmitted_it_walks_the_steps_in_between_again() -> None:
    """walk: approve returned it, verify sees it again."""
    case = verified().do("returned", "cat", "approve", to="fill", comment="x", resubmit="walk")
    assert case.do("submitted", "ann", "fill").todo == ["verify"]
    assert case.do("passed", "bob", "verify").todo == ["approve"]


def test_resubmitted_it_goes_straight_back_to_who_returned_it() -> None:
    """back: approve returned it, approve gets it."""
    case = verified().do("returned", "cat", "approve", to="fill", comment="x", resubmit="back")
    case.do("submitted", "ann", "fill")
    assert case.todo == ["approve"]
    assert case.opened[0].prefer == "cat"
    assert case.do("passed", "cat", "approve").state.status == "done"


def test_a_return_of_a_return_goes_back_to_each_in_turn() -> None:
    """approve → verify → fill, both straight back: fill → verify → approve."""
    case = verified().do("returned", "cat", "approve", to="verify", comment="x", resubmit="back")
    case.do("returned", "bob", "verify", to="fill", comment="y", resubmit="back")
    assert case.do("submitted", "ann", "fill").todo == ["verify"]
    assert case.do("passed", "bob", "verify").todo == ["approve"]


def test_the_step_says_how_it_is_resubmitted_when_the_person_does_not() -> None:
    """`resubmit` of the step that returns is the default."""
    document = three()
    document["steps"][2]["resubmit"] = "back"
    case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "bob", "verify")
    case.do("returned", "cat", "approve", to="fill", comment="x").do("submitted", "ann", "fill")
    assert case.todo == ["approve"]


def changed_data(resubmit: str) -> Case:
    """A return after which a condition of the flow reads otherwise than before."""
    document = made(
        one("fill", "fill", [{"to": "verify", "when": "big"}, {"to": "approve"}]),
        one("verify", "verify", "approve"),
        one("approve", "approve", "end"),
    )
    answers = {"big": True}
    case = Case(document, answers.get).do("started").do("submitted", "ann", "fill")
    case.do("passed", "bob", "verify")
    case.do("returned", "cat", "approve", to="fill", comment="x", resubmit=resubmit)
    answers["big"] = False
    return case.do("submitted", "ann", "fill")


def test_walking_again_asks_the_conditions_of_the_changed_data() -> None:
    """walk: what was big is small now, and verify is left out."""
    assert changed_data("walk").todo == ["approve"]


def test_going_straight_back_asks_no_condition() -> None:
    """back: whatever the data say now, the returner sees it."""
    case = changed_data("back")
    assert case.todo == ["approve"]
    assert case.history[-1].answers == {}


def test_only_steps_passed_before_can_be_returned_to() -> None:
    """The chooser lists only those, and a wrong choice is told the right ones."""
    with pytest.raises(CannotReturnThere) as refused:
        filled().do("returned", "bob", "verify", to="approve", comment="x")
    assert "fill" in refused.value.choices
    with pytest.raises(CannotReturnThere):
        Case(three()).do("started").do("returned", "ann", "fill", to="fill", comment="x")


def test_the_submitter_withdraws_until_the_next_person_has_acted() -> None:
    """The verifier's task is gone, the document open again."""
    case = filled().do("withdrawn", "ann")
    assert case.todo == ["fill"]
    assert case.closed == {"verify": "withdrawn"}
    assert case.seen(UnlockCells)[0].paths == ("",)
    case.do("submitted", "ann", "fill")
    assert case.todo == ["verify"]


def test_after_the_next_person_acted_it_is_too_late_to_withdraw() -> None:
    """And the text says who acted and what to do instead."""
    with pytest.raises(TooLate) as refused:
        verified().do("withdrawn", "ann")
    assert refused.value.by == "bob"
    assert "退回" in refused.value.text("zh")


def test_only_who_submitted_withdraws() -> None:
    """Somebody else has nothing to take back."""
    with pytest.raises(NothingToTakeBack):
        filled().do("withdrawn", "zoe")


def test_a_withdrawn_return_still_names_its_cells() -> None:
    """Withdrawn after resubmitting a return, only the same cells are open again."""
    case = filled().do("returned", "bob", "verify", to="fill", cells={"/a": "?"}, resubmit="back")
    case.do("submitted", "ann", "fill").do("withdrawn", "ann")
    assert case.seen(UnlockCells)[0].paths == ("/a",)
    assert case.do("submitted", "ann", "fill").todo == ["verify"]


def test_the_verifier_takes_back_what_the_leader_has_not_touched() -> None:
    """拿回: verify opens again; submit cannot be withdrawn any more, but verify can."""
    case = verified().do("taken_back", "bob", step="verify")
    assert case.todo == ["verify"]
    assert case.closed == {"approve": "withdrawn"}


def test_withdraw_can_end_when_the_next_person_has_opened_it() -> None:
    """`withdraw: seen` counts reading as acting; the default does not."""
    for withdraw, allowed in (("acted", True), ("seen", False)):
        case = Case(three(withdraw=withdraw)).do("started").do("submitted", "ann", "fill")
        case.do("seen", "bob", "verify")
        if allowed:
            assert case.do("withdrawn", "ann").todo == ["fill"]
        else:
            with pytest.raises(TooLate):
                case.do("withdrawn", "ann")


def test_rejecting_ends_the_case_with_a_reason() -> None:
    """Rejected is an end of its own; nothing is written back."""
    case = filled()
    with pytest.raises(OpinionNeeded):
        case.do("rejected", "bob", "verify")
    case.do("rejected", "bob", "verify", comment="不实")
    assert case.state.status == "rejected"
    assert case.seen(Finished) == [Finished("rejected")]
    assert not case.seen(WriteBack)
    with pytest.raises(Ended):
        case.do("withdrawn", "ann")


def test_nobody_verifies_their_own_fill() -> None:
    """Two persons, unless the flow allows one."""
    with pytest.raises(OwnWork):
        filled().do("passed", "ann", "verify")
    document = three()
    document["steps"][1]["own"] = "allow"
    case = Case(document).do("started").do("submitted", "ann", "fill")
    assert case.do("passed", "ann", "verify").todo == ["approve"]


def test_each_kind_of_step_is_done_its_own_way(case: Case) -> None:
    """Filling is submitted, verifying passed."""
    with pytest.raises(WrongAction):
        case.do("passed", "ann", "fill")
    with pytest.raises(WrongAction):
        filled().do("submitted", "bob", "verify")


def test_what_has_not_started_or_does_not_exist_is_refused(case: Case) -> None:
    """Each with its own text."""
    with pytest.raises(NotStarted):
        Case(three()).do("withdrawn", "ann")
    with pytest.raises(AlreadyStarted):
        case.do("started")
    with pytest.raises(TaskUnknown):
        case.do("submitted", "ann", task="nothing.1")


def test_a_verifier_may_fill_in_the_cells_the_step_gives_them() -> None:
    """填/核/报: open while it is their turn, and locked after."""
    document = three()
    document["steps"][1]["rights"] = {"/checked": "edit", "/secret": "hide"}
    case = Case(document).do("started").do("submitted", "ann", "fill")
    assert case.seen(UnlockCells) == [UnlockCells(case.key("verify"), ("/checked",))]
    key = case.key("verify")
    assert case.do("passed", "bob", "verify").seen(LockCells) == [LockCells(key)]


def test_a_decision_entered_later_bears_both_dates() -> None:
    """事后补录: the date it was taken, and the real clock."""
    case = filled().do("passed", "bob", "verify", dated="2026-10-30")
    stored = case.history[-1].dump()
    assert (stored["dated"], stored["at"]) == ("2026-10-30", case.now.isoformat())


def test_why_a_button_is_grey_is_told_without_pressing_it() -> None:
    """`refusal` changes nothing and says the same as the action would."""
    case = filled()
    passed = KINDS["passed"](at=case.now, by="ann", task=case.key("verify"))
    assert isinstance(refusal(case.flow, case.state, passed), OwnWork)
    passed = KINDS["passed"](at=case.now, by="bob", task=case.key("verify"))
    assert refusal(case.flow, case.state, passed) is None


def test_an_opinion_and_a_signature_are_asked_for_where_the_step_needs_them() -> None:
    """`needs` of the step."""
    document = three()
    document["steps"][1]["needs"] = ["opinion"]
    case = Case(document).do("started").do("submitted", "ann", "fill")
    with pytest.raises(OpinionNeeded):
        case.do("passed", "bob", "verify")
    assert case.do("passed", "bob", "verify", comment="属实").todo == ["approve"]
