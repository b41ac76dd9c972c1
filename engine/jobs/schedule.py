"""When a periodic job is due: a moment belongs to a slot, and each slot gets one job at most.

The slot's name is part of the job's key, so that ten nodes ask for it and one job is written; a
slot missed while nothing ran is made up for at the next start.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

Slots: TypeAlias = Callable[[datetime], str]


def every(minutes: int) -> Slots:
    """Every so many minutes of the day; they divide a day evenly."""

    def slot(now: datetime) -> str:
        number = (now.hour * 60 + now.minute) // minutes
        return f"{now.date().isoformat()} {number * minutes // 60:02d}:{number * minutes % 60:02d}"

    return slot


def daily(utc_hour: int) -> Slots:
    """Once a day from an hour (UTC) on; 18 is two at night in China."""

    def slot(now: datetime) -> str:
        return (now - timedelta(hours=utc_hour)).date().isoformat()

    return slot
