"""kill -9 of a worker in the middle of a job: its effect is there once, and only after the next try."""

import subprocess
import sys

from engine.settings import ROOT
from engine.work import System
from tests.conftest import Clock
from tests.engine.jobs.counting import ask, counted, jobs, registry, runner


def test_a_killed_workers_job_is_done_exactly_once(system: System, clock: Clock) -> None:
    """Its writes were undone with it; after the lease another does it."""
    (job,) = ask(system, "one")
    url = system.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.engine.jobs.counting"]
    worker = subprocess.Popen(
        [*command, url, system.settings.data_dir, clock.at.isoformat()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout.readline() == "inside\n"
    worker.kill()
    worker.wait(10)
    worker.stdout.close()
    assert counted(system) == {}
    assert (jobs(system)[job]["state"], jobs(system)[job]["attempts"]) == ("running", 1)
    works = runner(system, registry())
    assert works.work_off() == 0
    clock.forward(minutes=5)
    assert works.work_off() == 1
    assert works.work_off() == 0
    works.stop()
    assert counted(system) == {"one": 1}
    assert (jobs(system)[job]["state"], jobs(system)[job]["attempts"]) == ("done", 2)
