"""Slips of long ago are removed, once a day."""

from collections.abc import Mapping
from typing import Any

from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily
from engine.residents import store
from engine.work import Work


@JOBS.job("residents.forget", slots=daily(utc_hour=18))
def forget(work: Work, _payload: Mapping[str, Any]) -> int:
    """Remove slips of long ago; gives how many."""
    return store.forget_old(work)
