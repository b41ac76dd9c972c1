"""自选: whoever leaves it open who does a later step is asked at once, not the office when it is too late."""

import pytest

from engine.identity import presence
from engine.work import System
from tests.workflows.case import one
from tests.workflows.small_town import person as who
from tests.workflows.town_case import TownCase
from workflows import bulk, commands
from workflows.acting import deputies, signers, talk
from workflows.choosing import ChooseFirst, ChosenAway
from workflows.core.refusals import NobodyNamed

CHOSEN = {"rule": "chosen"}


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


def test_handed_in_only_with_somebody_chosen(town: TownCase) -> None:
    """It was handed in, and only then an incident of the office that nobody was chosen."""
    town.flow(one("fill", "fill", "verify"), one("verify", "verify", "end", assign=CHOSEN)).send()
    for chosen in ({}, {"verify": ()}, {"verify": ("",)}):
        with pytest.raises(ChooseFirst):
            town.fill(chosen=chosen)
    assert (town.todo(), town.incidents()) == ({"ann": ["fill"], "amy": ["fill"]}, [])
    town.fill(chosen={"verify": ("cora",)})
    assert town.todo() == {"cora": ["verify"]}
    task = town.task("cora")
    town.as_("cora", lambda work: commands.return_(work, task.id, {"/count": "不对"}))
    town.fill()  # whom one chose before is still meant
    assert town.todo() == {"cora": ["verify"]}


def test_a_flow_that_says_what_then_is_taken_at_its_word(town: TownCase) -> None:
    """Where nobody means that it passes by itself, nobody need be chosen."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "approve", assign=CHOSEN, empty="pass"),
        one("approve", "approve", "end", assign={"rule": "person", "person": "lea"}),
    )
    town.send().fill()
    assert town.todo() == {"lea": ["approve"]}


def test_many_at_once_do_not_skip_a_choice(town: TownCase) -> None:
    """Whoever approves a heap is told which of them wait for a choice."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "approve", assign={"rule": "person", "person": "vera"}),
        one("approve", "approve", "end", assign={"rule": "chosen", "step": "verify"}),
    )
    town.send().fill()
    task = town.task("vera")
    ((_, refused),) = town.as_("vera", lambda work: bulk.pass_each(work, [task.id]))
    assert isinstance(refused, ChooseFirst)
    assert town.todo() == {"vera": ["verify"]}


def test_a_signer_on_leave_can_be_taken_off(town: TownCase) -> None:
    """减签 of who is away was refused: they were looked for among those who can be asked."""
    town.three_steps().send().fill()
    task = town.task("vera")
    town.as_("vera", lambda work: signers.add(work, task.id, ["cora"]))
    town.as_("cora", lambda work: deputies.away(work, work.now, None))
    cora = who(town.system, "cora").id
    with town.system.read(who(town.system, "vera")) as work:
        assert presence.named(work.connection, [cora], now=work.now) == ()
    town.as_("vera", lambda work: signers.remove(work, task.id, [cora]))
    assert set(town.pass_("vera").todo()) == {"lea", "lou"}


@pytest.mark.parametrize("nobody", [[], [""]])
def test_nobody_is_no_copy(town: TownCase, nobody: list[str]) -> None:
    """抄送 to nobody stood in the history as done."""
    town.three_steps().send().fill()
    with pytest.raises(NobodyNamed):
        town.as_("ann", lambda work: talk.copy(work, town.case.id, nobody))


def test_who_is_away_is_not_chosen_in_silence(town: TownCase) -> None:
    """Of three chosen to sign one was on leave: two signed and nobody knew that the third was left out."""
    sign = {"mode": "all"}
    town.flow(
        one("fill", "fill", "verify"), one("verify", "verify", "end", assign=CHOSEN, sign=sign)
    )
    town.as_("cora", lambda work: deputies.away(work, work.now, None))
    town.send()
    with pytest.raises(ChosenAway) as refused:
        town.fill(chosen={"verify": ("vera", "cora")})
    assert "cora" in refused.value.text("zh")
    assert set(town.todo()) == {"ann", "amy"}
    town.as_("vera", lambda work: deputies.away(work, work.now, None, deputy="val"))
    town.fill(chosen={"verify": ("vera", "lea")})  # who has a deputy can be
    assert set(town.todo()) == {"vera", "val", "lea"}
