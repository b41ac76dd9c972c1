"""The workers of an installation: which jobs there are, and who does them."""

import ctypes
import gc
from contextlib import suppress
from functools import partial
from importlib import import_module

from litestar import Litestar

from engine.identity.actor import system_actor
from engine.jobs.registry import JOBS
from engine.jobs.runner import Runner
from engine.work import System

KINDS = (
    "admin.exports",
    "engine.alerts.watch",
    "engine.audit.checks",
    "engine.erasure.sweep",
    "engine.identity.upkeep",
    "engine.jobs.upkeep",
    "engine.notices.delivery",
    "engine.notices.reviews",
    "engine.registers.duplicates",
    "engine.registers.quality",
    "engine.registers.words",
    "engine.residents.upkeep",
    "engine.retention.sweep",
    "engine.rotation",
    "workflows.facts",
    "workflows.dispatching.cadence",
    "workflows.dispatching.exports",
    "workflows.dispatching.making",
    "workflows.moves",
    "forms.erasing",
    "forms.retaining.documents",
    "forms.retaining.fields",
    "forms.retaining.ledgers",
    "forms.attaching",
    "forms.joining",
    "forms.kinds.ledger_jobs",
    "workflows.reforming.commands",
    "workflows.retaining",
    "workflows.reminders",
    "workflows.dispatching.sending",
    "workflows.stamping",
    "workflows.calls",
    "workflows.timers",
    "workflows.versions.batch",
    "workflows.dispatching.urging",
)
"""Importing a module of handlers makes its jobs known, and what it seals to the job that seals anew."""
ACTOR = system_actor("jobs")
M_ARENA_MAX, HEAPS = -8, 2
"""How <malloc.h> names the number of heaps, and ours."""


def load() -> None:
    """Make known all kinds of jobs, what is sealed, and what a deletion must do."""
    for module in KINDS:
        import_module(module)


def settled() -> None:
    """Of a program that has started and is about to work: what it holds it holds for good and need not
    be looked through again, and what a page or a batch makes is mostly dropped without the collector's help.

    What outlives a first look is gone through whole every million objects, a tenth of a second in
    some twenty seconds of full work: rarer, the circles of pages long answered stood for half an hour.
    """
    _few_heaps()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 5)


def _few_heaps() -> None:
    """Let all threads take memory from two heaps.

    The GNU library gives each thread one of its own, up to sixteen on two processors, and what one
    thread leaves free no other uses: of 250 MB 150 were empty, and it grew from minute to minute.
    Python lets one thread run at a time anyway. Other libraries have no such heaps.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def runner(system: System) -> Runner:
    """The runner of an opened installation, not started yet."""
    load()
    return Runner(
        system.database.url,
        system.settings.data_path,
        JOBS,
        write=partial(system.write, ACTOR),
        read=partial(system.read, ACTOR),
    )


def beside(app: Litestar, system: System) -> None:
    """Let the server's process do jobs too, in as many threads as the settings say."""
    count = system.settings.workers
    if count < 1:
        return
    workers = runner(system)

    def start() -> None:
        workers.start(count)

    def stop() -> None:
        workers.stop()

    app.on_startup.append(start)
    app.on_shutdown.append(stop)
