"""Two people decide at the same moment: on PostgreSQL both are under way, on SQLite one after the other."""

from functools import partial
from typing import Any

import pytest

from engine.errors import Problem
from engine.work import System
from tests.overlapping import both
from tests.workflows.case import one
from tests.workflows.case import person as position
from tests.workflows.small_town import person
from tests.workflows.town_case import TownCase
from workflows import bulk, commands
from workflows.acting import claim
from workflows.core.refusals import ClaimedByOther

FIRST = one("fill", "fill", "decide")


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


def at_once(town: TownCase, first: Any, second: Any) -> list[Any]:
    """What came of two (log-in, command) begun at the same moment, the second as a page begins it."""
    people = [(person(town.system, login), command) for login, command in (first, second)]
    done = both(town.system, people[0], people[1], brief=True)
    town.check()
    return done


def test_the_second_learns_who_was_faster_and_when(town: TownCase) -> None:
    """Two verifiers pass one task, whose values go to the register: not the words of a key that is taken."""
    town.flow(FIRST, one("decide", "verify", "end", assign=position("verifier", "parent")))
    task = town.send().fill().task("vera")
    passing = partial(commands.pass_, task_id=task.id)
    done, refused = at_once(town, ("vera", passing), ("val", passing))
    assert done is None
    assert isinstance(refused, commands.TaskDone)
    assert (refused.by, refused.outcome) == ("vera", "done")
    assert refused.text("zh").startswith(f"vera 已于 {refused.at} 办过这一步")
    assert refused.text("en").startswith(f"vera did this step at {refused.at}")
    assert town.status == "done"


def test_two_branches_at_once_do_not_undo_each_other(town: TownCase) -> None:
    """Each has a task of their own: both are done, and the case goes on."""
    town.flow(
        one("fill", "fill", "fork"),
        {**one("fork", "fork", "left", join="join"), "next": [{"to": "left"}, {"to": "right"}]},
        one("left", "verify", "join", assign=position("verifier", "parent")),
        one("right", "verify", "join", assign=position("leader", "parent")),
        one("join", "join", "last"),
        one("last", "approve", "end", assign={"rule": "person", "person": "cora"}),
    )
    town.send().fill()
    left, right = town.task("vera", "left"), town.task("lea", "right")
    done = at_once(
        town,
        ("vera", partial(commands.pass_, task_id=left.id)),
        ("lea", partial(commands.pass_, task_id=right.id)),
    )
    assert done == [None, None]
    assert town.todo() == {"cora": ["last"]}


def test_many_at_once_say_of_each_who_was_faster(town: TownCase) -> None:
    """One of a batch was decided by a colleague: that one is told, the batch is not lost."""
    town.flow(FIRST, one("decide", "approve", "end", assign=position("leader", "parent")))
    task = town.send().fill().task("lea")
    done, batch = at_once(
        town,
        ("lou", partial(commands.pass_, task_id=task.id)),
        ("lea", partial(bulk.pass_each, task_ids=[task.id])),
    )
    assert done is None
    ((told, problem),) = batch
    assert told == task.id
    assert isinstance(problem, Problem)
    assert problem.text("zh").startswith("lou 已于 ")


def test_of_two_claims_the_second_learns_who_has_it(town: TownCase) -> None:
    """认领: one wins, the other is told by name."""
    town.flow(
        FIRST,
        one(
            "decide", "verify", "end", assign=position("verifier", "parent"), sign={"mode": "pool"}
        ),
    )
    task = town.send().fill().task("vera")
    claiming = partial(claim.claim, task_id=task.id)
    done, refused = at_once(town, ("vera", claiming), ("val", claiming))
    assert done is None
    assert isinstance(refused, ClaimedByOther)
    assert "vera" in refused.text("zh")
