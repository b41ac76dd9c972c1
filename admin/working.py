"""The workers of an installation: which jobs there are, and who does them."""

import gc
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
    "workflows.dispatching.urging",
)
"""Importing a module of handlers makes its jobs known, and what it seals to the job that seals anew."""
ACTOR = system_actor("jobs")


def load() -> None:
    """Make known all kinds of jobs, what is sealed, and what a deletion must do."""
    for module in KINDS:
        import_module(module)


def settled() -> None:
    """Of a program that has started: what it holds it holds for good and need not be looked through
    again, and what a page or a batch makes is mostly dropped without the collector's help.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


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
