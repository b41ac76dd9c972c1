"""A kind of job whose effect can be counted, and runners for it; run as a program, a worker to be killed.

`python -m tests.engine.jobs.counting <database url> <data folder> <moment>`: takes up what is due, tells
`inside` when the job's effect is written but not committed, and stays there.
"""

import os
import sys
import time
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from engine.identity.actor import system_actor
from engine.jobs import outbox
from engine.jobs.registry import Registry
from engine.jobs.runner import Runner
from engine.settings import Settings
from engine.work import HISTORY, JOB, System

ACTOR = system_actor("jobs")


def count(work: Any, payload: Any) -> int:
    """The effect: a row of history."""
    work.record("counted", payload["n"], before=None, after={})
    return len(payload["n"])


def registry(handler: Any = count, **options: Any) -> Registry:
    """Only `count`."""
    made = Registry()
    made.job("count", **options)(handler)
    return made


def runner(system: System, known: Registry) -> Runner:
    """A runner on an installation."""
    return Runner(
        system.database.url,
        system.settings.data_path,
        known,
        write=partial(system.write, ACTOR),
        read=partial(system.read, ACTOR),
    )


def ask(system: System, *numbers: str, kind: str = "count", **options: Any) -> list[str]:
    """Write a job for each number, in one transaction; gives the ids."""
    return system.write(
        ACTOR, lambda work: [work.later(kind, {"n": n}, **options) for n in numbers]
    )


def counted(system: System) -> Counter[str]:
    """How often each number's effect is there."""
    with system.database.read() as connection:
        return Counter(connection.execute(select(HISTORY.c.target)).scalars())


def jobs(system: System) -> dict[str, dict[str, Any]]:
    """Every row of the outbox by id."""
    with system.database.read() as connection:
        rows = connection.execute(select(JOB)).mappings().all()
        return {row["id"]: {**row, "result": outbox.result(connection, row["id"])} for row in rows}


def main() -> None:
    """The worker that is killed."""
    url, folder, moment = sys.argv[1:]
    settings = Settings(database_url=url, data_dir=folder)
    system = System(settings, now=lambda: datetime.fromisoformat(moment))

    def stuck(work: Any, payload: Any) -> None:
        count(work, payload)
        os.write(1, b"inside\n")
        time.sleep(60)

    runner(system, registry(stuck)).work_off()


if __name__ == "__main__":
    main()
