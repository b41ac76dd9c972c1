"""In whose name somebody acts, told before they do, and who did it for whom, told afterwards (代理)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from admin.web.html import text
from engine import clock
from engine.work import Work
from workflows import standing
from workflows.standing import Principal
from workflows.store import TaskRecord


def in_the_name_of(by: str, principal: str | None, language: str) -> str:
    """Who did something: by name, and for whom where a deputy did it."""
    return text(language, "acting.by", by=by, name=principal) if principal else by


def marks(work: Work, found: Sequence[TaskRecord], language: str) -> dict[str, str]:
    """For whom the visitor would do each of these tasks, and until when they may; their own are left out."""
    return {
        task: text(language, _key("acting.mark", one), name=one.name, day=last_day(one.until))
        for task, one in standing.principals_of(work, found).items()
    }


def note(work: Work, task: TaskRecord, language: str) -> dict[str, Any] | None:
    """The same at the head of a task's page, with how it will be recorded."""
    one = standing.principals_of(work, [task]).get(task.id)
    if one is None:
        return None
    by = in_the_name_of(work.actor.name, one.name, language)
    return {
        "title": text(language, _key("acting.title", one), name=one.name, day=last_day(one.until)),
        "text": text(language, "acting.text", name=one.name, by=by),
    }


def last_day(ends_at: str | None) -> str | None:
    """An absence ends at midnight: its last day is what was typed, and what is told."""
    if not ends_at:
        return None
    last = datetime.fromisoformat(ends_at) - timedelta(seconds=1)
    return clock.day(last).isoformat()


def _key(key: str, one: Principal) -> str:
    """Without a last day the sentence has no place for one."""
    return key if one.until else f"{key}_open"
