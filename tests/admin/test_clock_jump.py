"""The machine's clock is wrong and is set right again: nobody is let in longer or kept out, no work
stays undone until the wrong hour comes, and the trail keeps its order.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from admin.app import create_app
from admin.working import runner
from engine.audit import trail
from engine.audit.trail import AUDIT
from engine.identity import door
from engine.work import JOB, System
from tests import installed
from tests.admin import reports
from tests.admin.conftest import Caller
from workflows.dispatch import DispatchRecord
from workflows.store import TASK

YEAR = timedelta(days=365)


class Shifted:
    """A clock that goes on, and can be wrong by an amount."""

    by = timedelta()

    def __call__(self) -> datetime:
        return installed.ticking() + self.by


@pytest.fixture
def wrong() -> Shifted:
    """The machine's clock."""
    return Shifted()


@pytest.fixture
def shifting(system: System, wrong: Shifted) -> System:
    """The installation on that clock."""
    system.now = wrong
    return system


@pytest.fixture
def people(shifting: System) -> Iterator[TestClient[Litestar]]:
    """Browsers before it."""
    with TestClient(create_app(shifting.settings, shifting)) as client:
        yield client


def _comes(client: TestClient[Litestar], login: str) -> Caller:
    return Caller(client, login, installed.pack_only().passwords[login])


def test_a_log_in_of_a_wrong_clock_does_not_outlive_it(
    people: TestClient[Litestar], wrong: Shifted
) -> None:
    """Neither one made a year ahead, after the clock is right again; nor one from before the jump."""
    before = _comes(people, "huian")
    wrong.by = YEAR
    assert before.get("/api/session").status_code == 401
    ahead = _comes(people, "huian")
    assert ahead.get("/api/session").status_code == 200
    wrong.by = timedelta()
    assert ahead.get("/api/session").status_code == 401
    assert before.get("/api/session").status_code == 200, "a jump ends no log-in by itself"
    assert _comes(people, "huian").get("/api/session").status_code == 200
    wrong.by = -timedelta(minutes=3)
    assert before.get("/api/session").status_code == 200, "small corrections are no jumps"


def test_nobody_is_kept_out_until_the_wrong_hour(
    people: TestClient[Litestar], shifting: System, wrong: Shifted
) -> None:
    """A lock of fifteen minutes that was set a year ahead is over when the clock is right."""
    wrong.by = YEAR
    for _ in range(door.MAX_FAILED):
        body = {"login": "huian", "password": "no such thing"}
        assert people.post("/api/session", json=body).status_code in (401, 422, 429)
    with shifting.read(installed.ANYBODY) as work, pytest.raises(door.LoginLocked):
        door.check_password(work.connection, "huian", "x", now=work.now)
    wrong.by = timedelta()
    assert _comes(people, "huian").get("/api/session").status_code == 200


def test_work_that_was_put_off_by_a_wrong_clock_is_done(shifting: System, wrong: Shifted) -> None:
    """Jobs written a year ahead, and one whose worker died then, are done now; each once."""
    works = runner(shifting)
    works.work_off()
    wrong.by = YEAR
    sent = reports.sent(shifting)
    shifting.write(installed.ANYBODY, lambda work: work.later("jobs.forget", {}))
    with shifting.read(installed.ANYBODY) as work:
        waiting = work.connection.execute(select(JOB.c.id).where(JOB.c.state == "waiting"))
        assert len(waiting.all()) >= 1
    wrong.by = timedelta()
    works.work_off()
    works.stop()
    with shifting.read(installed.ANYBODY) as work:
        late = JOB.c.run_at <= JOB.c.created_at
        left = work.connection.execute(select(JOB.c.kind).where(JOB.c.state != "done", late))
        assert list(left.scalars()) == []
    assert _open_tasks(shifting, sent) == len(reports.TWO)


def test_the_trail_keeps_its_order(shifting: System, wrong: Shifted) -> None:
    """Entries follow one another as they were written, whatever hour each of them says."""
    for by in (YEAR, -YEAR, timedelta()):
        wrong.by = by
        shifting.write(installed.ANYBODY, lambda work: work.note("clock.test", "x"))
    with shifting.read(installed.ANYBODY) as work:
        mine = select(AUDIT.c.at).where(AUDIT.c.action == "clock.test").order_by(AUDIT.c.seq)
        first, second, third = work.connection.execute(mine).scalars()
        assert second < third < first
        assert trail.verify(work.connection).whole


def _open_tasks(system: System, dispatch: DispatchRecord) -> int:
    with system.read(installed.ANYBODY) as work:
        mine = TASK.c.dispatch_id == dispatch.id, TASK.c.status == "open"
        return len(work.connection.execute(select(TASK.c.id).where(*mine)).all())
