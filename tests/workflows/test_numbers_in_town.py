"""Numbers of cases in the database: without gaps or doubles, however many ask at once, and found again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Problem
from engine.work import System, Work
from forms import documents
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from tests.workflows.case import one, person
from tests.workflows.small_town import ONE, TWO
from tests.workflows.town_case import TownCase
from workflows import commands, dispatches, numbers, todo
from workflows.dispatching import terms
from workflows.store import CASE

STEPS = (
    one("fill", "fill", "verify", assign=person("staff", "same")),
    one("verify", "verify", "approve", assign=person("verifier", "parent")),
    one("approve", "approve", "end", assign=person("leader", "parent")),
)


@pytest.fixture
def town(system: System) -> TownCase:
    """A street with people and a report."""
    return TownCase(system)


def given(town: TownCase) -> list[str]:
    """All numbers, in order."""
    with town.system.read(TESTER) as work:
        found = work.connection.execute(
            select(CASE.c.number).where(CASE.c.number.is_not(None)).order_by(CASE.c.number)
        ).scalars()
        return list(found)


def sent(town: TownCase, period: str, *codes: str) -> str:
    return small_town.send(town.system, *(codes or (ONE, TWO)), period=period)


def test_counters_are_apart_by_what_the_template_says(town: TownCase, clock: Clock) -> None:
    """By the year and the organisation; another year begins anew; a withdrawn case keeps its number."""
    town.flow(*STEPS, number={"template": "烟〔{year}〕{单位代码}-{seq:03}号", "first": 5})
    sent(town, "2026-10")
    first = sent(town, "2026-11")
    year = clock.at.year
    wanted = [f"烟〔{year}〕{code}-{n:03}号" for code in (ONE, TWO) for n in (5, 6)]
    assert given(town) == wanted
    town.as_("office", lambda work: terms.withdraw(work, first, "发错了"))
    clock.forward(days=400)
    sent(town, "2026-12", ONE)
    assert given(town) == [*wanted, f"烟〔{clock.at.year}〕{ONE}-005号"]


def test_what_is_rolled_back_leaves_no_gap(town: TownCase) -> None:
    """The next one gets the number."""
    town.flow(*STEPS, number={"template": "A{seq}"})

    def fails(work: Work) -> None:
        dispatches.create(work, "test.count", [ONE, TWO], "2026-10", work.now.replace(year=2030))
        raise _Stop

    with pytest.raises(_Stop):
        town.system.write(small_town.person(town.system, "office"), fails)
    assert given(town) == []
    sent(town, "2026-10")
    assert given(town) == ["A1", "A2"]


class _Stop(Problem):
    code = "test.stop"


def test_many_at_once_have_neither_doubles_nor_gaps(town: TownCase) -> None:
    """Six offices press at the same moment; each gets its own, none is left out."""
    town.flow(*STEPS, number={"template": "{year}-{seq:02}"})
    office, together = small_town.person(town.system, "office"), Barrier(6)

    def press(month: int) -> Any:
        together.wait(timeout=30)
        return town.system.write(
            office,
            lambda work: dispatches.create(
                work, "test.count", [ONE, TWO], f"2026-{month:02}", work.now.replace(year=2030)
            ),
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(1, 7)))
    assert [one.rpartition("-")[2] for one in given(town)] == [f"{n:02}" for n in range(1, 13)]


def test_it_is_given_at_a_step_or_at_the_end_and_stays(town: TownCase) -> None:
    """发文字号: when it is done, once, whoever sends it back before; who is refused has none."""
    town.flow(*STEPS, number={"template": "民发〔{year}〕{seq}号", "at": "end"}).send().fill()
    assert given(town) == []
    town.pass_("vera")
    task = town.task("lea")
    town.as_("lea", lambda work: commands.return_(work, task.id, {"/count": "再核"}))
    town.fill().pass_("vera").pass_("lea")
    assert (town.status, len(given(town))) == ("done", 1)
    town.send("2026-12").fill().pass_("vera")
    other = town.task("lea")
    town.as_("lea", lambda work: commands.reject(work, other.id, comment="不"))
    assert len(given(town)) == 1


def test_it_is_found_again(town: TownCase) -> None:
    """In the to-do list by a part of it; signs of patterns mean themselves."""
    town.flow(*STEPS, number={"template": "100%_{seq}"}).send()
    with town.system.read(small_town.person(town.system, "ann")) as work:
        found = {
            words: len(todo.page(work, words=words).tasks) for words in ("%_1", "_%1", "100%", "x1")
        }
        numbered = numbers.of_documents(work.connection, [town.document, "none"])
    assert found == {"%_1": 1, "_%1": 0, "100%": 1, "x1": 0}
    assert numbered == {town.document: "100%_1"}


def test_two_templates_that_make_the_same_text_do_not_meet(town: TownCase) -> None:
    """A1+1 and A+11 are both A11: whoever comes second takes the next; the database refuses a double."""
    town.flow(*STEPS, number={"template": "A1{seq}"})
    sent(town, "2026-10", ONE)
    town.flow(*STEPS, number={"template": "A{seq}", "first": 11})
    sent(town, "2026-11", ONE)
    assert given(town) == ["A11", "A12"]
    with pytest.raises((IntegrityError, Problem)):
        town.system.write(
            TESTER, lambda work: work.connection.execute(update(CASE).values(number="A11"))
        )


def test_an_archive_covers_the_number(town: TownCase) -> None:
    """A number that is changed afterwards is seen."""
    town.flow(*STEPS, number={"template": "B{seq}"}).send().fill().pass_("vera").pass_("lea")
    with town.system.read(TESTER) as work:
        dispatch = documents.get(work.connection, town.document).dispatch_id or ""
    town.as_("office", lambda work: terms.freeze(work, dispatch))
    town.as_("office", lambda work: terms.archive(work, dispatch))
    for number, whole in (("B1", True), ("B2", False)):
        town.system.write(
            TESTER, lambda work, n=number: work.connection.execute(update(CASE).values(number=n))
        )
        with town.system.read(small_town.person(town.system, "office")) as work:
            assert terms.is_whole(work, dispatches.get(work, dispatch)) is whole
