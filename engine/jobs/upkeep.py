"""The outbox clears up after itself, once a day."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.jobs import outbox
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily

KEPT = timedelta(days=30)
"""A key guards against a second job for so long after the first was done."""


@JOBS.job("jobs.forget", slots=daily(utc_hour=18))
def forget(work: Any, _payload: Mapping[str, Any]) -> int:
    """Remove what was done long ago; gives how many jobs."""
    return outbox.forget(work.connection, work.now - KEPT)
