"""What others have now of what the visitor did a step of, as the to-do page shows it."""

from collections.abc import Sequence
from typing import Any

from admin.views import words
from admin.views.task_view import names
from admin.web.html import text
from engine.work import Work
from forms import documents, store
from workflows import store as tasks
from workflows.store import TaskRecord


def rows(work: Work, found: Sequence[TaskRecord], language: str) -> list[dict[str, Any]]:
    """What the visitor has done a step of and others have now, with whom, since when."""
    records = {
        record.id: record
        for record in documents.several(work.connection, [task.document_id for task in found])
    }
    places = [task.organisation_code for task in found]
    known = names(work, [task.subject_code for task in found] + places)
    return [
        {
            "title": store.published(
                work.connection,
                records[task.document_id].form_code,
                records[task.document_id].form_version,
            ).title(language),
            "organisation": known.of(task.subject_code),
            "period": words.period(records[task.document_id].period, language),
            "step": text(language, f"task.kind.{task.kind}"),
            "with_whom": tasks.name_of(work, task.account_id)
            if task.account_id
            else known.of(task.organisation_code),
            "since": words.moment(task.created_at),
            "due": words.due(task.due_at, work.now),
            "href": f"/records/{task.document_id}",
        }
        for task in found
    ]
