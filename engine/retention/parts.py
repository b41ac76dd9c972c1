"""What has a retention period: forms, ledgers and fields, each a part that knows its own due things.

The parts are registered from above (forms know documents and ledgers); here is only the contract.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from engine import clock
from engine.erasure.redact import Sought
from engine.errors import NotFound
from engine.work import Work


@dataclass(frozen=True, slots=True)
class Held:
    """What a legal hold keeps: things by kind and code, subjects by id, and by which texts they show."""

    things: frozenset[tuple[str, str]] = frozenset()
    subjects: frozenset[str] = frozenset()
    sought: Sought = field(default_factory=lambda: Sought(frozenset(), frozenset()))


@dataclass(frozen=True, slots=True)
class Turn:
    """Some of what is due: from where on, and how much of it."""

    run: str
    code: str
    before: str
    """The moment: what ended earlier is due."""
    after: Sequence[Any] | None
    limit: int
    held: Held


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of it; `after` is where the next turn goes on, None when nothing is left."""

    after: Sequence[Any] | None
    looked: int
    changed: int
    kept: Collection[str] = ()
    """Ids of what a hold kept."""


class Part(Protocol):
    """One kind of thing that has a retention period."""

    def about(self, work: Work, code: str) -> tuple[Mapping[str, str], str]:
        """Its titles by language, and the office that answers for it. Raises NotFound."""

    def codes(self, work: Work) -> list[str]:
        """Everything of the kind that may have a period."""

    def due(self, work: Work, code: str, before: str) -> int:
        """How much ended before a moment and still holds personal values."""

    def turn(self, work: Work, turn: Turn) -> Turned:
        """Blank some of it, keeping first the totals that reports need."""


_parts: dict[str, Part] = {}


def register(kind: str, part: Part) -> None:
    """Tell of a kind of thing; a second of the name is an error."""
    if kind in _parts:
        raise ValueError(f"two parts for {kind}")
    _parts[kind] = part


def kinds() -> list[str]:
    """The kinds there are, in the order in which they were told."""
    return list(_parts)


def part(kind: str) -> Part:
    """The part of a kind. Raises NotFound."""
    found = _parts.get(kind)
    if found is None:
        raise NotFound
    return found


def cutoff(day: date, months: int) -> str:
    """The moment before which what ended was kept for so many months on a day."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return clock.stamp(clock.begin(date(year, month + 1, last)))
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")
