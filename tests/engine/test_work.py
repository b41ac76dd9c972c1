"""The unit of work: one command by one actor, whole or not at all."""

import re

import pytest
from sqlalchemy import func, select

from engine.audit import trail
from engine.errors import Conflict, Forbidden, NotFound
from engine.storage import sealed
from engine.work import HISTORY, JOB, System, Work, new_id
from tests import factories
from tests.conftest import Clock


def _jobs(system: System) -> list[dict]:
    with system.database.read() as connection:
        rows = connection.execute(select(JOB).order_by(JOB.c.id)).mappings()
        return [
            {**row, "payload": sealed.unseal(connection, row["payload"], f"job:{row['id']}")}
            for row in rows
        ]


def test_history_keeps_who_when_why_and_both_states(system: System, actor) -> None:
    """What a thing was and what it became, through which task."""

    def command(work: Work) -> None:
        work.task_id = "t1"
        both = {"before": {"phone": "0"}, "after": {"phone": "1"}}
        work.record("phone", "p1", **both, reason="returned", origins={"phone": 17})

    system.write(actor, command)
    with system.database.read() as connection:
        found = connection.execute(select(HISTORY)).mappings().one()
        place = f"history:{found['kind']}:{found['target']}:{found['at']}"
        row = {
            **found,
            "before": sealed.unseal(connection, found["before"], place),
            "after": sealed.unseal(connection, found["after"], place),
        }
    assert row.pop("id") == 1
    assert row == {
        "kind": "phone",
        "target": "p1",
        "at": "2026-11-23T01:30:00.000000+00:00",
        "actor_id": "system:test",
        "task_id": "t1",
        "reason": "returned",
        "before": {"phone": "0"},
        "after": {"phone": "1"},
        "origins": {"phone": 17},
    }


def test_a_failed_command_leaves_no_history_no_job_and_no_trail(system: System, actor) -> None:
    """All of it or nothing: a mail for a change that was undone would be a lie."""

    def fails(work: Work) -> None:
        work.record("phone", "p1", before=None, after={})
        work.later("reminder.send", {"to": "p1"})
        work.note("phone.changed", "p1")
        raise Conflict(what="phone")

    with pytest.raises(Conflict):
        system.write(actor, fails)
    assert _jobs(system) == []
    with system.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(HISTORY)).scalar() == 0
        assert trail.count(connection) == 0


def test_a_job_waits_for_now_or_for_its_hour(system: System, actor) -> None:
    """It is written with its payload as given, decimals and all."""
    later = "2026-12-01T00:00:00.000000+00:00"
    system.write(actor, lambda work: work.later("a.b", {"n": [1, "王"]}))
    system.write(actor, lambda work: work.later("a.c", {}, run_at=later))
    jobs = {job["kind"]: job for job in _jobs(system)}
    assert (jobs["a.b"]["state"], jobs["a.b"]["payload"]) == ("waiting", {"n": [1, "王"]})
    assert jobs["a.b"]["run_at"] == jobs["a.b"]["created_at"]
    assert jobs["a.c"]["run_at"] == later


def test_a_second_job_with_the_same_key_is_not_written(system: System, actor) -> None:
    """Whoever asks twice gets the first one's id, and the command goes on."""
    first = system.write(actor, lambda work: work.later("a.b", {"n": 1}, key="once"))
    again = system.write(actor, lambda work: work.later("a.b", {"n": 2}, key="once"))
    other = system.write(actor, lambda work: work.later("a.b", {"n": 3}, key="other"))
    assert (again, other != first) == (first, True)
    assert [job["payload"]["n"] for job in _jobs(system)] == [1, 3]


def test_a_command_is_told_the_moment_by_the_clock_it_was_given(system: System, actor, clock: Clock) -> None:  # fmt: skip
    """A year of deadlines is tested in milliseconds."""
    before = system.write(actor, lambda work: work.now)
    clock.forward(days=400)
    with system.read(actor) as work:
        assert (work.now - before).days == 400
        assert work.at == "2027-12-28T01:30:00.000000+00:00"


def test_moments_are_texts_whose_order_is_time(system: System, actor, clock: Clock) -> None:
    """Always with microseconds, so that a whole second does not sort out of turn."""
    seen = []
    for _ in range(5):
        seen.append(system.write(actor, lambda work: work.at))
        clock.forward(microseconds=400_000)
    assert seen == sorted(seen)
    assert len({len(at) for at in seen}) == 1


def test_a_work_requires_what_the_posts_allow(system: System) -> None:
    """Forbidden for whom no post knows the verb; not found out of reach."""
    clerk = factories.actor(factories.post("staff", "37", "3706"))
    with system.read(clerk) as work:
        work.require("document.fill", path="/37/3706/")
        with pytest.raises(NotFound):
            work.require("document.fill", path="/37/3707/")
        with pytest.raises(Forbidden):
            work.require("dictionary.change")


def test_ids_are_unique_sorted_by_time_and_easy_to_read() -> None:
    """Twenty letters and digits without i, l, o and u."""
    ids = [new_id() for _ in range(5000)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-hjkmnp-tv-z]{20}", one) for one in ids)
    assert [one[:9] for one in ids] == sorted(one[:9] for one in ids)
