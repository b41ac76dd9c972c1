"""Properties of every flow and every order of actions, drawn at random.

`Case` checks after each event that no token is lost or doubled, that every open task has an owner
or a rule, that the dump loads, and that the history alone rebuilds the state.
"""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.acting import act, finish, possible, take
from tests.workflows.case import Case
from tests.workflows.drawn import block_flow, graph_flow
from workflows import flow
from workflows.soundness import check

CHANCE = st.randoms(use_true_random=True)
SETTINGS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(chance=CHANCE)
def test_flows_made_of_blocks_are_sound(chance: Random) -> None:
    """The check accuses nobody falsely, and a flow survives its own dump."""
    loaded = flow.load(block_flow(chance))
    assert check(loaded) == []
    assert flow.load(flow.dump(loaded)) == loaded


@SETTINGS
@given(chance=CHANCE)
def test_whatever_is_done_the_case_stays_whole_and_can_end(chance: Random) -> None:
    """Any forty actions in any order, and then it can still be brought to its end."""
    case = Case(block_flow(chance), lambda _formula: chance.random() < 0.5).do("started")
    taken = sum(act(case, chance) for _ in range(chance.randint(5, 40)))
    finish(case)
    assert taken < len(case.history)


@SETTINGS
@given(chance=CHANCE)
def test_two_people_at_once_end_lawfully_in_either_order(chance: Random) -> None:
    """Both act on what they see; whoever is second is taken or told why, and the case is whole."""
    case = Case(block_flow(chance), lambda _formula: chance.random() < 0.5).do("started")
    for _ in range(chance.randint(1, 15)):
        act(case, chance)
    pair = [possible(case, chance), possible(case, chance)]
    for first, second in (pair, reversed(pair)):
        order = case.copied()
        take(order, first)
        take(order, second)
        finish(order)


@SETTINGS
@given(chance=CHANCE)
def test_a_flow_that_is_called_sound_never_loses_its_token(chance: Random) -> None:
    """Any graph: accused of something, or it stays whole whatever is done."""
    for _ in range(8):
        document = graph_flow(chance)
        loaded = flow.load(document)
        accused = check(loaded)
        assert all(fault.step in loaded.by_code for fault in accused)
        if accused:
            continue
        case = Case(document, lambda _formula: chance.random() < 0.5).do("started")
        for _ in range(10):
            act(case, chance)
            assert not [one for one in case.state.stuck if one.reason in ("no-route", "join")]


def test_a_case_in_flight_is_drawn_with_every_kind_of_action() -> None:
    """The properties above would hold of nothing if nothing were ever taken."""
    chance = Random(7)
    kinds: set[str] = set()
    for _ in range(60):
        case = Case(block_flow(chance), lambda _formula: chance.random() < 0.5).do("started")
        for _ in range(30):
            act(case, chance)
        kinds |= {event.kind for event in case.history}
    assert kinds >= {
        "submitted", "passed", "returned", "rejected", "assigned", "unassignable", "withdrawn",
        "taken_back", "transferred", "delegated", "answered", "signers_added", "signers_removed",
        "claimed", "timed_out", "suspended", "resumed", "terminated", "restarted",
    }  # fmt: skip
