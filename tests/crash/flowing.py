"""The program that `test_kill_flows` kills: a node with workers, and clients who do what they find.

It loads everything once and then forks for each round. For every line on standard input (`<database
url> <data folder> <when its clock began> <round>`) a child is begun, its process id is told, every
act that was acknowledged, and `end` when it is dead. Time runs fast, so that hours pass in seconds.
"""

import logging
import os
import random
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from admin.working import runner
from engine.errors import Problem
from engine.identity import store as identity
from engine.settings import Settings
from engine.work import System, Work
from forms.filing import Edit
from tests.crash.writing import tell
from tests.factories import TESTER
from workflows import commands, store
from workflows.acting import delegate, transfer
from workflows.store import TaskRecord

FASTER = 600
CLIENTS = 4
PEOPLE = ("ann", "amy", "tom", "vera", "val", "vic", "lea", "lou")


def clock(began: float) -> datetime:
    """An hour in six seconds."""
    passed = timedelta(seconds=(time.time() - began) * FASTER)
    return datetime.fromtimestamp(began, UTC) + passed


def opened(url: str, folder: str, began: float) -> System:
    """The installation with the fast clock."""
    settings = Settings(database_url=url, data_dir=folder)
    return System(settings, now=lambda: clock(began))


def act(system: System, chance: random.Random) -> None:
    """Somebody does something with the first thing they find, and tells when it is done."""
    login = chance.choice(PEOPLE)
    with system.read(TESTER) as work:
        who = identity.actor_by_login(work.connection, login, now=work.now)
    with system.read(who) as work:
        found = store.tasks_of(work, store.TASK.c.status == "open", limit=20)
    if not found:
        time.sleep(0.02)
        return
    task = chance.choice(found)
    system.write(who, lambda work: _do(work, task, chance))
    tell("ack", task.case_id, task.key)


def do_all(system: System, login: str) -> None:
    """Everything somebody has to do, passed."""
    with system.read(TESTER) as work:
        who = identity.actor_by_login(work.connection, login, now=work.now)
    while True:
        with system.read(who) as work:
            found = store.tasks_of(work, store.TASK.c.status == "open", limit=50)
        done = 0
        for task in found:
            with suppress(Problem):  # their own work, or done meanwhile by another of the position
                system.write(who, partial(_do, task=task, chance=_Agreeing()))
                done += 1
        if not done:
            return


class _Agreeing(random.Random):
    """Always passes."""

    def random(self) -> float:
        return 0.99


def _do(work: Work, task: TaskRecord, chance: random.Random) -> None:
    if task.kind == "fill":
        held = commands.open_task(work, task.id)
        edit = Edit(held.record.revision, {"/count": chance.randrange(100)})
        commands.save_cells(work, held.record.id, edit, language="zh")
        commands.submit(work, task.id, confirm=True)
        return
    if task.kind == "opinion":
        delegate.answer(work, task.id, comment="可以")
        return
    drawn = chance.random()
    if drawn < 0.1:
        commands.return_(work, task.id, {"/count": "请核实"})
    elif drawn < 0.2:
        transfer.transfer(work, task.id, chance.choice(PEOPLE[3:]), comment="出差")
    elif drawn < 0.3:
        delegate.delegate(work, task.id, chance.choice(PEOPLE[3:]))
    else:
        commands.pass_(work, task.id)


def node(url: str, folder: str, began: str, number: str) -> None:
    """Workers and clients, until killed."""
    system = opened(url, folder, float(began))
    runner(system).start(2)

    def client(mine: int) -> None:
        chance = random.Random(f"{number} {mine}")
        while True:
            with suppress(Problem):
                act(system, chance)

    threads = [threading.Thread(target=client, args=(mine,)) for mine in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def main() -> None:
    """Rounds, until standard input ends."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            node(*line.split())
        tell("pid", child)
        os.waitpid(child, 0)
        tell("end")


if __name__ == "__main__":
    main()
