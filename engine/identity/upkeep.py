"""Log-ins that are over, and counts of minutes that are, are removed, once a day."""

from collections.abc import Mapping
from typing import Any

from engine.identity import rates, sessions
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily
from engine.work import Work


@JOBS.job("sessions.forget", slots=daily(utc_hour=18))
def forget(work: Work, _payload: Mapping[str, Any]) -> int:
    """Remove log-ins that are over; gives how many. Counts of past minutes go too."""
    rates.forget(work)
    return sessions.forget_ended(work.connection, now=work.now)
