"""Telling people in time: a day before a task is due, and when it is late; each once per task."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, literal, or_, select, update

from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.notices import delivery
from engine.notices import store as notices
from engine.notices.store import NOTICE, Notice, Told
from engine.periods import Period
from engine.work import Work
from forms import documents
from forms import store as forms
from workflows.store import TASK

AHEAD = timedelta(hours=24)
SOON, LATE = "notice.soon", "notice.late"
RETURNED = "flow.notice.returned"
AT_ONCE = 2000
"""So many in one transaction; the rest follows at once."""


def _untold(work: Work, _payload: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Open tasks that are due within a day or late, and nobody was told."""
    at = work.at
    until = (work.now + AHEAD).isoformat(timespec="microseconds")

    def untold(about: str) -> ColumnElement[bool]:
        return ~exists().where(NOTICE.c.key == literal(f"{about} ").concat(TASK.c.id))

    late = TASK.c.due_at < at
    soon = (TASK.c.due_at >= at) & (TASK.c.due_at <= until)
    query = (
        select(TASK.c.id, TASK.c.due_at)
        .where(TASK.c.status == "open", or_(late & untold(LATE), soon & untold(SOON)))
        .order_by(TASK.c.due_at)
        .limit(AT_ONCE)
    )
    return [dict(row) for row in work.connection.execute(query).mappings()]


@JOBS.job("tasks.remind", slots=every(minutes=10), look=_untold)
def remind(work: Work, payload: Mapping[str, Any]) -> int:
    """Tell whoever holds these tasks, if they are still open; gives how many were told."""
    abouts = {row["id"]: LATE if row["due_at"] < work.at else SOON for row in payload["seen"]}
    found: list[Any] = []
    ids = list(abouts)
    for start in range(0, len(ids), notices.CHUNK):
        still = TASK.c.id.in_(ids[start : start + notices.CHUNK]) & (TASK.c.status == "open")
        found += work.connection.execute(select(TASK).where(still)).all()
    told = notices.tell(work, [_notice(abouts[task.id], task) for task in found])
    if len(ids) == AT_ONCE:
        work.later("tasks.remind", {})
    return told


def again(work: Work, task_ids: Sequence[str]) -> None:
    """These tasks are due at another time: what was said of the old one holds no more, and whoever has
    them is told of the new one in its time.
    """
    keys = [f"{about} {one}" for about in (SOON, LATE) for one in task_ids]
    for start in range(0, len(keys), notices.CHUNK):
        said = NOTICE.c.key.in_(keys[start : start + notices.CHUNK])
        work.connection.execute(update(NOTICE).where(said).values(key=None))


def unread(work: Work, *, limit: int) -> list[Told]:
    """What the actor has not read, without what asks for what was done meanwhile: a task, or what
    was returned.
    """
    still = exists().where(TASK.c.id == NOTICE.c.task_id, TASK.c.status == "open")
    back = exists().where(
        TASK.c.document_id == NOTICE.c.document_id, TASK.c.status == "open", TASK.c.returned
    )
    return notices.unread(
        work,
        or_(NOTICE.c.task_id == "", still),
        or_(NOTICE.c.about != RETURNED, back),
        or_(NOTICE.c.about.not_in((SOON, LATE)), NOTICE.c.key.is_not(None)),
        limit=limit,
    )


def _notice(about: str, task: Any) -> Notice:
    return Notice(
        about,
        task.account_id,
        None if task.account_id else task.organisation_code,
        "" if task.account_id else task.role,
        task_id=task.id,
        document_id=task.document_id,
        key=f"{about} {task.id}",
    )


@delivery.describes
def called(work: Work, document_ids: Sequence[str], language: str) -> dict[str, str]:
    """The form and the period of the documents that notices are about."""
    found = {}
    for one in documents.several(work.connection, document_ids):
        form = forms.published(work.connection, one.form_code, one.form_version)
        period = Period.parse(one.period).label(language) if one.period else ""
        found[one.id] = " ".join(part for part in (form.title(language), period) if part)
    return found
