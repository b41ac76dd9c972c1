"""Kinds of jobs: a stored name and what is done for it.

The name is chosen, never taken from the code: rows outlive a renaming. A handler gets a Work and the
payload and gives a result that is kept; what it writes is committed together with the job's end, so
it happens once. What reaches outside of the database must be harmless when it is done again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from engine.errors import Problem
from engine.jobs.schedule import Slots

Handler: TypeAlias = Callable[[Any, Mapping[str, Any]], Any]
"""(work, payload) to a JSON value; the Work's type stands above this package."""


class JobUnknown(Problem):
    """No such kind here: perhaps another node runs a newer program."""

    code, status = "job.unknown", 404
    kind: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What is done for a kind of job, and how patiently."""

    name: str
    handler: Handler
    look: Handler | None = None
    """Anything slow, done first on a Work that only looks; the handler finds it as `seen`."""
    attempts: int = 10
    lease: timedelta = timedelta(minutes=5)
    """After this the job of a worker that says nothing is taken up by another."""


class Registry:
    """The kinds a runner knows, and those it asks for by itself."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self.periodic: dict[str, Slots] = {}

    def job(
        self,
        name: str,
        *,
        slots: Slots | None = None,
        look: Handler | None = None,
        attempts: int = 10,
        lease: timedelta = timedelta(minutes=5),
    ) -> Callable[[Handler], Handler]:
        """Register a handler under a name; with `slots` it is done once in each. See Kind."""

        def register(handler: Handler) -> Handler:
            if name in self._kinds:
                raise ValueError(f"two handlers for jobs of kind {name}")
            self._kinds[name] = Kind(name, handler, look, attempts, lease)
            if slots is not None:
                self.periodic[name] = slots
            return handler

        return register

    def kind(self, name: str) -> Kind:
        """The kind of a name; one that nobody registered fails when it is done, and is tried again."""
        return self._kinds.get(name) or Kind(name, _unknown(name))


def _unknown(name: str) -> Handler:
    def refuse(_work: Any, _payload: Mapping[str, Any]) -> None:
        raise JobUnknown(kind=name)

    return refuse


JOBS = Registry()
"""The program's own kinds; a test makes a registry of its own."""
