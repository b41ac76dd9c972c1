"""The office gives a task to somebody else or takes a signer off, whom the flow itself named."""

import pytest

from engine.errors import Forbidden, NotFound
from engine.work import System
from tests.workflows.case import one
from tests.workflows.small_town import person as who
from tests.workflows.town_case import TownCase
from workflows.acting import by_office
from workflows.core.refusals import CannotRemove, OpinionNeeded, OwnWork, TaskUnknown


@pytest.fixture
def town(system: System) -> TownCase:
    """Two verifiers of the street must both agree."""
    town = TownCase(system)
    rule = {"rule": "expression", "formula": '"vic, vera"'}
    town.flow(
        one("fill", "fill", "check"),
        one("check", "verify", "end", assign=rule, sign={"mode": "all"}),
    )
    return town.send().fill()


def key(town: TownCase, login: str) -> str:
    return town.task(login).key


def test_another_does_it_and_both_are_told_why(town: TownCase) -> None:
    """The other signer is not troubled; the due date and the history stay."""
    due, case = town.task("vic").due_at, town.case.id
    took = key(town, "vic")
    town.as_(
        "office",
        lambda work: by_office.replace(
            work, case, took, who(town.system, "val").id, comment="借调去县里了"
        ),
    )
    assert town.todo() == {"val": ["check"], "vera": ["check"]}
    assert town.task("val").due_at == due
    assert town.told("vic")[0] == "flow.notice.removed"
    assert town.told("val")[0] == "flow.notice.handed"
    town.pass_("vera").pass_("val")
    assert town.status == "done"


def test_a_position_is_told_as_well(system: System) -> None:
    """Whoever holds it reads that the step is not theirs any more."""
    town = TownCase(system).three_steps().send().fill()
    case, took = town.case.id, key(town, "vera")
    with pytest.raises(CannotRemove):
        town.as_("office", lambda work: by_office.take_off(work, case, took, comment="回避"))
    town.as_("office", lambda work: by_office.replace(work, case, took, "vic", comment="回避"))
    assert town.todo() == {"vic": ["verify"]}
    assert town.told("vera")[0] == "flow.notice.removed"


def test_one_is_taken_off_but_never_the_last(town: TownCase) -> None:
    """Somebody must decide: the last can be replaced only."""
    case, first, second = town.case.id, key(town, "vic"), key(town, "vera")
    town.as_("office", lambda work: by_office.take_off(work, case, first, comment="应当回避"))
    assert town.todo() == {"vera": ["check"]}
    assert town.told("vic")[0] == "flow.notice.removed"
    with pytest.raises(CannotRemove):
        town.as_("office", lambda work: by_office.take_off(work, case, second, comment="也回避"))
    assert town.pass_("vera").status == "done"


def test_only_the_office_with_a_reason_and_never_to_the_author(town: TownCase) -> None:
    """Nobody else; nothing is written where it is refused."""
    case, took = town.case.id, key(town, "vic")
    for login in ("vera", "ann", "lea"):
        with pytest.raises((Forbidden, NotFound)):
            town.as_(login, lambda work: by_office.take_off(work, case, took, comment="x"))
    for to, why, refusal in (("val", " ", OpinionNeeded), ("ann", "x", OwnWork)):
        with pytest.raises(refusal):
            town.as_(
                "office",
                lambda work, to=to, why=why: by_office.replace(work, case, took, to, comment=why),
            )
    with pytest.raises(TaskUnknown):
        town.as_("office", lambda work: by_office.take_off(work, case, "check.999", comment="x"))
    assert town.todo() == {"vera": ["check"], "vic": ["check"]}
