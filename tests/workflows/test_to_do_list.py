"""The to-do list: what is due today by the office's clock."""

from datetime import UTC, datetime

from engine.work import System
from tests.conftest import Clock
from tests.workflows import small_town
from workflows import dispatches, store


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
        assert [one.due_at[:10] for one in store.tasks_of(work, *store.shown(work, "today"))] == [
            "2026-11-30"
        ]
    clock.at = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight on the 1st
    with system.read(small_town.person(system, "ann")) as work:
        assert store.counters(work) == {"all": 2, "today": 1, "late": 1, "returned": 0}
