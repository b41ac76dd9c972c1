"""The to-do list: in order, by key, searched; what is due today by the office's clock; many approvals."""

from datetime import UTC, datetime

import pytest

from engine.work import System
from tests.conftest import Clock
from tests.factories import TESTER
from tests.workflows import small_town
from workflows import bulk, dispatches, store, todo


def test_today_is_the_offices_day(system: System, clock: Clock) -> None:
    """At one in the morning of the first of December it is still November in Greenwich."""
    clock.at = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)  # 1 o'clock on the 30th
    small_town.build(system)
    due = {"2026-10": datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC),
           "2026-11": datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)}  # fmt: skip
    system.write(
        small_town.person(system, "office"),
        lambda work: [
            dispatches.create(work, "test.count", [small_town.ONE], period, moment)
            for period, moment in due.items()
        ],
    )
    with system.read(small_town.person(system, "ann")) as work:
        assert [one.due_at[:10] for one in todo.page(work, "today").tasks] == ["2026-11-30"]
    clock.at = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight on the 1st
    with system.read(small_town.person(system, "ann")) as work:
        assert todo.counters(work) == {"all": 2, "today": 1, "late": 1, "returned": 0}


def everything(system: System, login: str, tab: str = "all", words: str = "") -> list[str]:
    """The whole list, a page of one task at a time."""
    found, after = [], ""
    with system.read(small_town.person(system, login)) as work:
        while True:
            page = todo.page(work, tab, words=words, after=after, limit=1)
            found += [one.title for one in page.tasks]
            if not page.after:
                return found
            after = page.after


def test_the_list_is_paged_by_key(system: System, clock: Clock) -> None:
    """By due date, what was returned first; every task once, however small the pages."""
    small_town.build(system)
    for number, month in enumerate(("2026-07", "2026-08", "2026-09"), 1):
        small_town.send(system, small_town.ONE, days=10 - number, period=month)
    assert everything(system, "ann") == [
        "人口月报（2026年9月）",
        "人口月报（2026年8月）",
        "人口月报（2026年7月）",
    ]
    system.write(
        TESTER,
        lambda work: work.connection.execute(
            store.TASK.update().where(store.TASK.c.title.contains("7月")).values(returned=True)
        ),
    )
    system.write(
        TESTER,
        lambda work: work.connection.execute(
            store.TASK.update().where(store.TASK.c.title.contains("9月")).values(due_at=None)
        ),
    )
    in_order = ["人口月报（2026年7月）", "人口月报（2026年8月）", "人口月报（2026年9月）"]
    assert everything(system, "ann") == in_order
    assert everything(system, "ann", "returned") == in_order[:1]
    assert everything(system, "ann", words="8月") == in_order[1:2]
    assert everything(system, "ann", words="100%") == []
    assert everything(system, "tom") == []


def test_somebody_of_many_places_sees_the_same(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement for all places in place of a part for each finds the same in the same order."""
    small_town.build(system)
    for month in ("2026-07", "2026-08"):
        small_town.send(system, small_town.ONE, period=month)
    before = everything(system, "ann")
    with system.read(small_town.person(system, "ann")) as work:
        counted = todo.counters(work)
    monkeypatch.setattr(todo, "MOST_PLACES", 0)
    assert everything(system, "ann") == before
    with system.read(small_town.person(system, "ann")) as work:
        assert todo.counters(work) == counted
        assert todo.count(work, kind="fill") == 2


def test_what_is_done_is_gone_at_once_and_waits_with_others(system: System) -> None:
    """The next read sees what was written; the filler sees who has it now."""
    small_town.build(system)
    small_town.send(system, small_town.ONE)
    small_town.hand_in(system, "ann")
    assert everything(system, "ann") == []
    with system.read(small_town.person(system, "ann")) as work:
        (waits,) = todo.waiting_for_others(work).tasks
        assert (waits.kind, waits.organisation_code) == ("verify", small_town.STREET)
    with system.read(small_town.person(system, "tom")) as work:
        assert todo.waiting_for_others(work).tasks == []
    with system.read(small_town.person(system, "vera")) as work:
        assert [one.id for one in todo.page(work).tasks] == [waits.id]


@pytest.mark.parametrize("key", ["x", "1~", "9~a~b", "1~2026", "~" * 50, "1~'; DROP TABLE task~x"])
def test_a_key_that_is_none_begins_at_the_top(sqlite_system: System, key: str) -> None:
    """Or finds nothing; it never is an error."""
    small_town.build(sqlite_system)
    small_town.send(sqlite_system, small_town.ONE)
    with sqlite_system.read(small_town.person(sqlite_system, "ann")) as work:
        assert len(todo.page(work, after=key).tasks) <= 1


def test_many_approvals_each_by_itself(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not theirs or done already is refused with its reason; the others are done."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    small_town.build(system)
    small_town.send(system, small_town.ONE, small_town.TWO)
    small_town.hand_in(system, "ann")
    small_town.hand_in(system, "tom")
    vera, lea = small_town.person(system, "vera"), small_town.person(system, "lea")
    with system.read(vera) as work:
        waiting = [one.id for one in todo.page(work).tasks]
    results = dict(
        bulk.pass_all(lambda command: system.write(vera, command), [waiting[0], "none", *waiting])
    )
    assert {key: problem is None for key, problem in results.items()} == {
        waiting[0]: True,
        "none": False,
        waiting[1]: True,
    }
    with system.read(lea) as work:
        assert todo.count(work, kind="approve") == 2
