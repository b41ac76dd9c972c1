"""What reading rows of a register must know of their fields, made once for the same fields."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from engine.dictionary.field import Field

VALUES = 3
"""Where values begin in a row that is read; before them its id, its sources, its absences."""


class Plan(NamedTuple):
    """Fields as a row's values stand in it; worth keeping where single rows are read."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    sealed: tuple[tuple[int, Field], ...]
    """The fields whose values are sealed, by their places in a row."""
    ages: tuple[int, ...]
    """Of each field: which of `days` is how long its value stays good."""
    days: tuple[int | None, ...]


def plan_of(fields: Sequence[Field]) -> Plan:
    """The plan of these fields."""
    days = tuple(dict.fromkeys(field.freshness_days for field in fields))
    return Plan(
        tuple(field.code for field in fields),
        tuple(field.name for field in fields),
        tuple((at, field) for at, field in enumerate(fields, VALUES) if field.secret),
        tuple(days.index(field.freshness_days) for field in fields),
        days,
    )


@lru_cache(maxsize=256)
def good_since(days: int | None, now: datetime) -> str:
    """What was set before this moment is older than a field of so many days stays good."""
    if days is None:
        return ""
    oldest = now - timedelta(days=days)
    return oldest.isoformat(timespec="microseconds")


@lru_cache(maxsize=256)
def good_since_each(days: tuple[int | None, ...], now: datetime) -> tuple[str, ...]:
    """The same for several."""
    return tuple(good_since(one, now) for one in days)
