"""委派, 前加签 called off: who was asked first is waited for no longer."""

import pytest

from engine.errors import NotFound
from engine.work import System
from tests.workflows.town_case import TownCase
from workflows.acting import delegate, signers
from workflows.core.refusals import NothingToTakeBack


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


@pytest.fixture
def filled(town: TownCase) -> TownCase:
    """Filled in by ann; the street's verifiers have it, then its leaders."""
    return town.three_steps().send().fill()


@pytest.mark.parametrize("how", ["delegate", "before"])
def test_who_was_asked_first_is_waited_for_no_longer(filled: TownCase, how: str) -> None:
    """委派, 前加签 called off: the task is back, the other's is gone and they are told; not by strangers, not twice."""
    task = filled.task("vera")
    if how == "delegate":
        filled.as_("vera", lambda work: delegate.delegate(work, task.id, "cora", comment="请看"))
    else:
        filled.as_("vera", lambda work: signers.add(work, task.id, ["cora"], where="before"))
    assert filled.todo() == {"cora": ["verify"]}
    for stranger in ("cora", "lea", "tom"):
        with pytest.raises((NotFound, NothingToTakeBack)):
            filled.as_(stranger, lambda work: signers.call_off(work, task.id))
    filled.as_("vera", lambda work: signers.call_off(work, task.id))
    assert filled.todo() == {"vera": ["verify"]}
    assert "flow.notice.removed" in filled.told("cora")
    with pytest.raises(NothingToTakeBack):
        filled.as_("vera", lambda work: signers.call_off(work, task.id))
    filled.pass_("vera")
    assert set(filled.todo()) == {"lea", "lou"}
