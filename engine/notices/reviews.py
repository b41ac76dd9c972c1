"""The review of who may what begins by itself when half a year is over, and those who do it are told."""

from collections.abc import Mapping
from typing import Any

from engine import clock
from engine.identity import review
from engine.jobs.registry import JOBS
from engine.jobs.schedule import daily
from engine.notices import administrators
from engine.work import Work


@JOBS.job("access.review", slots=daily(utc_hour=18))
def due(work: Work, _payload: Mapping[str, Any]) -> str:
    """Begin a review when the last one is half a year old; gives its id, or nothing."""
    begun = review.begin_if_due(work)
    if begun:
        until = clock.day(work.now + review.LASTS).isoformat()
        administrators.tell(
            work, ("security",), "review.notice.begun", detail={"due": until}, key=begun
        )
    return begun
