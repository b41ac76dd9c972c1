"""Huey: ids of due jobs on their way to a free worker, on this node or another.

The queue may be lost at any time: the outbox is the record, and what is due is queued again.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import PostgresHuey, SqliteHuey
from huey.consumer import Consumer, Scheduler
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.engine import URL

NAME = "yibiao"
SECONDS = 1
"""How often a node looks at the outbox."""


class PlainIds(Serializer):  # type: ignore[misc]  # Huey has no types
    """A message as JSON: nothing that is read from a queue is ever run, as a pickle would be."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps([data.id, data.name, list(data.args)]).encode()

    def _deserialize(self, data: bytes) -> Any:
        number, name, args = json.loads(bytes(data))
        return Message(number, name, args=tuple(args), kwargs={})


def open_queue(url: URL, folder: Path) -> Any:
    """The queue of an installation: a file beside its SQLite database, or tables in PostgreSQL."""
    options = {"results": False, "serializer": PlainIds()}
    if url.get_backend_name() == "sqlite":
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(folder / "queue.db"), fsync=False, **options)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey(NAME, dsn=dsn, blocking=False, table_prefix="yibiao_queue", **options)


class Workers(Consumer):  # type: ignore[misc]  # Huey has no types
    """Threads that take from the queue, and one that feeds it."""

    def __init__(self, queue: Any, feed: Callable[[], object], *, workers: int) -> None:
        self._feed = feed
        super().__init__(queue, workers=workers, periodic=False, max_delay=SECONDS)

    def end(self, seconds: float) -> bool:
        """Take nothing more and let what is under way finish; gives whether it did."""
        self.shutdown_timeout = seconds
        self.stop(graceful=True)
        return not any(worker.is_alive() for _, worker in self.worker_threads)

    def _create_scheduler(self) -> Scheduler:
        return _Feeder(self.huey, self.stop_flag, self._feed)

    def _set_signal_handlers(self) -> None:
        """The process has its own."""


class _Feeder(Scheduler):  # type: ignore[misc]  # Huey has no types
    """In place of Huey's own schedule, which forgets what a dead worker held."""

    def __init__(self, queue: Any, stop_flag: Any, feed: Callable[[], object]) -> None:
        super().__init__(queue, stop_flag, interval=SECONDS, periodic=False)
        self._feed = feed

    def loop(self, now: Any = None) -> None:  # noqa: ARG002 - Huey's signature
        """Queue what is due; a database that is away is tried again."""
        try:
            self._feed()
        except Exception:  # the thread must live on
            self._logger.exception("the outbox could not be read")
        self.stop_flag.wait(SECONDS)
