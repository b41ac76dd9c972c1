"""Clients that work side by side until the work or the time is used up, and what they measured."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Measured:
    """How many were done in how long, and how long each took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def timed(self, do: Callable[[], T]) -> T:
        """What it gives, its time added."""
        began = time.perf_counter()
        found = do()
        self.latencies.append(time.perf_counter() - began)
        return found

    @property
    def count(self) -> int:
        """How many were done."""
        return len(self.latencies)

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.count / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of all stayed under."""
        if not self.latencies:
            return 0.0
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def __add__(self, other: "Measured") -> "Measured":
        return Measured(self.seconds + other.seconds, [*self.latencies, *other.latencies])


def run(
    jobs: Sequence[T],
    clients: int,
    seconds: float,
    connect: Callable[[], tuple[Callable[[T], None], Callable[[], None]]],
) -> Measured:
    """Each client gets its own way of doing a job (and of ending) and takes the next one until none
    is left or time is up. Raises what a client raised.
    """
    waiting = iter(jobs)
    lock, start = threading.Lock(), threading.Barrier(clients + 1)
    found: list[list[float]] = [[] for _ in range(clients)]
    failed: list[BaseException] = []
    ends_at = [0.0]

    def work(mine: list[float]) -> None:
        do, close = connect()
        start.wait()
        try:
            while time.perf_counter() < ends_at[0]:
                with lock:
                    job = next(waiting, None)
                if job is None:
                    return
                began = time.perf_counter()
                do(job)
                mine.append(time.perf_counter() - began)
        except BaseException as error:  # noqa: BLE001 - told by whoever started the clients
            failed.append(error)
        finally:
            close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    ends_at[0] = time.perf_counter() + seconds + 1.0
    start.wait()
    began = time.perf_counter()
    ends_at[0] = began + seconds
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if failed:
        raise failed[0]
    return Measured(elapsed, [one for mine in found for one in mine])
