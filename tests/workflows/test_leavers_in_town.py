"""离职转办 where it is not simple: the other signs there too, filled it in, or several are named instead."""

import pytest

from engine.work import System
from tests.factories import TESTER
from tests.workflows.case import one, person
from tests.workflows.small_town import person as who
from tests.workflows.town_case import TownCase
from workflows import beside, commands, store
from workflows.acting import hand_over, incident, signers
from workflows.core.refusals import DatedWrong, NamedByFlow
from workflows.events import Returned


@pytest.fixture
def town(system: System) -> TownCase:
    return TownCase(system)


def leaves(town: TownCase, login: str, to: str) -> hand_over.HandedOver:
    done = town.system.write(
        TESTER, lambda work: hand_over.hand_over(work, login, to, reason="离职")
    )
    town.check()
    return done


def test_who_signs_there_already_signs_once(town: TownCase) -> None:
    """会签 of three; val's part goes to vera, who has her own: one vote is enough."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign=person("verifier", "parent"), sign={"mode": "all"}),
    )
    town.send().fill()
    assert leaves(town, "val", "vera") == hand_over.HandedOver(1, ())
    assert town.todo() == {"vera": ["verify"], "vic": ["verify"]}
    assert town.pass_("vera").pass_("vic").status == "done"


@pytest.mark.parametrize(
    ("to", "then", "stuck"),
    [
        ("cora", {"cora": ["verify"], "val": ["verify"]}, []),
        ("val", {"val": ["verify"]}, []),
        ("ann", {"val": ["verify"]}, ["verify: unassigned"]),
    ],
)
def test_what_comes_back_for_somebody_who_left_is_never_lost(
    town: TownCase, to: str, then: dict[str, list[str]], stuck: list[str]
) -> None:
    """vera signed and left; returned into the countersign, who took over signs: once, and never their own."""
    town.flow(
        one("fill", "fill", "verify"),
        one(
            "verify",
            "verify",
            "approve",
            assign={"rule": "expression", "formula": '"val, vera"'},
            sign={"mode": "all"},
        ),
        one("approve", "approve", "end", assign=person("leader", "parent")),
    )
    town.send().fill()
    signed = sorted(town.todo())
    for login in signed:
        town.pass_(login)
    leaves(town, "vera", to)
    task = town.task("lea")
    again = {"to": "verify", "comment": "再看"}
    town.as_("lea", lambda work: commands.return_(work, task.id, {}, **again))
    assert (town.todo(), town.incidents()) == (then, stuck)


def test_what_the_other_filled_in_is_an_incident(town: TownCase) -> None:
    """ann cannot verify her own: the office is told, and names two, either of whom does it."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign={"rule": "person", "person": "val"}),
    )
    town.send().fill()
    done = leaves(town, "val", "ann")
    assert (done.moved, len(done.left)) == (0, 1)
    assert town.incidents() == ["verify: unassigned"]
    with town.system.read(who(town.system, "office")) as work:
        (stuck,) = beside.incidents(work, case_id=town.case.id)
    town.as_(
        "office", lambda work: incident.assign(work, stuck.id, ["vic", "cora"], comment="请办")
    )
    assert town.todo() == {"cora": ["verify"], "vic": ["verify"]}
    assert town.pass_("cora").status == "done"
    assert town.todo() == {}


def test_the_order_stays_when_one_is_taken_off(town: TownCase) -> None:
    """依次: the second leaves, and who took over signs third already; the third still waits for the first."""
    town.flow(
        one("fill", "fill", "verify"),
        one(
            "verify",
            "verify",
            "end",
            assign=person("verifier", "parent"),
            sign={"mode": "in_order"},
        ),
    )
    town.send().fill()
    (first,) = town.todo()
    rest = [login for login in ("vera", "val", "vic") if login != first]
    order = [task.owner for task in town.case.state.tasks if task.step == "verify" and task.owner]
    names = {who(town.system, login).id: login for login in rest}
    second, third = (names[owner] for owner in order if owner in names)
    task = town.task(first)
    with pytest.raises(NamedByFlow):
        town.as_(first, lambda work: signers.remove(work, task.id, [second]))
    assert leaves(town, second, third) == hand_over.HandedOver(0, ())
    assert town.todo() == {first: ["verify"]}
    assert town.pass_(first).todo() == {
        third: ["verify"]
    }  # the leaver's seat is not opened for long
    assert town.pass_(third).status == "done"


def test_a_return_and_a_refusal_are_entered_afterwards_too(town: TownCase) -> None:
    """事后补录 of every decision: the day is kept with the event, and needs a reason."""
    town.flow(
        one("fill", "fill", "verify"),
        one("verify", "verify", "end", assign=person("verifier", "parent")),
    )
    town.send().fill()
    task, day = town.task("vera"), "2026-11-23"
    for dated in ("2026-11-22", "2026-11-24", "x"):
        with pytest.raises(DatedWrong):
            town.as_(
                "vera",
                lambda work, d=dated: commands.reject(work, task.id, comment="停电", dated=d),
            )
    town.as_(
        "vera", lambda work: commands.return_(work, task.id, {"/count": "停电前已退"}, dated=day)
    )
    again = town.fill().task("vera")
    town.as_("vera", lambda work: commands.reject(work, again.id, comment="会上已否", dated=day))
    state = town.case.state
    assert state.status == "rejected"
    with town.system.read(TESTER) as work:
        kept = [e["document"] for e in store.events(work.connection, town.case.id)]
    assert [(e["kind"], e["dated"]) for e in kept if e.get("dated")] == [
        (Returned.kind, day), ("rejected", day),
    ]  # fmt: skip
