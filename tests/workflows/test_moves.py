"""Running cases to a new version: planned, tried dry, moved; what cannot move stays, and why."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Problem
from engine.work import System
from tests.factories import TESTER
from tests.workflows import small_town as town
from tests.workflows.acting import act, finish
from tests.workflows.case import Case, one, three
from tests.workflows.drawn import block_flow
from tests.workflows.test_branches import PARALLEL, forked
from workflows import commands, moves, store
from workflows import flow as flows
from workflows.events import Moved
from workflows.machine import replay

FLOW = "fill_verify_approve"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """A database that is used again has other versions of the same flow than the test before."""
    store._flows.clear()


def at_verify() -> Case:
    return Case(three()).do("started").do("submitted", "ann", "fill")


def judged(case: Case, document: dict[str, Any]) -> tuple[str, str]:
    return moves.judged(case.flow, flows.load({**document, "version": 2}), case.state)


def test_a_case_moves_where_all_it_met_is_still_there() -> None:
    """A step added after it, a due time, another assignment: it goes on by the new rules."""
    document = three()
    document["steps"][1]["next"] = [{"to": "extra"}]
    document["steps"].append(one("extra", "verify", "approve"))
    case = at_verify()
    assert judged(case, document) == ("", "")
    case.flow = flows.load({**document, "version": 2})
    case.state = case.state  # the same tasks, on the new version
    from workflows.machine import step

    made = step(case.flow, case.state, Moved(at=case.now, by="office", version=2))
    assert [task.key for task in made.state.open_tasks] == [
        task.key for task in case.state.open_tasks
    ]
    assert made.effects == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda steps: [steps[0] | {"next": [{"to": "approve"}]}, steps[2]], ("gone", "verify")),
        (lambda steps: [steps[0], steps[1] | {"kind": "approve"}, steps[2]], ("kind", "verify")),
        (lambda steps: [steps[0], steps[1] | {"sign": {"mode": "all"}}, steps[2]], ("signing", "verify")),
    ],
)  # fmt: skip
def test_a_case_stays_with_its_reason(change: Any, reason: tuple[str, str]) -> None:
    """A step it stands on is gone, is of another kind, or is signed otherwise."""
    document = three()
    assert judged(at_verify(), {**document, "steps": change(document["steps"])}) == reason


def test_a_case_in_branches_stays_when_the_branches_are_others() -> None:
    """And moves when only what comes after has changed."""
    swapped = {**PARALLEL, "steps": [dict(step) for step in PARALLEL["steps"]]}
    swapped["steps"][2]["next"] = [{"to": "b"}, {"to": "a"}]
    assert judged(forked(), swapped) == ("branch", "fork")
    after = {**PARALLEL, "steps": [dict(step) for step in PARALLEL["steps"]]}
    after["steps"][-1] = {**after["steps"][-1], "needs": ["opinion"]}
    assert judged(forked(), after) == ("", "")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=True))
def test_whatever_is_judged_able_can_be_brought_to_its_end_on_the_new_version(
    chance: Random,
) -> None:
    """Any flow, any actions, and a new version with a step more or less somewhere."""
    document = block_flow(chance)
    case = Case(document, lambda _formula: chance.random() < 0.5).do("started")
    for _ in range(chance.randint(1, 12)):
        act(case, chance)
    changed = {**document, "version": 2, "steps": [dict(step) for step in document["steps"]]}
    people = [step for step in changed["steps"] if step["kind"] in ("verify", "approve")]
    if people:
        chosen = chance.choice(people)
        extra = one("extra", "verify", [dict(way) for way in chosen["next"]])
        chosen["next"] = [{"to": "extra"}]
        changed["steps"].append(extra)
    target = flows.load(changed)
    if case.state.ended or moves.judged(case.flow, target, case.state)[0]:
        return
    old, history = case.flow, list(case.history)
    case.flow = target
    from workflows.machine import step

    moved = step(target, case.state, Moved(at=case.now, by="office", version=2))
    assert replay(old, [*history, moved.event], {2: target}) == moved.state
    case.state, case.history = moved.state, []
    case.send = _without_replay(case)  # type: ignore[method-assign]  # its history spans two flows
    finish(case)


def _without_replay(case: Case) -> Any:
    from tests.workflows.wholeness import assert_whole
    from workflows.machine import step

    def send(event: Any) -> Case:
        made = step(case.flow, case.state, event, case.holds)
        case.state, case.effects = made.state, made.effects
        assert_whole(case.flow, case.state)
        return case

    return send


def _next_version(system: System, change: Any) -> None:
    def inside(work: Any) -> None:
        document = flows.dump(store.flow(work.connection, FLOW))
        store.add_flow(work, change({**document, "version": 2}))

    system.write(TESTER, inside)


def _with_extra(document: dict[str, Any]) -> dict[str, Any]:
    steps = [dict(step) for step in document["steps"]]
    extra = {**steps[1], "code": "again", "titles": {"zh": "复核"}}
    steps[1]["next"] = [{"to": "again"}]
    return {**document, "steps": [*steps, extra]}


def test_cases_under_way_are_moved_and_go_on_by_the_new_version(system: System) -> None:
    """Two communities: one has handed in, one has not; both move, their people keep their tasks."""
    town.build(system)
    town.send(system, town.ONE, town.TWO)
    town.hand_in(system)
    _next_version(system, _with_extra)
    with system.read(TESTER) as work:
        planned = moves.plan(work, FLOW, store.flow(work.connection, FLOW, 2))
    assert (len(planned.able), len(planned.staying)) == (2, 0)
    waiting = town.task(system, "vera")
    done = system.write(TESTER, lambda work: moves.carry_out(work, FLOW, 2))
    assert len(done.able) == 2
    assert town.task(system, "vera").id == waiting.id
    vera = town.person(system, "vera")
    system.write(vera, lambda work: commands.pass_(work, waiting.id))
    assert town.task(system, "vera").step == "again"
    with system.read(TESTER) as work:
        case = store.get_case(work.connection, waiting.case_id)
        kinds = [row["kind"] for row in store.events(work.connection, case.id)]
    assert case.flow_version == 2
    assert "moved" in kinds
    again = system.write(TESTER, lambda work: moves.carry_out(work, FLOW, 2))
    assert again.moves == ()


def test_what_cannot_move_stays_on_its_version_and_goes_on(system: System) -> None:
    """Verifying is gone from the new version: who stands there stays, with the reason."""
    town.build(system)
    town.send(system, town.ONE, town.TWO)
    town.hand_in(system)

    def without(document: dict[str, Any]) -> dict[str, Any]:
        fill, _, approve = (dict(step) for step in document["steps"])
        return {**document, "steps": [{**fill, "next": [{"to": "approve"}]}, approve]}

    _next_version(system, without)
    done = system.write(TESTER, lambda work: moves.carry_out(work, FLOW, 2))
    assert [(one.reason, one.at) for one in done.staying] == [("gone", "verify")]
    assert len(done.able) == 1
    waiting = town.task(system, "vera")
    system.write(town.person(system, "vera"), lambda work: commands.pass_(work, waiting.id))
    with system.read(TESTER) as work:
        assert store.get_case(work.connection, waiting.case_id).flow_version == 1


def test_a_case_that_was_moved_meanwhile_is_not_moved_again(system: System) -> None:
    """The machine refuses a version that lacks a step that was met."""
    case = at_verify()
    from workflows.machine import step

    lacking = three()
    lacking["steps"] = [lacking["steps"][0] | {"next": [{"to": "approve"}]}, lacking["steps"][2]]
    with pytest.raises(Problem) as refused:
        step(flows.load(lacking), case.state, Moved(at=case.now, by="o", version=2))
    assert refused.value.code == "flow.cannot-move"
