"""Jobs: each one effectively once, tried again with patience, never lost and never hidden."""

import time
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import update

from engine.errors import Conflict, NotFound
from engine.jobs import outbox, upkeep
from engine.jobs.registry import Registry
from engine.jobs.schedule import daily, every
from engine.work import JOB, System
from tests.conftest import Clock
from tests.engine.jobs.counting import ACTOR, ask, count, counted, jobs, registry, runner

HOUR = timedelta(hours=1)


def _wait(until, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_a_job_is_done_and_its_result_kept(system: System) -> None:
    """With the effect in the same transaction as the end of the job."""
    (job,) = ask(system, "one")
    works = runner(system, registry())
    assert works.work_off() == 1
    works.stop()
    assert counted(system) == {"one": 1}
    row = jobs(system)[job]
    assert (row["state"], row["attempts"], row["result"], row["error"]) == ("done", 1, 3, None)
    assert row["finished_at"] == "2026-11-23T01:30:00.000000+00:00"


def test_a_job_waits_for_its_hour(system: System, clock: Clock) -> None:
    """Not a second before."""
    ask(system, "one", run_at=outbox.text(clock.at + HOUR))
    works = runner(system, registry())
    assert works.work_off() == 0
    clock.forward(seconds=3599)
    assert works.work_off() == 0
    clock.forward(seconds=1)
    assert works.work_off() == 1
    works.stop()


def test_a_failing_job_is_tried_again_twice_as_late_each_time(system: System, clock: Clock) -> None:
    """What a failed try wrote is undone; the last failure stays with its code."""

    def fails(work, payload) -> None:
        count(work, payload)
        raise Conflict(what="x")

    (job,) = ask(system, "one")
    works = runner(system, registry(fails, attempts=12))
    waits = []
    while jobs(system)[job]["state"] == "waiting":
        works.work_off()
        row = jobs(system)[job]
        if row["state"] == "waiting":
            next_try = row["run_at"]
            while outbox.text(clock.at) < next_try:
                clock.forward(seconds=10)
            waits.append(clock.at)
    works.stop()
    gaps = [int((b - a).total_seconds()) for a, b in pairwise(waits)]
    assert gaps == [20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert (row["state"], row["attempts"], row["error"]) == ("failed", 12, "conflict")
    assert counted(system) == {}
    with system.read(ACTOR) as work:
        assert [one["id"] for one in outbox.listed(work.connection, "failed")] == [job]
        assert outbox.counts(work.connection) == {"failed": 1}


def test_a_failed_job_can_be_asked_again(system: System, clock: Clock) -> None:
    """By the operator, when the cause is gone; any other job is not found."""
    (job,) = ask(system, "one")
    works = runner(system, Registry())
    for _ in range(10):
        works.work_off()
        clock.forward(hours=2)
    works.stop()
    assert (jobs(system)[job]["state"], jobs(system)[job]["error"]) == ("failed", "job.unknown")
    system.write(ACTOR, lambda work: outbox.again(work.connection, job, work.now))
    works = runner(system, registry())
    assert works.work_off() == 1
    works.stop()
    assert counted(system) == {"one": 1}
    with pytest.raises(NotFound):
        system.write(ACTOR, lambda work: outbox.again(work.connection, job, work.now))


def test_a_defect_is_kept_by_its_kind_alone(system: System) -> None:
    """The message of an exception may quote a person's data."""

    def defect(work, payload) -> None:
        raise KeyError("370602194103020021")

    (job,) = ask(system, "one")
    works = runner(system, registry(defect))
    works.work_off()
    works.stop()
    assert jobs(system)[job]["error"] == "defect.KeyError"


def test_a_slow_look_is_done_before_and_cannot_write(system: System) -> None:
    """Its answer is handed on; a look that writes fails."""
    made = Registry()
    made.job("good", look=lambda work, payload: payload["n"] * 2)(
        lambda work, payload: payload["seen"]
    )
    made.job("bad", look=lambda work, payload: work.note("a.b", "c"))(count)
    (good,), (bad,) = ask(system, "one", kind="good"), ask(system, "two", kind="bad")
    works = runner(system, made)
    works.work_off()
    works.stop()
    assert jobs(system)[good]["result"] == "oneone"
    assert jobs(system)[bad]["error"] == "defect.RuntimeError"


def test_a_job_of_a_dead_worker_is_taken_up_after_its_lease(system: System, clock: Clock) -> None:
    """Not before; and whoever held it finds at the end that it is theirs no more."""
    (job,) = ask(system, "one")
    known = registry()
    dead = system.write(ACTOR, lambda work: outbox.claim(work.connection, job, work.now, known))
    works = runner(system, known)
    clock.forward(minutes=4, seconds=59)
    assert works.work_off() == 0
    clock.forward(seconds=1)
    assert works.work_off() == 1
    works.stop()

    def comes_back(work) -> None:
        count(work, {"n": "one"})
        outbox.finish(work.connection, dead, None, work.now)

    with pytest.raises(Conflict):
        system.write(ACTOR, comes_back)
    row = jobs(system)[job]
    assert (row["state"], row["attempts"], row["error"]) == ("done", 2, outbox.LOST)
    assert counted(system) == {"one": 1}


def lost(system: System, clock: Clock, job: str, known: Registry, times: int) -> None:
    """So many workers take the job and are never heard of again."""
    for _ in range(times):
        assert system.write(ACTOR, lambda work: outbox.claim(work.connection, job, work.now, known))
        clock.forward(minutes=6)


def test_a_job_that_kills_its_workers_is_not_tried_for_ever(system: System, clock: Clock) -> None:
    """Its attempts count although nobody came back to say so."""
    (job,) = ask(system, "one")
    known = registry()
    lost(system, clock, job, known, outbox.MOST_LOST)
    works = runner(system, known)
    works.work_off()
    works.stop()
    assert (jobs(system)[job]["state"], jobs(system)[job]["error"]) == ("failed", outbox.LOST)
    assert counted(system) == {}


def test_what_is_lost_with_a_worker_is_no_failure_of_the_job(system: System, clock: Clock) -> None:
    """A node killed again and again takes away none of the times that the job may go wrong."""
    (job,) = ask(system, "one")
    known = registry(attempts=3)
    lost(system, clock, job, known, 9)
    works = runner(system, known)
    works.work_off()
    works.stop()
    row = jobs(system)[job]
    assert (row["state"], row["attempts"], row["failures"]) == ("done", 10, 0)
    assert counted(system) == {"one": 1}


def test_a_late_failure_of_a_lost_job_changes_nothing(system: System, clock: Clock) -> None:
    """The next holder's claim stands."""
    (job,) = ask(system, "one")
    known = registry()
    claim = lambda: system.write(ACTOR, lambda w: outbox.claim(w.connection, job, w.now, known))  # noqa: E731 - used twice below
    first = claim()
    clock.forward(minutes=6)
    second = claim()
    assert second.attempt == 2
    system.write(ACTOR, lambda work: outbox.fail(work.connection, first, "x", work.now))
    assert jobs(system)[job]["state"] == "running"


def test_one_of_two_gets_a_job_they_both_want(system: System, again) -> None:
    """Two nodes, twenty times at the very same moment."""
    known = registry()
    nodes = [runner(one, known) for one in (system, again())]
    for job in ask(system, *(f"n{number}" for number in range(20))):
        together = Barrier(2)

        def take(node, job=job, together=together) -> None:
            together.wait(10)
            node.run(job)

        threads = [Thread(target=take, args=(node,)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    for node in nodes:
        node.stop()
    assert set(counted(system).values()) == {1}
    assert {(row["state"], row["attempts"]) for row in jobs(system).values()} == {("done", 1)}


def test_two_runners_share_the_work(system: System, again) -> None:
    """With two threads each: every job once, while the other node is at a job too."""
    done = {"one": 0, "two": 0}
    begun = {"one": Event(), "two": Event()}

    def as_(name, other):
        def look(work, payload) -> bool:
            begun[name].set()
            return begun[other].wait(20)

        def handler(work, payload) -> None:
            assert payload["seen"], "the other node never began"
            count(work, payload)
            done[name] += 1

        return registry(handler, look=look)

    nodes = [runner(system, as_("one", "two")), runner(again(), as_("two", "one"))]
    ask(system, *(f"n{number}" for number in range(120)))
    for node in nodes:
        node.start(2)
    _wait(lambda: {row["state"] for row in jobs(system).values()} == {"done"})
    assert all(node.stop() for node in nodes)
    assert set(counted(system).values()) == {1}
    assert sum(done.values()) == 120
    assert min(done.values()) > 0
    assert {row["attempts"] for row in jobs(system).values()} == {1}


def test_stopping_lets_a_job_finish(system: System) -> None:
    """What is under way is done; what waits is left for the next."""
    begun, go_on = Event(), Event()

    def look(work, payload) -> None:
        begun.set()
        go_on.wait(10)

    ask(system, "one", "two")
    works = runner(system, registry(look=look))
    works.start(1)
    assert begun.wait(10)
    Thread(target=lambda: (time.sleep(0.3), go_on.set())).start()
    assert works.stop()
    assert counted(system) == {"one": 1}
    after = runner(system, registry())
    after.work_off()
    after.stop()
    assert counted(system) == {"one": 1, "two": 1}


def test_stopping_does_not_wait_for_ever(system: System) -> None:
    """The job is taken up after its lease."""
    begun, go_on = Event(), Event()
    ask(system, "one")
    works = runner(system, registry(look=lambda w, p: (begun.set(), go_on.wait(10))))
    works.start(1)
    assert begun.wait(10)
    assert not works.stop(seconds=0.2)
    go_on.set()
    _wait(lambda: counted(system) == {"one": 1})  # the thread still came to its end


def test_a_lost_queue_loses_no_job(system: System) -> None:
    """Everything was queued, nothing was done, and the queue is emptied behind our back."""
    ask(system, "one", "two")
    works = runner(system, registry())
    assert works.feed() == 2
    assert works.feed() == 0  # they wait in the queue already
    works._queue.storage.flush_queue()
    assert works.work_off() == 2
    works.stop()
    assert counted(system) == {"one": 1, "two": 1}


def test_a_periodic_job_is_written_once_a_slot_by_however_many_nodes(system: System, again, clock: Clock) -> None:  # fmt: skip
    """A night that was missed is made up for, once."""

    def tick(work, payload) -> None:
        count(work, {"n": work.at[:16]})

    known = registry(tick, slots=every(minutes=10))
    nodes = [runner(system, known), runner(again(), known)]
    for minutes in (0, 9, 1, 9, 1, 60 * 24):
        clock.forward(minutes=minutes)
        for node in nodes:
            node.work_off()
    for node in nodes:
        node.stop()
    assert set(counted(system).values()) == {1}
    assert sorted(counted(system)) == [
        "2026-11-23T01:30", "2026-11-23T01:40", "2026-11-23T01:50", "2026-11-24T01:50",
    ]  # fmt: skip


def test_periodic_work_is_done_in_the_round_that_asked_for_it(system: System, clock: Clock) -> None:
    """Every look at the clock is later than the one before, as it is outside of tests."""
    system.now = lambda: clock.forward(seconds=1)
    works = runner(system, registry(lambda work, payload: count(work, {"n": "one"}), slots=every(minutes=10)))  # fmt: skip
    assert works.work_off() == 1
    works.stop()
    assert counted(system) == {"one": 1}


def test_periodic_work_that_nobody_gets_to_does_not_pile_up(system: System, again, clock: Clock) -> None:  # fmt: skip
    """Slot after slot is fed and nothing is done: what waits serves for all of them."""

    def tick(work, payload) -> None:
        count(work, {"n": work.at[:16]})

    known = registry(tick, slots=every(minutes=10))
    nodes = [runner(system, known), runner(again(), known)]
    for _ in range(5):
        for node in nodes:
            node.feed()
        clock.forward(minutes=10)
    with system.read(ACTOR) as work:
        assert outbox.counts(work.connection) == {"waiting": 1}
    for node in nodes:
        node.work_off()
        node.stop()
    assert counted(system) == {"2026-11-23T02:20": 1}


def test_slots_change_when_they_should(clock: Clock) -> None:
    """Ten minutes by the clock; a night begins at two in China."""
    slots, nights = [], []
    for _ in range(48):
        slots.append(every(minutes=30)(clock.at))
        nights.append(daily(utc_hour=18)(clock.at))
        clock.forward(minutes=30)
    assert len(set(slots)) == 48
    assert [nights.count(night) for night in dict.fromkeys(nights)] == [33, 15]
    assert slots[:2] == ["2026-11-23 01:30", "2026-11-23 02:00"]


def test_what_was_done_long_ago_is_forgotten(system: System, clock: Clock) -> None:
    """What failed stays until somebody has looked."""
    done, failed = ask(system, "one", "two")
    works = runner(system, registry())
    works.work_off()
    works.stop()
    system.database.write(
        lambda c: c.execute(update(JOB).where(JOB.c.id == failed).values(state="failed"))
    )
    clock.forward(days=30)
    assert system.write(ACTOR, lambda work: upkeep.forget(work, {})) == 0
    clock.forward(seconds=1)
    assert system.write(ACTOR, lambda work: upkeep.forget(work, {})) == 1
    assert jobs(system).keys() == {failed}
    assert done != failed


def test_a_kind_has_one_handler() -> None:
    """A second one would win by the order of imports."""
    made = registry()
    with pytest.raises(ValueError, match="count"):
        made.job("count")(count)
