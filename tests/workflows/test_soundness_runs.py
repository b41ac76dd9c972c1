"""What is refused has the run that it shows; what is accepted never gets stuck, whatever is done.

Any graph is drawn, with a condition of its own at each step; the run of each fault is played on the
core, step by step as it is told, and what comes of it is what the fault says.
"""

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.acting import act
from tests.workflows.case import Case, made, one
from tests.workflows.drawn import block_flow, graph_flow
from tests.workflows.test_soundness import UNSOUND, faults, route
from workflows import flow as flows
from workflows.core.state import Task
from workflows.flow import END, Flow
from workflows.soundness import Fault, check

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHANCE = st.randoms(use_true_random=True)


def drawn(chance: Random) -> dict[str, Any]:
    """Any graph, each step with conditions of its own, so that any way can be taken."""
    document = graph_flow(chance)
    for step in document["steps"]:
        for number, way in enumerate(step["next"]):
            if "when" in way:
                way["when"] = f"{step['code']}_{number} > 0"
    return document


def wanted(flow: Flow, run: tuple[str, ...]) -> Callable[[str], bool]:
    """Conditions answered so that the run is what happens."""
    taken = set()
    for here, there in pairwise(run):
        if here != END:
            taken |= {way.when for way in flow.by_code[here].next if way.to == there and way.when}
    return lambda formula: formula in taken


def do(case: Case, task: Task) -> None:
    kind = "submitted" if case.flow.by_code[task.step].kind == "fill" else "passed"
    case.do(kind, f"who{len(case.history)}", task=task.key)


def played(document: dict[str, Any], run: tuple[str, ...]) -> tuple[Case, list[str]]:
    """The run on the core: whose turn it is on the way goes first, then whoever else is open.

    Gives the case and the steps that were entered. Ends where nobody can do anything more.
    """
    case = Case(document)
    case.holds = wanted(case.flow, run)
    case.do("started")
    for code in (*run, *run):
        if case.state.ended or not case.state.open_tasks:
            break
        here = [task for task in case.state.open_tasks if task.step == code]
        if case.flow.by_code.get(code) and case.flow.by_code[code].people:
            do(case, (here or list(case.state.open_tasks))[0])
    return case, [visit.step for visit in case.state.visits]


def shows(fault: Fault, document: dict[str, Any]) -> None:
    """The fault comes true on its run."""
    run = fault.example
    flow = flows.load(document)
    if fault.code == "unreachable":
        assert run == ()
        return
    if not run:
        assert ("unreachable", fault.step) in {(one.code, one.step) for one in check(flow)}
        return
    assert run[0] == flow.start
    for here, there in pairwise(run):
        step = flow.by_code[here]
        jump = step.due.to if step.due and step.due.then == "jump" else ""
        assert there in {*(way.to for way in step.next), jump}, (
            f"{run}: {here} leads not to {there}"
        )
    if fault.code in ("no-end", "misses-join"):
        assert len(set(run)) < len(run), "it goes round"
        return
    case, entered = played(document, run)
    reasons = {visit.reason for visit in case.state.stuck}
    reason = {"no-default": "no-route", "join-alone": "join", "endless": "endless"}.get(fault.code)
    if reason and plain(flow, run):
        assert tuple(entered[: len(run)]) == run
        assert reasons == {reason}


def plain(flow: Flow, run: tuple[str, ...]) -> bool:
    """One token all the way, and each step left by one way only: the run is one document's."""
    kinds = {flow.by_code[code].kind for code in run[:-1]}
    ways = dict(pairwise(run))
    return not kinds & {"fork", "join"} and all(ways[a] == b for a, b in pairwise(run))


@SETTINGS
@given(chance=CHANCE)
def test_what_is_refused_has_the_run_it_shows(chance: Random) -> None:
    """Each step of it is a way of the flow, and played it comes to what is told."""
    document = drawn(chance)
    for fault in check(flows.load(document)):
        shows(fault, document)


@pytest.mark.parametrize("name", [one for one in UNSOUND if "nobody" not in one])
def test_the_faults_of_the_list_show_their_runs(name: str) -> None:
    """Those that are kept by name too."""
    for fault in check(flows.load(UNSOUND[name][0])):
        shows(fault, UNSOUND[name][0])


@SETTINGS
@given(chance=CHANCE)
def test_what_is_accepted_is_never_stuck_for_want_of_a_way(chance: Random) -> None:
    """Blocks and any graph: no token without a way on, at no join, in no ring; and it can end."""
    for document in (block_flow(chance), *(drawn(chance) for _ in range(6))):
        if check(flows.load(document)):
            continue
        case = Case(document, lambda _formula: chance.random() < 0.5).do("started")
        for _ in range(12):
            act(case, chance)
            stuck = {one.reason for one in case.state.stuck}
            assert not stuck & {"no-route", "join"}


def stuck_at(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Where the run of its first fault gets stuck."""
    fault = check(flows.load(document))[0]
    case, _ = played(document, fault.example)
    return {(visit.step, visit.reason) for visit in case.state.stuck}


def test_the_run_of_a_step_without_a_way_on_ends_there_in_an_incident() -> None:
    """On the core, not only on paper."""
    ways = [{"to": "end", "when": "a > 1"}, {"to": "end", "when": "a > 2"}]
    document = made(one("fill", "fill", "v"), one("v", "verify", "r"), route("r", *ways))
    fault = check(flows.load(document))[0]
    assert (fault.code, fault.example) == ("no-default", ("fill", "v", "r"))
    case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "ben", "v")
    assert [(visit.step, visit.reason) for visit in case.state.stuck] == [("r", "no-route")]


def test_the_run_of_a_join_without_a_fork_ends_there_in_an_incident() -> None:
    assert stuck_at(UNSOUND["a join without a fork"][0]) == {("j", "join")}


def test_the_run_of_a_ring_without_people_ends_in_an_incident() -> None:
    document = UNSOUND["a loop without a person"][0]
    fault = check(flows.load(document))[0]
    assert fault.example == ("fill", "a", "b", "a")
    assert {reason for _, reason in stuck_at(document)} == {"endless"}


def test_the_run_out_of_a_branch_ends_while_the_other_still_works() -> None:
    document = UNSOUND["a branch that ends before the join"][0]
    fault = check(flows.load(document))[0]
    assert fault.example == ("fill", "f", "b", "end")
    case = Case(document).do("started").do("submitted", "ann", "fill").do("passed", "ben", "b")
    assert case.state.status == "done"
    assert {task.status for task in case.state.tasks if task.step == "a"} == {"cancelled"}


@pytest.mark.parametrize(
    ("when", "code"),
    [("total >", "unreadable"), ("1 > 2", "never"), ("1 < 2", "always"), ("（", "unreadable")],
)
def test_a_condition_that_cannot_be_asked_is_told(when: str, code: str) -> None:
    """Before anybody stands there."""
    document = made(
        one("fill", "fill", [{"to": "v", "when": when}, {"to": "end"}]), one("v", "verify", "end")
    )
    assert faults(document) == [(code, "fill")]


def test_the_run_of_a_ring_without_people_goes_round_that_ring() -> None:
    """Not by a shorter loop that somebody decides on."""
    document = made(
        one("fill", "fill", "a"),
        route("a", {"to": "v", "when": "x > 1"}, {"to": "b"}),
        route("b", {"to": "end", "when": "y > 1"}, {"to": "a"}),
        one("v", "verify", "a"),
    )
    fault = check(flows.load(document))[0]
    assert (fault.code, fault.example) == ("endless", ("fill", "a", "b", "a"))
    shows(fault, document)
