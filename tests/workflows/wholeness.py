"""What must hold of every state, whatever happened: no token lost or doubled, nobody without work."""

from workflows.core.state import State, Visit
from workflows.flow import Flow


def assert_whole(flow: Flow, state: State) -> None:
    live = [visit for visit in state.visits if visit.live]
    if state.status not in ("running", "suspended"):
        assert not live, "a case that does not run has a token"
        assert not [task for task in state.tasks if task.pending]
        return
    assert len([visit for visit in live if visit.inside == 0]) == 1, "one token at the root"
    for visit in live:
        _assert_visit(flow, state, visit)
    alive = {visit.id for visit in live}
    for task in state.tasks:
        if task.pending:
            assert task.visit in alive, f"{task.key} is pending in a visit that is over"
        if task.status == "open":
            whose = task.owner or task.assign or task.candidates
            assert whose, f"{task.key} has neither owner nor rule nor people named for it"
    assert len({task.key for task in state.tasks}) == len(state.tasks)


def _assert_visit(flow: Flow, state: State, visit: Visit) -> None:
    if visit.status == "forked":
        for branch in visit.branches:
            tokens = [
                one
                for one in state.visits
                if one.live and one.inside == visit.id and one.branch == branch
            ]
            expected = 0 if branch in visit.arrived else 1
            assert len(tokens) == expected, f"branch {branch} of {visit.step}"
        assert set(visit.arrived) < set(visit.branches), "a fork that is through still stands"
        return
    tasks = [task for task in state.tasks if task.visit == visit.id and task.pending]
    assert tasks, f"nobody has anything to do at {visit.step}"
    ready = [task for task in tasks if task.status != "waiting"]
    assert ready, f"everybody waits at {visit.step}"
