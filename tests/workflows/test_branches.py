"""Parallel branches: fork, join, conditions, and going back across them."""

import pytest

from tests.workflows.case import Case, made, one
from workflows.core.decision import Incident
from workflows.core.refusals import CannotGoThere, CannotReturnThere, NothingToTakeBack, TooLate


def fork(
    code: str, *to: str | dict[str, str], join: str = "join", **more: object
) -> dict[str, object]:
    routes = [{"to": each} if isinstance(each, str) else each for each in to]
    return {"code": code, "kind": "fork", "join": join, "next": routes, **more}


def join(code: str, to: str) -> dict[str, object]:
    return {"code": code, "kind": "join", "next": [{"to": to}]}


PARALLEL = made(
    one("fill", "fill", "check"),
    one("check", "verify", "fork"),
    fork("fork", "a", "b"),
    one("a", "verify", "a2"),
    one("a2", "verify", "join"),
    one("b", "verify", "join"),
    join("join", "last"),
    one("last", "approve", "end"),
)


def forked() -> Case:
    """ann filled, chk checked; a and b are open."""
    return Case(PARALLEL).do("started").do("submitted", "ann", "fill").do("passed", "chk", "check")


def joined() -> Case:
    case = forked().do("passed", "pa", "a").do("passed", "pb", "b")
    return case.do("passed", "pa2", "a2")


@pytest.mark.parametrize("order", [("a", "a2", "b"), ("a", "b", "a2"), ("b", "a", "a2")])
def test_the_join_waits_for_every_branch_in_any_order(order: tuple[str, ...]) -> None:
    """The last is opened once, by whoever comes last."""
    case = forked()
    for step in order:
        assert "last" not in case.todo
        case.do("passed", f"p{step}", step)
    assert case.todo == ["last"]


def test_returning_inside_a_branch_keeps_the_siblings() -> None:
    """a2 returns to a; b's task is untouched."""
    case = forked().do("passed", "pa", "a").do("returned", "pa2", "a2", to="a", comment="x")
    assert case.todo == ["a", "b"]
    assert case.closed == {"a2": "returned"}
    case.do("passed", "pa", "a").do("passed", "pa2", "a2").do("passed", "pb", "b")
    assert case.todo == ["last"]


def test_returning_to_before_the_fork_cancels_the_siblings_and_says_so() -> None:
    """芋道 refuses this (#867), flowable hangs at the join (#1641)."""
    case = forked()
    case.do("assigned", at="a", people=("pa",))
    case.do("returned", "pb", "b", to="fill", comment="x")
    assert case.todo == ["fill"]
    assert case.closed == {"b": "returned", "a": "cancelled"}
    assert ("pa",) in [notice.people for notice in case.notices]
    case.do("submitted", "ann", "fill").do("passed", "chk", "check")
    assert case.todo == ["a", "b"]


def test_straight_back_into_a_branch_the_fork_stands_as_it_was() -> None:
    """back: what had arrived stays arrived, the returner and the open sibling go on."""
    case = forked().do("passed", "pa", "a")
    case.do("returned", "pb", "b", to="fill", comment="x", resubmit="back")
    assert case.todo == ["fill"]
    assert case.do("submitted", "ann", "fill").todo == ["a2", "b"]
    case.do("passed", "pb", "b")
    assert case.do("passed", "pa2", "a2").todo == ["last"]


def test_straight_back_keeps_a_branch_that_was_through() -> None:
    """b was through; only a2, who returned it, has it again."""
    case = forked().do("passed", "pa", "a").do("passed", "pb", "b")
    case.do("returned", "pa2", "a2", to="check", comment="x", resubmit="back")
    case.do("passed", "chk", "check")
    assert case.todo == ["a2"]
    assert case.do("passed", "pa2", "a2").todo == ["last"]


def test_returning_into_a_branch_after_the_join_keeps_the_other_branch() -> None:
    """last returns to b: a and a2 stay passed, and the join waits for b alone."""
    case = joined().do("returned", "L", "last", to="b", comment="x")
    assert case.todo == ["b"]
    assert case.do("passed", "pb", "b").todo == ["last"]


def test_straight_back_out_of_a_reopened_branch() -> None:
    """last returns to a with back: a2 is not asked again."""
    case = joined().do("returned", "L", "last", to="a", comment="x", resubmit="back")
    assert case.todo == ["a"]
    assert case.do("passed", "pa", "a").todo == ["last"]
    case.do("returned", "L", "last", to="b", comment="x")
    assert case.do("passed", "pb", "b").todo == ["last"]


def test_a_branch_reopened_twice_keeps_its_newest_work() -> None:
    """Returned to a2, then to b: each time only that one."""
    case = joined().do("returned", "L", "last", to="a2", comment="x")
    case.do("passed", "pa2", "a2").do("returned", "L", "last", to="b", comment="x")
    assert case.todo == ["b"]
    case.do("returned", "pb", "b", to="check", comment="x")
    assert case.todo == ["check"]
    assert case.do("passed", "chk", "check").todo == ["a", "b"]


def test_a_sibling_branch_cannot_be_returned_to() -> None:
    """Its work was not passed on the way here."""
    case = forked().do("passed", "pa", "a")
    with pytest.raises(CannotReturnThere):
        case.do("returned", "pb", "b", to="a", comment="x")


def test_withdrawing_takes_back_all_branches_until_one_has_acted() -> None:
    """check is taken back while a and b are untouched."""
    assert forked().do("taken_back", "chk", step="check").todo == ["check"]
    with pytest.raises(TooLate):
        forked().do("passed", "pb", "b").do("taken_back", "chk", step="check")


def test_a_branch_that_is_through_is_taken_back_alone() -> None:
    """b thinks again while a is still open; after the join it reopens b alone."""
    case = forked().do("passed", "pb", "b").do("taken_back", "pb", step="b")
    assert case.todo == ["a", "b"]
    case = joined().do("taken_back", "pb", step="b")
    assert case.todo == ["b"]
    assert case.do("passed", "pb", "b").todo == ["last"]


def test_after_the_join_acted_a_branch_is_not_taken_back() -> None:
    """A step after the join has been acted on."""
    document = {**PARALLEL, "steps": [*PARALLEL["steps"]]}
    document["steps"][-1] = one("last", "approve", "end", sign={"mode": "all"})
    case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "chk", "check")
    for step in ("a", "a2", "b"):
        case.do("passed", f"p{step}", step)
    case.do("assigned", at="last", people=("L", "M")).do("passed", "L", "last")
    with pytest.raises(TooLate):
        case.do("taken_back", "pb", step="b")
    with pytest.raises(NothingToTakeBack):
        case.do("taken_back", "nobody", step="b")


def test_rejecting_in_a_branch_ends_the_whole() -> None:
    """The sibling is cancelled."""
    case = forked().do("rejected", "pb", "b", comment="x")
    assert case.state.status == "rejected"
    assert case.closed == {"b": "done", "a": "cancelled"}


NESTED = made(
    one("fill", "fill", "outer"),
    fork("outer", "inner", "c", join="outer_join"),
    fork("inner", "a", "b", join="inner_join"),
    one("a", "verify", "inner_join"),
    one("b", "verify", "inner_join"),
    join("inner_join", "d"),
    one("d", "verify", "outer_join"),
    one("c", "verify", "outer_join"),
    join("outer_join", "last"),
    one("last", "approve", "end"),
)


def nested(*steps: str) -> Case:
    case = Case(NESTED).do("started").do("submitted", "ann", "fill")
    for step in steps:
        case.do("passed", f"p{step}", step)
    return case


def test_forks_nest() -> None:
    """A fork in a branch of a fork."""
    assert nested().todo == ["a", "b", "c"]
    assert nested("a", "c", "b").todo == ["d"]
    assert nested("a", "c", "b", "d").todo == ["last"]


def test_back_into_a_nested_branch_revives_both_forks() -> None:
    """b returned it to fill: a stays through, c where it was."""
    case = nested("a").do("returned", "pb", "b", to="fill", comment="x", resubmit="back")
    assert case.todo == ["fill"]
    assert case.do("submitted", "ann", "fill").todo == ["b", "c"]
    assert case.do("passed", "pb", "b").todo == ["c", "d"]


def test_returning_from_after_the_inner_join_into_a_nested_branch() -> None:
    """d returns to a: b and c are untouched; last returns to a: all the others are kept."""
    case = nested("a", "b").do("returned", "pd", "d", to="a", comment="x", resubmit="back")
    assert case.todo == ["a", "c"]
    assert case.do("passed", "pa", "a").todo == ["c", "d"]
    case = nested("a", "b", "c", "d").do(
        "returned", "L", "last", to="a", comment="x", resubmit="back"
    )
    assert case.todo == ["a"]
    assert case.do("passed", "pa", "a").todo == ["last"]
    case = nested("a", "b", "c", "d").do("returned", "L", "last", to="a", comment="x")
    assert case.do("passed", "pa", "a").todo == ["d"]


def test_an_empty_branch_joins_at_once() -> None:
    """bk-sops#6706: a branch connected directly to the join."""
    document = made(
        one("fill", "fill", "fork"),
        fork("fork", "join", "b"),
        one("b", "verify", "join"),
        join("join", "last"),
        one("last", "approve", "end"),
    )
    case = Case(document).do("started").do("submitted", "ann", "fill")
    assert case.todo == ["b"]
    assert case.do("passed", "pb", "b").todo == ["last"]
    case.do("returned", "L", "last", to="b", comment="x")
    assert case.do("passed", "pb", "b").todo == ["last"]


def inclusive(**answers: bool) -> Case:
    document = made(
        one("fill", "fill", "fork"),
        fork("fork", {"to": "a", "when": "x"}, {"to": "b", "when": "y"}, "c", branches="matching"),
        one("a", "verify", "join"),
        one("b", "verify", "join"),
        one("c", "verify", "join"),
        join("join", "end"),
    )
    return Case(document, answers.get).do("started").do("submitted", "ann", "fill")


def test_every_branch_that_matches_is_taken_else_the_default() -> None:
    """包容分支."""
    assert inclusive(x=True, y=True).todo == ["a", "b"]
    assert inclusive(x=True).todo == ["a"]
    assert inclusive().todo == ["c"]
    assert inclusive(y=True).do("passed", "p", "b").state.status == "done"


def conditional(*routes: dict[str, str], **answers: bool) -> Case:
    document = made(
        one("fill", "fill", list(routes)),
        one("a", "verify", "end"),
        one("b", "verify", "end"),
    )
    return Case(document, answers.get).do("started").do("submitted", "ann", "fill")


def test_the_first_route_that_matches_is_taken_and_its_answer_kept() -> None:
    """条件分支; a replay needs no document."""
    routes = ({"to": "b"}, {"to": "a", "when": "x"})
    case = conditional(*routes, x=True)
    assert case.todo == ["a"]
    assert case.history[-1].answers == {"x": True}
    assert conditional(*routes).todo == ["b"]


def test_no_route_that_matches_is_an_incident_and_can_be_sent_on() -> None:
    """Never silently stuck: the token waits for whoever looks after the flow."""
    case = conditional({"to": "a", "when": "x"})
    incident = case.seen(Incident)[0]
    assert (incident.step, incident.reason) == ("fill", "no-route")
    assert case.todo == []
    with pytest.raises(CannotGoThere):
        case.do("rerouted", "adm", task=incident.key, to="nowhere", comment="x")
    assert case.do("rerouted", "adm", task=incident.key, to="b", comment="x").todo == ["b"]


def test_a_rerouted_token_stays_in_its_branch() -> None:
    """Sending it out of the fork would leave the join waiting for ever."""
    document = {**PARALLEL, "steps": [*PARALLEL["steps"]]}
    document["steps"][3] = one("a", "verify", [{"to": "a2", "when": "x"}])
    case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "chk", "check")
    case.do("passed", "pa", "a")
    key = case.seen(Incident)[0].key
    for wrong in ("last", "end", "fill"):
        with pytest.raises(CannotGoThere):
            case.do("rerouted", "adm", task=key, to=wrong, comment="x")
    assert case.do("rerouted", "adm", task=key, to="a2", comment="x").todo == ["a2", "b"]


def test_a_route_step_may_lead_to_an_earlier_step() -> None:
    """路由分支: back to fill while a condition holds."""
    document = made(
        one("fill", "fill", "choice"),
        {"code": "choice", "kind": "route", "next": [{"to": "fill", "when": "again"}, {"to": "b"}]},
        one("b", "verify", "end"),
    )
    answers = {"again": True}
    case = Case(document, answers.get).do("started").do("submitted", "ann", "fill")
    assert case.todo == ["fill"]
    answers["again"] = False
    assert case.do("submitted", "ann", "fill").todo == ["b"]


def test_a_loop_no_person_stands_in_is_an_incident() -> None:
    """It stops instead of running for ever."""
    document = made(
        one("fill", "fill", "choice"),
        {"code": "choice", "kind": "route", "next": [{"to": "other"}]},
        {"code": "other", "kind": "route", "next": [{"to": "choice"}]},
    )
    case = Case(document).do("started").do("submitted", "ann", "fill")
    assert case.seen(Incident)[0].reason == "endless"


def test_two_branches_are_taken_back_one_after_the_other() -> None:
    """The second is opened beside the first, in the fork that was opened again."""
    case = joined().do("taken_back", "pa2", step="a2").do("taken_back", "pb", step="b")
    assert case.todo == ["a2", "b"]
    case.do("passed", "pb", "b")
    assert case.do("passed", "pa2", "a2").todo == ["last"]


def test_a_sibling_of_an_earlier_round_cannot_be_returned_to_either() -> None:
    """The loop runs a second time; b of the first round is a sibling of a now."""
    document = made(
        one("fill", "fill", "fork"),
        fork("fork", "a", "b"),
        one("a", "verify", "join"),
        one("b", "verify", "join"),
        join("join", "choice"),
        {
            "code": "choice",
            "kind": "route",
            "next": [{"to": "fork", "when": "again"}, {"to": "end"}],
        },
    )
    case = Case(document, lambda _formula: True).do("started").do("submitted", "ann", "fill")
    case.do("passed", "pa", "a").do("passed", "pb", "b")
    assert case.todo == ["a", "b"]
    with pytest.raises(CannotReturnThere) as refused:
        case.do("returned", "pa", "a", to="b", comment="x")
    assert refused.value.choices == "fill"


def test_taking_back_reaches_the_round_in_which_it_was_passed() -> None:
    """A loop came by the fork again and took another branch: a's fork is opened, not the newer one."""
    looping = made(
        one("fill", "fill", "fork"),
        fork("fork", {"to": "a", "when": "big"}, "join", branches="matching"),
        one("a", "verify", "join"),
        join("join", "check"),
        one("check", "verify", "again", empty="pass"),
        {"code": "again", "kind": "route", "next": [{"to": "fork", "when": "more"}, {"to": "end"}]},
    )
    said = {"big": True, "more": True}
    case = Case(looping, said.get).do("started").do("submitted", "ann", "fill")
    said["big"] = False
    case.do("passed", "pa", "a").do("unassignable", at="check")
    assert case.todo == ["check"]
    case.do("taken_back", "pa", step="a")
    assert case.todo == ["a"]
    assert case.do("passed", "pa", "a").todo == ["check"]
