"""Doing jobs: by threads of the server, by a process of their own, or here and now.

A runner is handed the functions that open a Work, and so stays below it. Slow work is done on a Work
that only looks; the handler's writes and the job's end are one transaction.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.engine import URL

from engine.errors import Problem
from engine.jobs import outbox
from engine.jobs.outbox import Claim
from engine.jobs.queue import Workers, open_queue
from engine.jobs.registry import Registry
from engine.storage.database import advisory_lock

log = structlog.get_logger("yibiao.jobs")


class Runner:
    """Takes what is due from the outbox, one job at a time in each of its threads."""

    def __init__(
        self,
        url: URL,
        folder: Path,
        registry: Registry,
        *,
        write: Callable[[Callable[[Any], Any]], Any],
        read: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self._registry = registry
        self._write = write
        self._read = read
        self._slots: dict[str, str] = {}
        self._workers: Workers | None = None
        self._queue = write(lambda work: _opened(work, url, folder))
        self._queued = self._queue.task(name="run")(self.run)

    def start(self, workers: int) -> None:
        """Begin with so many threads; they end with `stop` or with the process."""
        self._workers = Workers(self._queue, self.feed, workers=workers)
        self._workers.start()

    def stop(self, *, seconds: float = 8) -> bool:
        """Let what is under way finish for a while; gives whether it did. Others find the rest due."""
        ended = self._workers is None or self._workers.end(seconds)
        self._workers = None
        self._queue.storage.close()
        return ended

    def work_off(self) -> int:
        """Do everything that is due, here and now; gives how many jobs were taken up."""
        done = 0
        while self.feed() or self._queue.pending_count():
            while (task := self._queue.dequeue()) is not None:
                self._queue.execute(task)
                done += 1
        return done

    def feed(self) -> int:
        """Write the periodic jobs of a new slot, and queue what is due if the queue is empty."""
        with self._read() as work:
            now = work.now
        for kind, slots in self._registry.periodic.items():
            self._ask(kind, slots(now))
        if self._queue.pending_count():
            return 0
        with self._read() as work:  # later than before: what was just written is due, too
            found = outbox.due(work.connection, work.now)
        for job_id in found:
            self._queued(job_id)
        return len(found)

    def run(self, job_id: str) -> None:
        """Do a job if it is still due and nobody else has it."""
        claimed: Claim | None = self._write(
            lambda work: outbox.claim(work.connection, job_id, work.now, self._registry)
        )
        if claimed is None:
            return
        try:
            self._do(claimed)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is kept with the job
            self._failed(claimed, error)

    def _ask(self, kind: str, slot: str) -> None:
        """One that still waits serves for this slot, too: where all nodes were down, or are busy with
        other things, their periodic work does not pile up.
        """
        key = f"{kind} {slot}"

        def inside(work: Any) -> None:
            advisory_lock(work.connection, f"job {key}")
            if not outbox.serve(work.connection, kind, key, work.now):
                work.later(kind, {}, key=key)

        if self._slots.get(kind) != slot:
            self._write(inside)
            self._slots[kind] = slot

    def _do(self, claimed: Claim) -> None:
        payload = dict(claimed.payload)
        if claimed.kind.look is not None:
            with self._read() as work:
                payload["seen"] = claimed.kind.look(work, claimed.payload)

        def command(work: Any) -> None:
            result = claimed.kind.handler(work, payload)
            outbox.finish(work.connection, claimed, result, work.now)

        self._write(command)
        log.info("job.done", kind=claimed.kind.name, job=claimed.id, attempt=claimed.attempt)

    def _failed(self, claimed: Claim, error: Exception) -> None:
        """Only the code is kept: a message may quote what is nobody's business."""
        code = error.code if isinstance(error, Problem) else f"defect.{type(error).__name__}"

        last = self._write(lambda work: outbox.fail(work.connection, claimed, code, work.now))
        tell = log.error if last else log.warning
        trace = None if isinstance(error, Problem) else error
        kind = claimed.kind.name
        tell("job.failed", kind=kind, job=claimed.id, attempt=claimed.attempt, error=code, exc_info=trace)  # fmt: skip


def _opened(work: Any, url: URL, folder: Path) -> Any:
    """One node at a time: the queue makes its own tables when it is opened first."""
    advisory_lock(work.connection, "queue")
    return open_queue(url, folder)
